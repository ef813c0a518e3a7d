//! An Arrow stream in, an Arrow stream out.

use std::io::Cursor;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Int32Array, StringArray};
use arrow_ipc::reader::StreamReader;
use arrow_schema::DataType;
use serde_json::{Value as Json, json};

use super::made::{self, Ran, json_of, screened, stream};

/// Meets every criterion.
const ELIGIBLE: &str = r#"{"candidate":"E-1","screened_on":"2026-11-20","sex":"male","age":34,"diagnosis":"b_all","remission":{"achieved":true,"by":["chemotherapy"]},"relapse":{"type":"marrow"},"cd22":[{"result":"positive","specimen":"bone_marrow","method":"flow","date":"2026-11-10"}],"ecog":1,"estimated_survival":"6 months","consent":"signed","cardiac":{"serious_insufficiency":false},"lung":{"severe_impairment_history":false},"other_malignancies":[],"infection":{"status":"none"},"autoimmune":{"status":"none"},"immunodeficiency":false,"hepatitis":{"hbv_dna":"not_detected","hcv_rna":"not_detected"},"hiv":{"status":"negative"},"syphilis":{"status":"negative"},"allergies":[],"investigator_concern":false,"serious_mental_illness":false,"substance_abuse":false,"addiction":"none"}"#;

/// The eligible candidate under another name, with another value of `ecog`.
pub fn patient(candidate: &str, ecog: &Json) -> Json {
    let mut record: Json = serde_json::from_str(ELIGIBLE).unwrap();
    record["candidate"] = candidate.into();
    record["ecog"] = ecog.clone();
    record
}

/// Eligible, ineligible, undetermined, not readable, eligible.
pub fn five() -> Vec<Json> {
    let values = [json!(1), json!(4), Json::Null, json!(9), json!(0)];
    let named = (1..).zip(values);
    named
        .map(|(number, ecog)| patient(&format!("P-{number}"), &ecog))
        .collect()
}

/// What is the same in NDJSON and in typed columns: the columns of a row of NDJSON.
pub fn as_ndjson(row: &Json) -> Json {
    let mut same = row.clone();
    let map = same.as_object_mut().unwrap();
    for name in ["missing", "unsettled", "screened_on", "dated"] {
        map.remove(name);
    }
    let is_error = row["eligibility"] == "error";
    if is_error {
        map.insert("verdicts".to_owned(), json!({}));
    } else {
        map.remove("errors");
    }
    let mut named = |list: &str, said: &str, several: bool| {
        let Some(Json::Array(pairs)) = map.remove(list) else {
            return;
        };
        let mut by_criterion = serde_json::Map::new();
        for pair in pairs {
            let of = pair["criterion"].as_str().unwrap().to_owned();
            let said = pair[said].clone();
            if several {
                let all = by_criterion.entry(of).or_insert_with(|| json!([]));
                all.as_array_mut().unwrap().push(said);
            } else {
                by_criterion.insert(of, said);
            }
        }
        if !by_criterion.is_empty() {
            map.insert(list.to_owned(), Json::Object(by_criterion));
        }
    };
    named("reasons", "reason", false);
    named("cautions", "say", true);
    same
}

#[test]
fn every_row_comes_out_as_it_does_in_ndjson() {
    let records = five();
    let list: String = records.iter().map(|record| format!("{record}\n")).collect();
    for reasons in ["none", "deciding", "all"] {
        let expected = made::batch(
            &["-", "--format", "ndjson", "--reasons", reasons],
            list.as_bytes(),
        );
        for table in [made::nested(&records), made::flat(&records)] {
            let ran = screened(&[table], &["--reasons", reasons]);
            assert_eq!(ran.code, expected.code, "{}", ran.stderr);
            let mut rows: Vec<Json> = ran.rows().iter().map(as_ndjson).collect();
            let mut expected = expected.lines();
            // Places are those of a table; what is wrong is the same.
            for errors in
                [&mut rows, &mut expected].map(|rows| rows[3]["errors"].as_array_mut().unwrap())
            {
                assert_eq!(errors.len(), 1);
                for key in ["line", "column", "file"] {
                    errors[0].as_object_mut().unwrap().remove(key);
                }
            }
            assert_eq!(rows, expected);
        }
    }
}

#[test]
fn what_an_undetermined_candidate_waits_for_stands_in_its_row() {
    let rows = screened(&[made::nested(&five())], &[]).rows();
    let missing = |row: usize| rows[row]["missing"].clone();
    assert_eq!(missing(0), json!([]));
    assert_eq!(missing(2), json!(["ecog"]));
    assert_eq!(missing(3), Json::Null);
    assert_eq!(rows[2]["unsettled"], json!([]));
    assert_eq!(rows[2]["screened_on"], "2026-11-20");
    assert_eq!(rows[2]["dated"], true);
    assert_eq!(rows[3]["screened_on"], Json::Null);
}

#[test]
fn an_error_names_the_row_and_the_column() {
    let table = made::nested(&five());
    let rows = screened(&[table.clone(), table.clone()], &[]).rows();
    assert_eq!(rows.len(), 10);
    let lines: Vec<&Json> = rows.iter().map(|row| &row["line"]).collect();
    assert_eq!(
        lines,
        (1..=10)
            .collect::<Vec<_>>()
            .iter()
            .map(|n| json!(n))
            .collect::<Vec<_>>()
            .iter()
            .collect::<Vec<_>>()
    );
    assert_eq!(rows[8]["errors"][0]["line"], 9);
    assert_eq!(rows[8]["errors"][0]["path"], "ecog");
    let Ran { stderr, .. } = made::batch(
        &[
            "-",
            "--from",
            "arrow",
            "--stop-on-error",
            "--format",
            "ndjson",
        ],
        &stream(&[table]),
    );
    assert!(stderr.contains("<stdin>: row 4, column ecog"), "{stderr}");
}

#[test]
fn a_stream_that_was_cut_off_is_told() {
    let whole = stream(&[made::nested(&five())]);
    for length in [
        whole.len() - 8,
        whole.len() - 4,
        whole.len() - 100,
        300,
        20,
        0,
    ] {
        let ran = made::batch(
            &["-", "--from", "arrow", "--format", "arrow"],
            &whole[..length],
        );
        assert_eq!(ran.code, Some(2), "{length}");
        assert!(ran.stderr.contains("`<stdin>`"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    }
    let twice = [whole.clone(), whole].concat();
    let ran = made::batch(&["-", "--from", "arrow", "--format", "arrow"], &twice);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("goes on behind the end"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_column_that_the_trial_does_not_know_is_told_before_the_first_row() {
    let table = || {
        made::table(vec![
            made::texts("candidate", &["A", "B"]),
            made::texts("ecogg", &["1", "2"]),
        ])
    };
    let ran = screened(&[table()], &[]);
    assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0));
    for part in [
        "the trial declares no `ecogg`",
        "<stdin>: column ecogg",
        "did you mean `ecog`?",
    ] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    for options in [["--rename", "ecogg=ecog"], ["--ignore-column", "ecogg"]] {
        assert_eq!(screened(&[table()], &options).rows().len(), 2);
    }
}

#[test]
fn a_key_comes_back_to_the_letter_in_its_type() {
    let numbers: ArrayRef = Arc::new(Int32Array::from(vec![Some(7), None, Some(-3)]));
    let keyed = |key: ArrayRef| {
        made::table(vec![
            made::texts("candidate", &["A", "B", "C"]),
            ("key".to_owned(), key),
        ])
    };
    let ran = screened(&[keyed(numbers)], &["--key", "key"]);
    let reader = StreamReader::try_new(Cursor::new(&ran.stdout), None).unwrap();
    assert_eq!(reader.schema().field(0).data_type(), &DataType::Int32);
    let batch = reader.map(Result::unwrap).next().unwrap();
    let keys = batch.column(0).as_primitive::<Int32Type>();
    assert_eq!(keys.iter().collect::<Vec<_>>(), [Some(7), None, Some(-3)]);
    // A row without a key is not lost.
    let rows = json_of(&batch.project(&[3, 8]).unwrap());
    assert_eq!(rows[1]["eligibility"], "error");

    let texts: ArrayRef = Arc::new(StringArray::from(vec![" 01", "1e3", "\"x\""]));
    let rows = screened(&[keyed(texts)], &["--key", "key", "--ignore-column", "key"]).rows();
    let keys: Vec<&Json> = rows.iter().map(|row| &row["key"]).collect();
    assert_eq!(keys, [" 01", "1e3", "\"x\""]);
}

#[test]
fn a_stream_of_no_rows_is_screened_to_one_of_no_rows() {
    let table = made::nested(&five()).slice(0, 0);
    let ran = screened(&[table], &["--job", "--as-of", "2026-11-20"]);
    assert_eq!((ran.code, ran.rows().len()), (Some(0), 0), "{}", ran.stderr);
    assert!(!ran.stdout.is_empty());
}

#[test]
fn a_row_of_one_empty_cell_is_a_row() {
    let column: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>, Some("1")]));
    let rows = screened(&[made::table(vec![("ecog".to_owned(), column)])], &[]).rows();
    let eligibilities: Vec<&Json> = rows.iter().map(|row| &row["eligibility"]).collect();
    assert_eq!(eligibilities, ["undetermined", "undetermined"]);
}
