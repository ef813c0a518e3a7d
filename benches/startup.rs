//! What the time of `eligo screen` goes to: reading and compiling the embedded trial, reading a record, screening it,
//! writing the report. `cargo bench --bench startup`
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark may stop where something is wrong"
)]

use std::sync::Arc;

use divan::black_box;
use eligo::diagnostic::Source;
use eligo::document::{Node, Notation};
use eligo::record::{self, Dates, Record};
use eligo::report::{Provenance, json, table};
use eligo::screening::screen;
use eligo::trial::{Policy, Trial};
use eligo::{EMBEDDED_TRIAL, document, trial};

fn main() {
    divan::main();
}

fn source(text: &str) -> Arc<Source> {
    Source::new("bench", text)
}

fn compiled() -> Trial {
    trial::compile(&source(EMBEDDED_TRIAL)).unwrap().0
}

fn document() -> (Arc<Source>, Node) {
    let source = source(include_str!("../examples/with-evidence.yaml"));
    let document = document::read(&source, Notation::Yaml).unwrap();
    (source, document)
}

fn record(trial: &Trial) -> Record {
    let (source, document) = document();
    let dates = Dates {
        as_of: None,
        today: jiff::civil::date(2026, 11, 20),
    };
    record::read(&source, &document, &trial.id, &trial.facts, dates).unwrap()
}

#[divan::bench]
fn trial_1_read_yaml() -> Node {
    document::read(black_box(&source(EMBEDDED_TRIAL)), Notation::Yaml).unwrap()
}

#[divan::bench]
fn trial_2_read_and_compile() -> Trial {
    compiled()
}

#[divan::bench]
fn record_read(bencher: divan::Bencher<'_, '_>) {
    let trial = compiled();
    bencher.bench(|| record(black_box(&trial)));
}

#[divan::bench]
fn screening(bencher: divan::Bencher<'_, '_>) {
    let (trial, policy) = (compiled(), Policy::default());
    let record = record(&trial);
    bencher.bench(|| screen(black_box(&trial), black_box(&record), &policy).eligibility);
}

#[divan::bench(args = ["table", "json"])]
fn report(bencher: divan::Bencher<'_, '_>, format: &str) {
    let (trial, policy) = (compiled(), Policy::default());
    let record = record(&trial);
    let screening = screen(&trial, &record, &policy);
    let provenance = Provenance {
        record_sha256: String::new(),
        merged: Vec::new(),
        version: String::new(),
        logged: None,
    };
    let layout = table::Layout {
        width: 80,
        colour: false,
    };
    bencher.bench(|| match format {
        "table" => table::render(black_box(&screening), &provenance, layout, &[]),
        _ => json::render(black_box(&screening), &provenance).unwrap(),
    });
}
