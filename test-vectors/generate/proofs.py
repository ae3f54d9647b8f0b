"""The proof cases: siblings and terminal leaf of single-key proofs, present and absent, and the JIP-6 vectors."""
from __future__ import annotations

import json
from typing import Dict, List, Mapping, Sequence

from chains import flipped, hexed, key, octets, service_item
from gp_ref import ABSENT, PRESENT, prove, root, verify
from gp_ref_proofs import JIP6_VECTORS, jip6_prove, jip6_verify
from public import JAMDUNA_PAIRS, JAMDUNA_ROOT


def single(state: Mapping[bytes, bytes], name: bytes) -> dict:
    proof, value = prove(state, name), state.get(name)
    answer = verify(root(state), name, proof, value)
    assert answer == (ABSENT if value is None else PRESENT)
    return {
        "key": name.hex(),
        "value": None if value is None else value.hex(),
        "siblings": [sibling.hex() for sibling in proof.siblings],
        "terminal": None if proof.terminal is None else proof.terminal.hex(),
    }


def case(name: str, state: Mapping[bytes, bytes], absent: Sequence[bytes]) -> dict:
    return {"name": name, "root": root(state).hex(), "state": hexed(state),
            "proofs": [single(state, k) for k in [*sorted(state), *absent]]}


def cases() -> List[dict]:
    base, lowest, highest = key("proofs"), bytes(31), b"\xff" * 31
    deep: Dict[bytes, bytes] = {base: octets("deep", 129), flipped(base, 247): b""}
    mixed = {key(f"proof {i}"): octets(f"proof value {i}", size)
             for i, size in enumerate((0, 1, 31, 32, 33, 128, 129, 600))}
    jamduna = {bytes.fromhex(k): bytes.fromhex(v) for k, v in JAMDUNA_PAIRS}
    found = case("jam-duna's eleven pairs", jamduna, [flipped(k, bit) for k in sorted(jamduna)[:4] for bit in (0, 8, 247)])
    assert found["root"] == JAMDUNA_ROOT.hex()
    service = {service_item(i): octets(f"proof item {i}", i) for i in range(40)}
    return [
        case("no key", {}, [lowest, base, highest]),
        case("one key", {base: b"one"}, [lowest, flipped(base, 0), flipped(base, 247), highest]),
        case("one long value", {base: octets("long", 4096)}, [flipped(base, 130)]),
        case("247 shared bits", deep, [flipped(base, bit) for bit in (0, 1, 120, 245, 246)]),
        case("lowest and highest key", {lowest: b"lo", highest: octets("hi", 33)},
             [flipped(lowest, 247), flipped(highest, 247), flipped(lowest, 0), base]),
        case("values on both sides of every border", mixed, [flipped(k, bit) for k in sorted(mixed) for bit in (1, 4, 247)]),
        case("one service", service, [service_item(i) for i in range(40, 60)]),
        found,
    ]


def jip6() -> List[dict]:
    found = []
    for number, state, keys, ranges, want in JIP6_VECTORS:
        proof, entries = jip6_prove(state, keys, ranges)
        assert proof.hex() == want
        jip6_verify(root(state), proof, entries)
        found.append({
            "number": number, "root": root(state).hex(), "state": hexed(state),
            "keys": [k.hex() for k in keys], "ranges": [[a.hex(), b.hex()] for a, b in ranges],
            "proof": want, "entries": hexed(dict(entries)),
        })
    return found


def document() -> str:
    return json.dumps({"format": "bmt proofs 1", "source": "bmt; JIP-6 draft (its eight vectors)", "gp": "0.7.2",
                       "cases": cases(), "jip6": jip6()}, indent=0, separators=(",", ":")) + "\n"
