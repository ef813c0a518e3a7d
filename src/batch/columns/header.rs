//! The header of a CSV list → what each column holds, or why it cannot be read.
//!
//! Columns are compared by the slot of the record that they fill, not by their names: two columns of one slot are an error, since
//! one of their cells would be lost. No advice of a message leads to another error.

use std::ops::Range;
use std::sync::Arc;

use super::{Column, ColumnOptions, cells, column};
use crate::diagnostic::lookalike::has_visible_character;
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::facts::{Fact, Facts, ItemKind, Kind, RESERVED};
use crate::record::table::{BESIDE_FIELDS, evidence_keys};

/// So many columns are named where none is like the one that is looked for.
const MOST_SHOWN: usize = 12;

/// A column as the header names it.
pub(super) struct Named {
    /// Its name in the list.
    name: String,
    span: Range<usize>,
    /// Its name in the trial.
    renamed: String,
    /// What it holds; none if the trial declares no such column.
    pub(super) column: Option<Column>,
    /// The slot of the record that it fills, if any.
    slot: Option<String>,
}

impl Named {
    /// How the column is left out.
    fn leave_out(&self) -> String {
        let ignore = leave_out(&self.name);
        if self.name == self.renamed {
            ignore
        } else {
            let renaming = for_shell(&format!("{}={}", self.name, self.renamed));
            format!("{ignore} (in place of --rename {renaming})")
        }
    }
}

/// Finds what the columns of a header hold.
pub(super) struct Compiler<'c> {
    header: &'c Arc<Source>,
    facts: &'c Facts,
    pub(super) columns: Vec<Named>,
    options: &'c ColumnOptions,
}

impl<'c> Compiler<'c> {
    pub(super) fn new(
        header: &'c Arc<Source>,
        facts: &'c Facts,
        options: &'c ColumnOptions,
    ) -> Self {
        let named = |(name, span): (String, Range<usize>)| {
            let name = name.trim().to_owned();
            let renamed = options
                .renamed
                .iter()
                .find(|(old, _)| *old == name)
                .map_or(name.clone(), |(_, new)| new.clone());
            let column = if options.ignored.contains(&name) {
                Some(Column::Ignored)
            } else if has_visible_character(&renamed) {
                let declared = column(&renamed, facts);
                let is_key = options.key.as_ref() == Some(&name);
                declared.or(is_key.then_some(Column::Ignored))
            } else {
                Some(Column::Unnamed)
            };
            Named {
                name,
                span,
                renamed,
                slot: column.as_ref().and_then(Column::slot),
                column,
            }
        };
        let columns = cells(header).into_iter().map(named).collect();
        Self {
            header,
            facts,
            columns,
            options,
        }
    }

    /// The place of the column that is the key.
    pub(super) fn key(&self) -> Option<usize> {
        let key = self.options.key.as_ref()?;
        self.columns.iter().position(|named| named.name == *key)
    }

    /// How many columns fill a slot of the record.
    fn filling(&self) -> usize {
        self.columns
            .iter()
            .filter(|named| named.slot.is_some())
            .count()
    }

    /// Everything for which the header is refused.
    pub(super) fn problems(&self) -> Vec<Diagnostic> {
        let (mut problems, mut offered) = (Vec::new(), Vec::new());
        for (index, named) in self.columns.iter().enumerate() {
            let problem = match &named.column {
                None => Some(self.undeclared(named, &mut offered)),
                Some(_) => self.same_slot(index, named),
            };
            problems.extend(problem);
        }
        problems.extend(self.no_key());
        if problems.is_empty() && self.filling() == 0 {
            problems.push(
                Diagnostic::error("the header has no column that is read")
                    .at(self.header, 0..0)
                    .help("it names the facts, as `eligo template --format csv` writes it"),
            );
        }
        problems
    }

    /// What is wrong with the column that is to be the key.
    fn no_key(&self) -> Option<Diagnostic> {
        let key = self.options.key.as_deref()?;
        let mut columns = self.columns.iter().filter(|named| named.name == key);
        let Some(first) = columns.next() else {
            let names = self.columns.iter().map(|named| named.name.as_str());
            let help = match nearest(key, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let shown: Vec<String> = names
                        .clone()
                        .take(MOST_SHOWN)
                        .map(|name| format!("`{name}`"))
                        .collect();
                    let more = if names.count() > MOST_SHOWN {
                        ", …"
                    } else {
                        ""
                    };
                    format!("the columns are {}{more}", shown.join(", "))
                }
            };
            let message = format!("there is no column `{key}`, which is to be the key");
            let problem = Diagnostic::error(message).at(self.header, 0..0);
            return Some(problem.help(help));
        };
        // Two columns of a fact are told as such.
        let again = columns.next().filter(|_| first.slot.is_none())?;
        let message = format!("two columns are called `{key}`, which is to be the key");
        let problem = Diagnostic::error(message).at(self.header, again.span.clone());
        Some(problem.help("give one of them another name"))
    }

    /// A column that fills the slot of an earlier one.
    fn same_slot(&self, index: usize, named: &Named) -> Option<Diagnostic> {
        named.slot.as_ref()?;
        let mut before = self.columns.iter().take(index);
        let first = before.find(|other| other.slot == named.slot)?;
        let message = if first.renamed == named.renamed {
            format!("two columns are called `{}`", named.renamed)
        } else {
            format!(
                "`{}` and `{}` are two columns for one value",
                first.renamed, named.renamed
            )
        };
        let help = if first.name == named.name {
            "give one of them another name; --ignore-column leaves both out".to_owned()
        } else {
            format!(
                "leave one of them out: {}, or {}",
                first.leave_out(),
                named.leave_out()
            )
        };
        let problem = Diagnostic::error(message).at(self.header, named.span.clone());
        Some(problem.help(help))
    }

    /// A column that the trial does not declare. `offered` are the names that were offered for others, which would take each
    /// other's place.
    fn undeclared(&self, named: &Named, offered: &mut Vec<String>) -> Diagnostic {
        let Named { name, renamed, .. } = named;
        let problem =
            |message: String| Diagnostic::error(message).at(self.header, named.span.clone());
        let leave_out = format!("{} leaves it out", named.leave_out());
        let is_there = |other: &str| {
            let slot = column(other, self.facts).and_then(|column| column.slot());
            slot.is_some() && self.columns.iter().any(|named| named.slot == slot)
        };
        if let Some(right) = renumbered(renamed).filter(|right| column(right, self.facts).is_some())
        {
            let is_there = if is_there(&right) {
                "; that column is there already, and another item has another number"
            } else {
                ""
            };
            let help = format!(
                "items are numbered 1, 2, 3, without zeros and signs before: `{right}`{is_there}"
            );
            return problem(format!("`{renamed}` does not number an item")).help(help);
        }
        let undeclared = problem(format!("the trial declares no `{renamed}`"));
        let numbered = || numbered(renamed, self.facts);
        if let Some(help) = checkbox(renamed, self.facts).or_else(numbered) {
            return undeclared.help(format!("{help}; {leave_out}"));
        }
        let near =
            meant(renamed, self.facts).filter(|near| !offered.contains(near) && !is_there(near));
        let help = match near {
            Some(near) => {
                let rename = for_shell(&format!("{name}={near}"));
                let help = format!(
                    "did you mean `{near}`? --rename {rename} reads it as that, {leave_out}"
                );
                offered.push(near);
                help
            }
            None => {
                let rename = for_shell(&format!("{name}=NAME"));
                format!("--rename {rename} reads it as NAME, {leave_out}")
            }
        };
        undeclared.help(help)
    }
}

/// A header that stands further below, where the first line is none: a title, an empty row of a spreadsheet.
///
/// `rows` are the records behind the first.
#[must_use]
pub fn below(
    header: &Arc<Source>,
    rows: &[Arc<Source>],
    facts: &Facts,
    options: &ColumnOptions,
) -> Option<Diagnostic> {
    let compiled = |row| Compiler::new(row, facts, options);
    let first = compiled(header).filling();
    let row = rows.iter().find(|row| {
        let compiler = compiled(row);
        let named = compiler
            .columns
            .iter()
            .filter(|named| !matches!(named.column, Some(Column::Unnamed)))
            .count();
        // A cell of a row may happen to be a name.
        let filling = compiler.filling();
        filling > 2 * first && (filling == named || filling >= 2)
    })?;
    let line = row.start.line;
    let problem = Diagnostic::error(format!(
        "line {} is not the header, but line {line} looks like it",
        header.start.line
    ));
    Some(problem.at(row, 0..0).help(format!(
        "--header-line {line} begins there; or delete the lines before it"
    )))
}

/// The name in which each number of an item is written as numbers print; none if nothing changes.
fn renumbered(name: &str) -> Option<String> {
    let right = |part: &str| match part.trim_start_matches('+').parse::<usize>() {
        Ok(place) => place.to_string(),
        Err(_) => part.to_owned(),
    };
    let right = name.split('.').map(right).collect::<Vec<_>>().join(".");
    (right != name).then_some(right)
}

/// What to do about a column for one choice of several, with 0 and 1, as forms on the web export them: `lines___fu`.
fn checkbox(name: &str, facts: &Facts) -> Option<String> {
    let (field, choice) = name.split_once("___")?;
    let lists: Vec<(&str, &ItemKind)> = facts
        .iter()
        .filter_map(|(_, fact)| match &fact.kind {
            Kind::List(item) => Some((fact.path.as_str(), &**item)),
            _ => None,
        })
        .collect();
    let near = nearest(field, lists.iter().map(|(path, _)| *path));
    let instead = match lists.iter().find(|(path, _)| Some(*path) == near) {
        Some((path, ItemKind::Single(_))) => {
            format!("write what is ticked into one column `{path}`, joined by `;` (`{choice};…`)")
        }
        Some((path, ItemKind::Fields(fields))) => {
            let field = fields.first().map_or("", Fact::name);
            format!("write an item for each that is ticked: `{path}.1.{field}`, `{path}.2.{field}`")
        }
        None => "write what is ticked into one column".to_owned(),
    };
    Some(format!(
        "it looks like one column a choice, with 0 and 1, which is not read; {instead}"
    ))
}

/// What to do about a column that numbers the items of a list and holds no value of one.
fn numbered(name: &str, facts: &Facts) -> Option<String> {
    let fact = facts.get(facts.find_within(name)?);
    let Kind::List(item) = &fact.kind else {
        return None;
    };
    let path = fact.path.as_str();
    let rest = name.strip_prefix(path)?.strip_prefix('.')?;
    let (place, field) = rest.split_once('.').unwrap_or((rest, ""));
    let place: usize = place.parse().ok()?;
    match &**item {
        ItemKind::Single(one) => {
            let how = match one.kind {
                Kind::Code(_) => "joined by `;`",
                _ => "as a list in JSON",
            };
            Some(format!(
                "write all its items into one column `{path}`, {how}"
            ))
        }
        ItemKind::Fields(fields) if field.is_empty() => {
            let field = item.alone().or(fields.first()).map_or("", Fact::name);
            let place = place.max(1);
            Some(format!(
                "an item has a column for each of its values: `{path}.{place}.{field}`"
            ))
        }
        ItemKind::Fields(_) if place == 0 => Some(format!(
            "items are numbered 1, 2, 3: the first is `{path}.1.{field}`"
        )),
        ItemKind::Fields(_) => None,
    }
}

/// The column that may be meant by one that there is not.
fn meant(name: &str, facts: &Facts) -> Option<String> {
    let lower = name.to_lowercase();
    if column(&lower, facts).is_some() {
        return Some(lower);
    }
    // Of a fact that is declared, something about it is meant.
    if let Some(fact) = facts.find_within(name).map(|id| facts.get(id)) {
        let path = fact.path.as_str();
        let mut about: Vec<String> = evidence_keys(&fact.kind)
            .iter()
            .map(|about| format!("{path}.{about}"))
            .collect();
        if let (Kind::List(item), Some((place, _))) = (
            &fact.kind,
            name.strip_prefix(path)?.strip_prefix('.')?.split_once('.'),
        ) {
            let names = item.fields().iter().map(Fact::name).chain(BESIDE_FIELDS);
            about.extend(
                names
                    .map(|field| format!("{path}.{place}.{field}"))
                    .filter(|name| column(name, facts).is_some()),
            );
        }
        return nearest(name, about.iter().map(String::as_str))
            .or(Some(path))
            .map(str::to_owned);
    }
    let paths = || facts.iter().map(|(_, fact)| fact.path.as_str());
    // What is said about a misspelt fact is not its value.
    let about = lower
        .rsplit_once('.')
        .and_then(|(path, last)| Some(format!("{}.{last}", nearest(path, paths())?)));
    if let Some(about) = about.filter(|about| column(about, facts).is_some()) {
        return Some(about);
    }
    // Cells of a list of items are JSON: a column which is only like its name holds something else.
    let is_items = |near: &str| {
        facts.find(near).is_some_and(
            |id| matches!(&facts.get(id).kind, Kind::List(item) if !item.fields().is_empty()),
        )
    };
    nearest(name, paths().chain(RESERVED))
        .filter(|near| !is_items(near) || strsim::damerau_levenshtein(&lower, near) <= 2)
        .map(str::to_owned)
}

/// How a column of this name is left out.
pub(in crate::batch) fn leave_out(name: &str) -> String {
    format!("--ignore-column {}", for_shell(name))
}

/// A word as it is typed: what a shell would take for something else is quoted for it.
fn for_shell(word: &str) -> String {
    let is_plain = |one: char| one.is_alphanumeric() || "._=-/".contains(one);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
