//! Files of several writers, good and bad, and files that are written.

use std::fs::{self, File};

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value as Json;

use super::common::{Scratch, root};
use super::made::{self, Ran, batch, json_of};
use super::streams::five;

/// The columns of the files, as a CSV list.
const COLUMNS: [&str; 7] = [
    "candidate",
    "screened_on",
    "sex",
    "marrow_blasts",
    "marrow_blasts.date",
    "ecog",
    "consent",
];

fn screened(file: &str, arguments: &[&str]) -> Ran {
    batch(&[&[file, "--format", "ndjson"], arguments].concat(), b"")
}

/// What comes of the list that the files were made from.
fn expected() -> Vec<Json> {
    let text = fs::read_to_string(root().join("examples/referrals.csv")).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let others = header.iter().filter(|name| !COLUMNS.contains(name));
    let ignored: Vec<&str> = others.flat_map(|name| ["--ignore-column", name]).collect();
    let mut rows = screened("examples/referrals.csv", &ignored).lines();
    without_places(&mut rows);
    rows
}

/// Lines of a text are counted with the header, and cells by their characters.
fn without_places(rows: &mut [Json]) {
    for row in rows {
        let row = row.as_object_mut().unwrap();
        row.remove("line");
        if let Some(Json::Array(errors)) = row.get_mut("errors") {
            for error in errors {
                error["line"] = Json::Null;
                error["column"] = Json::Null;
            }
        }
    }
}

#[test]
fn files_of_every_writer_say_the_same() {
    let expected = expected();
    assert_eq!(expected.len(), 5);
    for file in [
        "pyarrow-snappy.parquet",
        "pyarrow-gzip.parquet",
        "pyarrow-zstd.parquet",
        "pyarrow-lz4.parquet",
        "pyarrow-v1.parquet",
        "pyarrow-v2-pages.parquet",
        "duckdb.parquet",
        "polars.parquet",
        "polars.arrow",
        "polars.arrows",
        "pandas-index.parquet",
        "pyarrow-lz4.arrow",
    ] {
        let ran = screened(&format!("tests/data/parquet/{file}"), &[]);
        let mut rows = ran.lines();
        without_places(&mut rows);
        assert_eq!(rows, expected, "{file}: {}", ran.stderr);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_called_what_it_is() {
    for (file, said) in [
        ("encrypted.parquet", "is an encrypted Parquet file"),
        ("encrypted-column.parquet", "has encrypted columns"),
        (
            "pyarrow-brotli.parquet",
            "compressed with brotli, which is not read; write it with",
        ),
        (
            "pyarrow-zstd.arrows",
            "compressed with zstd, which is read in Parquet only",
        ),
    ] {
        let ran = screened(&format!("tests/data/parquet/{file}"), &[]);
        assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0), "{file}");
        assert!(ran.stderr.contains(said), "{file}: {}", ran.stderr);
        assert!(ran.stderr.contains(file), "{file}: {}", ran.stderr);
    }
    let ran = batch(&["examples/referrals.csv", "--from", "parquet"], b"");
    assert!(
        ran.stderr.contains("neither an Arrow stream nor"),
        "{}",
        ran.stderr
    );
    let bytes = fs::read(root().join("tests/data/parquet/duckdb.parquet")).unwrap();
    let ran = batch(&["-", "--from", "parquet"], &bytes);
    assert!(
        ran.stderr.contains("read from its end; name it as a file"),
        "{}",
        ran.stderr
    );
}

/// Nothing is lost in silence: a file is read whole, or there is an error.
#[test]
fn a_damaged_file_is_read_whole_or_refused() {
    let scratch = Scratch::new();
    for file in ["pyarrow-v2-pages.parquet", "polars.arrow", "polars.arrows"] {
        let bytes = fs::read(root().join("tests/data/parquet").join(file)).unwrap();
        let damaged = scratch.path().join(file);
        let run = |bytes: &[u8], what: &str| {
            fs::write(&damaged, bytes).unwrap();
            let ran = screened(damaged.to_str().unwrap(), &["--threads", "1"]);
            assert!(
                !ran.stderr.contains("panicked"),
                "{file}, {what}: {}",
                ran.stderr
            );
            assert!(
                !ran.stderr.contains("defect"),
                "{file}, {what}: {}",
                ran.stderr
            );
            ran
        };
        let step = bytes.len() / 11;
        for length in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            let ran = run(&bytes[..length], &format!("cut at {length}"));
            assert_eq!(ran.code, Some(2), "{file}, cut at {length}");
        }
        for at in (0..bytes.len()).step_by(step / 2) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x55;
            let ran = run(&flipped, &format!("byte {at}"));
            let rows = ran.lines().len();
            assert!(
                ran.code == Some(2) || rows == 5,
                "{file}, byte {at}: {rows} rows, {}",
                ran.stderr
            );
        }
    }
}

#[test]
fn an_output_is_a_table_by_its_name() {
    let scratch = Scratch::new();
    let records = five();
    let list: String = records.iter().map(|record| format!("{record}\n")).collect();
    let stream = made::screened(&[made::nested(&records)], &[]).rows();
    for (name, kind) in [("rows.parquet", "PAR1"), ("rows.arrow", "ARROW1")] {
        let path = scratch.path().join(name);
        let ran = batch(&["-", "--output", path.to_str().unwrap()], list.as_bytes());
        let bytes = fs::read(&path).unwrap_or_else(|_| panic!("{}", ran.stderr));
        assert!(bytes.starts_with(kind.as_bytes()));
        if name == "rows.parquet" {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap());
            let batches = reader.unwrap().build().unwrap();
            let mut rows: Vec<Json> = batches.flat_map(|batch| json_of(&batch.unwrap())).collect();
            assert_eq!(rows.len(), 5);
            // Where the list is NDJSON, errors stand in the text.
            rows[3]["errors"] = stream[3]["errors"].clone();
            assert_eq!(rows, stream);
        }
    }
}

#[test]
fn ignored_columns_are_not_looked_at() {
    let scratch = Scratch::new();
    let path = scratch.path().join("list.parquet");
    let wide = (0..10_001).map(|number| made::texts(&format!("x{number}"), &["a"]));
    let table = made::table(
        [made::texts("candidate", &["A"])]
            .into_iter()
            .chain(wide)
            .collect(),
    );
    let mut writer =
        ArrowWriter::try_new(File::create(&path).unwrap(), table.schema(), None).unwrap();
    writer.write(&table).unwrap();
    writer.close().unwrap();
    let file = path.to_str().unwrap();
    let ran = screened(file, &[]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("10002 columns are too many"),
        "{}",
        ran.stderr
    );
    let names: Vec<String> = (0..10_001).map(|number| format!("x{number}")).collect();
    let ignored: Vec<&str> = names
        .iter()
        .flat_map(|name| ["--ignore-column", name])
        .collect();
    let ran = screened(file, &ignored);
    assert!(
        ran.stderr
            .contains("1 row in one group: 1 of 10002 columns were read"),
        "{}",
        ran.stderr
    );
    let rows = ran.lines();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["candidate"], "A");
}
