//! `eligo screen RECORD`

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::{Args, ValueEnum};
use eligo::diagnostic::{Diagnostics, Source};
use eligo::log::Entry;
use eligo::report::markup::Markup;
use eligo::report::{Provenance, json, sheet, table};
use eligo::screening::{Eligibility, Screening, Verdict, screen};
use eligo::trial::{Policy, Trial};

use super::batch::destination::{Destination, Identity, finish, shown};
use super::input::{From, TrialArguments, extension, is_stdin, read};
use super::log::{LogArguments, Writer};
use super::source::Chosen;
use super::with::WithArguments;
use super::{ERROR, Terminal, exit_code, pager, report_error, say, watch};

/// Screen one candidate.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 eligible, 1 ineligible, 2 error, 3 undetermined\n\nExample: eligo screen ldp-0042.yaml --site our-policy.yaml"
)]
pub struct Screen {
    /// The candidate's record, YAML or JSON; `-` for standard input. Several give a report each
    #[arg(required = true, value_name = "RECORD")]
    records: Vec<PathBuf>,
    #[command(flatten)]
    trial: TrialArguments,
    #[command(flatten)]
    with: WithArguments,
    #[command(flatten)]
    log: LogArguments,
    /// The notation of the record [default: by its extension, else yaml]
    #[arg(long, value_enum, value_name = "NOTATION")]
    from: Option<From>,
    /// Read the candidate from a site's own table, as this source file says
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    source: Option<PathBuf>,
    /// With --source: which candidate, where the table holds several
    #[arg(long, value_name = "ID", requires = "source")]
    candidate: Option<String>,
    /// What to write [default: by the extension of --output, else table]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write the report here, instead of to standard output; the file appears when it is whole
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A sheet by this template, instead of the one that comes with the program
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Columns of the table [default: those of the terminal; 80 in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..=1000))]
    width: Option<u16>,
    /// Only one line: the candidate and the eligibility
    #[arg(long, short, conflicts_with_all = ["format", "template", "brief"])]
    quiet: bool,
    /// Only what failed or is open, with the reasons, and what to obtain first
    #[arg(long, conflicts_with_all = ["format", "template"])]
    brief: bool,
    /// Only criteria with these verdicts in the table
    #[arg(long, value_enum, value_delimiter = ',', value_name = "VERDICT", conflicts_with_all = ["quiet", "brief", "template"])]
    only: Vec<Which>,
    /// Screen again whenever the record, the trial file, the policy or the template is saved, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Write a long report to the terminal as it is, without $PAGER
    #[arg(long)]
    no_pager: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Table,
    /// For programs: `eligo/report/1`
    Json,
    /// A sheet to print, sign and keep
    Html,
    /// The same for a chart or a note
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    Pass,
    Fail,
    Unknown,
    NotApplicable,
}

impl std::convert::From<Which> for Verdict {
    fn from(which: Which) -> Self {
        match which {
            Which::Pass => Self::Pass,
            Which::Fail => Self::Fail,
            Which::Unknown => Self::Unknown,
            Which::NotApplicable => Self::NotApplicable,
        }
    }
}

/// What all records of a call have in common.
struct Setting<'s> {
    trial: &'s Trial,
    policy: &'s Policy,
    format: Format,
    template: Option<Arc<Source>>,
    layout: table::Layout,
    only: Vec<Verdict>,
}

impl Screen {
    /// Screens, and says the eligibility in the exit code: the worst, where there are several records.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        if !self.watch {
            return self.once(terminal).map(ExitCode::from);
        }
        let read = [
            &self.trial.trial,
            &self.trial.site,
            &self.template,
            &self.source,
        ];
        let files: Vec<PathBuf> = self
            .records
            .iter()
            .chain(read.into_iter().flatten())
            .chain(&self.with.files)
            .cloned()
            .collect();
        if files.iter().any(|file| is_stdin(file)) {
            bail!("standard input cannot be watched; name a file");
        }
        watch::again(&files, || {
            // What is wrong is mended while this goes on.
            if let Err(error) = self.once(terminal) {
                report_error(&error, terminal);
            }
        })
    }

    fn once(&self, terminal: &Terminal) -> anyhow::Result<u8> {
        let trial = self.trial.trial()?;
        let policy = self.trial.policy(&trial)?;
        let format = self.format.unwrap_or_else(|| self.format_by_extension());
        let mut output = self.destination()?;
        let part = match (self.quiet, self.brief) {
            (true, _) => Some("--quiet"),
            (_, true) => Some("--brief"),
            _ => None,
        };
        if let (Some(part), false) = (part, format == Format::Table) {
            bail!("`{part}` is for reading; leave it out, or write to a file such as `report.txt`");
        }
        if format == Format::Html && self.records.len() > 1 {
            bail!("a page in HTML holds one sheet; screen one record, or write --format markdown");
        }
        let mut log = self.log.open()?;
        let setting = Setting {
            trial: &trial,
            policy: &policy,
            format,
            template: self.template(format)?,
            layout: table::Layout {
                width: self.width.unwrap_or(terminal.width),
                // Where a file is written, nobody looks on.
                colour: terminal.colour && output.is_none(),
            },
            only: self.only.iter().map(|which| (*which).into()).collect(),
        };
        let (mut code, mut texts, mut notes) = (0, Vec::new(), String::new());
        for record in &self.records {
            let reported = match self.report(record, &setting, log.as_mut()) {
                Ok((eligibility, text, note)) => {
                    texts.push(text);
                    notes.push_str(&note);
                    exit_code(eligibility)
                }
                Err(error) if self.records.len() > 1 => {
                    report_error(&error, terminal);
                    ERROR
                }
                Err(error) => return Err(error),
            };
            code = worse(code, reported);
        }
        let between = if matches!(setting.format, Format::Table | Format::Markdown) && !self.quiet {
            "\n"
        } else {
            ""
        };
        let text = texts.join(between);
        match output.take() {
            Some(mut file) => {
                file.write(text.as_bytes())?;
                finish(vec![file])?;
                // Who looks on sees what came of it; scripts have the exit code.
                if io::stderr().is_terminal() {
                    say(&notes)?;
                }
            }
            None if self.no_pager || self.watch => terminal.print(&text)?,
            None => pager::print(&text, terminal)?,
        }
        Ok(code)
    }

    /// Screens one candidate: the eligibility, what is written, and the same in a line with the place in the log.
    fn report(
        &self,
        record: &Path,
        setting: &Setting<'_>,
        log: Option<&mut Writer>,
    ) -> anyhow::Result<(Eligibility, String, String)> {
        let mut others = self.with.read(setting.trial, self.trial.dates()?)?;
        if self.records.len() > 1 {
            let nameless = others.nameless();
            if !nameless.is_empty() {
                return Err(Diagnostics(nameless).into());
            }
        }
        let read = match &self.source {
            None => (self.trial).record_with(record, self.from, setting.trial, &mut others)?,
            Some(file) => {
                let (chosen, wanted) = (Chosen::File(file), self.candidate.as_deref());
                let trial = setting.trial;
                (self.trial).record_from_source(record, chosen, wanted, trial, &mut others)?
            }
        };
        self.with.all_speak(&read)?;
        let (record, record_sha256) = (read.record, read.sha256);
        let screening = screen(setting.trial, &record, setting.policy);
        let mut provenance = Provenance {
            record_sha256,
            merged: read.merged,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            logged: None,
        };
        if let Some(log) = log {
            // What cannot be reported is not logged, and only the template of a site can be at fault.
            if setting.template.is_some() {
                self.text(&screening, &provenance, setting)?;
            }
            let mut entry = Entry::of(&screening, &provenance.record_sha256);
            entry.merged.clone_from(&provenance.merged);
            provenance.logged = Some(log.add(vec![entry])?);
        }
        let text = self.text(&screening, &provenance, setting)?;
        let logged = provenance.logged.map_or_else(String::new, |logged| {
            format!("logged as number {}\n", logged.number)
        });
        let note = format!("{}{logged}", table::headline(&screening, false));
        Ok((screening.eligibility, text, note))
    }

    /// What is written of a screening.
    fn text(
        &self,
        screening: &Screening<'_>,
        provenance: &Provenance,
        setting: &Setting<'_>,
    ) -> anyhow::Result<String> {
        let sheet = |markup: Markup| {
            let template = setting
                .template
                .clone()
                .unwrap_or_else(|| sheet::template(markup));
            sheet::render(screening, provenance, markup, &template)
        };
        let layout = setting.layout;
        Ok(match setting.format {
            _ if self.quiet => table::headline(screening, layout.colour),
            _ if self.brief => table::brief(screening, layout),
            Format::Table => table::render(screening, provenance, layout, &setting.only),
            Format::Json => json::render(screening, provenance)?,
            Format::Html => sheet(Markup::Html)?,
            Format::Markdown => sheet(Markup::Markdown)?,
        })
    }

    /// The format that the name of the output promises.
    fn format_by_extension(&self) -> Format {
        match self.output.as_deref().and_then(extension).as_deref() {
            Some("json") => Format::Json,
            Some("html" | "htm") => Format::Html,
            Some("md" | "markdown") => Format::Markdown,
            _ if self.template.is_some() => Format::Html,
            _ => Format::Table,
        }
    }

    fn template(&self, format: Format) -> anyhow::Result<Option<Arc<Source>>> {
        match (&self.template, format) {
            (None, _) => Ok(None),
            (Some(path), Format::Html | Format::Markdown) => read(path).map(Some),
            (Some(_), _) => bail!("a template is for a sheet: --format html or markdown"),
        }
    }

    /// Where the report goes, if not to standard output; it is none of the files that are read.
    fn destination(&self) -> anyhow::Result<Option<Destination>> {
        let Some(path) = self
            .output
            .as_deref()
            .filter(|path| path.as_os_str() != "-")
        else {
            return Ok(None);
        };
        if self.records.len() > 1 {
            bail!("a file holds one report; screen one record, or leave `--output` out");
        }
        let record = self.records.first();
        let read = [
            (record, "the record"),
            (self.trial.trial.as_ref(), "the trial file"),
            (self.trial.site.as_ref(), "the site's policy"),
            (self.template.as_ref(), "the template"),
            (self.log.log.as_ref(), "the screening log"),
        ];
        let written = Identity::of(path, "/dev/stdout");
        let with = self.with.files.iter();
        let with = with.map(|file| (Some(file), "one of the files to merge"));
        for (one, is) in read.into_iter().chain(with) {
            let identity = one.and_then(|one| Identity::of(one, "/dev/stdin"));
            if written.is_some() && identity == written {
                bail!(
                    "`{}` is {is}; name another file for the report",
                    shown(path)
                );
            }
        }
        Destination::open(path).map(Some)
    }
}

/// The worse of two exit codes: an error, then ineligible, then undetermined.
fn worse(one: u8, other: u8) -> u8 {
    const FROM_BEST: [u8; 4] = [0, 3, 1, ERROR];
    let rank = |code: u8| FROM_BEST.iter().position(|known| *known == code);
    if rank(other) > rank(one) { other } else { one }
}
