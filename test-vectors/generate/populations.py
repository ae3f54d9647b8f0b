"""Populations: states and blocks of changes that a formula defines, so that no file has to hold them.

H is Blake2b-256, E4 four octets little-endian, | concatenation.

    key(i)      = first 31 octets of H("key" | E4(i))
    value(i, g) = first n octets of S, where n = E4^-1(first four octets of H("len" | E4(i) | E4(g))) mod 65
                  and S = H("val" | E4(i) | E4(g) | E4(0)) | H("val" | E4(i) | E4(g) | E4(1)) | ...
    populate N:   the mapping {key(i): value(i, 0) for i in 0..N-1}
    block g (g = 1, 2, ...) on a population of N, R operations, for r in 0..R-1 in order:
                  h = H("blk" | E4(g) | E4(r));  i = E4^-1(h[0..4]) mod (N + N/4)
                  if h[4] mod 4 = 0: delete key(i) if it is there;  else: set key(i) to value(i, g)
"""
from __future__ import annotations

import json

from chains import quick_root
from gp_ref import blake

SIZES = ((10, 4, 5), (1000, 100, 10), (12_000, 500, 3))      # keys, operations, blocks


def e4(n: int) -> bytes:
    return n.to_bytes(4, "little")


def key(i: int) -> bytes:
    return blake(b"key" + e4(i))[:31]


def value(i: int, g: int) -> bytes:
    size = int.from_bytes(blake(b"len" + e4(i) + e4(g))[:4], "little") % 65
    pieces = (blake(b"val" + e4(i) + e4(g) + e4(c)) for c in range(-(-size // 32)))
    return b"".join(pieces)[:size]


def block(state: dict, n: int, g: int, operations: int) -> None:
    for r in range(operations):
        h = blake(b"blk" + e4(g) + e4(r))
        i = int.from_bytes(h[:4], "little") % (n + n // 4)
        if h[4] % 4 == 0:
            state.pop(key(i), None)
        else:
            state[key(i)] = value(i, g)


def population(n: int, operations: int, blocks: int) -> dict:
    state = {key(i): value(i, 0) for i in range(n)}
    roots, sizes = [quick_root(state).hex()], [len(state)]
    for g in range(1, blocks + 1):
        block(state, n, g, operations)
        roots.append(quick_root(state).hex())
        sizes.append(len(state))
    return {"population": n, "operations": operations, "roots": roots, "keys": sizes}


def document() -> str:
    large = [population(*size) for size in SIZES]
    return json.dumps({"about": __doc__, "small": [], "large": large}, indent=1) + "\n"
