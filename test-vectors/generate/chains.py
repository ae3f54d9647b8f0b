"""The chain files: states as changes, each with its root.  `all_chains()` yields (file name, lines)."""
from __future__ import annotations

import json
from bisect import bisect_left
from typing import Dict, Iterable, List, Mapping, Optional, Sequence

from gp_ref import (C_index, C_service_index, ZERO_HASH, blake, branch_node, leaf_node, preimage_key,
                    request_key, root, storage_key)

GP = "0.7.2"
VALUE_SIZES = (0, 1, 31, 32, 33, 128, 129, 4096)
LITERAL_LIMIT = 64          # states up to this size are also hashed by the literal definition


def octets(label: str, size: int) -> bytes:
    """`size` pseudo-random octets named by `label`: H(label | 0) | H(label | 1) | …, counters of four octets."""
    out, counter = b"", 0
    while len(out) < size:
        out += blake(label.encode() + counter.to_bytes(4, "little"))
        counter += 1
    return out[:size]


def number(label: str, below: int) -> int:
    return int.from_bytes(octets(label, 8), "little") % below


def key(label: str) -> bytes:
    return octets("key " + label, 31)


def quick_root(state: Mapping[bytes, bytes]) -> bytes:
    """root() over sorted keys: the keys under one path are a contiguous run of them."""
    keys = sorted(state)

    def go(low: int, high: int, depth: int) -> bytes:
        if high == low:
            return ZERO_HASH
        if high - low == 1:
            return blake(leaf_node(keys[low], state[keys[low]]))
        octet, bit = depth // 8, 0x80 >> depth % 8
        first = keys[low]
        pivot = first[:octet] + bytes([(first[octet] & (0x100 - 2 * bit) & 0xFF) | bit]) + bytes(30 - octet)
        middle = bisect_left(keys, pivot, low, high)
        return blake(branch_node(go(low, middle, depth + 1), go(middle, high, depth + 1)))

    found = go(0, len(keys), 0)
    if len(state) <= LITERAL_LIMIT:
        assert found == root(state)
    return found


class Chain:
    """Builds one file.  Keeps every state by its root, so that a step can stand on any of them."""

    def __init__(self, source: str):
        self.lines: List[str] = [encode({"source": source, "gp": GP})]
        self.states: Dict[bytes, Dict[bytes, bytes]] = {}
        self.newest = ZERO_HASH

    def whole(self, at: str, state: Mapping[bytes, bytes]) -> bytes:
        """A line without a parent: the whole state."""
        return self._add({"at": at}, dict(state), {"set": hexed(state)})

    def step(self, at: str, put: Optional[Mapping[bytes, bytes]] = None, drop: Sequence[bytes] = (),
             parent: Optional[bytes] = None, expect: Optional[bytes] = None) -> bytes:
        """The state of root `parent` (else the newest one), changed.  `expect`: the root it must come back to."""
        put = put or {}
        base = self.newest if parent is None else parent
        state = dict(self.states[base])
        assert not set(put) & set(drop)
        state.update(put)
        for gone in drop:
            state.pop(gone, None)
        found = self._add({"at": at, "parent": base.hex()}, state,
                          {"set": hexed(put), "del": [gone.hex() for gone in sorted(drop)]})
        assert expect is None or found == expect, at
        return found

    def _add(self, head: dict, state: Dict[bytes, bytes], change: dict) -> bytes:
        found = quick_root(state)
        self.states[found] = state
        self.newest = found
        self.lines.append(encode({**head, "root": found.hex(), **change}))
        return found


def encode(document: dict) -> str:
    return json.dumps(document, separators=(",", ":")) + "\n"


def hexed(state: Mapping[bytes, bytes]) -> Dict[str, str]:
    return {k.hex(): state[k].hex() for k in sorted(state)}


# ------------------------------------------------------------------------- the files

def values() -> Chain:
    """Value lengths on both sides of every border, one key and two keys, and one value of 300 KiB."""
    chain = Chain("bmt: value lengths")
    one, two = key("values 1"), key("values 2")
    chain.whole("empty", {})
    for size in VALUE_SIZES:
        chain.whole(f"one key, {size} octets", {one: octets("value", size)})
    chain.whole("one key, one zero octet", {one: b"\0"})
    chain.whole("one key, 32 zero octets", {one: bytes(32)})
    chain.whole("one key, 33 zero octets", {one: bytes(33)})
    for size in VALUE_SIZES:
        chain.step(f"two keys, {size} octets", {one: octets("first", size), two: octets("second", size)})
    small = chain.newest
    big = chain.step("300 KiB", {one: octets("big", 300 * 1024)})
    chain.step("300 KiB to 33 octets", {one: octets("value", 33)})
    chain.step("beside 300 KiB", {two: b"beside"}, parent=big)
    chain.step("300 KiB deleted", drop=[one])
    chain.step("300 KiB back to the small value", {one: octets("first", 4096)}, parent=big, expect=small)
    return chain


def flipped(base: bytes, bit: int) -> bytes:
    return (int.from_bytes(base, "big") ^ 1 << (247 - bit)).to_bytes(31, "big")


def shapes() -> Chain:
    """Long shared prefixes, extreme keys, combs; collapses and splits of up to 248 levels."""
    chain = Chain("bmt: shapes of the trie")
    base, lowest, highest = bytes(range(0x10, 0x2F)), bytes(31), b"\xff" * 31
    for bit in (0, 1, 7, 8, 127, 246, 247):
        chain.whole(f"two keys that share {bit} bits", {base: b"a", flipped(base, bit): b"b"})
    deep = chain.newest
    chain.step("a third key beside the root", {flipped(base, 0): b"c"})
    chain.step("the deep pair collapses", drop=[flipped(base, 247)])
    chain.step("and splits again", {flipped(base, 247): b"b"}, [flipped(base, 0)], expect=deep)
    chain.whole("the lowest key alone", {lowest: b"lo"})
    chain.step("lowest and highest", {highest: b"hi"})
    chain.step("the highest key alone", drop=[lowest])
    chain.step("the two highest", {flipped(highest, 247): octets("hi", 40)})
    chain.step("the two lowest beside them", {lowest: b"", flipped(lowest, 247): octets("lo", 33)})
    comb = {lowest: b"0", **{flipped(lowest, bit): bytes([bit]) for bit in range(248)}}
    chain.whole("a comb of 248 levels, zero side", comb)
    chain.step("every second tooth removed", drop=[flipped(lowest, bit) for bit in range(0, 248, 2)])
    chain.step("the root of the comb removed", drop=[lowest])
    comb = {highest: b"1", **{flipped(highest, bit): octets(f"tooth {bit}", bit) for bit in range(248)}}
    full = chain.whole("a comb of 248 levels, one side", comb)
    chain.step("the deepest pair removed", drop=[highest, flipped(highest, 247)])
    chain.step("only the deepest pair", drop=[flipped(highest, bit) for bit in range(247)], parent=full)
    chain.whole("every first octet", {bytes([i]).ljust(31, b"\0"): bytes([i]) * (i % 40) for i in range(256)})
    chain.whole("every last octet", {base[:30] + bytes([i]): bytes([i]) * (i % 40) for i in range(256)})
    chain.step("only even last octets", drop=[base[:30] + bytes([i]) for i in range(1, 256, 2)])
    return chain


SERVICE = 0xFF000007        # its lowest octet is small, its highest that of account records


def service_item(i: int) -> bytes:
    kind, name = i % 3, octets(f"item {i}", 32)
    if kind == 0:
        return storage_key(SERVICE, name)
    return preimage_key(SERVICE, name) if kind == 1 else request_key(SERVICE, name, i)


def one_service() -> Chain:
    """The sixteen components, and one big service: four one-sided runs on every path."""
    chain = Chain("bmt: one big service")
    components = {C_index(i): octets(f"component {i}", 7 * i) for i in range(1, 17)}
    record = C_service_index(255, SERVICE)
    base = chain.whole("sixteen components", components)
    items = {service_item(i): octets(f"service value {i}", number(f"size {i}", 65)) for i in range(800)}
    full = chain.step("800 items", {record: octets("record", 89), **items})
    held = dict(items)
    for block in range(1, 9):
        put = {C_index(i): octets(f"component {i} {block}", 7 * i) for i in (3, 6, 11, 13)}
        drop = []
        for r in range(24):
            i = number(f"touch {block} {r}", 900)
            item = service_item(i)
            if r % 4 == 0:
                put.pop(item, None)
                if item not in drop:
                    drop.append(item)
            elif item not in drop:
                put[item] = octets(f"service value {i} {block}", number(f"size {i} {block}", 140))
        held.update(put)
        chain.step(f"block {block}", put, drop)
    gone = [k for k in chain.states[chain.newest] if k not in components]
    chain.step("the service is gone", {k: v for k, v in components.items() if k[0] in (3, 6, 11, 13)}, gone,
               expect=base)
    chain.step("a second service beside the first", {C_service_index(255, 9): b"account",
               **{storage_key(9, bytes([i])): bytes([i]) for i in range(100)}}, parent=full)
    return chain


def walk() -> Chain:
    """Inserts one by one, then updates, then deletes back through every earlier root; emptied and filled again."""
    chain = Chain("bmt: there and back")
    chain.whole("empty", {})
    keys = [key(f"walk {i}") for i in range(24)]
    keys += [flipped(keys[0], bit) for bit in (247, 240, 100, 3)] + [bytes(31), b"\xff" * 31]
    sizes = [VALUE_SIZES[number(f"walk size {i}", len(VALUE_SIZES) - 1)] for i in range(len(keys))]
    value = [octets(f"walk value {i}", size) for i, size in enumerate(sizes)]
    roots = [chain.newest]
    for i, k in enumerate(keys):
        roots.append(chain.step(f"insert {i}", {k: value[i]}))
    for i in range(0, len(keys), 5):
        before = chain.newest
        chain.step(f"update {i}", {keys[i]: octets(f"walk other {i}", 33 + i)})
        chain.step(f"update {i} undone", {keys[i]: value[i]}, expect=before)
    for i in range(len(keys) - 1, -1, -1):
        chain.step(f"delete {i}", drop=[keys[i]], expect=roots[i])
    everything = dict(zip(keys, value))
    chain.step("filled at once", everything, expect=roots[-1])
    chain.step("emptied at once", drop=keys, expect=ZERO_HASH)
    for i in range(len(keys) - 1, -1, -1):
        chain.step(f"insert {i} in reverse", {keys[i]: value[i]})
    assert chain.newest == roots[-1]
    chain.step("half replaced by another half", {key(f"new {i}"): value[i] for i in range(12)}, keys[:12])
    chain.whole("the whole state given again", everything)
    chain.whole("the empty state given again", {})
    return chain


def forks() -> Chain:
    """Steps on old states: siblings, long branches, a jump from one branch's end to another's middle."""
    chain = Chain("bmt: forks")
    base = chain.whole("genesis", {key(f"fork {i}"): octets(f"fork value {i}", i) for i in range(40)})
    trunk = [base]
    for height in range(1, 11):
        put = {key(f"fork {number(f'trunk {height} {r}', 60)}"): octets(f"trunk {height} {r}", 20 + r) for r in range(5)}
        drop = [k for k in (key(f"fork {number(f'trunk gone {height}', 40)}"),) if k not in put]
        trunk.append(chain.step(f"trunk {height}", put, drop))
    branch = []
    for at, height in enumerate((3, 3, 9, 0, 6)):
        parent = trunk[height]
        for up in range(4):
            put = {key(f"branch {at} {up}"): octets(f"branch {at} {up}", 32 + at), key(f"fork {up}"): bytes([at, up])}
            parent = chain.step(f"branch {at}, {up + 1} above trunk {height}", put, [key(f"fork {10 * at % 40 + up + 5}")],
                                parent=parent)
            branch.append(parent)
    chain.step("on the middle of the first branch", {key("late"): b"late"}, parent=branch[1])
    chain.step("the trunk goes on", {key("late"): b"later"}, parent=trunk[-1])
    chain.step("a sibling that changes nothing", parent=trunk[4])
    chain.step("genesis once more", parent=base)
    chain.step("the same block twice: a", {key("twice"): b"1"}, parent=trunk[2])
    chain.step("the same block twice: b", {key("twice"): b"1"}, parent=trunk[2])
    return chain


def nothing() -> Chain:
    """Steps that change nothing, in every way a step can."""
    chain = Chain("bmt: changes that change nothing")
    chain.whole("empty", {})
    chain.step("nothing, on the empty state")
    chain.step("an absent key deleted from the empty state", drop=[key("absent")])
    held = {key(f"held {i}"): octets(f"held {i}", 10 * i) for i in range(8)}
    full = chain.step("eight keys", held)
    chain.step("nothing", expect=full)
    chain.step("nothing again", expect=full)
    chain.step("a value set to itself", {key("held 4"): held[key("held 4")]}, expect=full)
    chain.step("an empty value set to itself", {key("held 0"): b""}, expect=full)
    chain.step("absent keys deleted", drop=[key("absent"), bytes(31), flipped(key("held 1"), 247)], expect=full)
    chain.step("all set to themselves", held, expect=full)
    chain.step("one deleted", drop=[key("held 0")])
    chain.step("the same one deleted again", drop=[key("held 0")])
    chain.step("an empty value is present", {key("held 0"): b""}, expect=full)
    return chain


def all_chains() -> Iterable:
    for name, build in (("values", values), ("shapes", shapes), ("one-service", one_service), ("walk", walk),
                        ("forks", forks), ("changes-nothing", nothing)):
        yield name + ".jsonl", build().lines
