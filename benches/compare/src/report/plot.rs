//! SVG plots: one file a metric, one panel a cell, one bar an engine.

use super::figures::value;
use super::{Metric, shown};
use crate::cells::Cell;
use crate::engine::{EngineKind, Outcome};
use crate::results::Results;
use plotters::coord::Shift;
use plotters::prelude::*;
use std::path::{Path, PathBuf};

/// Panels beside each other.
const COLUMNS: usize = 3;
/// Size of a panel in pixels.
const PANEL: (u32, u32) = (420, 240);

/// Writes `METRIC.svg` for every metric into `dir` and returns the files.
///
/// # Errors
/// When a file cannot be written.
pub fn plots(cells: &[Cell], results: &Results, dir: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for metric in Metric::ALL {
        let panels: Vec<(&Cell, Vec<Bar>)> = cells
            .iter()
            .map(|cell| (cell, bars(cell, results, metric)))
            .filter(|(_, bars)| !bars.is_empty())
            .collect();
        if panels.is_empty() {
            continue;
        }
        let file = dir.join(format!("{}.svg", metric.name()));
        draw(&file, metric, &panels).map_err(|error| error.to_string())?;
        files.push(file);
    }
    Ok(files)
}

/// An engine and its median.
type Bar = (EngineKind, f64);

fn bars(cell: &Cell, results: &Results, metric: Metric) -> Vec<Bar> {
    let median =
        |&engine: &EngineKind| Some((engine, value(results, cell, engine, metric)?.median));
    cell.engines.iter().filter_map(median).collect()
}

fn draw(
    file: &Path,
    metric: Metric,
    panels: &[(&Cell, Vec<Bar>)],
) -> Result<(), Box<dyn std::error::Error>> {
    let rows = panels.len().div_ceil(COLUMNS);
    let size = (PANEL.0 * COLUMNS as u32, PANEL.1 * rows as u32 + 30);
    let root = SVGBackend::new(file, size).into_drawing_area();
    root.fill(&WHITE)?;
    let better = if metric.is_rate() { "more" } else { "less" };
    let title = format!("{} ({}), {better} is better", metric.name(), metric.unit());
    let root = root.titled(&title, ("sans-serif", 20))?;
    for (area, (cell, bars)) in root.split_evenly((rows, COLUMNS)).iter().zip(panels) {
        panel(area, &cell.name(), bars)?;
    }
    root.present()?;
    Ok(())
}

/// Horizontal bars with the engine's name and value beside each.
fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    title: &str,
    bars: &[Bar],
) -> Result<(), Box<dyn std::error::Error>> {
    let longest = bars.iter().map(|bar| bar.1).fold(f64::MIN_POSITIVE, f64::max);
    let area = area.titled(title, ("sans-serif", 15))?;
    let height = (PANEL.1 as i32 - 40) / bars.len() as i32;
    for (at, (engine, value)) in bars.iter().enumerate() {
        let top = at as i32 * height + 2;
        let bottom = top + height - 4;
        let width = (value / longest * 180.0) as i32;
        let colour = match engine {
            EngineKind::Bmt | EngineKind::BmtNomt => RGBColor(200, 60, 40),
            _ => RGBColor(90, 120, 170),
        };
        let bar = [(140, top), (140 + width.max(1), bottom)];
        area.draw(&Rectangle::new(bar, colour.filled()))?;
        let middle = (top + bottom) / 2 - 6;
        let style = ("sans-serif", 12).into_font();
        area.draw(&Text::new(engine.name(), (6, middle), style.clone()))?;
        area.draw(&Text::new(shown(*value), (145 + width, middle), style))?;
    }
    Ok(())
}
