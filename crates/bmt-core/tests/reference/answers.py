#!/usr/bin/env python3
"""Answers questions about states by the slow reference, for the test `model/python.rs`.

    answers.py FOLDER    the folder of gp_ref.py and gp_ref_proofs.py; questions come in as one JSON
                         list, answers go out as another

The reference's own answers are checked by the reference here, and compared octet for octet there.
"""
import json
import sys

sys.path.insert(0, sys.argv[1])
sys.setrecursionlimit(5000)

from gp_ref import BadProof, root  # noqa: E402
from gp_ref_proofs import (UnknownVersion, check_state_response, jip6_check_query, jip6_prove,  # noqa: E402
                           jip6_verify, pair_octets, state_request)


def pairs_of(found):
    return [(bytes.fromhex(key), bytes.fromhex(value)) for key, value in found]


def hexed(pairs):
    return [[key.hex(), value.hex()] for key, value in pairs]


def state_answer(state, question):
    start, end = bytes.fromhex(question["start"]), bytes.fromhex(question["end"])
    nodes, pairs = state_request(state, start, end, question["maximum"])
    coverage = check_state_response(root(state), start, end, nodes, pairs)
    tampered = question["tampered"]
    try:
        verdict = check_state_response(root(state), start, end, [bytes.fromhex(node) for node in tampered["nodes"]],
                                       pairs_of(tampered["pairs"]))
    except BadProof:
        verdict = None
    return {
        "nodes": [node.hex() for node in nodes], "pairs": hexed(pairs),
        "messages": b"".join(map(pair_octets, pairs)).hex(),
        "through": coverage.through.hex(), "complete": coverage.complete,
        "tampered_accepted": verdict is not None,
        "tampered_through": None if verdict is None else verdict.through.hex(),
    }


def compact_answer(state, question):
    keys = [bytes.fromhex(key) for key in question["keys"]]
    ranges = [(bytes.fromhex(first), bytes.fromhex(last)) for first, last in question["ranges"]]
    proof, entries = jip6_prove(state, keys, ranges)
    jip6_check_query(jip6_verify(root(state), proof, entries), keys, ranges)
    try:
        jip6_verify(root(state), bytes.fromhex(question["tampered"]), entries)
        accepted = True
    except (BadProof, UnknownVersion):
        accepted = False
    return {"proof": proof.hex(), "entries": hexed(entries), "tampered_accepted": accepted}


def answer(question):
    state = dict(pairs_of(question["pairs"]))
    compact = question["compact"]
    return {"root": root(state).hex(), "state": state_answer(state, question["state"]),
            "compact": None if compact is None else compact_answer(state, compact)}


json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
