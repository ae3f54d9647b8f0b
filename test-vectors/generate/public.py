"""The few published facts that the corpus repeats, each with its source.  Their roots are not ours: they check us."""
from __future__ import annotations

from typing import Iterable

from chains import Chain
from gp_ref_proofs import FIVE, FIVE_ROOT, three_bit_key

# jam-duna/jamduna, test TestBPTProofSimple: pairs and root.  Its keys have 32 octets; the last one is cut off here.
JAMDUNA_PAIRS = [
    ("f2a9fcaf8ae0ff770b0908ebdee1daf8457c0ef5e1106c89ad364236333c5f", "22c62f84ee5775d1e75ba6519f6dfae571eb1888768f2a203281579656b6a29097f7c7e2cf44e38da9a541d9b4c773db8b71e1d3"),
    ("f3a9fcaf8ae0ff770b0908ebdee1daf8457c0ef5e1106c89ad364236333c5f", "965ac2547cacec18429e88553142a605d649fbcd6a40a0ae5d51a8f218c8fd5c"),
    ("d7f99b746f23411983df92806725af8e5cb66eba9f200737accae4a1ab7f47", "965ac2547cacec18429e88553142a605d649fbcd6a40a0ae5d51a8f218c8fd5c"),
    ("59ee947b94bcc05634d95efb474742f6cd6531766e44670ec987270a6b5a42", "72fdb0c99cf47feb85b2dad01ee163139ee6d34a8d893029a200aff76f4be5930b9000a1bbb2dc2b6c79f8f3c19906c94a3472349817af21181c3eef6b"),
    ("a3dc3bed1b0727caf428961bed11c9998ae2476d8a97fad203171b628363d9", "3f26db92922e86f6b538372608656a14762b3e93bd5d4f6a754d36f68ce0b28b"),
    ("15207c233b055f921701fc62b41a440d01dfa488016a97cc653a84afb5f94f", "be2a1eb0a1b961e9642c2e09c71d2f45aa653bb9a709bbc8cbad18022c9dcf2e"),
    ("b05ff8a05bb23c0d7b177d47ce466ee58fd55c6a0351a3040cf3cbf5225aab", "5c43fcf60000000000000000000000006ba080e1534c41f5d44615813a7d1b2b57c950390000000000000000000000008863786bebe8eb9659df00b49f8f1eeec7e2c8c1"),
    ("df08871e8a54fde4834d83851469e635713615ab1037128df138a6cd223f12", "b8bded4e1c"),
    ("3e7d409b9037b1fd870120de92ebb7285219ce4526c54701b888c5a13995f7", "9bc5d0"),
    ("01000000000000000000000000000000000000000000000000000000000000", ""),
    ("01000000000000000000000000000000000000000000000000000000000002", "01"),
]
JAMDUNA_ROOT = bytes.fromhex("511727325a0cd23890c21cda3c6f8b1c9fbdf37ed57b9a85ca77286356183dcf")

# typeberry, its trie test that moves a leaf: three keys, then one value replaced.
TYPEBERRY_SUFFIX = bytes.fromhex("a9fcaf8ae0ff770b0908ebdee1daf8457c0ef5e1106c89ad364236333c5f")
TYPEBERRY_ROOTS = [bytes.fromhex(text) for text in (
    "f07003b9d508b5b017960d069ada7893146c3425be6293b7ac3d4a9709d33b47",
    "d6349d4e62a4288ba3d80b94421f2933b13f6f882b2c69a90508aa92ff88343f")]


def jamduna() -> Chain:
    chain = Chain("jam-duna/jamduna, TestBPTProofSimple; keys cut to 31 octets")
    chain.whole("empty", {})
    for at, (key, value) in enumerate(JAMDUNA_PAIRS):
        chain.step(f"pair {at}", {bytes.fromhex(key): bytes.fromhex(value)})
    assert chain.newest == JAMDUNA_ROOT
    return chain


def typeberry() -> Chain:
    chain = Chain("typeberry, the test that moves a leaf")
    f0, f1, f2 = (bytes([first]) + TYPEBERRY_SUFFIX for first in (0xF0, 0xF1, 0xF2))
    found = [chain.whole("three keys", {f2: b"\x23", f1: b"\x12\x34", f0: b"\x12\x34"}),
             chain.step("one value replaced", {f2: b"\x12\x34"})]
    assert found == TYPEBERRY_ROOTS
    return chain


def jip6() -> Chain:
    chain = Chain("JIP-6 draft, the state of its vectors")
    found = chain.whole("five keys", FIVE)
    assert found.hex() == FIVE_ROOT
    chain.whole("one key", {three_bit_key("110"): b"value 110"})
    chain.whole("no key", {})
    return chain


def all_public() -> Iterable:
    for name, build in (("jamduna", jamduna), ("typeberry", typeberry), ("jip-6", jip6)):
        yield name + ".jsonl", build().lines
