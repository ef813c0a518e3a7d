//! Screened rows, read again → what they amount to.
//!
//! An engine keeps rows and not summaries: it filters them, joins them, and asks later. Each row says all that is counted.

use std::collections::BTreeMap;

use arrow_array::{Array as _, RecordBatch, StructArray};
use arrow_schema::{DataType, Schema};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::values::Values;
use crate::batch::cautions::{Caution, cautions};
use crate::batch::repeats::Mark;
use crate::batch::summary::{Summary, Waiting};
use crate::batch::{Listed, Reasons};
use crate::diagnostic::Diagnostic;
use crate::facts::FactId;
use crate::screening::{self, Eligibility, Verdict};
use crate::trial::Trial;

/// The columns that are counted.
const COUNTED: [&str; 8] = [
    "candidate",
    "eligibility",
    "verdicts",
    "cautions",
    "missing",
    "unsettled",
    "errors",
    "dated",
];

/// What screened rows amount to.
pub struct Tally<'t> {
    trial: &'t Trial,
    /// The ids of the protocol's own criteria.
    criteria: Vec<&'t str>,
    cautions: Vec<Caution<'t>>,
    /// What they amount to so far; whoever looks for repetitions takes the names and keys out.
    pub summary: Summary,
    rows: usize,
    has_reasons: bool,
    waiting: Waiting,
}

/// A screened row, as far as it is counted.
#[derive(Deserialize)]
struct Row<'r> {
    #[serde(borrow)]
    key: Option<&'r RawValue>,
    candidate: Option<String>,
    eligibility: String,
    #[serde(default)]
    verdicts: BTreeMap<String, String>,
    cautions: Option<Vec<Said>>,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    unsettled: Vec<String>,
    #[serde(default)]
    errors: Vec<Wrong>,
    #[serde(default)]
    dated: bool,
}

#[derive(Deserialize)]
struct Said {
    criterion: String,
    say: String,
}

#[derive(Deserialize)]
struct Wrong {
    path: Option<String>,
    message: String,
}

impl<'t> Tally<'t> {
    /// Nothing yet, of rows that were screened for this trial.
    #[must_use]
    pub fn new(trial: &'t Trial, criteria: &'t [Listed<'t>]) -> Self {
        let tops = criteria.iter().filter(|listed| listed.top);
        Self {
            trial,
            criteria: tops.map(|listed| listed.criterion.id.as_str()).collect(),
            cautions: cautions(trial),
            summary: Summary::new(trial),
            rows: 0,
            has_reasons: true,
            waiting: Waiting::default(),
        }
    }

    /// Whether every row says its cautions; without, none was looked for.
    #[must_use]
    pub fn reasons(&self) -> Reasons {
        match self.has_reasons {
            true => Reasons::Deciding,
            false => Reasons::None,
        }
    }

    /// Whether rows of these columns can be counted.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, schema: &Schema) -> Result<(), String> {
        let lacking = COUNTED.iter().find(|name| schema.index_of(name).is_err());
        if let Some(name) = lacking {
            return Err(format!(
                "there is no column `{name}`; results are counted as `eligo batch --format arrow` or `parquet` writes them"
            ));
        }
        let ids: Vec<&str> = match schema
            .field_with_name("verdicts")
            .map(|field| field.data_type())
        {
            Ok(DataType::Struct(fields)) => {
                fields.iter().map(|field| field.name().as_str()).collect()
            }
            _ => Vec::new(),
        };
        if ids != self.criteria {
            return Err(format!(
                "they have verdicts of {}, and {} has the criteria {}; name the trial file by which they were screened (--trial)",
                listed(&ids),
                self.trial.id,
                listed(&self.criteria)
            ));
        }
        Ok(())
    }

    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// The first row that is no screened row of this trial, and why.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), String> {
        let rows = StructArray::from(batch.clone());
        let Some(values) = Values::of(&rows) else {
            return Err("a column is of a type that no result has".to_owned());
        };
        let mut text = String::new();
        for row in 0..rows.len() {
            text.clear();
            values.write_json(row, &mut text);
            self.rows += 1;
            let read = serde_json::from_str(&text).map_err(|error| error.to_string());
            let added = read.and_then(|row| self.row(&row));
            added.map_err(|why| format!("row {}: {why}", self.rows))?;
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), String> {
        if let Some(key) = row.key {
            self.summary.add_key(self.rows, None, key.get());
        }
        let eligibility = match row.eligibility.as_str() {
            "eligible" => Eligibility::Eligible,
            "ineligible" => Eligibility::Ineligible,
            "undetermined" => Eligibility::Undetermined,
            "error" => {
                self.error(&row.errors);
                return Ok(());
            }
            other => return Err(format!("`{other}` is no eligibility")),
        };
        let verdicts = self.criteria.iter().map(|id| verdict(row, id));
        let verdicts: Vec<Verdict> = verdicts.collect::<Result<_, _>>()?;
        self.waiting.clear();
        let facts = row.missing.iter().map(|path| self.fact(path));
        let facts: Vec<FactId> = facts.collect::<Result<_, _>>()?;
        self.waiting.add_facts(facts);
        for id in &row.unsettled {
            let place = self.criteria.iter().position(|criterion| criterion == id);
            let place = place.ok_or_else(|| format!("`{id}` is no criterion of the protocol"))?;
            self.waiting.add_in_vain(place);
        }
        // Whether other rows have further items of the candidate is no longer known.
        self.summary.add(
            (self.rows, Mark::listed(None)),
            row.candidate.as_deref(),
            eligibility,
            verdicts.into_iter(),
            &mut self.waiting,
        );
        self.summary.undated += u64::from(!row.dated);
        self.has_reasons &= row.cautions.is_some();
        for said in row.cautions.iter().flatten() {
            let place = self
                .cautions
                .iter()
                .position(|caution| is_of(caution, said));
            let place = place.ok_or_else(|| {
                format!(
                    "{} has no caution of `{}` which says so: {}",
                    self.trial.id, said.criterion, said.say
                )
            })?;
            self.summary.count_caution(place, 1);
        }
        Ok(())
    }

    fn error(&mut self, errors: &[Wrong]) {
        let problem = |wrong: &Wrong| Diagnostic {
            about: wrong.path.clone(),
            ..Diagnostic::error(wrong.message.as_str())
        };
        let problems: Vec<Diagnostic> = errors.iter().map(problem).collect();
        self.summary.error(&problems, &self.trial.facts);
    }

    fn fact(&self, path: &str) -> Result<FactId, String> {
        let fact = self.trial.facts.find(path);
        fact.ok_or_else(|| format!("{} declares no fact `{path}`", self.trial.id))
    }
}

fn verdict(row: &Row<'_>, id: &str) -> Result<Verdict, String> {
    let all = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Unknown,
        Verdict::NotApplicable,
    ];
    let name = row.verdicts.get(id).map_or("nothing", String::as_str);
    let verdict = all.into_iter().find(|verdict| verdict.name() == name);
    verdict.ok_or_else(|| format!("the verdict of `{id}` is `{name}`"))
}

/// Whether a row says this caution, as it holds or as it may.
fn is_of(caution: &Caution<'_>, said: &Said) -> bool {
    let say = &caution.remark.say;
    caution.of == said.criterion
        && [false, true]
            .iter()
            .any(|may| screening::said(say, *may) == said.say)
}

fn listed(ids: &[&str]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    match ids.as_slice() {
        [] => "no criterion".to_owned(),
        ids => ids.join(", "),
    }
}
