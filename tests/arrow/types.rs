//! Columns of every type: what each value is read as, and what is refused.

use std::sync::Arc;

use arrow_array::builder::{
    ListBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder, StringRunBuilder,
    StringViewBuilder,
};
use arrow_array::types::{Int32Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array,
    Decimal256Array, DurationSecondArray, Float32Array, Float64Array, Int8Array, NullArray,
    PrimitiveArray, StringArray, Time32SecondArray, UInt64Array,
};
use arrow_buffer::i256;
use serde_json::{Value as Json, json};

use super::made::{self, Ran, screened};

/// Screens a column beside a name, once for each of its values.
fn column(name: &str, column: ArrayRef) -> Vec<Json> {
    let names: Vec<String> = (0..column.len()).map(|row| format!("P-{row}")).collect();
    let names: ArrayRef = Arc::new(StringArray::from(names));
    let table = made::table(vec![
        ("candidate".to_owned(), names),
        (name.to_owned(), column),
    ]);
    let ran = screened(&[table], &["--reasons", "all", "--as-of", "2026-11-20"]);
    ran.rows()
}

/// What is said of a criterion, for each row.
fn said(rows: &[Json], criterion: &str) -> Vec<String> {
    let of = |row: &Json| {
        let reasons = row["reasons"]
            .as_array()
            .unwrap_or_else(|| panic!("{row}"))
            .iter();
        let mut reasons = reasons.filter(|reason| reason["criterion"] == criterion);
        reasons.next().unwrap()["reason"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    rows.iter().map(of).collect()
}

/// What is wrong with each row; nothing where nothing is.
fn wrong(rows: &[Json]) -> Vec<String> {
    let message = |row: &Json| {
        row["errors"][0]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    rows.iter().map(message).collect()
}

#[test]
fn numbers_are_read_with_all_their_digits() {
    let of_ecog: [ArrayRef; 5] = [
        Arc::new(Int8Array::from(vec![1, 3])),
        Arc::new(UInt64Array::from(vec![1, 3])),
        Arc::new(Float32Array::from(vec![1.0, 3.0])),
        Arc::new(
            Decimal128Array::from(vec![10, 30])
                .with_precision_and_scale(10, 1)
                .unwrap(),
        ),
        Arc::new(
            Decimal256Array::from(vec![i256::from(1), i256::from(3)])
                .with_precision_and_scale(40, 0)
                .unwrap(),
        ),
    ];
    for values in of_ecog {
        let rows = column("ecog", values);
        let verdicts: Vec<&Json> = rows.iter().map(|row| &row["verdicts"]["I4"]).collect();
        assert_eq!(verdicts, ["pass", "fail"], "{:?}", wrong(&rows));
    }
    // A number that went through another type would be 5.1 and some digits.
    let exact: [ArrayRef; 3] = [
        Arc::new(Float32Array::from(vec![5.1])),
        Arc::new(Float64Array::from(vec![5.1])),
        Arc::new(
            Decimal128Array::from(vec![510])
                .with_precision_and_scale(10, 2)
                .unwrap(),
        ),
    ];
    for values in exact {
        let rows = column("ecog", values);
        let message = &wrong(&rows)[0];
        assert!(
            message.starts_with("5.1 ") || message.starts_with("5.10 ") || message.contains("`5.1"),
            "{message}"
        );
    }
    let rows = column(
        "ecog",
        Arc::new(Float64Array::from(vec![f64::NAN, f64::INFINITY])),
    );
    assert!(rows.iter().all(|row| row["eligibility"] == "error"));
    assert!(wrong(&rows)[0].contains("`NaN`"), "{:?}", wrong(&rows));
}

#[test]
fn texts_are_read_however_they_are_stored() {
    let mut views = StringViewBuilder::new();
    let mut dictionary = StringDictionaryBuilder::<Int32Type>::new();
    let mut runs = StringRunBuilder::<Int32Type>::new();
    for value in [
        Some("signed"),
        Some("signed"),
        None,
        Some("nobody knows this word"),
    ] {
        views.append_option(value);
        dictionary.append_option(value);
        runs.append_option(value);
    }
    let stored: [ArrayRef; 3] = [
        Arc::new(views.finish()),
        Arc::new(dictionary.finish()),
        Arc::new(runs.finish()),
    ];
    for values in stored {
        let rows = column("consent", values);
        let verdicts: Vec<&Json> = rows.iter().map(|row| &row["verdicts"]["I6"]).collect();
        assert_eq!(
            verdicts[..3],
            [&json!("pass"), &json!("pass"), &json!("unknown")]
        );
        assert_eq!(rows[3]["eligibility"], "error");
    }
    let rows = column("consent", Arc::new(NullArray::new(2)));
    assert!(rows.iter().all(|row| row["verdicts"]["I6"] == "unknown"));
    let rows = column(
        "investigator_concern",
        Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
    );
    let verdicts: Vec<&Json> = rows.iter().map(|row| &row["verdicts"]["E10"]).collect();
    assert_eq!(verdicts[0], "fail");
    assert_ne!(verdicts[1], "fail");
}

#[test]
fn a_time_stamp_is_a_date_at_midnight_of_its_zone() {
    const DAY: i64 = 86_400_000_000;
    // 2026-11-10.
    let midnight = 20_767 * DAY;
    let stamps = |zone: Option<&str>, values: Vec<i64>| -> ArrayRef {
        let stamps = PrimitiveArray::<TimestampMicrosecondType>::from(values);
        Arc::new(stamps.with_timezone_opt(zone.map(str::to_owned)))
    };
    let good: [ArrayRef; 5] = [
        Arc::new(Date32Array::from(vec![20_767])),
        Arc::new(Date64Array::from(vec![20_767 * 86_400_000])),
        stamps(None, vec![midnight]),
        stamps(Some("UTC"), vec![midnight]),
        stamps(Some("Asia/Tokyo"), vec![midnight - DAY / 24 * 9]),
    ];
    for values in good {
        let rows = column("birth_date", values);
        assert_eq!(wrong(&rows), [""]);
        assert!(said(&rows, "I1")[0].len() > 1);
    }
    let rows = column("birth_date", stamps(None, vec![midnight + 1]));
    assert!(
        wrong(&rows)[0].contains("`2026-11-10T00:00:00.000001` is not a date"),
        "{:?}",
        wrong(&rows)
    );
    let rows = column("birth_date", stamps(Some("+02:00"), vec![midnight]));
    assert!(
        wrong(&rows)[0].contains("`2026-11-10T02:00:00+02:00` is not a date"),
        "{:?}",
        wrong(&rows)
    );
    let rows = column("birth_date", stamps(Some("Mars/Olympus"), vec![midnight]));
    assert!(
        wrong(&rows)[0].contains("unknown time zone"),
        "{:?}",
        wrong(&rows)
    );
    let rows = column("birth_date", Arc::new(Date32Array::from(vec![i32::MAX])));
    assert_eq!(rows[0]["eligibility"], "error");
}

#[test]
fn what_no_fact_is_read_from_is_refused_before_the_first_row() {
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    map.keys().append_value("a");
    map.values().append_value("b");
    map.append(true).unwrap();
    let mut list = ListBuilder::new(StringBuilder::new());
    list.append_value([Some("1")]);
    let columns: [(&str, ArrayRef); 5] = [
        ("holds bytes", Arc::new(BinaryArray::from(vec![&b"1"[..]]))),
        ("holds maps", Arc::new(map.finish())),
        (
            "holds times of the day",
            Arc::new(Time32SecondArray::from(vec![1])),
        ),
        (
            "holds durations",
            Arc::new(DurationSecondArray::from(vec![1])),
        ),
        (
            "holds lists, and the trial declares one value",
            Arc::new(list.finish()),
        ),
    ];
    for (what, values) in columns {
        let table = || {
            let named = made::texts("candidate", &["A"]);
            made::table(vec![named, ("ecog".to_owned(), Arc::clone(&values))])
        };
        let Ran {
            code,
            stdout,
            stderr,
        } = screened(&[table()], &[]);
        assert_eq!((code, stdout.len()), (Some(2), 0), "{what}: {stderr}");
        assert!(
            stderr.contains(&format!("`ecog` {what}")),
            "{what}: {stderr}"
        );
        assert!(stderr.contains("--ignore-column ecog"), "{stderr}");
        let rows = screened(&[table()], &["--ignore-column", "ecog"]).rows();
        assert_eq!(rows.len(), 1);
    }
}

#[test]
fn a_structure_and_flat_columns_for_one_value_are_refused() {
    let nested = made::nested(&[json!({"candidate": "A", "hiv": {"status": "negative"}})]);
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for (field, values) in nested.schema().fields().iter().zip(nested.columns()) {
        columns.push((field.name().clone(), Arc::clone(values)));
    }
    columns.push(made::texts("hiv.status", &["positive"]));
    let table = || made::table(columns.clone());
    let Ran {
        code,
        stdout,
        stderr,
    } = screened(&[table()], &[]);
    assert_eq!((code, stdout.len()), (Some(2), 0));
    assert!(
        stderr.contains("two columns are called `hiv.status`"),
        "{stderr}"
    );
    // Of a structure, all that it holds is left out.
    let rows = screened(
        &[made::nested(&[
            json!({"candidate": "A", "x": {"y": 1, "z": {"a": 2}}}),
        ])],
        &["--ignore-column", "x"],
    );
    assert_eq!(rows.rows().len(), 1, "{}", rows.stderr);
}

#[test]
fn a_list_without_an_item_is_none_known_and_null_is_not_recorded() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append(true);
    lists.append(false);
    let rows = column("allergies", Arc::new(lists.finish()));
    let verdicts: Vec<&Json> = rows.iter().map(|row| &row["verdicts"]["E8"]).collect();
    assert_eq!(verdicts, ["pass", "unknown"]);
}

/// Cells that are next to each other may hold whatever separates cells elsewhere.
#[test]
fn a_text_holds_quotes_and_line_breaks_as_they_stand() {
    let texts = ["a \"quoted\" name, with; marks", "two\nlines"];
    let named = made::table(vec![
        made::texts("candidate", &texts),
        made::texts("note", &texts),
    ]);
    let rows = screened(&[named], &[]).rows();
    let names: Vec<&Json> = rows.iter().map(|row| &row["candidate"]).collect();
    assert_eq!(names, texts);
    let hidden = made::table(vec![
        made::texts("candidate", &["A"]),
        made::texts("note", &["a\u{1f}b"]),
    ]);
    let rows = screened(&[hidden], &[]).rows();
    assert!(wrong(&rows)[0].contains("U+001F"), "{:?}", wrong(&rows));
}

/// As in CSV: a row for each item of a list would have every part decided as if it were the whole.
#[test]
fn rows_of_one_candidate_with_other_items_are_errors_across_batches() {
    let batch = |candidate: &str, drug: &str| {
        made::table(vec![
            made::texts("candidate", &[candidate]),
            made::texts("cd22.1.result", &[drug]),
        ])
    };
    let batches = [
        batch("A", "positive"),
        batch("B", "positive"),
        batch("B", "negative"),
    ];
    let rows = screened(&batches, &[]).rows();
    let errors: Vec<bool> = rows
        .iter()
        .map(|row| row["eligibility"] == "error")
        .collect();
    assert_eq!(errors, [false, true, true]);
    assert!(
        wrong(&rows)[1].contains("stands on line `3` too"),
        "{:?}",
        wrong(&rows)
    );
}
