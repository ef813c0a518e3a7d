//! The course of an interview: it asks, takes the answer, saves it, and asks on.

use std::sync::Arc;

use eligo::diagnostic::Diagnostics;
use eligo::facts::{Fact, Kind};
use eligo::interview::answer::{self, is_none_known};
use eligo::interview::written::Written;
use eligo::interview::{Asked, Interview, Scope, Tally};
use eligo::report::table;
use eligo::screening::{Eligibility, Screening};
use eligo::trial::Trial;

use super::console::{Console, Input, Offer, Offers};
use super::items::{List, has_items};
use super::question;
use super::store::Store;

/// What was typed at a question.
pub enum Typed {
    Leave,
    Back,
    Stop(End),
    Explain,
    Answer(String),
}

/// What became of a question.
pub enum Done {
    /// Answered, or left open.
    Next,
    Back,
    Stop(End),
}

/// How an interview ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// There is nothing left to ask.
    Over,
    /// Somebody stopped it, or the input has ended.
    Stopped,
    Interrupted,
}

/// What comes of the record as it stands.
pub struct Progress {
    pub eligibility: Eligibility,
    pub headline: String,
    tally: Tally,
    next: Option<Asked>,
    /// Cautions, conflicts and doubts.
    remarks: Vec<String>,
}

pub struct Session<'t> {
    pub trial: &'t Trial,
    pub interview: Interview<'t>,
    pub console: Console<'t>,
    pub store: Store,
    pub today: String,
    pub by: Option<String>,
    pub scope: Scope,
    /// What was asked, and the record before.
    history: Vec<(Asked, Arc<str>)>,
    /// What is asked next because somebody went back to it.
    again: Option<(Asked, Arc<str>)>,
    /// The remarks that were raised before; none before the first question.
    said: Option<Vec<String>>,
}

impl<'t> Session<'t> {
    pub fn new(
        trial: &'t Trial,
        interview: Interview<'t>,
        console: Console<'t>,
        store: Store,
        scope: Scope,
        by: Option<String>,
    ) -> Self {
        let today = interview.record().screened_on.to_string();
        Self {
            trial,
            interview,
            console,
            store,
            today,
            by,
            scope,
            history: Vec::new(),
            again: None,
            said: None,
        }
    }

    /// Asks until there is nothing left or somebody stops it. The last progress is that of the record at the end.
    pub fn run(&mut self) -> anyhow::Result<(Progress, End)> {
        self.begin()?;
        loop {
            let progress = self.progress();
            self.tell(&progress)?;
            let settled = progress.eligibility != Eligibility::Undetermined;
            let goes_on = self.scope.beyond || self.scope.all || self.scope.criterion.is_some();
            let now = Arc::clone(self.interview.text());
            let again = self.again.take();
            let stops = settled && !goes_on && again.is_none();
            let next = again.or_else(|| Some((progress.next?, now)));
            let done = match next {
                _ if stops => self.goes_on(&progress)?,
                Some((asked, before)) => {
                    let done = self.question(asked, Arc::clone(&before), progress.tally)?;
                    if matches!(done, Done::Next) {
                        self.history.push((asked, before));
                    }
                    done
                }
                None => {
                    self.console.write("\n")?;
                    self.console.line("There is nothing left to ask.")?;
                    return Ok((progress, End::Over));
                }
            };
            match done {
                Done::Next => {}
                Done::Back => self.back()?,
                Done::Stop(end) => return Ok((self.progress(), end)),
            }
        }
    }

    fn begin(&mut self) -> anyhow::Result<()> {
        let candidate = self.interview.record().candidate.as_deref();
        let candidate = candidate.unwrap_or("the candidate");
        let begins = format!("{}: {candidate}, in {}", self.trial.id, self.store.name());
        self.console.line(&begins)?;
        if let Some(target) = self.store.target() {
            let leads = format!("It is a link to {target}, which is written.");
            self.console.line(&leads)?;
        }
        self.console.line("Enter leaves a question open, ? explains it, < goes back, stop ends. Other answers: not known, not done, pending, declined; bounds (>= 3, 1..2); evidence (1 on 2026-11-18 by NAME). Every answer is saved at once.")
    }

    /// Screens the record.
    fn progress(&self) -> Progress {
        let screening = self.interview.screening();
        Progress {
            eligibility: screening.eligibility,
            headline: table::headline(&screening, self.console.is_coloured()),
            tally: Tally::of(&screening),
            next: self.interview.next(&screening, &self.scope),
            remarks: remarks(&screening),
        }
    }

    /// The verdict, with what failed or is open, and what to obtain.
    pub fn brief(&self) -> String {
        table::brief(&self.interview.screening(), self.console.layout())
    }

    /// Says which remarks the last answer raised.
    fn tell(&mut self, progress: &Progress) -> anyhow::Result<()> {
        if let Some(said) = self.said.replace(progress.remarks.clone()) {
            for remark in progress.remarks.iter().filter(|one| !said.contains(one)) {
                self.console.hung("  ! ", remark)?;
            }
        }
        Ok(())
    }

    /// Whether to go on although nothing further can change the eligibility.
    fn goes_on(&mut self, progress: &Progress) -> anyhow::Result<Done> {
        self.console.write("\n")?;
        self.console.painted(&progress.headline)?;
        self.console.line("Nothing further can change that, unless it contradicts what is recorded. Enter stops; `go` asks for what is still open, `<` for the last answer again.")?;
        let offers = Offers {
            all: vec![
                Offer::new("stop here", "stop"),
                Offer::new("go on with what is still open", "go"),
            ],
            several: false,
            blank: "stop here",
        };
        loop {
            let line = match self.console.read(&offers, "")? {
                Input::Line(line) => line,
                Input::End => return Ok(Done::Stop(End::Stopped)),
                Input::Interrupted => return Ok(Done::Stop(End::Interrupted)),
            };
            match line.trim().to_lowercase().as_str() {
                "go" | "go on" | "g" => {
                    self.scope.beyond = true;
                    return Ok(Done::Next);
                }
                "back" | "<" => return Ok(Done::Back),
                "" | "stop" | "quit" | "exit" | "q" => return Ok(Done::Stop(End::Stopped)),
                _ => self
                    .console
                    .line("Enter stops, `go` goes on, `<` goes back.")?,
            }
        }
    }

    fn back(&mut self) -> anyhow::Result<()> {
        let Some((asked, before)) = self.history.pop() else {
            return self.console.line("This is the first question.");
        };
        self.interview.ask_again(asked);
        let recorded = self.interview.recorded(asked.fact());
        if self.fields(asked).is_some() && has_items(recorded) {
            // They stay, and are taken back one by one.
            self.again = Some((asked, before));
            return Ok(());
        }
        self.restore(before)
    }

    /// The fields of the items of a list.
    fn fields(&self, asked: Asked) -> Option<&'t [Fact]> {
        match (asked, &self.trial.facts.get(asked.fact()).kind) {
            (Asked::Value(_), Kind::List(item)) => {
                Some(item.fields()).filter(|fields| !fields.is_empty())
            }
            _ => None,
        }
    }

    /// Makes the record what it was.
    pub fn restore(&mut self, before: Arc<str>) -> anyhow::Result<()> {
        if before == *self.interview.text() {
            return Ok(());
        }
        if self.store.is_changed(self.interview.text())? {
            return self.console.line(
                "The record was changed by somebody else meanwhile; what was answered stays.",
            );
        }
        self.interview.reload(before)?;
        self.store.save(self.interview.text())
    }

    /// Asks one question until it is answered, left or ended.
    fn question(&mut self, asked: Asked, before: Arc<str>, tally: Tally) -> anyhow::Result<Done> {
        self.heading(asked, tally)?;
        let fact = self.trial.facts.get(asked.fact());
        if let Some(fields) = self.fields(asked) {
            return List::new(self, asked, fact, fields, before).ask(self);
        }
        let offers = match asked {
            Asked::Value(_) => question::offers(fact),
            Asked::Beside(_, key) => question::offers_beside(key, self.by.as_deref()),
        };
        let mut refused = String::new();
        loop {
            let answer = match self.typed(asked, fact, &offers, &refused)? {
                Typed::Answer(answer) => answer,
                Typed::Explain => {
                    question::explain(self, asked, fact)?;
                    question::write(self, asked)?;
                    continue;
                }
                Typed::Leave => {
                    self.interview.leave(asked);
                    return Ok(Done::Next);
                }
                Typed::Back => return Ok(Done::Back),
                Typed::Stop(end) => return Ok(Done::Stop(end)),
            };
            let value = match asked {
                Asked::Value(_) if matches!(fact.kind, Kind::List(_)) && is_none_known(&answer) => {
                    Written::List(Vec::new())
                }
                Asked::Value(_) => self.signed(fact, answer::answer(fact, &answer, &self.today)),
                Asked::Beside(_, key) => answer::beside(key, &answer, &self.today),
            };
            if self.put(asked, &value)? {
                question::confirm(self, fact, &answer, &value)?;
                return Ok(Done::Next);
            }
            refused = answer;
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

    /// Puts an answer into the record and the record into the file; false if it is refused, which is said.
    pub fn put(&mut self, asked: Asked, value: &Written) -> anyhow::Result<bool> {
        if let Some(text) = self.store.changed()? {
            let read = self.interview.reload(text);
            self.console.line(match read {
                Ok(()) => "The record was changed by somebody else meanwhile; that is kept.",
                Err(_) => "The record was changed by somebody else meanwhile, and cannot be read any more; the last answer is not saved.",
            })?;
            read?;
        }
        if let Err(problems) = self.interview.answer(asked, value) {
            self.complain(&problems)?;
            return Ok(false);
        }
        self.store.save(self.interview.text())?;
        Ok(true)
    }

    /// What is wrong with an answer, without the place in the file, which nobody sees.
    fn complain(&self, problems: &Diagnostics) -> anyhow::Result<()> {
        for problem in &problems.0 {
            self.console.hung("  ✗ ", &problem.message)?;
            for help in &problem.help {
                self.console.hung("    ", help)?;
            }
        }
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
        self.console.write("\n")?;
        self.console.line(&format!("[{}]", parts.join(" | ")))?;
        question::write(self, asked)
    }

    /// What is typed. A value that has the name of a command is the value.
    pub fn typed(
        &mut self,
        asked: Asked,
        fact: &Fact,
        offers: &Offers,
        refused: &str,
    ) -> anyhow::Result<Typed> {
        let line = match self.console.read(offers, refused)? {
            Input::Line(line) => line,
            Input::End => return Ok(Typed::Stop(End::Stopped)),
            Input::Interrupted => return Ok(Typed::Stop(End::Interrupted)),
        };
        let is_value = matches!((asked, &fact.kind), (Asked::Value(_), Kind::Code(set)) if set.position(line.trim()).is_some());
        Ok(match line.trim() {
            line if is_value => Typed::Answer(line.to_owned()),
            "" => Typed::Leave,
            "?" | "help" => Typed::Explain,
            "<" | "back" => Typed::Back,
            "stop" | "quit" | "exit" | "q" => Typed::Stop(End::Stopped),
            line => Typed::Answer(line.to_owned()),
        })
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
