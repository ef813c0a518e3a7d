//! Writes a list of made-up candidates for NCT04546906, one JSON record a line:
//! `cargo run --release --example generate -- --rows 100000 > list.ndjson`
//! With `--trial FILE` they are for another trial, with a value of its type for each declared fact;
//! `--format csv` writes a table, with a column for all that any of its rows says.
//!
//! A row depends on the seed and on its own number alone. So the same seed gives the same bytes, a short list is the
//! beginning of a longer one, and `--shuffle-keys` and `--bad` change how rows are written, not who is in them.

#[path = "generate/any.rs"]
mod any;
#[path = "generate/table.rs"]
mod table;

use std::fmt::Write as _;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use eligo::diagnostic::Source;
use eligo::trial::{self, Trial};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

/// Writes made-up candidates for NCT04546906 as NDJSON.
#[derive(Debug, Parser)]
struct Options {
    /// How many rows
    #[arg(long, default_value_t = 1000)]
    rows: u64,
    /// Another seed, other candidates
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the keys of each record in an order of its own
    #[arg(long)]
    shuffle_keys: bool,
    /// Each fact in one JSON type: no evidence, causes of what is missing, bounds, units or partial dates
    #[arg(long)]
    plain: bool,
    /// Share of the rows that are broken, in many ways
    #[arg(long, default_value_t = 0.0, value_parser = share, value_name = "SHARE")]
    bad: f64,
    /// Share of the facts that ought to be known and are missing
    #[arg(long, default_value_t = 0.03, value_parser = share, value_name = "SHARE")]
    missing: f64,
    /// Candidates for this trial, made from its declared facts
    #[arg(long, value_name = "FILE", conflicts_with = "bad")]
    trial: Option<PathBuf>,
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A JSON record on each line
    Ndjson,
    /// A table
    Csv,
}

fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "write a share from 0 to 1".to_owned())
}

fn main() -> io::Result<()> {
    match write_rows(
        &Options::parse(),
        BufWriter::with_capacity(1 << 20, io::stdout().lock()),
    ) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn write_rows(options: &Options, mut output: impl Write) -> io::Result<()> {
    let trial = compiled(options)?;
    let facts = &trial.facts;
    match options.format {
        Format::Ndjson => {
            for row in 1..=options.rows {
                output.write_all(&line(options, &trial, row))?;
            }
        }
        Format::Csv => {
            let record = |row| -> io::Result<serde_json::Map<String, serde_json::Value>> {
                // A row that is broken is broken as JSON, and has no cells.
                Ok(serde_json::from_slice(&line(options, &trial, row))?)
            };
            let mut columns = table::Columns::default();
            for row in 1..=options.rows {
                columns.add(facts, &record(row)?);
            }
            columns.sort(facts);
            output.write_all(columns.header().as_bytes())?;
            for row in 1..=options.rows {
                output.write_all(columns.row(facts, &record(row)?).as_bytes())?;
            }
        }
    }
    output.flush()
}

/// The trial whose candidates are made up.
fn compiled(options: &Options) -> io::Result<Trial> {
    let (name, text) = match &options.trial {
        Some(path) => (
            path.display().to_string(),
            std::fs::read_to_string(path).map_err(|error| {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            })?,
        ),
        None => ("<embedded>".to_owned(), eligo::EMBEDDED_TRIAL.to_owned()),
    };
    let compiled = trial::compile(&Source::new(name.clone(), text));
    compiled.map(|(trial, _)| trial).map_err(|problems| {
        let shown: Vec<String> = problems
            .iter()
            .map(|problem| problem.render(false, 100))
            .collect();
        io::Error::other(shown.join("\n"))
    })
}

/// A row as JSON, and its line break.
fn line(options: &Options, trial: &Trial, row: u64) -> Vec<u8> {
    // Who it is, the order of the keys, and what is broken: each has a stream of its own.
    let [mut who, mut order, mut fate] =
        [0, 1, 2].map(|stream| Random::new(options.seed, row, stream));
    let day = date(2026, 11, 20).saturating_sub(who.between(0, 700).days());
    if options.trial.is_some() {
        let records = any::Records::new(trial, options.plain, options.missing);
        let mut record: Vec<_> = records.record(row, day, &mut who).into_iter().collect();
        if options.shuffle_keys {
            for at in (1..record.len()).rev() {
                record.swap(at, order.below(at + 1));
            }
        }
        let record: serde_json::Map<_, _> = record.into_iter().collect();
        return format!("{}\n", serde_json::Value::Object(record)).into_bytes();
    }
    let mut record = Writer {
        random: &mut who,
        plain: options.plain,
        missing: options.missing,
        today: day,
    }
    .record(row);
    let damage = fate.chance(options.bad).then(|| fate.one_of(&Damage::ALL));
    if let Some(damage) = damage {
        damage.to_record(&mut record, &mut fate);
    }
    if options.shuffle_keys {
        shuffle(&mut record, &mut order);
    }
    let mut line = String::with_capacity(2048);
    write_object(&record, &mut line);
    let mut line = line.into_bytes();
    if let Some(damage) = damage {
        damage.to_line(&mut line, &mut fate);
    }
    line.push(b'\n');
    line
}

/// `SplitMix64`: the same on every machine and for ever.
struct Random(u64);

impl Random {
    fn new(seed: u64, row: u64, stream: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(4).wrapping_add(stream));
        random.0 = random.next() ^ row;
        random.0 = random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Less than `limit`. The bias of the remainder is far below what shows in any list.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or_default()
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % (high.abs_diff(low) + 1)).unwrap_or_default()
    }

    fn chance(&mut self, share: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        unit < share
    }

    #[expect(clippy::indexing_slicing, reason = "less than the length")]
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// One of several values, each with its weight.
    fn weighted<T: Copy>(&mut self, all: &[(usize, T)]) -> T {
        let mut left = self.below(all.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in all {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        self.one_of(all).1
    }
}

/// The members of an object, in the order in which they are written.
type Object = Vec<(&'static str, Json)>;

enum Json {
    /// A value, as it is written.
    Written(String),
    Group(Object),
}

fn write_object(object: &Object, into: &mut String) {
    for (at, (key, value)) in object.iter().enumerate() {
        into.push_str(if at == 0 { "{\"" } else { ",\"" });
        into.push_str(key);
        into.push_str("\":");
        match value {
            Json::Written(text) => into.push_str(text),
            Json::Group(group) => write_object(group, into),
        }
    }
    into.push_str(if object.is_empty() { "{}" } else { "}" });
}

fn shuffle(object: &mut Object, random: &mut Random) {
    for (_, value) in object.iter_mut() {
        if let Json::Group(group) = value {
            shuffle(group, random);
        }
    }
    for last in (1..object.len()).rev() {
        object.swap(last, random.below(last + 1));
    }
}

fn quoted(text: impl std::fmt::Display) -> String {
    format!("\"{text}\"")
}

/// Facts that contradict each other, or are on the very edge of doing so. A record that has a slip takes one of the
/// values of each of these facts.
type Slip = &'static [(&'static str, &'static str, &'static [&'static str])];

const SLIPS: [Slip; 21] = [
    &[
        ("relapse", "type", &["\"marrow\"", "\"combined\""]),
        ("remission", "achieved", &["true"]),
        ("", "marrow_blasts", &["0", "4.9", "5"]),
    ],
    &[
        ("relapse", "type", &["\"mrd\"", "\"extramedullary\""]),
        ("remission", "achieved", &["true"]),
        ("", "marrow_blasts", &["5", "5.1", "40"]),
    ],
    &[
        ("relapse", "type", &["\"none\"", "\"mrd_persisting\""]),
        ("remission", "achieved", &["true"]),
        ("", "marrow_blasts", &["5", "5.1", "40"]),
    ],
    &[
        ("relapse", "type", &["\"mrd\"", "\"mrd_persisting\""]),
        ("mrd", "result", &["\"negative\"", "\"below_limit\""]),
    ],
    &[
        ("relapse", "type", &["\"none\""]),
        ("remission", "achieved", &["true"]),
        ("", "marrow_blasts", &["1.5"]),
        ("mrd", "result", &["\"positive\"", "\"below_limit\""]),
    ],
    &[
        ("relapse", "type", &["\"extramedullary\"", "\"combined\""]),
        ("", "extramedullary_sites", &["[]"]),
    ],
    &[
        ("relapse", "type", &["\"none\""]),
        ("remission", "achieved", &["true"]),
        ("", "marrow_blasts", &["1.5"]),
        ("mrd", "result", &["\"negative\""]),
        (
            "",
            "extramedullary_sites",
            &["[\"cns\"]", "[\"skin\",\"bone\"]"],
        ),
    ],
    &[
        ("remission", "reached_on", &["\"2024-05-02\""]),
        ("relapse", "found_on", &["\"2024-05-01\"", "\"2024-05-02\""]),
    ],
    &[
        ("remission", "achieved", &["false"]),
        ("relapse", "type", &["\"marrow\"", "\"mrd_persisting\""]),
    ],
    &[
        ("remission", "achieved", &["false"]),
        ("relapse", "type", &["\"none\""]),
        ("remission", "by", &["[\"chemotherapy\"]", "[]"]),
    ],
    &[
        ("remission", "achieved", &["false"]),
        ("relapse", "type", &["\"none\""]),
        ("remission", "reached_on", &["\"2024-05-02\""]),
    ],
    &[(
        "",
        "cd22",
        &[
            r#"[{"result":"negative","percent_of_blasts":64,"specimen":"bone_marrow","method":"flow"}]"#,
            EDGE_OF_CD22,
        ],
    )],
    &[
        ("relapse", "type", &["\"extramedullary\""]),
        ("", "marrow_blasts", &["5", "12"]),
        ("", "assessable_lesions", &["0", "1"]),
    ],
    &[
        ("infection", "status", &["\"none\""]),
        ("infection", "serious", &["true", "false"]),
        ("infection", "persistent", &["true"]),
    ],
    &[
        ("hepatitis", "hbv_dna", &["\"not_detected\""]),
        ("hepatitis", "hbv_load", &["0", "0.5", "250"]),
    ],
    &[
        ("hiv", "status", &["\"negative\""]),
        ("hiv", "nucleic_acid", &["\"detected\""]),
    ],
    &[
        ("hiv", "status", &["\"negative\""]),
        ("hiv", "antigen_antibody", &["\"reactive\""]),
    ],
    &[
        ("hiv", "status", &["\"infected\""]),
        ("hiv", "antigen_antibody", &["\"non_reactive\""]),
        (
            "",
            "prior_gene_therapy",
            &["\"lentiviral_car_t\"", "\"none\""],
        ),
    ],
    &[
        (
            "syphilis",
            "status",
            &["\"negative\"", "\"active\"", "\"treated\""],
        ),
        (
            "syphilis",
            "treponemal",
            &["\"reactive\"", "\"non_reactive\""],
        ),
        (
            "syphilis",
            "nontreponemal",
            &["\"reactive\"", "\"non_reactive\""],
        ),
    ],
    &[
        ("", "sex", &["\"male\""]),
        ("", "pregnancy", &["\"pregnant\"", "\"not_possible\""]),
        ("", "lactating", &["true", "false"]),
    ],
    &[
        ("", "sex", &["\"female\""]),
        ("", "pregnancy", &["\"not_possible\""]),
        ("", "plans_pregnancy", &["true", "false"]),
    ],
];

const EDGE_OF_CD22: &str = r#"[{"result":"negative","percent_of_blasts":20,"specimen":"peripheral_blood","method":"flow"}]"#;

fn slip(record: &mut Object, random: &mut Random) {
    for (group, key, values) in random.one_of(&SLIPS) {
        let value = Json::Written(random.one_of(values).to_owned());
        if group.is_empty() {
            set(record, key, value);
            continue;
        }
        match record.iter_mut().find(|(name, _)| name == group) {
            Some((_, Json::Group(members))) => set(members, key, value),
            _ => record.push((group, Json::Group(vec![(key, value)]))),
        }
    }
}

fn set(object: &mut Object, key: &'static str, value: Json) {
    match object.iter_mut().find(|(name, _)| *name == key) {
        Some((_, place)) => *place = value,
        None => object.push((key, value)),
    }
}

/// The course of the disease, from which most facts about it follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Marrow,
    Mrd,
    MrdPersisting,
    Extramedullary,
    Combined,
    InRemission,
    Refractory,
}

impl Course {
    fn relapse(self) -> &'static str {
        match self {
            Self::Marrow => "marrow",
            Self::Mrd => "mrd",
            Self::MrdPersisting => "mrd_persisting",
            Self::Extramedullary => "extramedullary",
            Self::Combined => "combined",
            Self::InRemission | Self::Refractory => "none",
        }
    }
}

/// Writes one record.
struct Writer<'r> {
    random: &'r mut Random,
    plain: bool,
    missing: f64,
    /// The screening date.
    today: Date,
}

impl Writer<'_> {
    fn chance(&mut self, share: f64) -> bool {
        self.random.chance(share)
    }

    /// A way of writing that only some records have, and plain ones never.
    fn fancy(&mut self, share: f64) -> bool {
        self.random.chance(share) && !self.plain
    }

    /// States a fact: plainly, with its evidence, or as missing.
    fn state(&mut self, object: &mut Object, key: &'static str, value: String) {
        self.state_with(object, key, value, "");
    }

    /// `more` is what its evidence has beside the usual.
    fn state_with(&mut self, object: &mut Object, key: &'static str, value: String, more: &str) {
        if self.random.chance(self.missing) {
            return self.miss(object, key);
        }
        if !self.fancy(0.3) {
            object.push((key, Json::Written(value)));
            return;
        }
        let mut text = format!("{{\"value\":{value}{more}");
        let dated = self.chance(0.7);
        if dated {
            let day = self.random.between(0, 40);
            let day = self.day(day);
            let _ = write!(text, ",\"date\":{day}");
        }
        if !dated || self.chance(0.1) {
            let (role, number) = (
                self.random
                    .one_of(&["investigator", "haematologist", "nurse", "site"]),
                self.random.between(1, 12),
            );
            let _ = write!(text, ",\"by\":\"{role}-{number}\"");
        }
        if self.chance(0.03) {
            let source = self.random.one_of(&[
                "discharge letter",
                "visit 1",
                "flow laboratory",
                "marrow smear",
                "history",
                "门诊病历",
            ]);
            let _ = write!(text, ",\"source\":\"{source}\"");
        }
        if self.chance(0.02) {
            let note = self.random.one_of(&[
                "copied from the \\\"blue\\\" sheet",
                "by telephone\\nto be confirmed",
                "外院检查结果",
                "Befund von ausw\\u00e4rts",
            ]);
            let _ = write!(text, ",\"note\":\"{note}\"");
        }
        text.push('}');
        object.push((key, Json::Written(text)));
    }

    fn miss(&mut self, object: &mut Object, key: &'static str) {
        if self.fancy(0.4) {
            let cause = self.random.one_of(&[
                "not_performed",
                "temp_unknown",
                "asked_declined",
                "unknown",
                "not-performed",
                "not_asked",
            ]);
            object.push((key, Json::Written(format!("{{\"missing\":\"{cause}\"}}"))));
        } else if self.fancy(0.15) {
            object.push((
                key,
                Json::Written(self.random.one_of(&["\"unknown\"", "null"]).to_owned()),
            ));
        }
    }

    fn code(&mut self, object: &mut Object, key: &'static str, value: &str) {
        self.state(object, key, quoted(value));
    }

    fn choose(&mut self, object: &mut Object, key: &'static str, values: &[(usize, &str)]) {
        let value = self.random.weighted(values);
        self.code(object, key, value);
    }

    fn yes_no(&mut self, object: &mut Object, key: &'static str, value: bool) {
        let words = if self.fancy(0.05) {
            ["\"no\"", "\"yes\""]
        } else {
            ["false", "true"]
        };
        let [no, yes] = words;
        self.state(object, key, if value { yes } else { no }.to_owned());
    }

    fn whole(&mut self, object: &mut Object, key: &'static str, value: i64) {
        let written = if !self.fancy(0.02) {
            value.to_string()
        } else if value < 2 {
            quoted("< 2")
        } else if self.chance(0.5) {
            quoted(format_args!(">= {value}"))
        } else {
            quoted(format_args!("{}..{value}", value - 1))
        };
        self.state(object, key, written);
    }

    /// A share in tenths of a percent.
    fn percent(&mut self, object: &mut Object, key: &'static str, tenths: i64) {
        let number = decimal(tenths, 10);
        match self.random.below(if self.plain { 1 } else { 20 }) {
            0..=15 => self.state_with(object, key, number, ",\"unit\":\"%\""),
            16..=18 => self.state(object, key, quoted(format_args!("{number} %"))),
            _ if tenths < 50 => self.state(object, key, quoted("< 5 %")),
            _ => self.state(
                object,
                key,
                quoted(format_args!(">= {} %", tenths / 100 * 10)),
            ),
        }
    }

    /// The day so many days before the screening date; partial now and then.
    fn day(&mut self, days_ago: i64) -> String {
        let day = self.today.saturating_sub(days_ago.days());
        match self.random.below(40) {
            0 | 1 if !self.plain => format!("\"{:04}-{:02}\"", day.year(), day.month()),
            2 if !self.plain => format!("\"{:04}\"", day.year()),
            _ => quoted(day),
        }
    }

    fn date(&mut self, object: &mut Object, key: &'static str, days_ago: i64) {
        if !self.chance(self.missing) {
            let day = self.day(days_ago);
            object.push((key, Json::Written(day)));
        }
    }

    fn list(&mut self, object: &mut Object, key: &'static str, items: &[String]) {
        let open = if self.chance(0.02) {
            ",\"complete\":false"
        } else {
            ""
        };
        self.state_with(object, key, format!("[{}]", items.join(",")), open);
    }

    fn codes(&mut self, object: &mut Object, key: &'static str, items: &[&str]) {
        self.list(object, key, &items.iter().map(quoted).collect::<Vec<_>>());
    }

    fn group(object: &mut Object, key: &'static str, group: Object) {
        if !group.is_empty() {
            object.push((key, Json::Group(group)));
        }
    }

    fn record(&mut self, row: u64) -> Object {
        let mut record: Object = Vec::with_capacity(48);
        if self.chance(0.1) {
            record.push(("format", Json::Written(quoted("eligo/record/1"))));
        }
        if self.chance(0.1) {
            record.push(("trial", Json::Written(quoted("NCT04546906"))));
        }
        record.push(("candidate", Json::Written(format!("\"LDP-{row:07}\""))));
        record.push(("screened_on", Json::Written(quoted(self.today))));
        if self.chance(0.06) {
            let note = self.random.one_of(&[
                "Referred by telephone; the letter follows.",
                "Wants to be treated near home.\\nAsks for \\\"the other study\\\" too.",
                "由外院转入，资料待补。",
                "Überwiesen aus der Kinderklinik; Unterlagen unvollst\\u00e4ndig.",
            ]);
            record.push(("note", Json::Written(quoted(note))));
        }

        let male = self.chance(0.54);
        let sex = match male {
            _ if self.chance(0.002) => "other",
            true => "male",
            false => "female",
        };
        self.code(&mut record, "sex", sex);
        let (youngest, oldest) = self.random.weighted(&[
            (30, (2, 17)),
            (45, (18, 49)),
            (22, (50, 70)),
            (1, (0, 1)),
            (2, (71, 88)),
        ]);
        let age = self.random.between(youngest, oldest);
        if self.chance(0.6) {
            let extra = self.random.between(1, 363);
            self.date(&mut record, "birth_date", age * 1461 / 4 + extra);
        }
        if self.chance(0.6) {
            self.state(&mut record, "age", age.to_string());
        }

        self.disease(&mut record);
        self.cd22(&mut record);
        self.general_state(&mut record, age);
        self.heart_and_lungs(&mut record);
        self.other_diseases(&mut record);
        self.viruses(&mut record);
        self.allergies(&mut record);
        self.pregnancy(&mut record, male, age);
        self.investigator(&mut record);
        if self.chance(0.02) {
            slip(&mut record, self.random);
        }
        record
    }

    fn disease(&mut self, record: &mut Object) {
        let course = self.random.weighted(&[
            (560, Course::Marrow),
            (130, Course::Mrd),
            (25, Course::MrdPersisting),
            (70, Course::Extramedullary),
            (60, Course::Combined),
            (15, Course::InRemission),
            (160, Course::Refractory),
        ]);
        self.choose(
            record,
            "diagnosis",
            &[
                (935, "b_all"),
                (28, "t_all"),
                (8, "mixed_phenotype"),
                (8, "b_lymphoblastic_lymphoma"),
                (4, "cml_lymphoid_blast_crisis"),
                (4, "burkitt"),
                (4, "other"),
                (9, "all_lineage_unstated"),
            ],
        );
        let found = self.random.between(5, 90);
        let remission = found + self.random.between(40, 1500);
        let mut group = Object::new();
        let never = course == Course::Refractory;
        self.yes_no(&mut group, "achieved", !never);
        if !never {
            let by = self.random.weighted::<&[&str]>(&[
                (760, &["chemotherapy"]),
                (30, &["chemotherapy", "autologous_sct"]),
                (10, &["autologous_sct"]),
                (50, &["chemotherapy", "allogeneic_sct"]),
                (30, &["allogeneic_sct"]),
                (25, &["chemotherapy", "tki"]),
                (35, &["chemotherapy", "bispecific_antibody"]),
                (10, &["bispecific_antibody"]),
                (15, &["car_t"]),
                (
                    10,
                    &["chemotherapy", "antibody_drug_conjugate", "allogeneic_sct"],
                ),
                (5, &["chemotherapy", "unknown"]),
                (5, &["unknown"]),
                (3, &[]),
            ]);
            self.codes(&mut group, "by", by);
            if self.chance(0.6) {
                self.date(&mut group, "reached_on", remission);
            }
        }
        Self::group(record, "remission", group);

        let mut group = Object::new();
        self.code(&mut group, "type", course.relapse());
        if !never && course != Course::InRemission && self.chance(0.7) {
            self.date(&mut group, "found_on", found);
        }
        Self::group(record, "relapse", group);
        self.extent(record, course);
        self.courses(record, course);
    }

    /// Blasts, MRD, and sites outside the marrow.
    fn extent(&mut self, record: &mut Object, course: Course) {
        let in_marrow = matches!(
            course,
            Course::Marrow | Course::Combined | Course::Refractory
        );
        if in_marrow && self.chance(0.75) {
            let tenths = self.random.between(100, 960);
            self.percent(record, "marrow_blasts", tenths);
        } else if !in_marrow && self.chance(0.6) {
            let tenths = self.random.between(0, 45);
            self.percent(record, "marrow_blasts", tenths);
        }
        let mut mrd = Object::new();
        let result = match course {
            Course::Mrd | Course::MrdPersisting => Some("positive"),
            Course::InRemission => Some("negative"),
            Course::Extramedullary => {
                Some(
                    self.random
                        .weighted(&[(6, "negative"), (1, "below_limit"), (3, "positive")]),
                )
            }
            _ => self.chance(0.3).then_some("positive"),
        };
        if let Some(result) = result.filter(|_| self.random.chance(0.85)) {
            self.code(&mut mrd, "result", result);
            if result == "positive" && self.chance(0.7) {
                let hundredths = self.random.between(1, 480);
                self.state_with(
                    &mut mrd,
                    "level",
                    decimal(hundredths, 100),
                    ",\"unit\":\"%\"",
                );
            }
            self.choose(&mut mrd, "method", &[(7, "flow"), (2, "pcr"), (1, "ngs")]);
        }
        Self::group(record, "mrd", mrd);
        const SITES: [&str; 8] = [
            "cns",
            "testis",
            "skin",
            "lymph_node",
            "breast",
            "kidney",
            "bone",
            "other",
        ];
        if matches!(course, Course::Extramedullary | Course::Combined) {
            let count = self.random.weighted(&[(7, 1), (2, 2), (1, 3)]);
            let sites: Vec<&str> = (0..count).map(|_| self.random.one_of(&SITES)).collect();
            self.codes(record, "extramedullary_sites", &sites);
            let lesions = self
                .random
                .weighted(&[(12, 0), (45, 1), (25, 2), (10, 3), (8, 7)]);
            self.whole(record, "assessable_lesions", lesions);
        } else {
            if self.chance(0.3) {
                self.codes(record, "extramedullary_sites", &[]);
            }
            if self.chance(0.1) {
                self.whole(record, "assessable_lesions", 0);
            }
        }
    }

    fn courses(&mut self, record: &mut Object, course: Course) {
        if course == Course::Refractory {
            let courses =
                self.random
                    .weighted(&[(5, 1), (25, 2), (35, 3), (20, 4), (10, 5), (5, 7)]);
            self.whole(record, "courses_without_remission", courses);
        } else if self.chance(0.25) {
            let courses = self.random.weighted(&[(60, 0), (30, 1), (10, 2)]);
            self.whole(record, "courses_without_remission", courses);
        }
        if course == Course::MrdPersisting {
            let courses = self.random.between(1, 6);
            self.whole(record, "courses_mrd_positive", courses);
        }
        let primary = course == Course::Refractory;
        if primary || self.chance(0.3) {
            self.choose(
                record,
                "risk_group",
                &[(55, "high"), (25, "intermediate"), (20, "standard")],
            );
        }
        if primary || self.chance(0.15) {
            let suitable = self.chance(0.4);
            self.yes_no(record, "suitable_for_reintensive_therapy", suitable);
        }
        if self.chance(0.4) {
            let count = self.random.weighted(&[(65, 0), (28, 1), (7, 2)]);
            let items: Vec<String> = (0..count)
                .map(|_| {
                    let kind = self
                        .random
                        .weighted(&[(1, "autologous"), (4, "allogeneic")]);
                    let days_ago = self.random.between(100, 2500);
                    format!("{{\"kind\":\"{kind}\",\"date\":{}}}", self.day(days_ago))
                })
                .collect();
            self.list(record, "transplants", &items);
        }
    }

    fn cd22(&mut self, record: &mut Object) {
        let count = self.random.weighted(&[(1, 0), (60, 1), (27, 2), (12, 3)]);
        let mut items = Vec::new();
        let mut days_ago = self.random.between(1, 45);
        for _ in 0..count {
            let result = self.random.weighted(&[
                (800, "positive"),
                (60, "dim"),
                (50, "partial"),
                (50, "negative"),
                (20, "percentage_only"),
                (20, "not_reported"),
            ]);
            let percent = match result {
                "positive" => self.random.between(300, 999),
                "not_reported" => 0,
                "negative" => self.random.between(0, 150),
                _ => self.random.between(50, 600),
            };
            let mut item = format!("{{\"result\":\"{result}\"");
            if result == "percentage_only" || percent > 0 && self.chance(0.55) {
                let number = decimal(percent, 10);
                let _ = match self.random.below(if self.plain { 1 } else { 10 }) {
                    0..=4 => write!(item, ",\"percent_of_blasts\":{number}"),
                    5..=8 => write!(item, ",\"percent_of_blasts\":\"{number} %\""),
                    _ => write!(item, ",\"percent_of_blasts\":\">= {} %\"", percent / 10),
                };
            }
            let specimen = self.random.weighted(&[
                (80, "bone_marrow"),
                (15, "peripheral_blood"),
                (2, "csf"),
                (3, "tissue"),
            ]);
            let method = self.random.weighted(&[(96, "flow"), (4, "ihc")]);
            if !self.chance(0.005) {
                let _ = write!(item, ",\"specimen\":\"{specimen}\"");
            }
            if !self.chance(0.005) {
                let _ = write!(item, ",\"method\":\"{method}\"");
            }
            if !self.chance(0.02) {
                let day = self.day(days_ago);
                let _ = write!(item, ",\"date\":{day}");
            }
            item.push('}');
            items.push(item);
            days_ago += self.random.between(0, 200);
        }
        // The newest comes first in some records and last in others.
        if self.chance(0.7) {
            items.reverse();
        }
        self.list(record, "cd22", &items);
        if self.chance(0.3) {
            let drug = self.random.weighted(&[
                (80, "none"),
                (14, "inotuzumab"),
                (5, "cd22_car_t"),
                (1, "other"),
            ]);
            let mut group = Object::new();
            self.code(&mut group, "drug", drug);
            if drug != "none" {
                let days_ago = self.random.between(10, 500);
                self.date(&mut group, "given_on", days_ago);
            }
            Self::group(record, "last_cd22_therapy", group);
        }
        if self.chance(0.3) {
            self.choose(
                record,
                "prior_gene_therapy",
                &[(85, "none"), (14, "lentiviral_car_t"), (1, "other")],
            );
        }
    }

    fn general_state(&mut self, record: &mut Object, age: i64) {
        let ecog = self
            .random
            .weighted(&[(20, 0), (45, 1), (23, 2), (9, 3), (3, 4)]);
        self.whole(record, "ecog", ecog);
        if age < 16 && self.chance(0.6) {
            let tens = self.random.between(4, 10);
            self.state(record, "lansky", (tens * 10).to_string());
        } else if self.chance(0.2) {
            let tens = self.random.between(4, 10);
            self.state(record, "karnofsky", (tens * 10).to_string());
        }
        let survival = self.random.weighted(&[
            (300, "> 3 months"),
            (230, "> 6 months"),
            (110, ">= 6 months"),
            (60, "6 months"),
            (40, "1 year"),
            (30, "1 year 6 months"),
            (25, "12 weeks"),
            (40, "26 weeks"),
            (25, "120 days"),
            (10, "93 days"),
            (10, "92 days"),
            (8, "90 days"),
            (8, "89 days"),
            (10, "3 months 1 day"),
            (15, "3 months"),
            (15, ">= 3 months"),
            (10, "2 months..4 months"),
            (15, "4 months..8 months"),
            (15, "< 3 months"),
            (8, "<= 1 month"),
            (16, "2 months"),
        ]);
        self.code(record, "estimated_survival", survival);
        self.choose(
            record,
            "consent",
            &[(900, "signed"), (65, "pending"), (35, "refused")],
        );
    }

    fn heart_and_lungs(&mut self, record: &mut Object) {
        let mut cardiac = Object::new();
        let failing = self.chance(0.02);
        self.yes_no(&mut cardiac, "serious_insufficiency", failing);
        if self.chance(0.4) {
            let tenths = if failing {
                self.random.between(180, 490)
            } else {
                self.random.between(480, 720)
            };
            self.state_with(&mut cardiac, "lvef", decimal(tenths, 10), ",\"unit\":\"%\"");
        }
        if self.chance(0.25) {
            let class = self.random.weighted(&[(80, 1), (17, 2), (3, 3)]);
            self.state(&mut cardiac, "nyha", class.to_string());
        }
        Self::group(record, "cardiac", cardiac);
        let mut lung = Object::new();
        let impaired = self.chance(0.02);
        self.yes_no(&mut lung, "severe_impairment_history", impaired);
        if self.chance(0.3) {
            let percent = self.random.between(88, 100);
            self.state_with(&mut lung, "spo2", percent.to_string(), ",\"unit\":\"%\"");
        }
        Self::group(record, "lung", lung);
    }

    fn other_diseases(&mut self, record: &mut Object) {
        let count = self.random.weighted(&[(955, 0), (38, 1), (5, 2), (2, 3)]);
        let items: Vec<String> = (0..count)
            .map(|_| {
                let disease = self.random.one_of(&[
                    "breast cancer",
                    "thyroid carcinoma",
                    "melanoma in situ",
                    "colon cancer",
                    "Hodgkin lymphoma",
                ]);
                let mut item = format!("{{\"disease\":\"{disease}\"");
                if !self.chance(0.05) {
                    let status =
                        self.random
                            .weighted(&[(3, "active"), (3, "remission"), (4, "cured")]);
                    let _ = write!(item, ",\"status\":\"{status}\"");
                }
                if self.chance(0.3) {
                    let _ = write!(item, ",\"in_situ\":{}", disease.ends_with("situ"));
                }
                if self.chance(0.5) {
                    let days_ago = self.random.between(100, 6000);
                    let day = self.day(days_ago);
                    let _ = write!(item, ",\"last_treatment\":{day}");
                }
                item.push('}');
                item
            })
            .collect();
        self.list(record, "other_malignancies", &items);

        let mut infection = Object::new();
        let status = self.random.weighted(&[
            (700, "none"),
            (140, "resolved"),
            (90, "controlled"),
            (50, "uncontrolled"),
            (20, "neutropenic_fever"),
        ]);
        self.code(&mut infection, "status", status);
        let present = !matches!(status, "none" | "resolved");
        if present || self.chance(0.15) {
            let serious = present && self.chance(0.35);
            self.yes_no(&mut infection, "serious", serious);
        }
        if present || self.chance(0.15) {
            let persistent = present && self.chance(0.25);
            self.yes_no(&mut infection, "persistent", persistent);
        }
        Self::group(record, "infection", infection);

        let mut autoimmune = Object::new();
        let status =
            self.random
                .weighted(&[(945, "none"), (33, "mild"), (10, "severe"), (12, "gvhd")]);
        self.code(&mut autoimmune, "status", status);
        if status != "none" || self.chance(0.05) {
            let suppressed = status != "none" && self.chance(0.3);
            self.yes_no(&mut autoimmune, "immunosuppression", suppressed);
        }
        Self::group(record, "autoimmune", autoimmune);
        let deficient = self.chance(0.008);
        self.yes_no(record, "immunodeficiency", deficient);
    }

    fn viruses(&mut self, record: &mut Object) {
        let mut hepatitis = Object::new();
        let carrier = self.chance(0.07);
        let replicating: &[(usize, &str)] = if carrier {
            &[
                (70, "not_detected"),
                (18, "detected"),
                (12, "detected_below_lloq"),
            ]
        } else {
            &[
                (992, "not_detected"),
                (5, "detected"),
                (3, "detected_below_lloq"),
            ]
        };
        let dna = self.random.weighted(replicating);
        self.code(&mut hepatitis, "hbv_dna", dna);
        self.choose(
            &mut hepatitis,
            "hcv_rna",
            &[
                (982, "not_detected"),
                (12, "detected"),
                (6, "detected_below_lloq"),
            ],
        );
        if dna == "detected" && self.chance(0.7) {
            let load = self.random.between(20, 900_000);
            self.state_with(
                &mut hepatitis,
                "hbv_load",
                load.to_string(),
                ",\"unit\":\"[IU]/mL\"",
            );
        } else if self.chance(0.03) {
            self.state_with(
                &mut hepatitis,
                "hbv_load",
                "0".to_owned(),
                ",\"unit\":\"[IU]/mL\"",
            );
        }
        if self.chance(0.4) {
            self.code(
                &mut hepatitis,
                "hbsag",
                if carrier { "positive" } else { "negative" },
            );
        }
        if self.chance(0.3) {
            let past = carrier || self.chance(0.2);
            self.code(
                &mut hepatitis,
                "anti_hbc",
                if past { "positive" } else { "negative" },
            );
        }
        if self.chance(0.2) {
            self.choose(
                &mut hepatitis,
                "anti_hcv",
                &[(97, "negative"), (3, "positive")],
            );
        }
        if carrier && self.chance(0.6) {
            let drug = self.random.one_of(&["entecavir", "tenofovir", "恩替卡韦"]);
            self.code(&mut hepatitis, "antiviral", drug);
        }
        Self::group(record, "hepatitis", hepatitis);

        let mut hiv = Object::new();
        let status = self.random.weighted(&[
            (990, "negative"),
            (6, "infected"),
            (4, "reactive_unconfirmed"),
        ]);
        self.code(&mut hiv, "status", status);
        if self.chance(0.25) {
            self.code(
                &mut hiv,
                "antigen_antibody",
                if status != "negative" {
                    "reactive"
                } else {
                    "non_reactive"
                },
            );
        }
        if status != "negative" && self.chance(0.5) || self.chance(0.05) {
            let found = status == "infected" && self.chance(0.5);
            self.code(
                &mut hiv,
                "nucleic_acid",
                if found { "detected" } else { "not_detected" },
            );
        }
        Self::group(record, "hiv", hiv);

        let mut syphilis = Object::new();
        let status = self.random.weighted(&[
            (982, "negative"),
            (5, "active"),
            (8, "treated"),
            (5, "unconfirmed"),
        ]);
        self.code(&mut syphilis, "status", status);
        if self.chance(0.25) {
            self.code(
                &mut syphilis,
                "treponemal",
                if status != "negative" {
                    "reactive"
                } else {
                    "non_reactive"
                },
            );
        }
        if self.chance(0.12) {
            self.code(
                &mut syphilis,
                "nontreponemal",
                if status == "active" {
                    "reactive"
                } else {
                    "non_reactive"
                },
            );
        }
        Self::group(record, "syphilis", syphilis);
    }

    fn allergies(&mut self, record: &mut Object) {
        let count = self.random.weighted(&[(80, 0), (14, 1), (4, 2), (2, 3)]);
        let items: Vec<String> = (0..count)
            .map(|_| {
                let (substance, class) = self.random.one_of(&[
                    ("penicillin", "antibiotic"),
                    ("vancomycin", "antibiotic"),
                    ("pegaspargase", "biological"),
                    ("platelets", "biological"),
                    ("contrast medium", "other"),
                    ("peanut", "other"),
                    ("花粉", "other"),
                ]);
                let mut item = format!("{{\"substance\":\"{substance}\",\"class\":\"{class}\"");
                if !self.chance(0.04) {
                    let severity =
                        self.random
                            .weighted(&[(5, "mild"), (3, "moderate"), (2, "severe")]);
                    let _ = write!(item, ",\"severity\":\"{severity}\"");
                }
                if self.chance(0.5) {
                    let reaction = self.random.one_of(&[
                        "rash",
                        "urticaria",
                        "swelling of the lips",
                        "fever and chills",
                    ]);
                    let _ = write!(item, ",\"reaction\":\"{reaction}\"");
                }
                item.push('}');
                item
            })
            .collect();
        self.list(record, "allergies", &items);
    }

    fn pregnancy(&mut self, record: &mut Object, male: bool, age: i64) {
        if male {
            if self.chance(0.04) {
                self.code(record, "pregnancy", "not_possible");
            }
            return;
        }
        if !(13..=54).contains(&age) {
            self.code(record, "pregnancy", "not_possible");
            self.yes_no(record, "lactating", false);
        } else {
            self.choose(
                record,
                "pregnancy",
                &[
                    (960, "not_pregnant"),
                    (15, "pregnant"),
                    (15, "not_possible"),
                    (10, "inconclusive"),
                ],
            );
            let [lactating, plans, recent] =
                [0.01, 0.012, 0.03].map(|share| self.random.chance(share));
            self.yes_no(record, "lactating", lactating);
            self.yes_no(record, "recent_pregnancy", recent || lactating);
            self.yes_no(record, "plans_pregnancy", plans);
        }
    }

    fn investigator(&mut self, record: &mut Object) {
        let concern = self.chance(0.035);
        self.yes_no(record, "investigator_concern", concern);
        let ill = self.chance(0.015);
        self.yes_no(record, "serious_mental_illness", ill);
        let abuse = self.chance(0.012);
        self.yes_no(record, "substance_abuse", abuse);
        self.choose(
            record,
            "addiction",
            &[(955, "none"), (12, "present"), (33, "tobacco_only")],
        );
    }
}

fn decimal(value: i64, parts: i64) -> String {
    let digits = if parts == 10 { 1 } else { 2 };
    format!("{}.{:0digits$}", value / parts, value % parts)
}

/// What is wrong with a broken row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    UnknownKey,
    UndeclaredCode,
    OutOfRange,
    WrongType,
    FutureDate,
    DuplicateKey,
    Truncated,
    TrailingText,
    InvalidUtf8,
    Blank,
    NoObject,
}

impl Damage {
    const ALL: [Self; 11] = [
        Self::UnknownKey,
        Self::UndeclaredCode,
        Self::OutOfRange,
        Self::WrongType,
        Self::FutureDate,
        Self::DuplicateKey,
        Self::Truncated,
        Self::TrailingText,
        Self::InvalidUtf8,
        Self::Blank,
        Self::NoObject,
    ];

    /// Damage to what the record says.
    fn to_record(self, record: &mut Object, random: &mut Random) {
        let (key, value) = match self {
            Self::UnknownKey => (
                random.one_of(&["ecgo", "diagnose", "cd_22", "hbv", "patient_name", "Sex"]),
                "1",
            ),
            Self::UndeclaredCode => random.one_of(&[
                ("diagnosis", "\"b_al\""),
                ("sex", "\"F\""),
                ("consent", "\"Signed \\u2713\""),
                ("addiction", "\"\""),
            ]),
            Self::OutOfRange => random.one_of(&[
                ("ecog", "6"),
                ("age", "260"),
                ("marrow_blasts", "\"384 %\""),
                ("estimated_survival", "\"40 years\""),
            ]),
            Self::WrongType => random.one_of(&[
                ("ecog", "[1]"),
                ("cd22", "\"positive\""),
                ("estimated_survival", "3"),
                ("immunodeficiency", "0"),
                ("hepatitis", "\"negative\""),
                ("marrow_blasts", "true"),
                ("sex", "{}"),
            ]),
            Self::FutureDate => ("birth_date", "\"2062-01-31\""),
            Self::DuplicateKey => {
                record.push(("candidate", Json::Written(quoted("LDP-TWICE"))));
                return;
            }
            Self::InvalidUtf8 => ("note", "\"caf\u{7f}\""),
            Self::Truncated | Self::TrailingText | Self::Blank | Self::NoObject => return,
        };
        record.retain(|(name, _)| *name != key);
        let at = random.below(record.len() + 1);
        record.insert(at, (key, Json::Written(value.to_owned())));
    }

    /// Damage to the line as it is written.
    fn to_line(self, line: &mut Vec<u8>, random: &mut Random) {
        match self {
            Self::Truncated => line.truncate(1 + random.below(line.len().saturating_sub(2))),
            Self::TrailingText => line.extend_from_slice(
                random
                    .one_of(&["}", " x", ",", "{\"candidate\":\"LDP-2\"}"])
                    .as_bytes(),
            ),
            // A letter of another encoding: no byte of it can stand alone in UTF-8.
            Self::InvalidUtf8 => line
                .iter_mut()
                .filter(|byte| **byte == 0x7f)
                .for_each(|byte| *byte = 0xe9),
            Self::Blank => {
                line.clear();
                line.extend_from_slice(random.one_of(&["", "  ", "\t"]).as_bytes());
            }
            Self::NoObject => {
                line.clear();
                line.extend_from_slice(
                    random
                        .one_of(&["[]", "null", "\"LDP-0000007\"", "17"])
                        .as_bytes(),
                );
            }
            _ => {}
        }
    }
}
