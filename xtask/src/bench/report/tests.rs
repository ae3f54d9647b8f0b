//! The direction of ratios, and the JSON form.

use super::{Measure, Report, shown};
use crate::bench::rounds::{Pair, alternate};

/// We measure 2, they measure 8.
fn pair() -> Pair {
    alternate(3, || Ok(2.0), || Ok(8.0)).unwrap()
}

fn ratio(name: &str, measure: Measure) -> Option<f64> {
    let mut report = Report::new("s", true);
    report.ratio(name, measure, &pair()).ok()?;
    report.json()["ratios"][0]["value"].as_f64()
}

#[test]
fn a_ratio_says_how_many_times_better_we_are() {
    assert_eq!(ratio("get_vs_peer", Measure::Cost), Some(4.0));
    assert_eq!(ratio("get_vs_peer", Measure::Rate), Some(0.25));
}

#[test]
fn over_bare_and_flat_a_ratio_says_what_it_costs() {
    assert_eq!(ratio("get_vs_bare", Measure::Cost), Some(0.25));
    assert_eq!(ratio("get_vs_flat", Measure::Cost), Some(0.25));
    assert_eq!(ratio("get_vs_flat", Measure::Rate), None);
}

#[test]
fn the_spread_of_an_inverted_ratio_stays_in_order() {
    let mut value = 1.0;
    let drifting = || {
        value += 1.0;
        Ok(value)
    };
    let pair = alternate(4, drifting, || Ok(1.0)).unwrap();
    let mut report = Report::new("s", true);
    report.ratio("a", Measure::Cost, &pair).unwrap();
    let spread = &report.json()["ratios"][0]["spread"];
    let names = ["min", "quartile_1", "median", "quartile_3", "max"];
    let values = names.map(|name| spread[name].as_f64().unwrap());
    assert!(values.is_sorted() && values[0] < values[4], "{values:?}");
}

#[test]
fn the_json_form_has_figures_with_units() {
    let mut report = Report::new("s", false);
    report.figure("get", &pair().ours, "ns");
    let json = report.json();
    assert_eq!((&json["suite"], &json["quick"]), (&"s".into(), &false.into()));
    let figure = &json["figures"][0];
    assert_eq!((&figure["name"], &figure["unit"]), (&"get".into(), &"ns".into()));
    assert_eq!((&figure["value"], &figure["spread"]["count"]), (&2.0.into(), &3.into()));
}

#[test]
fn values_are_shown_with_four_digits() {
    assert_eq!(
        [0.01234, 1.5, 12.345, 123.45, 12345.6].map(shown).join(" "),
        "0.01234 1.500 12.35 123.5 12346"
    );
}
