//! Bad rows: each becomes an error row with its line, and the others go on.

use std::fmt::Write as _;

use crate::{Ran, Scratch, ndjson, of, patient};

fn list(content: impl AsRef<[u8]>) -> Ran {
    of("list.ndjson", content)
}

const A: &str = r#"{"candidate":"A","ecog":4}"#;
const C: &str = r#"{"candidate":"C","ecog":4}"#;

/// A row between two good ones spoils itself alone.
#[track_caller]
fn spoils_itself(row: impl AsRef<[u8]>, words: &str) {
    let content = [
        A.as_bytes(),
        b"\n",
        row.as_ref(),
        b"\n",
        C.as_bytes(),
        b"\n",
    ]
    .concat();
    // Whose the row is can be told where it is well-formed.
    let whose = if row.as_ref().len() < 1_000
        && row.as_ref().starts_with(br#"{"candidate":"B","#)
        && row.as_ref().ends_with(b"}")
    {
        "2 B error"
    } else {
        "2 - error"
    };
    list(content)
        .tells(["1 A ineligible", whose, "3 C ineligible"])
        .complains(1, words)
        .ends(4);
}

#[test]
fn what_is_no_record() {
    for row in [
        "{",
        "}",
        "[]",
        "1",
        "null",
        "\"text\"",
        "nonsense",
        "{}{}",
        "{\"candidate\":\"B\"} x",
        "{'candidate':'B'}",
        "\0",
        "{\"candidate\":}",
        ",",
    ] {
        spoils_itself(row, "");
    }
    spoils_itself(r#"{"candidate":"B","ecog":9}"#, "outside");
    spoils_itself(r#"{"candidate":"B","ecgo":1}"#, "ecog");
    spoils_itself(r#"{"candidate":"B","ecog":1,"ecog":2}"#, "twice");
    spoils_itself(r#"{"candidate":"B","trial":"NCT00000000"}"#, "NCT00000000");
}

/// Also when what is missing would stand at the end of the line.
#[test]
fn the_place_of_an_error_lies_in_its_row() {
    for row in [
        "{",
        "[",
        "{\"candidate\":",
        "\"text",
        "{\"candidate\":\"B\"",
    ] {
        spoils_itself(row, "\"line\":2,");
    }
}

#[test]
fn bytes_that_are_no_text() {
    for row in [
        &b"{\"candidate\":\"\xff\"}"[..],
        b"\xc3\x28",
        b"{\"ecog\":1}\xe2\x82",
        b"\xed\xa0\x80",
        b"\xff\xfe{\0}\0",
    ] {
        spoils_itself(row, "UTF-8");
    }
    of(
        "list.json",
        [
            b"[",
            A.as_bytes(),
            b",\n{\"note\":\"\xff\"},\n",
            C.as_bytes(),
            b"]",
        ]
        .concat(),
    )
    .tells(["1 A ineligible", "2 - error", "3 C ineligible"])
    .ends(4);
    of(
        "list.yaml",
        b"candidate: A\n---\nnote: \xff\n---\ncandidate: C\n",
    )
    .tells(["1 A undetermined", "2 - error", "4 C undetermined"])
    .ends(4);
}

#[test]
fn characters_that_no_text_has() {
    for character in ["\u{7f}", "\u{80}", "\u{9b}", "\u{fffe}", "\u{ffff}"] {
        for key in ["candidate", "note"] {
            spoils_itself(
                format!("{{\"{key}\":\"x{character}\"}}"),
                "unexpected character",
            );
        }
        spoils_itself(
            format!("{{\"candidate\":\"B\",\"ecog\":{{\"value\":1,\"by\":\"x{character}\"}}}} "),
            "unexpected character",
        );
    }
    // As an escape, each is a character like others.
    list(r#"{"candidate":"A","ecog":{"value":4,"by":"x\u007f\u009b\uffff"}}"#)
        .tells(["1 A ineligible"])
        .ends(0);
}

/// Without counting to each of them from the beginning of the row.
#[test]
fn a_row_of_very_many_errors() {
    let codes = vec!["\"zz\""; 50_000].join(",");
    let rows = list(format!(
        "{{\"candidate\":\"B\",\"remission\":{{\"by\":[{codes}]}}}}"
    ))
    .tells(["1 B error"])
    .ends(4)
    .rows();
    assert_eq!(rows[0]["errors"].as_array().unwrap().len(), 50_000);
    assert_eq!(rows[0]["errors"][49_999]["path"], "remission.by.50000");
}

#[test]
fn a_million_brackets() {
    for brackets in ["[", "{\"a\":", "{\"remission\":", "[{"] {
        spoils_itself(brackets.repeat(1_000_000 / brackets.len()), "");
        spoils_itself(
            format!("{{\"note\":{}", brackets.repeat(1_000_000 / brackets.len())),
            "",
        );
    }
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    spoils_itself(&deep, "");
    of("list.json", format!("[{A},\n{deep},\n{C}]"))
        .tells(["1 A ineligible", "2 - error", "3 C ineligible"])
        .ends(4);
    of(
        "list.yaml",
        format!(
            "candidate: A\n---\n{}\n---\ncandidate: C\n",
            "[".repeat(1_000_000)
        ),
    )
    .tells(["1 A undetermined", "2 - error", "4 C undetermined"])
    .ends(4);
    of(
        "list.csv",
        format!("candidate,cd22\nA,\nB,{}\nC,\n", "[".repeat(1_000_000)),
    )
    .tells(["2 A undetermined", "3 B error", "4 C undetermined"])
    .ends(4);
}

#[test]
fn a_row_of_twenty_megabytes() {
    let long = "x".repeat(20_000_000);
    spoils_itself(&long, "longer than 16 MiB");
    spoils_itself(
        format!("{{\"candidate\":\"B\",\"note\":\"{long}\"}}"),
        "longer than 16 MiB",
    );
    // As the last row, with and without its line break.
    list(format!("{A}\n{long}"))
        .tells(["1 A ineligible", "2 - error"])
        .ends(4);
    list(format!("{long}\n{A}"))
        .tells(["1 - error", "2 A ineligible"])
        .ends(4);
    list(format!("{A}\n{long}\n{long}\n{C}"))
        .tells(["1 A ineligible", "2 - error", "3 - error", "4 C ineligible"])
        .ends(4);
}

/// A name or a value of many megabytes is like no declared one, which takes no time to see.
#[test]
fn a_long_name_or_value_spoils_itself() {
    let long = "k".repeat(4_000_000);
    spoils_itself(format!("{{\"{long}\":1}}"), "is not declared by the trial");
    spoils_itself(format!("{{\"sex\":\"{long}\"}}"), "is not a declared value");
}

#[test]
fn a_row_of_nearly_sixteen_megabytes_is_a_row() {
    let long = "x".repeat(15_000_000);
    list(format!(
        "{A}\n{{\"candidate\":\"B\",\"ecog\":4,\"note\":\"{long}\"}}\n{C}\n"
    ))
    .tells(["1 A ineligible", "2 B ineligible", "3 C ineligible"])
    .ends(0);
}

/// The rows behind an element that is too long are on the same line, and are rows all the same.
#[test]
fn an_element_of_twenty_megabytes_in_an_array_on_one_line() {
    let long = "x".repeat(20_000_000);
    of(
        "list.json",
        format!("[{A},{{\"note\":\"{long}\"}},{C},{A}]"),
    )
    .tells([
        "1 A ineligible",
        "1 - error",
        "1 C ineligible",
        "1 A ineligible",
    ])
    .ends(4);
}

#[test]
fn an_element_of_twenty_megabytes_on_many_lines_is_one_error() {
    let long = "x".repeat(20_000_000);
    of(
        "list.json",
        format!("[\n{A},\n{{\n\"note\":\"{long}\",\n\"ecog\": 1\n}},\n{C}\n]\n"),
    )
    .tells(["2 A ineligible", "3 - error", "7 C ineligible"])
    .ends(4);
}

/// Half a document must never be screened as a whole one.
#[test]
fn a_yaml_document_of_twenty_megabytes_is_one_error() {
    let long = "x".repeat(20_000_000);
    of("list.yaml", format!("candidate: A\n---\ncandidate: B\nconsent: refused\nnote: {long}\necog: 1\n---\ncandidate: C\n"))
        .tells(["1 A undetermined", "2 - error", "7 C undetermined"])
        .ends(4);
}

#[test]
fn a_truncated_last_line() {
    let whole = patient("B", "1");
    for length in [1, 12, whole.len() / 2, whole.len() - 1] {
        list(format!("{A}\n{}", &whole[..length]))
            .tells(["1 A ineligible", "2 - error"])
            .ends(4);
    }
    list(format!("{A}\n{whole}"))
        .tells(["1 A ineligible", "2 B eligible"])
        .ends(0);
}

#[test]
fn blank_lines_are_no_rows_and_count_as_lines() {
    list(format!("\n{A}\n\n  \t\n{C}\n\n\n"))
        .tells(["2 A ineligible", "5 C ineligible"])
        .ends(0);
}

#[test]
fn line_breaks_of_windows_and_a_byte_order_mark() {
    list(format!("\u{feff}{A}\r\n\r\n{C}\r\n"))
        .tells(["1 A ineligible", "3 C ineligible"])
        .ends(0);
    list(format!("\u{feff}{A}\n\u{feff}{C}\n"))
        .tells(["1 A ineligible", "2 C ineligible"])
        .ends(0);
    of("list.json", format!("\u{feff}[{A},\r\n{C}]\r\n"))
        .tells(["1 A ineligible", "2 C ineligible"])
        .ends(0);
    of(
        "list.yaml",
        "\u{feff}candidate: A\r\n---\r\ncandidate: C\r\n",
    )
    .tells(["1 A undetermined", "2 C undetermined"])
    .ends(0);
    list("\u{feff}\n").tells([]).ends(2).says("no row");
}

#[test]
fn a_repeated_candidate_is_told_with_both_lines() {
    let ran = list(format!("{A}\n{C}\n\n{A}\n{}\n", C.replace('4', "9"))).ends(4);
    assert_eq!(ran.rows().len(), 4);
    let ran = ran.says("line 1 stands again on line 4");
    assert_eq!(
        ran.stderr.matches("stands again").count(),
        1,
        "{}",
        ran.stderr
    );
    // A warning is no error.
    list(format!("{A}\n{A}\n")).ends(0).says("warning: ");
}

#[test]
fn a_candidate_who_stands_in_two_lists_is_told_with_both() {
    let scratch = Scratch::new()
        .with("one.ndjson", format!("{C}\n{A}\n"))
        .with("two.csv", "candidate,ecog\nB,1\nA,1\n");
    let ran = ndjson(&scratch, &["one.ndjson", "two.csv"])
        .ends(0)
        .says("the candidate of one.ndjson:2 stands again on two.csv:3\n");
    assert_eq!(
        ran.stderr.matches("stands again").count(),
        1,
        "{}",
        ran.stderr
    );
}

#[test]
fn rows_without_a_name_are_not_repetitions_of_each_other() {
    let ran = list("{\"ecog\":4}\n{\"ecog\":4}\n{\"candidate\":null,\"ecog\":4}\n").ends(0);
    assert_eq!(ran.rows().len(), 3);
    assert!(!ran.stderr.contains("again"), "{}", ran.stderr);
}

/// A name without a character names nobody, in every notation alike; and spaces around one do not make another.
#[test]
fn an_empty_name_is_none() {
    let ran = list(
        "{\"candidate\":\"\",\"ecog\":4}\n{\"candidate\":\" \",\"ecog\":4}\n{\"candidate\":\"\",\"ecog\":9}\n",
    );
    let ran = ran.tells(["1 - ineligible", "2 - ineligible", "3 - error"]);
    assert!(!ran.stderr.contains("again"), "{}", ran.stderr);
    of("list.csv", "candidate,ecog\n,4\n\"  \",4\n")
        .tells(["2 - ineligible", "3 - ineligible"])
        .ends(0);
    of(
        "list.yaml",
        "candidate: ''\necog: 4\n---\ncandidate: ' '\necog: 4\n",
    )
    .tells(["1 - ineligible", "3 - ineligible"])
    .ends(0);
    list("{\"candidate\":\"A\",\"ecog\":4}\n{\"candidate\":\" A \",\"ecog\":4}\n")
        .tells(["1 A ineligible", "2 A ineligible"])
        .says("stands again");
}

/// Every row of a long list with every kind of damage, over the edges of what is read at once.
#[test]
fn rows_in_are_rows_out() {
    const ROWS: usize = 6_000;
    let mut list = String::new();
    for row in 0..ROWS {
        let good = patient(&format!("P-{row}"), ["1", "4", "null"][row % 3]);
        let bad = match row % 11 {
            3 => good[..row % good.len()].to_owned() + "{",
            5 => good.replace(':', ""),
            7 => "[".repeat(1 + row),
            8 => format!("{good}\""),
            _ => good,
        };
        writeln!(list, "{bad}").unwrap();
    }
    let scratch = Scratch::new().with("list.ndjson", &list);
    for threads in ["1", "4"] {
        let ran = ndjson(&scratch, &["list.ndjson", "--threads", threads]).ends(4);
        let rows = ran.rows();
        assert_eq!(rows.len(), ROWS);
        for (index, row) in rows.iter().enumerate() {
            assert_eq!(row["line"], index + 1);
            let bad = [3, 5, 7, 8].contains(&(index % 11));
            assert_eq!(row["eligibility"] == "error", bad, "{row}");
            assert!(bad || row["candidate"] == format!("P-{index}"), "{row}");
        }
    }
}
