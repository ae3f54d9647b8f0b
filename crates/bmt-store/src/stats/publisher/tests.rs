//! What a recorder of the `metrics` crate is handed over.

use super::Publisher;
use crate::{Db, Figure, FigureKind, Options};
use bmt_core::StateKey;
use bmt_io::SimDisk;
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Remembers everything by name.
#[derive(Default)]
struct Memory {
    described: Mutex<Vec<(String, Option<Unit>)>>,
    values: Arc<Mutex<BTreeMap<String, f64>>>,
}

/// One metric of a [`Memory`].
struct Cell(String, Arc<Mutex<BTreeMap<String, f64>>>);

impl Cell {
    fn set(&self, value: f64) {
        self.1.lock().unwrap().insert(self.0.clone(), value);
    }
}

impl CounterFn for Cell {
    fn increment(&self, _: u64) {
        unreachable!("counters are set to what they are");
    }
    fn absolute(&self, value: u64) {
        self.set(value as f64);
    }
}

impl GaugeFn for Cell {
    fn increment(&self, _: f64) {}
    fn decrement(&self, _: f64) {}
    fn set(&self, value: f64) {
        Cell::set(self, value);
    }
}

impl HistogramFn for Cell {
    fn record(&self, _: f64) {
        let mut values = self.1.lock().unwrap();
        *values.entry(self.0.clone()).or_default() += 1.0;
    }
}

impl Memory {
    fn cell(&self, key: &Key) -> Arc<Cell> {
        let labels: Vec<String> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::new(Cell(name, Arc::clone(&self.values)))
    }

    fn describe(&self, name: &KeyName, unit: Option<Unit>) {
        self.described.lock().unwrap().push((name.as_str().to_owned(), unit));
    }

    fn value(&self, name: &str) -> Option<f64> {
        self.values.lock().unwrap().get(&format!("{name}{{database=state}}")).copied()
    }
}

impl Recorder for Memory {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }
    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }
    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> metrics::Histogram {
        metrics::Histogram::from_arc(self.cell(key))
    }
}

#[test]
fn everything_is_handed_over_and_durations_once() {
    let db: Db = Db::open_in(SimDisk::new(1).directory(), &Options::new().seed(1)).unwrap();
    let memory = Memory::default();
    let mut publisher = Publisher::new().label("database", "state");
    for round in 1..=3_u8 {
        db.insert(StateKey::component(round), b"value").unwrap();
        db.commit().unwrap();
        metrics::with_local_recorder(&memory, || publisher.publish(&db.stats()));
        let rounds = Some(f64::from(round));
        assert_eq!(memory.value("bmt_commits_total"), rounds);
        assert_eq!(memory.value("bmt_commit_seconds"), rounds, "a duration is handed over once");
        assert_eq!(memory.value("bmt_keys"), rounds);
    }
    for figure in Figure::ALL.iter().filter(|figure| figure.kind != FigureKind::Histogram) {
        assert!(memory.value(figure.name).is_some(), "{}", figure.name);
    }
    let described = memory.described.into_inner().unwrap();
    assert_eq!(described.len(), Figure::ALL.len(), "once each");
    assert!(described.contains(&("bmt_pinned_bytes".to_owned(), Some(Unit::Bytes))));
}
