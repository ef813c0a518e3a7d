//! A record with something wrong in it is refused as a whole: exit code 2, nothing on standard output, and on standard
//! error what is wrong, where, and what would be right. What is merely unusual is read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::schema::{INSIDE_A_TEXT, SCREENING_DATE};
use common::{Complaint, Scratch, eligo, refused};
use predicates::prelude::*;
use predicates::str::contains;

#[test]
fn an_unknown_key_gets_the_nearest_declared_one() {
    refused("record.yaml", "sex: male\necgo: 1\n")
        .at(2, 1, "ecgo: 1")
        .says("`ecgo`")
        .helps("`ecog`")
        .errors(1);
    refused("record.json", "{\n  \"ecgo\": 1\n}\n")
        .at(2, 3, "  \"ecgo\": 1")
        .says("`ecgo`")
        .helps("`ecog`")
        .errors(1);
}

#[test]
fn an_unknown_key_in_a_group_gets_its_nearest_sibling() {
    refused("record.yaml", "hepatitis:\n  hbvdna: detected\n")
        .at(2, 3, "  hbvdna: detected")
        .says("hbvdna")
        .helps("`hbv_dna`");
    refused("record.yaml", "hbv_dna: detected\n")
        .at(1, 1, "hbv_dna: detected")
        .helps("`hepatitis.hbv_dna`");
}

#[test]
fn an_unknown_field_of_an_item_gets_the_nearest_one() {
    let record = "allergies:\n  - { substance: penicillin, severty: mild }\n";
    refused("record.yaml", record)
        .at(2, 30, "  - { substance: penicillin, severty: mild }")
        .says("`severty`")
        .helps("`severity`");
}

#[test]
fn unknown_evidence_gets_the_nearest_word() {
    refused("record.yaml", "ecog: { value: 1, dat: 2026-11-18 }\n")
        .at(1, 19, "ecog")
        .says("`dat`")
        .helps("`date`");
}

#[test]
fn a_code_that_is_not_declared_gets_the_nearest_one() {
    refused("record.yaml", "diagnosis: b_al\n")
        .at(1, 12, "diagnosis: b_al")
        .says("`b_al`")
        .helps("`b_all`")
        .errors(1);
}

#[test]
fn a_code_inside_a_list_has_its_own_place() {
    let record = "remission:\n  achieved: yes\n  by: [chemotherapy, cart]\n";
    refused("record.yaml", record)
        .at(3, 22, "  by: [chemotherapy, cart]")
        .says("`cart`")
        .helps("`car_t`")
        .errors(1);
}

#[test]
fn a_value_outside_its_plausible_range() {
    refused("record.yaml", "ecog: 7\n")
        .at(1, 7, "ecog: 7")
        .says("0..5")
        .helps("")
        .errors(1);
    refused("record.yaml", "ecog: -1\n")
        .at(1, 7, "ecog: -1")
        .says("0..5");
    refused("record.yaml", "ecog: { value: 7, by: investigator-1 }\n")
        .at(1, 16, "ecog")
        .says("0..5");
    refused("record.yaml", "marrow_blasts: 101 %\n")
        .at(1, 16, "marrow_blasts: 101 %")
        .says("0..100")
        .beyond_a_schema(INSIDE_A_TEXT);
}

#[test]
fn a_word_where_a_number_belongs() {
    refused("record.yaml", "ecog: two\n")
        .at(1, 7, "ecog: two")
        .says("`two` is not a number")
        .helps("")
        .errors(1);
}

#[test]
fn a_fraction_where_a_whole_number_belongs() {
    refused("record.yaml", "ecog: 1.5\n")
        .at(1, 7, "ecog: 1.5")
        .says("whole number")
        .helps("");
}

#[test]
fn a_number_where_yes_or_no_belongs() {
    refused("record.yaml", "immunodeficiency: 0\n")
        .at(1, 19, "immunodeficiency: 0")
        .says("`0`")
        .helps("`no`");
}

#[test]
fn a_decimal_comma() {
    refused("record.yaml", "marrow_blasts: '38,5 %'\n")
        .at(1, 16, "marrow_blasts: '38,5 %'")
        .says("38,5")
        .helps("`38.5`");
}

/// Which mark is the decimal one is not guessed: both readings are named where there are two.
#[test]
fn marks_between_thousands() {
    for (written, readings) in [
        ("75,000 %", &["`75000`", "`75.000`"][..]),
        ("1.234,5 %", &["decimal comma", "`1234.5`"]),
        ("1,234.5 %", &["decimal point", "`1234.5`"]),
        ("1,234,567 %", &["`1234567`"]),
        ("0,075 %", &["`0.075`"]),
        ("38,50 %", &["`38.50`"]),
    ] {
        let record = format!("marrow_blasts: '{written}'\n");
        let told = refused("record.yaml", &record);
        readings
            .iter()
            .fold(told, |told, reading| told.helps(reading));
    }
}

/// A word that is not among those that are read as a cause.
#[test]
fn a_word_for_a_missing_value_gets_its_cause() {
    for (word, cause) in [("outstanding", "temp_unknown"), ("unk", "unknown")] {
        for (fact, path) in [
            ("hepatitis: { hbv_dna: WORD }\n", "hepatitis.hbv_dna"),
            ("ecog: WORD\n", "ecog"),
            ("immunodeficiency: WORD\n", "immunodeficiency"),
            ("relapse: { found_on: WORD }\n", "relapse.found_on"),
        ] {
            refused("record.yaml", fact.replace("WORD", word))
                .helps(&format!("`{{ missing: {cause} }}`"))
                .helps(&format!("`{path}.missing`"))
                .errors(1);
        }
    }
}

/// As a number of days it is some day, and which depends on the spreadsheet.
#[test]
fn a_spreadsheets_number_of_a_day() {
    refused("record.yaml", "relapse: { found_on: 46346 }\n")
        .says("`46346` is not a date")
        .helps("a spreadsheet's number of a day: 2026-11-20, or 2030-11-21")
        .errors(1);
}

#[test]
fn a_unit_that_is_not_declared() {
    let record = "hepatitis: { hbv_load: 2000 copies/mL }\n";
    refused("record.yaml", record)
        .at(1, 24, "hepatitis: { hbv_load: 2000 copies/mL }")
        .says("`copies/mL`")
        .helps("[IU]/mL")
        .errors(1);
    refused(
        "record.yaml",
        "hepatitis: { hbv_load: { value: 2000, unit: copies/mL } }\n",
    )
    .says("`copies/mL`")
    .helps("[IU]/mL")
    .errors(1);
}

#[test]
fn a_day_that_does_not_exist() {
    let record = "relapse: { found_on: 2026-02-31 }\n";
    refused("record.yaml", record)
        .at(1, 22, "relapse: { found_on: 2026-02-31 }")
        .says("2026-02-31")
        .says("28 days")
        .errors(1);
    refused("record.yaml", "screened_on: 2026-02-31\n")
        .at(1, 14, "screened_on: 2026-02-31")
        .says("2026-02-31")
        .errors(1);
    refused("record.yaml", "birth_date: 31/02/1994\n")
        .at(1, 13, "birth_date: 31/02/1994")
        .helps("YYYY-MM-DD");
}

#[test]
fn a_date_after_the_screening_date() {
    let record = "screened_on: 2026-11-20\nrelapse: { found_on: 2026-11-21 }\n";
    refused("record.yaml", record)
        .at(2, 22, "relapse: { found_on: 2026-11-21 }")
        .says("2026-11-21")
        .says("2026-11-20")
        .helps("")
        .errors(1)
        .beyond_a_schema(SCREENING_DATE);
    // So is the date of a result, and that of an item.
    refused(
        "record.yaml",
        "screened_on: 2026-11-20\necog: { value: 1, date: 2026-12-01 }\n",
    )
    .at(2, 25, "ecog")
    .errors(1)
    .beyond_a_schema(SCREENING_DATE);
    refused(
        "record.yaml",
        "screened_on: 2026-11-20\ncd22: [{ result: positive, date: 2026-12-01 }]\n",
    )
    .at(2, 34, "cd22")
    .errors(1)
    .beyond_a_schema(SCREENING_DATE);
}

#[test]
fn a_screening_date_without_its_day() {
    refused("record.yaml", "screened_on: 2026-11\n")
        .at(1, 14, "screened_on: 2026-11")
        .helps("YYYY-MM-DD");
}

#[test]
fn a_key_that_stands_twice_names_both_lines() {
    let record = "ecog: 1\nsex: male\necog: 2\n";
    refused("record.yaml", record)
        .at(3, 1, "ecog: 2")
        .says("`ecog`")
        .helps("line 1")
        .errors(1);
    refused("record.json", "{\n  \"ecog\": 1,\n  \"ecog\": 2\n}\n")
        .at(3, 3, "  \"ecog\": 2")
        .says("`ecog`")
        .helps("line 2")
        .errors(1);
}

#[test]
fn a_second_document() {
    let record = "ecog: 1\n---\necog: 2\n";
    refused("record.yaml", record)
        .at(3, 1, "ecog: 2")
        .says("second document")
        .helps("")
        .errors(1);
}

#[test]
fn an_empty_file() {
    for (name, content) in [
        ("record.yaml", ""),
        ("record.yaml", "\n  \n"),
        ("record.json", ""),
    ] {
        refused(name, content).says("is empty").says(name).errors(1);
    }
    refused("record.yaml", "# only a comment\n")
        .says("record.yaml")
        .errors(1);
}

#[test]
fn a_directory() {
    let screen = eligo().args(["screen", "examples"]).assert();
    Complaint::about("examples", screen.stdout(""), 2)
        .says("`examples` is a directory")
        .errors(1);
}

#[test]
fn a_file_that_is_not_there() {
    let screen = eligo().args(["screen", "no-such-file.yaml"]).assert();
    Complaint::about("no-such-file.yaml", screen.stdout(""), 2)
        .says("`no-such-file.yaml`")
        .says("No such file")
        .errors(1);
}

#[test]
fn bytes_that_are_not_utf_8() {
    refused("record.yaml", b"ecog: 1\nsex: ma\xffle\n")
        .at(2, 8, "sex: ma\u{fffd}le")
        .says("UTF-8")
        .helps("UTF-8")
        .errors(1);
    refused("record.json", b"{ \"sex\": \"ma\xffle\" }")
        .at(1, 13, "{ \"sex\"")
        .says("UTF-8");
    // GBK, as an older Chinese system writes it.
    refused("record.yaml", b"candidate: \xb2\xa1\xc8\xcb\n")
        .at(1, 12, "candidate")
        .says("UTF-8");
}

#[test]
fn nan_and_infinity_are_no_numbers() {
    for value in [".nan", ".inf", "-.inf", "NaN"] {
        refused("record.yaml", format!("ecog: {value}\n"))
            .at(1, 7, &format!("ecog: {value}"))
            .says(value)
            .helps("")
            .errors(1);
        refused("record.yaml", format!("marrow_blasts: {value}\n"))
            .at(1, 16, &format!("marrow_blasts: {value}"))
            .helps("")
            .errors(1);
    }
    refused("record.json", "{ \"ecog\": NaN }")
        .at(1, 11, "{ \"ecog\": NaN }")
        .says("JSON")
        .errors(1);
}

#[test]
fn a_number_beyond_all_bounds() {
    refused("record.yaml", "ecog: 1e400\n")
        .at(1, 7, "ecog: 1e400")
        .says("`1e400`")
        .helps("")
        .errors(1);
    refused("record.json", "{ \"ecog\": 1e400 }")
        .at(1, 11, "{ \"ecog\": 1e400 }")
        .says("`1e400`")
        .helps("")
        .errors(1);
}

#[test]
fn json_with_something_behind_it() {
    refused("record.json", "{ \"ecog\": 1 }\nand more\n")
        .at(2, 1, "and more")
        .says("JSON")
        .helps("")
        .errors(1);
    refused("record.json", "{ \"ecog\": 1 } { \"ecog\": 2 }\n")
        .at(1, 15, "{ \"ecog\": 1 }")
        .says("JSON")
        .errors(1);
}

#[test]
fn json_is_json_and_not_yaml() {
    refused("record.json", "{ ecog: 1 }")
        .at(1, 3, "{ ecog: 1 }")
        .says("JSON");
    refused("record.json", "{ \"ecog\": 1, }")
        .at(1, 14, "{ \"ecog\": 1, }")
        .says("JSON");
}

#[test]
fn a_list_where_a_value_belongs() {
    refused("record.yaml", "ecog: [1, 2]\n")
        .at(1, 7, "ecog: [1, 2]")
        .says("`ecog`")
        .says("a list")
        .helps("")
        .errors(1);
}

#[test]
fn a_map_where_a_value_belongs() {
    refused("record.yaml", "ecog: { score: 1 }\n")
        .at(1, 9, "ecog: { score: 1 }")
        .says("`score`")
        .helps("`value`")
        .errors(1);
    refused("record.yaml", "ecog: { value: { score: 1 } }\n")
        .at(1, 16, "ecog")
        .says("`ecog`")
        .says("a map")
        .errors(1);
}

#[test]
fn a_value_where_a_list_belongs() {
    refused("record.yaml", "allergies: penicillin\n")
        .at(1, 12, "allergies: penicillin")
        .says("`allergies`")
        .says("a list")
        .helps("[]")
        .errors(1);
}

#[test]
fn a_value_where_a_group_belongs() {
    refused("record.yaml", "hepatitis: none\n")
        .at(1, 12, "hepatitis: none")
        .says("`hepatitis`")
        .says("map")
        .errors(1);
}

#[test]
fn a_record_that_is_no_map() {
    refused("record.yaml", "- ecog\n- sex\n")
        .at(1, 1, "- ecog")
        .says("a list");
    refused("record.yaml", "eligible\n")
        .at(1, 1, "eligible")
        .says("a record");
    refused("record.json", "[]").at(1, 1, "[]").says("a list");
}

#[test]
fn a_value_and_a_cause_for_its_absence() {
    let record = "hepatitis: { hbv_dna: { value: detected, missing: not_performed } }\n";
    refused("record.yaml", record)
        .at(1, 51, "hepatitis")
        .says("hepatitis.hbv_dna")
        .helps("`missing`")
        .errors(1);
}

#[test]
fn a_cause_of_absence_that_does_not_exist() {
    refused("record.yaml", "ecog: { missing: not_perfromed }\n")
        .at(1, 18, "ecog")
        .says("`not_perfromed`")
        .helps("not_performed");
}

#[test]
fn bounds_that_hold_no_value() {
    refused("record.yaml", "ecog: 2..1\n")
        .at(1, 7, "ecog: 2..1")
        .says("2..1")
        .helps("1..2")
        .beyond_a_schema(INSIDE_A_TEXT);
}

#[test]
fn a_record_for_another_trial() {
    refused("record.yaml", "trial: NCT03840317\necog: 1\n")
        .at(1, 8, "trial: NCT03840317")
        .says("NCT04546906")
        .helps("--trial")
        .errors(1);
}

#[test]
fn all_errors_are_shown_each_with_its_own_place() {
    refused(
        "record.yaml",
        "ecog: 7\nsex: mal\nagee: 30\nrelapse:\n  type: marow\nconsent: [signed]\n",
    )
    .at(1, 7, "ecog: 7")
    .at(2, 6, "sex: mal")
    .at(3, 1, "agee: 30")
    .at(5, 9, "  type: marow")
    .at(6, 10, "consent: [signed]")
    .helps("`male`")
    .helps("`age`")
    .helps("`marrow`")
    .errors(5);
}

#[test]
fn every_complaint_says_what_would_be_right() {
    let wrong = [
        "relapse: { found_on: 2026-02-31 }\n",
        "ecog: { value: { score: 1 } }\n",
        "ecog: { value: 1, date: { year: 2026 } }\n",
        "hepatitis: none\n",
        "hepatitis: [detected]\n",
        "candidate: [A-1]\n",
        "allergies: [penicillin]\n",
        "- ecog\n",
        "# only a comment\n",
        "",
    ];
    let helpless = |record: &&&str| {
        let scratch = Scratch::new().with("record.yaml", record);
        let said = scratch
            .eligo()
            .args(["screen", "record.yaml"])
            .assert()
            .code(2)
            .get_output()
            .stderr
            .clone();
        !String::from_utf8(said).unwrap().contains("help: ")
    };
    let helpless: Vec<&&str> = wrong.iter().filter(helpless).collect();
    assert!(helpless.is_empty(), "no help for {helpless:#?}");
}

#[test]
fn one_mistake_leaves_no_verdict_at_all() {
    let eligible = common::text_of("examples/eligible.yaml");
    let scratch = Scratch::new().with("record.yaml", format!("{eligible}ecgo: 1\n"));
    for format in ["table", "json"] {
        scratch
            .eligo()
            .args(["screen", "record.yaml", "--format", format])
            .assert()
            .code(2)
            .stdout("");
    }
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--quiet"])
        .assert()
        .code(2)
        .stdout("");
}

#[test]
fn a_byte_order_mark_is_fine() {
    for name in ["record.yaml", "record.json"] {
        let scratch = Scratch::new().with(name, "\u{feff}{ \"candidate\": \"A-1\", \"ecog\": 1 }");
        scratch
            .eligo()
            .args(["screen", name])
            .assert()
            .code(3)
            .stderr("")
            .stdout(contains("A-1").and(contains("\u{feff}").not()));
    }
    // It is no column either.
    refused("record.yaml", "\u{feff}ecog: 7\n").at(1, 7, "ecog: 7");
}

#[test]
fn windows_line_ends_are_fine() {
    let eligible = common::text_of("examples/eligible.yaml").replace('\n', "\r\n");
    let scratch = Scratch::new().with("record.yaml", eligible);
    scratch
        .eligo()
        .args(["screen", "record.yaml"])
        .assert()
        .code(0)
        .stderr("")
        .stdout(contains("\r").not());
    refused("record.yaml", "sex: male\r\necog: 7\r\n")
        .at(2, 7, "ecog: 7\n")
        .errors(1);
}

#[test]
fn an_empty_value_is_the_same_as_no_value() {
    let scratch = Scratch::new().with(
        "record.yaml",
        "candidate:\nscreened_on: 2026-11-20\necog:\nhepatitis:\n  hbv_dna:\n",
    );
    scratch
        .eligo()
        .args(["screen", "record.yaml"])
        .assert()
        .code(3)
        .stderr("");
}

/// A text in which nothing can be seen signs nothing, in every notation.
#[test]
fn an_empty_signature_signs_nothing() {
    const SITE: &str = "format: eligo/site/1\nsigned_judgements: required\n";
    let reason = |name: &str, content: &str| {
        let scratch = Scratch::new().with(name, content).with("site.yaml", SITE);
        let (command, how): (_, &[&str]) = if name.ends_with(".csv") {
            ("batch", &["--format", "ndjson", "--reasons", "all"])
        } else {
            ("screen", &["--format", "json"])
        };
        let output = scratch
            .eligo()
            .args([command, name, "--site", "site.yaml"])
            .args(how)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for by in ["", " ", "\u{a0}", "\u{200b}", "\u{2800}\u{ad}", "\u{3164}"] {
        let yaml = format!(
            "candidate: A\nscreened_on: 2026-11-20\nestimated_survival: {{ value: 6 months, date: 2026-11-18, by: \"{by}\" }}\n"
        );
        let json = format!(
            "{{\"candidate\":\"A\",\"screened_on\":\"2026-11-20\",\"estimated_survival\":{{\"value\":\"6 months\",\"date\":\"2026-11-18\",\"by\":\"{by}\",\"source\":\"{by}\",\"note\":\"{by}\"}}}}"
        );
        let csv = format!(
            "candidate,screened_on,estimated_survival,estimated_survival.date,estimated_survival.by\nA,2026-11-20,6 months,2026-11-18,\"{by}\"\n"
        );
        for (name, content) in [("r.yaml", yaml), ("r.json", json), ("r.csv", csv)] {
            let said = reason(name, &content);
            assert!(said.contains("unsigned"), "{name} {by:?}: {said}");
            assert!(!said.contains("\"source\""), "{name} {by:?}: {said}");
            let signed = content.replace(
                &format!("\"{by}\""),
                if name == "r.csv" { "x" } else { "\"x\"" },
            );
            assert!(!reason(name, &signed).contains("unsigned"), "{name}");
        }
    }
}

/// Nobody was screened tomorrow.
#[test]
fn a_screening_date_lies_not_in_the_future() {
    refused("record.yaml", "screened_on: 2126-11-20\necog: 1\n")
        .at(1, 14, "screened_on: 2126-11-20")
        .says("2126-11-20 lies in the future")
        .helps("--as-of")
        .beyond_a_schema(SCREENING_DATE);
    // The date may stand behind what depends on it.
    refused(
        "record.json",
        "{\"birth_date\":\"2100-01-01\",\"screened_on\":\"2126-11-20\"}",
    )
    .says("lies in the future")
    .beyond_a_schema(SCREENING_DATE);
    let scratch = Scratch::new().with("record.yaml", "screened_on: 2126-11-20\necog: 4\n");
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--as-of", "2026-11-20"])
        .assert()
        .code(1);
}

/// Which of day and month comes first is not guessed.
#[test]
fn dates_in_other_notations() {
    for (written, readings) in [
        (
            "05/01/2026",
            &[
                "`2026-01-05` if the day comes first",
                "`2026-05-01` if the month comes first",
            ][..],
        ),
        ("31/01/2026", &["write `2026-01-31`"]),
        ("01/31/2026", &["write `2026-01-31`"]),
        ("05.01.2026", &["write `2026-01-05`"]),
        ("2026/1/5", &["write `2026-01-05`"]),
        ("20260105", &["write `2026-01-05`"]),
        ("5 Jan 2026", &["write `2026-01-05`"]),
        ("Jan 5, 2026", &["write `2026-01-05`"]),
        ("05-JAN-2026", &["write `2026-01-05`"]),
        ("January 2026", &["write `2026-01`"]),
        ("46346.75", &["a spreadsheet's number of a day: 2026-11-20"]),
        ("5/1/26", &["write YYYY-MM-DD"]),
    ] {
        let told = refused(
            "record.yaml",
            format!("relapse: {{ found_on: '{written}' }}\n"),
        );
        readings
            .iter()
            .fold(told, |told, reading| told.helps(reading));
    }
}
