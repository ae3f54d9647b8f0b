//! Order statistics of small series.

use super::Series;

fn spread(values: &[f64]) -> [f64; 5] {
    let spread = Series::new(values.to_vec()).unwrap().spread();
    assert_eq!(spread.count, values.len());
    [spread.min, spread.quartile_1, spread.median, spread.quartile_3, spread.max]
}

#[test]
fn one_value_is_all_of_them() {
    assert_eq!(spread(&[3.0]), [3.0; 5]);
}

#[test]
fn the_median_does_not_follow_an_outlier() {
    assert_eq!(spread(&[900.0, 1.0, 3.0, 2.0, 4.0]), [1.0, 2.0, 3.0, 4.0, 900.0]);
}

#[test]
fn between_two_values_the_statistics_lie_in_proportion() {
    assert_eq!(spread(&[4.0, 2.0]), [2.0, 2.5, 3.0, 3.5, 4.0]);
}

#[test]
fn nothing_and_not_a_number_are_no_series() {
    assert_eq!(Series::new(vec![]), None);
    assert_eq!(Series::new(vec![1.0, f64::NAN]), None);
}
