//! `eligo ask [RECORD]`: an interview, line by line.
//!
//! It reads lines and writes lines, so it works in a pipe, over a slow connection, and with a screen reader. Every answer
//! is in the file before the next question is asked.

mod question;
mod store;

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use eligo::diagnostic::{Diagnostics, visible};
use eligo::facts::{Fact, ItemKind, Kind};
use eligo::interview::answer::{self, is_none_known};
use eligo::interview::written::Written;
use eligo::interview::{Asked, Interview, Scope, Tally, edit};
use eligo::report::table;
use eligo::screening::{Eligibility, Screening};
use eligo::trial::Trial;

use self::store::Store;
use super::input::{TrialArguments, notation};
use super::{Terminal, exit_code};

/// Ask for what is not known yet.
#[derive(Debug, Args)]
#[command(
    after_help = "Every answer is saved before the next question; a second call goes on where the first one ended.\n\nExit codes: 0 eligible, 1 ineligible, 2 error, 3 undetermined\n\nExample: eligo ask ldp-0042.yaml --by investigator-1"
)]
pub struct Ask {
    /// The record to write, or to go on with, YAML or JSON by its extension [default: asks for the pseudonym]
    record: Option<PathBuf>,
    #[command(flatten)]
    trial: TrialArguments,
    /// Ask only for what this criterion needs
    #[arg(long, value_name = "ID")]
    criterion: Option<String>,
    /// Ask also for what no verdict needs
    #[arg(long)]
    all: bool,
    /// Who judges what is the investigator's to judge
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
}

impl Ask {
    /// Asks, and says the eligibility in the exit code.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let trial = self.trial.trial()?;
        let policy = self.trial.policy(&trial)?;
        let scope = self.scope(&trial)?;
        let mut lines = Lines::new(terminal);
        let Some((path, candidate)) = self.path(&mut lines)? else {
            return Ok(ExitCode::from(3));
        };
        let dates = self.trial.dates()?;
        let notation = notation(&path, None);
        let mut store = Store::open(&path, || {
            let day = dates.as_of.unwrap_or(dates.today).to_string();
            edit::begin(notation, &trial.id, &day, &candidate)
        })?;
        let name = store.name().to_owned();
        let interview = Interview::new(&trial, &policy, (&name, store.text()), notation, dates)?;
        let today = interview.record().screened_on.to_string();
        let mut session = Session {
            trial: &trial,
            interview,
            lines,
            today,
            by: self.by,
            scope,
            history: Vec::new(),
            said: Vec::new(),
        };
        session.begin(&name)?;
        session.ask(&mut store)?;
        session.end(&name)
    }

    fn scope(&self, trial: &Trial) -> anyhow::Result<Scope> {
        let ids: Vec<&str> = trial.criteria.iter().map(|one| one.id.as_str()).collect();
        if let Some(wanted) = self.criterion.as_deref().filter(|id| !ids.contains(id)) {
            bail!(
                "{} has no criterion `{}`; it has {}",
                trial.id,
                visible(wanted),
                ids.join(", ")
            );
        }
        Ok(Scope {
            criterion: self.criterion.clone(),
            all: self.all,
            beyond: false,
        })
    }

    /// The file, and the pseudonym for a new one. None if nobody answers.
    fn path(&self, lines: &mut Lines<'_>) -> anyhow::Result<Option<(PathBuf, String)>> {
        if let Some(path) = &self.record {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            return Ok(Some((path.clone(), stem.into_owned())));
        }
        loop {
            lines.write("Pseudonym of the candidate (never a name): ")?;
            let Some(line) = lines.read()? else {
                return Ok(None);
            };
            let is_safe = |one: char| one.is_alphanumeric() || "._-".contains(one);
            match line.trim() {
                "" => lines.line("a record needs one; Ctrl-D ends")?,
                name if !name.starts_with('.') && name.chars().all(is_safe) => {
                    return Ok(Some((PathBuf::from(format!("{name}.yaml")), name.to_owned())));
                }
                _ => lines.line("letters, digits, `-`, `_` and `.` make a file name too; or name the file: eligo ask FILE")?,
            }
        }
    }
}

/// Lines in and out.
struct Lines<'t> {
    terminal: &'t Terminal,
    is_seen: bool,
}

impl<'t> Lines<'t> {
    fn new(terminal: &'t Terminal) -> Self {
        Self {
            terminal,
            is_seen: io::stdin().is_terminal(),
        }
    }

    fn width(&self) -> usize {
        usize::from(self.terminal.width.clamp(20, 100))
    }

    fn write(&self, text: &str) -> anyhow::Result<()> {
        self.terminal.print(text)
    }

    fn line(&self, text: &str) -> anyhow::Result<()> {
        self.write(&format!(
            "{}\n",
            textwrap::fill(&visible(text), self.width())
        ))
    }

    /// A text below a lead, which stands before its first line.
    fn hung(&self, lead: &str, text: &str) -> anyhow::Result<()> {
        let blanks = " ".repeat(lead.chars().count());
        let options = textwrap::Options::new(self.width())
            .initial_indent(lead)
            .subsequent_indent(&blanks);
        self.write(&format!("{}\n", textwrap::fill(&visible(text), options)))
    }

    /// The next line; none at the end.
    fn read(&mut self) -> anyhow::Result<Option<String>> {
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(0) => {
                // What was typed stands on a line of its own.
                self.write("\n")?;
                Ok(None)
            }
            Ok(_) => {
                if !self.is_seen {
                    self.write("\n")?;
                }
                Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
            }
            Err(error) => bail!("cannot read the answer: {error}; everything before it is saved"),
        }
    }
}

/// What was typed at a question.
enum Typed {
    Leave,
    Back,
    Stop,
    Explain,
    Answer(String),
}

/// What became of a question.
enum Done {
    /// Answered, or left open.
    Next,
    Back,
    Stop,
}

struct Session<'t, 'l> {
    trial: &'t Trial,
    interview: Interview<'t>,
    lines: Lines<'l>,
    today: String,
    by: Option<String>,
    scope: Scope,
    /// What was asked, and the record before.
    history: Vec<(Asked, Arc<str>)>,
    /// Cautions and conflicts that were told.
    said: Vec<String>,
}

impl Session<'_, '_> {
    fn begin(&mut self, name: &str) -> anyhow::Result<()> {
        let screening = self.interview.screening();
        let candidate = screening
            .record
            .candidate
            .as_deref()
            .unwrap_or("the candidate");
        self.lines
            .line(&format!("{}: {candidate}, in {name}", self.trial.id))?;
        self.lines.line("Enter leaves a question open, ? explains it, back returns, stop ends. Other answers: not known, not done, pending, declined; bounds (>= 3, 1..2); evidence (1 on 2026-11-18 by NAME).")?;
        self.said = remarks(&screening);
        Ok(())
    }

    fn ask(&mut self, store: &mut Store) -> anyhow::Result<()> {
        loop {
            let (next, settled, tally) = {
                let screening = self.interview.screening();
                let settled = screening.eligibility != Eligibility::Undetermined;
                let next = self.interview.next(&screening, &self.scope);
                (next, settled, Tally::of(&screening))
            };
            let goes_on = self.scope.beyond || self.scope.all || self.scope.criterion.is_some();
            if settled && !goes_on {
                match self.goes_on()? {
                    Done::Next => self.scope.beyond = true,
                    Done::Back => self.back(store)?,
                    Done::Stop => return Ok(()),
                }
                continue;
            }
            let Some(asked) = next else {
                return self.lines.line("There is nothing left to ask.");
            };
            let before = Arc::clone(self.interview.text());
            match self.question(asked, tally, store)? {
                Done::Next => self.history.push((asked, before)),
                Done::Back => self.back(store)?,
                Done::Stop => return Ok(()),
            }
        }
    }

    /// Whether to go on although nothing further can change the eligibility.
    fn goes_on(&mut self) -> anyhow::Result<Done> {
        let headline = table::headline(&self.interview.screening(), self.lines.terminal.colour);
        self.lines.write(&format!("\n{headline}"))?;
        self.lines.line("Nothing further can change that, unless it contradicts what is recorded. Enter stops; `go` asks for what is still open, `back` for the last answer again.")?;
        self.lines.write("> ")?;
        let line = self.lines.read()?.unwrap_or_default();
        Ok(match line.trim().to_lowercase().as_str() {
            "go" | "go on" | "g" => Done::Next,
            "back" | "b" => Done::Back,
            _ => Done::Stop,
        })
    }

    fn back(&mut self, store: &mut Store) -> anyhow::Result<()> {
        let Some((asked, before)) = self.history.pop() else {
            return self.lines.line("This is the first question.");
        };
        self.interview.ask_again(asked);
        if before != *self.interview.text() {
            let now = Arc::clone(self.interview.text());
            if store.is_changed(&now)? {
                return self.lines.line(
                    "The record was changed by somebody else meanwhile; what was answered stays.",
                );
            }
            self.interview.reload(before)?;
            store.save(self.interview.text())?;
        }
        Ok(())
    }

    /// Asks one question until it is answered, left or ended.
    fn question(&mut self, asked: Asked, tally: Tally, store: &mut Store) -> anyhow::Result<Done> {
        self.heading(asked, tally)?;
        let fact = self.trial.facts.get(asked.fact());
        if let (Asked::Value(_), Kind::List(item)) = (asked, &fact.kind)
            && let ItemKind::Fields(fields) = &**item
        {
            return self.items(asked, fact, fields, store);
        }
        loop {
            let answer = match self.answered(asked, fact)? {
                Ok(answer) => answer,
                Err(done) => return Ok(done),
            };
            let value = match asked {
                Asked::Value(_) if matches!(fact.kind, Kind::List(_)) && is_none_known(&answer) => {
                    Written::List(Vec::new())
                }
                Asked::Value(_) => self.signed(fact, answer::answer(fact, &answer, &self.today)),
                Asked::Beside(_, key) => answer::beside(key, &answer, &self.today),
            };
            if self.put(asked, &value, store)? {
                return Ok(Done::Next);
            }
        }
    }

    /// What the investigator judges, with who judged and when.
    fn signed(&self, fact: &Fact, value: Written) -> Written {
        let has = |key: &str| matches!(&value, Written::Map(entries) if entries.iter().any(|(name, _)| name == key || name == "missing"));
        let Some(by) = self.by.as_ref().filter(|_| fact.judgement && !has("by")) else {
            return value;
        };
        let is_dated = has("date");
        let value = value.with("by", Written::Text(by.clone()));
        if is_dated {
            value
        } else {
            value.with("date", Written::Word(self.today.clone()))
        }
    }

    /// Puts an answer into the record and the record into the file, and says what came of it; false if it is refused.
    fn put(&mut self, asked: Asked, value: &Written, store: &mut Store) -> anyhow::Result<bool> {
        if let Some(text) = store.changed()? {
            self.interview.reload(text)?;
            self.lines
                .line("The record was changed by somebody else meanwhile; that is kept.")?;
        }
        if let Err(problems) = self.interview.answer(asked, value) {
            self.complain(&problems)?;
            return Ok(false);
        }
        store.save(self.interview.text())?;
        self.tell()?;
        Ok(true)
    }

    /// What is wrong with an answer, without the place in the file, which nobody sees.
    fn complain(&self, problems: &Diagnostics) -> anyhow::Result<()> {
        for problem in &problems.0 {
            self.lines.hung("  ✗ ", &problem.message)?;
            for help in &problem.help {
                self.lines.hung("    ", help)?;
            }
        }
        Ok(())
    }

    /// Cautions and conflicts that an answer raised.
    fn tell(&mut self) -> anyhow::Result<()> {
        let remarks = remarks(&self.interview.screening());
        for remark in remarks.iter().filter(|remark| !self.said.contains(remark)) {
            self.lines.hung("  ! ", remark)?;
        }
        self.said = remarks;
        Ok(())
    }

    fn heading(&self, asked: Asked, tally: Tally) -> anyhow::Result<()> {
        let criteria: Vec<&str> = self
            .interview
            .criteria_of(asked.fact())
            .map(|one| one.id.as_str())
            .collect();
        let fact = self.trial.facts.get(asked.fact());
        let mut parts: Vec<String> = fact
            .stage
            .iter()
            .map(|stage| stage.heading().to_owned())
            .collect();
        parts.push(match criteria.as_slice() {
            [] => "no verdict needs it".to_owned(),
            ids => format!("for {}", ids.join(", ")),
        });
        parts.push(format!(
            "{} passed, {} failed, {} open",
            tally.pass, tally.fail, tally.open
        ));
        self.lines.write("\n")?;
        self.lines.line(&format!("[{}]", parts.join(" | ")))?;
        question::write(self, asked)
    }

    /// An answer, or what became of the question without one.
    fn answered(&mut self, asked: Asked, fact: &Fact) -> anyhow::Result<Result<String, Done>> {
        loop {
            return Ok(match self.typed(asked, fact)? {
                Typed::Explain => {
                    question::explain(self, asked)?;
                    continue;
                }
                Typed::Leave => {
                    self.interview.leave(asked);
                    Err(Done::Next)
                }
                Typed::Back => Err(Done::Back),
                Typed::Stop => Err(Done::Stop),
                Typed::Answer(text) => Ok(text),
            });
        }
    }

    /// What is typed at the prompt. A value that has the name of a command is the value.
    fn typed(&mut self, asked: Asked, fact: &Fact) -> anyhow::Result<Typed> {
        self.lines.write("> ")?;
        let Some(line) = self.lines.read()? else {
            return Ok(Typed::Stop);
        };
        let is_value = matches!((asked, &fact.kind), (Asked::Value(_), Kind::Code(set)) if set.position(line.trim()).is_some());
        Ok(match line.trim() {
            line if is_value => Typed::Answer(line.to_owned()),
            "" => Typed::Leave,
            "?" | "help" => Typed::Explain,
            "back" | "b" => Typed::Back,
            "stop" | "quit" | "exit" | "q" => Typed::Stop,
            line => Typed::Answer(line.to_owned()),
        })
    }

    /// Asks for a list, item by item and field by field.
    fn items(
        &mut self,
        asked: Asked,
        fact: &Fact,
        fields: &[Fact],
        store: &mut Store,
    ) -> anyhow::Result<Done> {
        let mut items = match self.interview.recorded(asked.fact()) {
            Some(Written::List(items)) => items,
            Some(Written::Map(entries)) => {
                match entries.into_iter().find(|(key, _)| key == "value") {
                    Some((_, Written::List(items))) => items,
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        };
        loop {
            let answer = match self.answered(asked, fact)? {
                Ok(answer) => answer,
                Err(done) => return Ok(done),
            };
            let value = match answer.to_lowercase().as_str() {
                "add" | "a" | "yes" | "y" => break,
                text if is_none_known(text) && items.is_empty() => Written::List(Vec::new()),
                text => match answer::cause(text) {
                    Some(cause) => cause,
                    None => {
                        self.lines.line("  Write `add` for an item, `none` for none known, or why it is not known.")?;
                        continue;
                    }
                },
            };
            if self.put(asked, &value, store)? {
                return Ok(Done::Next);
            }
        }
        loop {
            match self.item(asked, fields, &items)? {
                Some(item) => items.push(item),
                None => return Ok(Done::Stop),
            }
            // Until it is known that there are no more, the record says that there may be.
            let list = Written::List(items.clone());
            let open = list.clone().with("complete", Written::Boolean(false));
            if !self.put(asked, &open, store)? {
                items.pop();
            }
            self.lines.line(&format!("  {} so far. `add` another; Enter: that is all; `more`: there may be more that nobody knows", items.len()))?;
            match self.typed(asked, fact)? {
                Typed::Answer(text)
                    if matches!(text.to_lowercase().as_str(), "add" | "a" | "y" | "yes") => {}
                Typed::Stop => return Ok(Done::Stop),
                Typed::Answer(text) if text.to_lowercase() == "more" => return Ok(Done::Next),
                Typed::Back => return Ok(Done::Back),
                _ => {
                    self.put(asked, &list, store)?;
                    return Ok(Done::Next);
                }
            }
        }
    }

    /// Asks for the fields of an item; none if it is broken off.
    fn item(
        &mut self,
        asked: Asked,
        fields: &[Fact],
        before: &[Written],
    ) -> anyhow::Result<Option<Written>> {
        let mut entries: Vec<(String, Written)> = Vec::new();
        let mut index = 0;
        while let Some(field) = fields.get(index) {
            question::write_field(self, before.len() + 1, field)?;
            match self.typed(asked, field)? {
                Typed::Leave => index += 1,
                Typed::Back => {
                    index = index.saturating_sub(1);
                    if let Some(field) = fields.get(index) {
                        entries.retain(|(name, _)| name != field.name());
                    }
                }
                Typed::Stop => return Ok(None),
                Typed::Explain => question::explain(self, asked)?,
                Typed::Answer(text) => {
                    let value = answer::answer(field, &text, &self.today);
                    let mut item = entries.clone();
                    item.push((field.name().to_owned(), value));
                    let mut items = before.to_vec();
                    items.push(Written::Map(item.clone()));
                    match self.interview.check(asked, &Written::List(items)) {
                        Ok(()) => {
                            entries = item;
                            index += 1;
                        }
                        Err(problems) => self.complain(&problems)?,
                    }
                }
            }
            if index == fields.len() && entries.is_empty() {
                self.lines.line("  An item needs one answer at least.")?;
                index = 0;
            }
        }
        Ok(Some(Written::Map(entries)))
    }

    fn end(&mut self, name: &str) -> anyhow::Result<ExitCode> {
        let screening = self.interview.screening();
        let headline = table::headline(&screening, self.lines.terminal.colour);
        self.lines.write(&format!("\n{headline}"))?;
        self.lines.line(&format!("Saved in {name}; `eligo screen {name}` shows every criterion, `eligo ask {name}` goes on."))?;
        Ok(ExitCode::from(exit_code(screening.eligibility)))
    }
}

/// Every caution, conflict and doubt that is raised, in words.
fn remarks(screening: &Screening<'_>) -> Vec<String> {
    let mut found: Vec<String> = screening
        .cautions
        .iter()
        .map(|one| format!("Caution: {}", one.said()))
        .collect();
    for outcome in &screening.outcomes {
        outcome.walk(&mut |outcome| {
            let id = &outcome.criterion.id;
            found.extend(
                outcome
                    .conflicts
                    .iter()
                    .map(|one| format!("Contradiction, {id}: {}", one.said())),
            );
            found.extend(
                outcome
                    .cautions
                    .iter()
                    .map(|one| format!("Caution, {id}: {}", one.said())),
            );
        });
    }
    found
}
