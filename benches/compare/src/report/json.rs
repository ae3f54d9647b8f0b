//! The whole run as JSON.

use super::{facts, figures, ratios};
use crate::cells::Cell;
use crate::results::Results;
use serde_json::{Value, json};
use std::path::Path;

/// Facts, figures, ratios, violations, and every turn as it was measured.
#[must_use]
pub fn json(cells: &[Cell], results: &Results, quick: bool, dir: &Path) -> Value {
    let violations: Vec<String> =
        results.violations().iter().map(|(place, what)| format!("{place}: {what}")).collect();
    let about: Vec<Value> =
        cells.iter().map(|cell| json!({"name": cell.name(), "about": cell.about})).collect();
    json!({
        "suite": "compare",
        "quick": quick,
        "facts": facts(dir),
        "cells": about,
        "figures": figures(cells, results),
        "ratios": ratios(cells, results),
        "violations": violations,
        "turns": results.records(),
    })
}
