//! State responses and compact proofs agree with the slow Python reference, octet for octet, and so
//! does the verdict on answers that were tampered with.
//!
//! Needs `python3` on the path, and fails without it.

use crate::random::{Keys, Model, Random, probe, reference_root, state, trie};
use bmt_core::{StateKey, StateRequest, StateResponse};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A state, what was asked of it, what this crate answers, and what it says of a tampered answer.
struct Case {
    question: Value,
    expected: Value,
}

#[test]
fn the_python_reference_gives_the_same_answers_and_verdicts() {
    let all: u64 = std::env::var("BMT_CASES").map_or(10_000, |text| text.parse().unwrap());
    // The reference is slow: it gets a share of the cases, and no more than fit into memory.
    let cases: Vec<Case> = (0..(all / 40).min(5000)).map(case).collect();
    let questions: Vec<&Value> = cases.iter().map(|case| &case.question).collect();
    let answers = ask(&serde_json::to_string(&questions).unwrap());
    assert_eq!(answers.len(), cases.len());
    for (number, (case, answer)) in cases.iter().zip(&answers).enumerate() {
        assert_eq!(case.expected, *answer, "case {number}: {}", case.question);
    }
    for verdict in [true, false] {
        let of = |answer: &&Value| answer["state"]["tampered_accepted"] == verdict;
        assert!(answers.iter().filter(of).count() > 5, "tampered answers, accepted: {verdict}");
    }
}

/// Runs the reference on some questions.
fn ask(questions: &str) -> Vec<Value> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut python = Command::new("python3")
        .arg(manifest.join("tests/reference/answers.py"))
        .arg(manifest.join("../../test-vectors/generate"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(questions.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "the reference ran");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn hexed<V: AsRef<[u8]>>(pairs: &[(StateKey, V)]) -> Value {
    let pair = |(key, value): &(StateKey, V)| json!([key.to_string(), hex::encode(value)]);
    pairs.iter().map(pair).collect()
}

fn case(number: u64) -> Case {
    let mut random = Random::new(number);
    let keys = [Keys::Uniform, Keys::Jam, Keys::Dense][random.below(3)];
    let model = state(&mut random, keys, 12);
    let pairs: Vec<_> = model.iter().map(|(key, value)| (*key, value.clone())).collect();
    let (state_question, state_answer) = state_request(&mut random, keys, &model);
    let mut question = json!({ "pairs": hexed(&pairs), "state": state_question });
    let mut expected =
        json!({ "root": hex::encode(reference_root(&model)), "state": state_answer });
    #[cfg(feature = "unstable")]
    {
        let (compact_question, compact_answer) = compact::question(&mut random, keys, &model);
        question["compact"] = compact_question;
        expected["compact"] = compact_answer;
    }
    #[cfg(not(feature = "unstable"))]
    {
        question["compact"] = Value::Null;
        expected["compact"] = Value::Null;
    }
    Case { question, expected }
}

fn state_request(random: &mut Random, keys: Keys, model: &Model) -> (Value, Value) {
    let (a, b) = (probe(random, keys, model), probe(random, keys, model));
    let bytes_max = *random.pick(&[0, 300, 700, 2000, 1_000_000]);
    let request = StateRequest::new(a.min(b), a.max(b), bytes_max);
    let (root, response) = (reference_root(model), trie(model).serve_state(&request));
    let coverage = response.check(&root, &request).unwrap();
    let tampered = tamper(random, &response);
    let verdict = tampered.check(&root, &request);
    let nodes = |response: &StateResponse| -> Value {
        response.nodes.iter().map(|node| Value::from(hex::encode(node))).collect()
    };
    let question = json!({
        "start": request.start.to_string(), "end": request.end.to_string(), "maximum": bytes_max,
        "tampered": { "nodes": nodes(&tampered), "pairs": hexed(&tampered.pairs) },
    });
    let expected = json!({
        "nodes": nodes(&response), "pairs": hexed(&response.pairs),
        "messages": hex::encode(response.encode_pairs()),
        "through": coverage.through.to_string(), "complete": coverage.is_complete,
        "tampered_accepted": verdict.is_ok(),
        "tampered_through": verdict.map(|coverage| coverage.through.to_string()).ok(),
    });
    (question, expected)
}

/// Drops, moves, doubles or changes something; sometimes nothing.
fn tamper(random: &mut Random, response: &StateResponse) -> StateResponse {
    let mut it = response.clone();
    let (nodes, pairs) = (it.nodes.len(), it.pairs.len());
    let (node, pair) = (random.below(nodes), random.below(pairs));
    match random.below(9) {
        0 if nodes > 0 => drop(it.nodes.splice(node..=node, [])),
        1 if nodes > 0 => it.nodes.push(it.nodes[node]),
        2 if nodes > 1 => it.nodes.swap(0, node),
        3 if nodes > 0 => it.nodes[node][random.below(64)] ^= 1 << random.below(8),
        4 if pairs > 0 => drop(it.pairs.remove(pair)),
        5 if pairs > 0 => it.pairs[pair].1.push(0),
        6 if pairs > 0 => drop(it.pairs.pop()),
        7 if pairs > 1 => it.pairs.swap(0, pair),
        _ => {}
    }
    it
}

#[cfg(feature = "unstable")]
mod compact {
    use super::{hexed, json};
    use crate::random::{Keys, Model, Random, reference_root, trie};
    use bmt_core::CompactProof;
    use serde_json::Value;

    pub(super) fn question(random: &mut Random, keys: Keys, model: &Model) -> (Value, Value) {
        let query = crate::compact_proof::query(random, keys, model);
        let (proof, entries) = trie(model).prove_compact(&query);
        let mut tampered = proof.encode();
        if !random.one_in(4) {
            let bit = random.below(8 * tampered.len());
            tampered[bit / 8] ^= 0x80 >> (bit % 8);
        }
        if random.one_in(4) {
            tampered.truncate(random.below(tampered.len()));
        }
        let accepted = CompactProof::decode(&tampered)
            .is_ok_and(|proof| proof.verify(&reference_root(model), &entries).is_ok());
        let texts = |key: &bmt_core::StateKey| key.to_string();
        let listed: Vec<String> = query.keys().iter().map(texts).collect();
        let ranges: Vec<[String; 2]> =
            query.ranges().iter().map(|(first, last)| [texts(first), texts(last)]).collect();
        let question =
            json!({ "keys": listed, "ranges": ranges, "tampered": hex::encode(tampered) });
        let expected = json!({
            "proof": hex::encode(proof.as_bytes()), "entries": hexed(&entries),
            "tampered_accepted": accepted,
        });
        (question, expected)
    }
}
