//! The comparison with baselines never passes silently.

use super::*;

fn baselines(count: u64) -> Baselines {
    Baselines {
        rustc: "rustc 1".into(),
        instructions: BTreeMap::from([("path".to_owned(), count)]),
        io: BTreeMap::new(),
    }
}

#[test]
fn a_grown_count_is_a_regression() {
    assert_eq!(compare(&baselines(1_000), &baselines(1_030)), 1);
    assert_eq!(compare(&baselines(1_000), &baselines(1_010)), 0);
    assert_eq!(compare(&baselines(1_000), &baselines(900)), 0);
}

#[test]
fn another_compiler_is_not_checked() {
    let other = Baselines { rustc: "rustc 2".into(), ..baselines(1_000) };
    assert_eq!(compare(&baselines(1_000), &other), NOT_CHECKED);
}

#[test]
fn a_path_without_count_or_baseline_is_not_checked() {
    let empty = Baselines { instructions: BTreeMap::new(), ..baselines(0) };
    assert_eq!(compare(&baselines(1_000), &empty), NOT_CHECKED);
    assert_eq!(compare(&empty, &baselines(1_000)), NOT_CHECKED);
}

#[test]
fn callgrinds_total_is_found() {
    assert_eq!(collected("events: Ir\nfn=x\n\ntotals: 12345\n"), Some(12_345));
    assert_eq!(collected("totals: 0\n"), None);
    assert_eq!(collected("nothing"), None);
}
