//! The list of cells is as the README says.

use super::*;
use std::collections::HashSet;

#[test]
fn cell_names_are_unique_and_in_the_readme() {
    let readme = include_str!("../../README.md");
    let names: Vec<String> = all().iter().map(Cell::name).collect();
    let unique: HashSet<&String> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
    for name in names {
        assert!(readme.contains(&format!("| `{name}` |")), "{name} is missing in README.md");
    }
}

#[test]
fn quick_runs_six_cells() {
    assert_eq!(all().iter().filter(|cell| cell.quick).count(), 6);
}

#[test]
fn cells_on_one_dataset_stand_together() {
    let mut seen: Vec<Dataset> = Vec::new();
    for cell in all() {
        if seen.last() != Some(&cell.dataset) {
            assert!(!seen.contains(&cell.dataset), "{} needs a second load", cell.name());
            seen.push(cell.dataset);
        }
    }
}
