//! The settings of a site: `eligo.toml`, in the working folder or the nearest one above it.
//!
//! An option holds before a variable of the environment, and that before the file. What holds is part of every report: the
//! trial and the policy by their digests.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use eligo::diagnostic::{Diagnostic, Diagnostics, decode, visible};
use serde::Deserialize;

use super::Terminal;

/// The name of the file.
const NAME: &str = "eligo.toml";
/// What `--width` takes.
const WIDTHS: std::ops::RangeInclusive<u16> = 20..=1000;

/// What the file may hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The trial file.
    trial: Option<PathBuf>,
    /// The site's policy.
    site: Option<PathBuf>,
    /// The screening log.
    log: Option<PathBuf>,
    /// Columns of tables.
    width: Option<u16>,
}

/// The settings that were found.
#[derive(Debug, Default)]
pub struct Settings {
    /// Where; none if there is no file.
    path: Option<PathBuf>,
    file: File,
}

impl Settings {
    /// Looks for the file, from the working folder upwards.
    ///
    /// # Errors
    /// It cannot be read, or does not hold what it may.
    pub fn find() -> anyhow::Result<Self> {
        // Without a working folder there are no settings of one.
        let Ok(folder) = env::current_dir() else {
            return Ok(Self::default());
        };
        let found = folder
            .ancestors()
            .map(|folder| folder.join(NAME))
            .find(|path| path.is_file());
        let Some(path) = found else {
            return Ok(Self::default());
        };
        let name = visible(&path.display().to_string());
        let bytes = fs::read(&path).with_context(|| format!("cannot read `{name}`"))?;
        let source = decode(&name, bytes).map_err(|error| Diagnostics(vec![*error]))?;
        let file: File = toml::from_str(&source.text).map_err(|error| {
            let problem = Diagnostic::error(error.message().replace('\n', " "));
            let problem = match error.span() {
                Some(span) => problem.at(&source, span),
                None => problem,
            };
            Diagnostics(vec![
                problem.help("it may hold `trial`, `site`, `log` and `width`"),
            ])
        })?;
        if let Some(width) = file.width.filter(|width| !WIDTHS.contains(width)) {
            bail!(
                "`{name}`: width is {width}; it may be {} to {}",
                WIDTHS.start(),
                WIDTHS.end()
            );
        }
        Ok(Self {
            path: Some(path),
            file,
        })
    }

    /// Each setting by the name of its option, as a value of it. Paths are seen from the file.
    fn values(&self) -> [(&'static str, Option<OsString>); 4] {
        let folder = self.path.as_deref().and_then(Path::parent);
        let path = |path: &Option<PathBuf>| {
            let path = path.as_ref()?;
            Some(
                folder
                    .map_or_else(|| path.clone(), |folder| folder.join(path))
                    .into_os_string(),
            )
        };
        [
            ("trial", path(&self.file.trial)),
            ("site", path(&self.file.site)),
            ("log", path(&self.file.log)),
            (
                "width",
                self.file.width.map(|width| width.to_string().into()),
            ),
        ]
    }

    /// The same command, in which what is not typed is as the file says.
    pub fn defaults(&self, command: clap::Command) -> clap::Command {
        if self.path.is_none() {
            return command;
        }
        let names: Vec<String> = command
            .get_subcommands()
            .map(|one| one.get_name().to_owned())
            .collect();
        let command = names.into_iter().fold(command, |command, name| {
            command.mut_subcommand(name, |one| self.defaults(one))
        });
        self.values()
            .into_iter()
            .fold(command, |command, (name, value)| {
                let is_option = command
                    .get_arguments()
                    .any(|one| one.get_id() == name && one.get_long().is_some());
                match value.filter(|_| is_option) {
                    Some(value) => command.mut_arg(name, |one| one.default_value(value)),
                    None => command,
                }
            })
    }
}

/// Show the settings.
#[derive(Debug, Args)]
#[command(
    after_help = "Settings are read from `eligo.toml` in this folder or the nearest one above it: trial, site, log, width.\nAn option holds before a variable of the environment, and that before the file.\n\nExample: echo 'site = \"our-policy.yaml\"' > eligo.toml && eligo config"
)]
pub struct Config {}

impl Config {
    /// Writes them.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let settings = Settings::find()?;
        let file = settings
            .path
            .as_ref()
            .map(|path| path.display().to_string());
        let mut text = match &file {
            Some(file) => format!("settings of {}\n", visible(file)),
            None => format!("there is no {NAME} here or above\n"),
        };
        for (name, value) in settings.values() {
            let variable = format!("ELIGO_{}", name.to_uppercase());
            let named = env::var_os(&variable).filter(|value| name != "width" && !value.is_empty());
            let (value, from) = match (named, value) {
                (Some(value), _) => (value, variable),
                (None, Some(value)) => (value, NAME.to_owned()),
                (None, None) => ("-".into(), not_set(name).to_owned()),
            };
            let value = visible(&value.to_string_lossy());
            let _ = writeln!(text, "{name:<6} {value}  ({from})");
        }
        terminal.print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What holds where nothing is set.
fn not_set(name: &str) -> &'static str {
    match name {
        "trial" => "not set: NCT04546906, which comes with the program",
        "site" => "not set: every reading stays open",
        "log" => "not set: nothing is logged",
        _ => "not set: that of the terminal, 80 in a pipe",
    }
}
