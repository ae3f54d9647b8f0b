//! Edge cases: `{"small": [{name, input, output}, …], "large": [{population, operations, roots,
//! keys}, …]}`, the large ones defined by a formula; see [`Population`].

use super::json::Document;
use super::{Case, CorpusError, Population, states};
use serde::Deserialize;

#[derive(Deserialize)]
struct Large {
    population: u32,
    operations: u32,
    roots: Vec<String>,
    keys: Vec<usize>,
}

pub(super) fn cases(document: &Document<'_>) -> Result<Vec<Case>, CorpusError> {
    let mut cases = states::cases_at(document, "/small", "small")?;
    for large in document.part::<Vec<Large>>("/large")? {
        cases.push(case(document, &large)?);
    }
    Ok(cases)
}

fn case(document: &Document<'_>, large: &Large) -> Result<Case, CorpusError> {
    let name = format!("population of {}", large.population);
    if large.roots.len() != large.keys.len() {
        let (roots, counts) = (large.roots.len(), large.keys.len());
        return Err(document.wrong(format!("{name}: {roots} roots, {counts} key counts")));
    }
    let roots = document.hashes(&name, &large.roots)?;
    let known = roots.into_iter().zip(large.keys.iter().copied()).collect();
    let population = Population { keys: large.population, operations: large.operations, known };
    let name = document.case_name(&name);
    Ok(Case::from_source(document.folder, &name, move || Ok(Box::new(population.clone().steps()))))
}
