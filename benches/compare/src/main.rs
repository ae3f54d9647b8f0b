//! `compare`: measures bmt and its peers side by side, and checks the hot paths' instruction
//! counts.
//!
//! Exit codes: 0 all well; 1 an engine failed a check, or a count has grown; 2 wrong usage or an
//! error of the harness; 3 nothing was checked (`--check` without valgrind or without a fitting
//! baseline).

use bmt_compare::cells::{self, Cell};
use bmt_compare::children::Children;
use bmt_compare::engine::{EngineKind, Outcome};
use bmt_compare::results::Results;
use bmt_compare::turns::{Plan, Turns};
use bmt_compare::{child, instructions, report};
use clap::Parser;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Measures bmt and its peers side by side.
#[derive(Debug, Parser)]
struct Arguments {
    /// Six cells, short, in under ten minutes; its figures are rough.
    #[arg(long)]
    quick: bool,
    /// Write everything to this file as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Where databases go, about 15 GB in a full run; a temporary directory otherwise.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Where results and plots are kept; `results` in the folder of the benchmarks otherwise, and
    /// `quick` or `smoke` in it.
    #[arg(long)]
    results: Option<PathBuf>,
    /// Keep what `--results` holds and measure only the turns that are missing.
    #[arg(long)]
    resume: bool,
    /// Keep what `--results` holds, but measure the chosen cells and engines anew.
    #[arg(long)]
    again: bool,
    /// Measure nothing; make `docs/performance.md` of what `--results` holds.
    #[arg(long)]
    report: bool,
    /// Only these cells, such as `mixed_1e6,get_1e6`.
    #[arg(long, value_delimiter = ',')]
    cells: Vec<String>,
    /// Only these engines, such as `bmt,nomt_cold,redb`.
    #[arg(long, value_delimiter = ',')]
    engines: Vec<String>,
    /// This many rounds in each cell.
    #[arg(long)]
    rounds: Option<u64>,
    /// This memory limit, in MiB, instead of the cells' own; use `--results` to keep such figures apart.
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
    /// Databases of this many keys and short runs: does everything work?
    #[arg(long, value_name = "KEYS")]
    smoke: Option<u64>,
    /// Limit memory by the engines' options alone, even where a cgroup could be made.
    #[arg(long)]
    no_cgroup: bool,
    /// Print the cells and engines.
    #[arg(long)]
    list: bool,
    /// Count the hot paths' instructions and compare with the stored baselines.
    #[arg(long)]
    check: bool,
    /// With `--check`: store the counts as the new baselines.
    #[arg(long)]
    bless: bool,
}

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let done = match words.as_slice() {
        [_, word, job, report] if word == "child" => {
            child::run(Path::new(job), Path::new(report)).map(|()| ExitCode::SUCCESS)
        }
        _ => compare(Arguments::parse()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("compare: {error}");
        ExitCode::from(2)
    })
}

fn compare(arguments: Arguments) -> Outcome<ExitCode> {
    if arguments.check {
        return instructions::check(arguments.bless);
    }
    let cells = chosen_cells(&arguments)?;
    let engines = chosen_engines(&arguments.engines)?;
    if arguments.list {
        cells.iter().for_each(|cell| println!("{:<16} {}", cell.name(), cell.about));
        engines.iter().for_each(|engine| println!("{}", engine.name()));
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.report {
        return write_document(&arguments);
    }
    let temporary = tempfile::Builder::new().prefix("bmt-compare").tempdir()?;
    let dir = arguments.dir.clone().unwrap_or_else(|| temporary.path().to_path_buf());
    std::fs::create_dir_all(&dir)?;
    let children = Children {
        program: std::env::current_exe()?,
        scratch: dir.join("scratch"),
        by_options: arguments.no_cgroup,
    };
    let mut results = Results::open(results_dir(&arguments), arguments.resume || arguments.again)?;
    if arguments.again {
        let names: Vec<String> = cells.iter().map(Cell::name).collect();
        results.forget(&names, &engines)?;
    }
    results.set_facts(report::facts(&dir))?;
    let plan = Plan { cells: cells.clone(), engines, rounds: arguments.rounds, dir: dir.clone() };
    let results = Turns::new(plan, children, results).run()?;
    tell(&arguments, &cells, &results, &dir)
}

fn results_dir(arguments: &Arguments) -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let otherwise = match (arguments.smoke, arguments.quick) {
        (Some(_), _) => own.join("smoke"),
        (None, true) => own.join("quick"),
        (None, false) => own,
    };
    arguments.results.clone().unwrap_or(otherwise)
}

fn write_document(arguments: &Arguments) -> Outcome<ExitCode> {
    let results = Results::open(results_dir(arguments), true)?;
    if results.records().is_empty() {
        return Err(format!("{} holds no turns", results.dir().display()).into());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let template = std::fs::read_to_string(folder.join("performance.template"))?;
    let file = folder.join("../../docs/performance.md");
    std::fs::write(&file, report::document(&template, &cells::all(), &results)?)?;
    println!("docs/performance.md is of {} turns", results.records().len());
    Ok(ExitCode::SUCCESS)
}

fn chosen_cells(arguments: &Arguments) -> Outcome<Vec<Cell>> {
    let mut cells = cells::all();
    for name in &arguments.cells {
        if !cells.iter().any(|cell| cell.name() == *name) {
            return Err(format!("there is no cell `{name}`; see --list").into());
        }
    }
    if !arguments.cells.is_empty() {
        cells.retain(|cell| arguments.cells.contains(&cell.name()));
    } else if arguments.quick {
        cells.retain(|cell| cell.quick);
    }
    if arguments.quick {
        cells = cells.into_iter().map(Cell::shortened).collect();
    }
    if let Some(memory_mib) = arguments.memory {
        cells.iter_mut().for_each(|cell| cell.memory_bytes = memory_mib << 20);
    }
    if let Some(key_count) = arguments.smoke {
        cells = cells.into_iter().map(|cell| cell.smoke(key_count)).collect();
        let mut seen = HashSet::new();
        cells.retain(|cell| seen.insert(cell.name()));
    }
    Ok(cells)
}

fn chosen_engines(names: &[String]) -> Outcome<Vec<EngineKind>> {
    if names.is_empty() {
        return Ok(EngineKind::MEASURED.into_iter().filter(|engine| engine.available()).collect());
    }
    let named = |name: &String| match EngineKind::named(name) {
        Some(engine) if engine.available() => Ok(engine),
        Some(_) => Err(format!("this build lacks `{name}`").into()),
        None => Err(format!("there is no engine `{name}`; see --list").into()),
    };
    names.iter().map(named).collect()
}

fn tell(arguments: &Arguments, cells: &[Cell], results: &Results, dir: &Path) -> Outcome<ExitCode> {
    println!("# Side by side\n");
    for (name, value) in report::facts(dir) {
        println!("* {name}: {value}");
    }
    print!("{}", report::fairness(results));
    println!("{}", report::table(cells, results));
    for figure in report::figures(cells, results) {
        let (name, value) = (&figure.name, report::shown(figure.value.median));
        println!("figure {name} {value} {}", figure.unit);
        println!("{}", figure.value.line(name));
    }
    for ratio in report::ratios(cells, results) {
        println!("ratio {} {}", ratio.name, report::shown(ratio.value.median));
        println!("{}", ratio.value.line(&ratio.name));
    }
    report::lost_rows(cells, results).iter().for_each(|row| println!("lost {row}"));
    report::plots(cells, results, results.dir())?;
    let json = report::json(cells, results, arguments.quick, dir);
    let text = format!("{json:#}\n");
    std::fs::write(results.dir().join("run.json"), &text)?;
    if let Some(file) = &arguments.json {
        std::fs::write(file, &text)?;
    }
    let violations = results.violations();
    for (place, what) in &violations {
        println!("violation {place}: {what}");
    }
    Ok(ExitCode::from(u8::from(!violations.is_empty())))
}
