//! What reading a list costs by itself, beside the floor: its bytes skip-parsed by serde_json, its
//! cells found by csv-core.
//! `cargo bench --bench reading`; or `-- FILE TRIAL` for a list of your own.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a benchmark prints, and may stop where something is wrong"
)]

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eligo::batch::columns::{ColumnOptions, Columns};
use eligo::batch::{Chunk, Layout, List, RowReader, Rows};
use eligo::diagnostic::Source;
use eligo::record::{Dates, FieldTable};
use eligo::trial::{self, Trial};

const ROWS: &str = "20000";
/// The best of so many runs counts: everything else on the machine only adds to it.
const RUNS: usize = 7;
/// The trials, each with what makes its list.
const TRIALS: [(&str, &[&str]); 6] = [
    ("criteria/nct04546906.yaml", &[]),
    ("criteria/nct04546906.yaml", &["--plain"]),
    ("criteria/nct03057977.yaml", &["--trial"]),
    ("criteria/nct03954834.yaml", &["--trial"]),
    ("tests/trials/protocols/lung-pd1.yaml", &["--trial"]),
    ("tests/trials/protocols/lymphoma-cart.yaml", &["--trial"]),
];

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    println!(
        "{:<42} {:>9} {:>9} {:>9} {:>8}",
        "list", "bytes/row", "floor µs", "reads µs", "÷ floor"
    );
    if let [list, trial] = arguments.as_slice() {
        let name = Path::new(list).display().to_string();
        return measure(
            &name,
            &std::fs::read(list).unwrap(),
            trial,
            list.ends_with("csv"),
        );
    }
    for (trial, how) in TRIALS {
        for format in ["ndjson", "csv"] {
            let made = generated(trial, how, format);
            let name = Path::new(trial).file_stem().unwrap().to_string_lossy();
            let plain = if how.contains(&"--plain") {
                " plain"
            } else {
                ""
            };
            measure(
                &format!("{name}{plain} {format}"),
                &made,
                trial,
                format == "csv",
            );
        }
    }
}

/// A list as the generator of examples writes it.
fn generated(trial: &str, how: &[&str], format: &str) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", "--quiet", "--release", "--example", "generate", "--"])
        .args(["--rows", ROWS, "--format", format]);
    for option in how {
        command.arg(option);
        if *option == "--trial" {
            command.arg(trial);
        }
    }
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn measure(name: &str, list: &[u8], trial: &str, is_csv: bool) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(trial)).unwrap();
    let trial = trial::compile(&Source::new(trial, text)).unwrap().0;
    let (chunks, rows) = chunks(list, &trial, is_csv);
    let count: usize = chunks.iter().map(count).sum();
    let floor = best(|| {
        if is_csv {
            floor_csv(list)
        } else {
            floor_json(list)
        }
    });
    let table = FieldTable::new(&trial.id, &trial.facts);
    let dates = Dates {
        as_of: None,
        today: jiff::civil::date(2026, 11, 20),
    };
    let mut reader = RowReader::new(&table, dates);
    let read = best(|| {
        for chunk in &chunks {
            chunk.each(|start, row| {
                if let Err(problems) = reader.read(chunk, &rows, (0, start), row.unwrap()) {
                    println!("{}", problems.first().unwrap().render(false, 200));
                }
                black_box(&reader.record);
            });
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "few rows")]
    let a_row = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
    println!(
        "{name:<42} {:>9} {:>9.2} {:>9.2} {:>8.2}",
        list.len() / count,
        a_row(floor),
        a_row(read),
        read.as_secs_f64() / floor.as_secs_f64()
    );
}

fn count(chunk: &Chunk) -> usize {
    let mut count = 0;
    chunk.each(|_, _| count += 1);
    count
}

fn best(mut run: impl FnMut()) -> Duration {
    (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed()
        })
        .min()
        .unwrap()
}

/// A list cut into rows, which is no part of reading them.
fn chunks(list: &[u8], trial: &Trial, is_csv: bool) -> (Vec<Chunk>, Rows) {
    let (mut rows, mut layout) = (Rows::Json, Layout::Lines);
    if is_csv {
        layout = Layout::Records(b',');
    }
    let mut list = List::new("list", list, rows.clone(), layout);
    if is_csv {
        let header = list.header().unwrap().unwrap();
        let columns = Columns::new(&header, &trial.facts, &ColumnOptions::default());
        let columns = columns.unwrap_or_else(|problems| {
            panic!("{}", problems.first().unwrap().render(false, 200));
        });
        rows = Rows::Csv(Arc::new(columns));
        list.set_rows(rows.clone());
    }
    let mut chunks = Vec::new();
    loop {
        let mut chunk = Chunk::default();
        if !list.next_chunk(&mut chunk).unwrap() {
            return (chunks, rows);
        }
        chunks.push(chunk);
    }
}

fn floor_json(list: &[u8]) {
    for line in list
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let text = std::str::from_utf8(line).unwrap();
        serde_json::from_str::<serde::de::IgnoredAny>(text).unwrap();
    }
}

fn floor_csv(list: &[u8]) {
    let mut reader = csv_core::Reader::new();
    let (mut rest, mut cells, mut ends) = (list, vec![0; 1 << 16], vec![0; 1 << 12]);
    let mut found = 0;
    loop {
        let (result, read, written, count) = reader.read_record(rest, &mut cells, &mut ends);
        rest = rest.get(read..).unwrap();
        found += written + count;
        if result == csv_core::ReadRecordResult::End {
            break;
        }
    }
    black_box(found);
}
