//! CSV lists: which columns there may be, and what a cell says.

use crate::{ELIGIBLE, Ran, Scratch, batch, ndjson, of};

fn list(arguments: &[&str], content: &str) -> Ran {
    ndjson(
        &Scratch::new().with("list.csv", content),
        &[&["list.csv"], arguments].concat(),
    )
}

/// The reasons for one criterion, row by row.
fn reasons(criterion: &str, content: &str) -> Vec<String> {
    let ran = batch(
        &Scratch::new().with("list.csv", content),
        &["list.csv", "--format", "ndjson", "--reasons", "all"],
    );
    ran.rows()
        .iter()
        .map(|row| {
            row["reasons"][criterion]
                .as_str()
                .unwrap_or_else(|| panic!("{row}"))
                .to_owned()
        })
        .collect()
}

#[test]
fn a_row_says_what_the_same_record_says() {
    let columns = "candidate,screened_on,ecog,ecog.date,diagnosis,remission.achieved,remission.by,relapse.type,estimated_survival,consent,hepatitis.hbv_dna,marrow_blasts.unit,note";
    let row = "A,2026-11-20,1,2026-11-18,b_all,yes,chemotherapy;car_t,marrow,> 6 months,signed,not_detected,,\"of \"\"note\"\", and more\"";
    let record = r#"{"candidate":"A","screened_on":"2026-11-20","ecog":{"value":1,"date":"2026-11-18"},"diagnosis":"b_all","remission":{"achieved":true,"by":["chemotherapy","car_t"]},"relapse":{"type":"marrow"},"estimated_survival":"> 6 months","consent":"signed","hepatitis":{"hbv_dna":"not_detected"},"note":"of"}"#;
    let scratch = Scratch::new()
        .with("list.csv", format!("{columns}\n{row}\n"))
        .with("list.ndjson", format!("\n{record}\n"));
    let rows = |name| {
        batch(&scratch, &[name, "--format", "ndjson", "--reasons", "all"])
            .ends(0)
            .rows()
    };
    assert_eq!(rows("list.csv"), rows("list.ndjson"));
}

#[test]
fn an_empty_cell_is_not_recorded() {
    assert_eq!(
        reasons("I4", "candidate,ecog\nA,\nB, \nC,\"\"\n"),
        ["ECOG performance status not recorded; at most 2 required"; 3]
    );
    let stated = reasons(
        "I4",
        "candidate,ecog,ecog.missing\nA,,not_asked\nB,unknown,\n",
    );
    assert!(
        stated.iter().all(|reason| !reason.contains("not recorded")),
        "{stated:?}"
    );
}

#[test]
fn lists_of_items_as_json_or_in_columns() {
    let json = "candidate,screened_on,cd22\nA,2026-11-20,\"[{\"\"result\"\":\"\"positive\"\",\"\"specimen\"\":\"\"bone_marrow\"\",\"\"method\"\":\"\"flow\"\",\"\"date\"\":\"\"2026-11-10\"\"}]\"\nB,2026-11-20,[]\n";
    let columns = "candidate,screened_on,cd22.1.result,cd22.1.specimen,cd22.1.method,cd22.1.date,cd22.2.result\nA,2026-11-20,positive,bone_marrow,flow,2026-11-10,\n";
    let from_json = reasons("I2", json);
    assert_eq!(from_json[0], reasons("I2", columns)[0]);
    list(&[], columns).tells(["2 A undetermined"]);
    assert_ne!(from_json[0], from_json[1]);
    list(&[], "candidate,cd22,ecog\nA,[{],1\nB,,2\n")
        .tells(["2 A error", "3 B undetermined"])
        .complains(0, "\"path\":\"cd22\"")
        .ends(4);
}

/// What a record can say of a value, a list or an item, a row can say too.
#[test]
fn columns_hold_all_that_a_record_says() {
    let columns = "candidate,screened_on,ecog,ecog.date,ecog.by,ecog.source,ecog.note,marrow_blasts,marrow_blasts.unit,allergies,allergies.complete,remission.by.value,hepatitis.hbv_dna.missing,cd22.1.result,cd22.1.result.missing,cd22.1.specimen,cd22.1.note,cd22.2.result";
    let row = "A,2026-11-20,1..2,2026-11,inv-1,visit 1,\"a, b\",46,%,[],no,chemotherapy;car_t,temp-unknown,,not_performed,bone_marrow,tube lost,positive";
    let record = r#"{"candidate":"A","screened_on":"2026-11-20","ecog":{"value":"1..2","date":"2026-11","by":"inv-1","source":"visit 1","note":"a, b"},"marrow_blasts":{"value":46,"unit":"%"},"allergies":{"value":[],"complete":"no"},"remission.by":["chemotherapy","car_t"],"hepatitis":{"hbv_dna":{"missing":"temp-unknown"}},"cd22":[{"result":{"missing":"not_performed"},"specimen":"bone_marrow","note":"tube lost"},{"result":"positive"}]}"#;
    let scratch = Scratch::new()
        .with("list.csv", format!("{columns}\n{row}\n"))
        .with("list.ndjson", format!("\n{record}\n"));
    let rows = |name| {
        batch(&scratch, &[name, "--format", "ndjson", "--reasons", "all"])
            .ends(0)
            .rows()
    };
    assert_eq!(rows("list.csv"), rows("list.ndjson"));
    assert_eq!(
        rows("list.csv")[0]["reasons"]["E8"],
        "Allergies: none listed, and the list is not complete"
    );
    list(
        &[],
        "candidate,allergies,allergies.complete\nA,[],perhaps\n",
    )
    .tells(["2 A error"])
    .complains(0, "complete");
    list(&[], "candidate,cd22.1.result\nA,Positve\n")
        .tells(["2 A error"])
        .complains(0, "\"path\":\"cd22.1.result\"");
}

/// A unit or a date that stands in every row says nothing where there is no value.
#[test]
fn evidence_of_nothing_is_not_recorded() {
    list(&[], "candidate,marrow_blasts,marrow_blasts.unit,ecog,ecog.date,screened_on\nA,,%,,2026-11-01,2026-11-20\n")
        .tells(["2 A undetermined"])
        .ends(0);
    let reason = &reasons(
        "I4",
        "candidate,screened_on,ecog,ecog.date\nA,2026-11-20,,2026-11-01\n",
    )[0];
    assert!(
        reason.starts_with("ECOG performance status not recorded"),
        "{reason}"
    );
}

/// A column that no record could fill is refused with the one that is meant.
#[test]
fn a_column_about_a_fact_is_one_that_the_fact_can_have() {
    for (column, meant) in [
        ("ecog.dat", "`ecog.date`"),
        ("ecog.unit", "`ecog"),
        ("allergies.complet", "`allergies.complete`"),
        ("sex.uln", "`sex"),
        ("cd22.1.resul", "`cd22.1.result`"),
        ("cd22.1.result.date", "`cd22"),
    ] {
        list(&[], &format!("candidate,{column}\nA,\n"))
            .ends(2)
            .says(&format!("declares no `{column}`"))
            .says(&format!("did you mean {meant}"));
    }
}

/// A bracket begins a list only where a list is declared.
#[test]
fn a_text_may_begin_with_a_bracket() {
    list(&[], "candidate,note,ecog\nA,[see chart],4\n[B],,4\n")
        .tells(["2 A ineligible", "3 [B] ineligible"])
        .ends(0);
}

/// Two cells that say different things of the same fact: neither is dropped in silence.
#[test]
fn a_list_in_a_cell_and_in_columns_is_an_error() {
    list(&[], "candidate,cd22,cd22.1.result\nA,\"[{\"\"result\"\":\"\"negative\"\"}]\",positive\nB,,positive\n")
        .tells(["2 A error", "3 B undetermined"])
        .ends(4);
    list(&[], "candidate,ecog,ecog.value\nA,1,4\nB,1,\n")
        .tells(["2 A error", "3 B undetermined"])
        .ends(4);
}

#[test]
fn an_unknown_column_is_refused_before_the_first_row() {
    let ran = list(&[], "candidate,ecgo,hepatitis.hbv_dnaa,ecog.dat\nA,1,,\n")
        .ends(2)
        .says("`ecgo`")
        .says("did you mean `ecog`?")
        .says("`hepatitis.hbv_dna`")
        .says("ecog.dat");
    assert_eq!(ran.stdout, "");
    assert_eq!(
        ran.stderr
            .lines()
            .filter(|line| line.starts_with("error: "))
            .count(),
        3,
        "{}",
        ran.stderr
    );
    // Nor is anything of the lists in front of it screened.
    let scratch = Scratch::new()
        .with("good.csv", "candidate\nA\n")
        .with("bad.csv", "candidate,agee\nA,3\n");
    assert_eq!(
        ndjson(&scratch, &["good.csv", "bad.csv"])
            .ends(2)
            .says("bad.csv:1:11")
            .stdout,
        ""
    );
}

#[test]
fn a_column_that_stands_twice_is_refused() {
    list(&[], "candidate,ecog,ecog\nA,1,4\n")
        .ends(2)
        .says("two columns are called `ecog`");
    list(&["--rename", "PS=ecog"], "candidate,PS,ecog\nA,1,4\n")
        .ends(2)
        .says("two columns are called `ecog`");
}

#[test]
fn columns_may_be_left_out_or_renamed() {
    let export = "MRN,hospital,PS,\"PS date\"\nA,\"Main, St.\",4,2026-01-01\n";
    list(&[], export)
        .ends(2)
        .says("MRN")
        .says("hospital")
        .says("--ignore-column");
    let renamed = [
        "--rename",
        "MRN=candidate",
        "--ignore-column",
        "hospital",
        "--rename",
        "PS=ecog",
        "--rename",
        "PS date=ecog.date",
    ];
    list(&renamed, export).tells(["2 A ineligible"]).ends(0);
    list(&["--rename", "MRM=candidate"], "MRN\nA\n")
        .ends(2)
        .says("MRM");
    list(&["--rename", "MRN"], "MRN\nA\n")
        .ends(2)
        .says("OLD=NEW");
    // One that is misspelt would be read.
    list(&["--ignore-column", "ecgo"], "candidate,ecog\nA,4\n")
        .ends(2)
        .says("no column `ecgo` to leave out; did you mean `ecog`?");
    list(&["--rename", "PS=ecog"], "candidate,ecog\nA,4\n")
        .ends(2)
        .says("no column `PS` to rename");
    batch(
        &Scratch::new().with("list.ndjson", ELIGIBLE),
        &["list.ndjson", "--ignore-column", "ecog"],
    )
    .ends(2)
    .says("no list is CSV");
    // What is suggested can be typed.
    list(&[], "Birth Date,sexx\n2000-01-01,male\n")
        .ends(2)
        .says("--rename 'Birth Date=birth_date'")
        .says("--rename sexx=sex ");
    list(&[], "it's\n1\n")
        .ends(2)
        .says(r"--ignore-column 'it'\''s'");
    // What nobody reads may stand twice.
    list(&["--ignore-column", "x"], "candidate,x,x\nA,1,2\n").tells(["2 A undetermined"]);
}

#[test]
fn a_row_with_another_number_of_cells_is_an_error() {
    list(&[], "candidate,ecog\nA\nB,1,2\nC,4\nD,\n")
        .tells([
            "2 A error",
            "3 B error",
            "4 C ineligible",
            "5 D undetermined",
        ])
        .complains(0, "1 cell, the header 2")
        .complains(1, "3 cells")
        .ends(4);
}

#[test]
fn a_quoted_cell_may_hold_line_breaks() {
    list(
        &[],
        "candidate,note,ecog\nA,\"one\ntwo\r\n\nthree, four\",4\nB,\"\",1\nC,\"\"\"\n\"\"\",9\n",
    )
    .tells(["2 A ineligible", "6 B undetermined", "7 C error"])
    .complains(2, "\"line\":8")
    .ends(4);
}

/// A quote inside a text, as in `5" scar`, swallows no row.
#[test]
fn a_stray_quote_loses_no_row() {
    let told = list(&[], "candidate,note,ecog\nA,5\" scar,1\nB,,4\nC,,4\nD,,4\n").told();
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(
        told[1..],
        ["3 B ineligible", "4 C ineligible", "5 D ineligible"]
    );
}

/// With two stray quotes, everything between them stands in one record; it must not be read as its first line.
#[test]
fn rows_between_two_stray_quotes_are_not_lost() {
    let told = list(
        &[],
        "candidate,note,ecog\nA,5\" scar,1\nB,,4\nC,6\" scar,1\nD,,4\n",
    )
    .told();
    assert_eq!(told.len(), 4, "{told:?}");
}

/// An open quote takes the rest of the list into one cell. That is an error, also where the number of cells is right.
#[test]
fn a_quote_that_is_never_closed_is_an_error() {
    for content in [
        "candidate,note,ecog\nA,,4\nB,\"open,1\nC,,4\n",
        "candidate,ecog,note\nA,4,\nB,4,\"open\nC,4,\n",
        "candidate,ecog,note\nA,4,\nB,4,\"cut o",
    ] {
        let ran = list(&[], content);
        assert_eq!(ran.code, Some(4), "{:?}", ran.told());
        assert_eq!(ran.told()[0], "2 A ineligible");
        assert!(
            ran.told().iter().any(|row| row == "3 - error"),
            "{:?}",
            ran.told()
        );
    }
}

/// Rows that a stray quote takes into a cell are rows of their own again; the row that has the quote is the one that is wrong.
#[test]
fn a_stray_quote_takes_no_other_row_with_it() {
    let header = "candidate,ecog,note\n";
    list(
        &[],
        &format!("{header}A,4,\"open\nB,4,\nC,4,\"ok\"\nD,4,\n"),
    )
    .tells([
        "2 - error",
        "3 B ineligible",
        "4 C ineligible",
        "5 D ineligible",
    ])
    .complains(0, "quote")
    .ends(4);
    list(
        &[],
        "candidate,note,ecog\nA,\"5\" scar\",4\nB,\"open,4\nC,,4\n",
    )
    .tells(["2 - error", "3 - error", "4 C ineligible"])
    .ends(4);
    list(&[], &format!("{header}\"A\"B,4,\nC,4,\n"))
        .tells(["2 - error", "3 C ineligible"])
        .complains(0, "behind the quote")
        .ends(4);
    // Blanks behind a quote are no text.
    list(&[], &format!("{header}\"A\" ,\"4\" ,\"a \"\"b\"\"\" \n"))
        .tells(["2 A ineligible"])
        .ends(0);
    // A quote within a text that has none around it is part of the text, also on the last line.
    list(&[], &format!("{header}A,4,5\" scar\nB,4,5\" scar"))
        .tells(["2 A ineligible", "3 B ineligible"])
        .ends(0);
}

/// A row that is little more than separators is refused before anything is made of it.
#[test]
fn a_row_of_very_many_cells_or_values_is_an_error() {
    let many = |separator: &str| separator.repeat(1_000_000);
    let content = format!(
        "candidate,remission.by,ecog\nA,{},4\n{}\nC,,4\n",
        many("x;"),
        many(",")
    );
    list(&[], &content)
        .tells(["2 A error", "3 - error", "4 C ineligible"])
        .complains(0, "10000 values")
        .complains(1, "10000 cells")
        .ends(4);
}

/// Line breaks of old: a bare carriage return ends a row for the reader of cells, so it must for the list too.
#[test]
fn a_bare_carriage_return_loses_no_row() {
    let told = list(&[], "candidate,ecog\nA,4\rB,4\nC,4\n").told();
    assert!(
        told.len() == 3 || told.iter().any(|row| row.contains("error")),
        "a row vanished: {told:?}"
    );
}

#[test]
fn what_stands_before_the_header() {
    list(&[], "\u{feff}candidate,ecog\nA,4\n")
        .tells(["2 A ineligible"])
        .ends(0);
    list(&[], "\u{feff}\"candidate\",\"ecog\"\r\n\"A\",\"4\"\r\n")
        .tells(["2 A ineligible"])
        .ends(0);
    list(&[], " candidate , ecog \nA,4\n")
        .tells(["2 A ineligible"])
        .ends(0);
}

#[test]
fn blank_lines_before_the_header_are_no_header() {
    list(&[], "\r\n\ncandidate,ecog\nA,4\n")
        .tells(["4 A ineligible"])
        .ends(0);
}

#[test]
fn blank_lines_are_no_rows_and_rows_of_nothing_are() {
    list(&[], "candidate,ecog\n\nA,4\n\r\n   \nB,4\n\n")
        .tells(["3 A ineligible", "6 B ineligible"])
        .ends(0);
    list(&[], "candidate,ecog\n,\nA,4")
        .tells(["2 - undetermined", "3 A ineligible"])
        .ends(0);
}

#[test]
fn bytes_that_are_no_text_spoil_one_row() {
    of("list.csv", b"candidate,ecog\nA,4\nB\xff,1\nC,4\n")
        .tells(["2 A ineligible", "3 - error", "4 C ineligible"])
        .complains(1, "UTF-8")
        .ends(4);
    of("list.csv", b"candidate,ec\xffog\nA,4\n")
        .tells([])
        .ends(2);
}

#[test]
fn a_long_row_spoils_itself_alone() {
    let long = "x".repeat(20_000_000);
    of(
        "list.csv",
        format!("candidate,note,ecog\nA,,4\nB,{long},4\nC,,4\n"),
    )
    .tells(["2 A ineligible", "3 - error", "4 C ineligible"])
    .ends(4);
    // As the last row, with and without a quote that is never closed.
    let last = |quote: &str| {
        of(
            "list.csv",
            format!("candidate,note,ecog\nA,,4\nB,{quote}{long}"),
        )
        .tells(["2 A ineligible", "3 - error"])
        .ends(4)
    };
    last("\"").complains(1, "a quote is opened and never closed");
    let whole = last("").rows()[1].to_string();
    assert!(
        whole.contains("longer than 16 MiB") && !whole.contains("quote"),
        "{whole}"
    );
}

/// What stands behind a line break in the cell that was too long is not the beginning of another row.
#[test]
fn a_long_cell_with_a_line_break_spoils_its_row_alone() {
    let long = "x".repeat(20_000_000);
    of(
        "list.csv",
        format!("candidate,note,ecog\nA,,4\nB,\"{long}\n\",4\nC,,4\n"),
    )
    .tells(["2 A ineligible", "3 - error", "5 C ineligible"])
    .ends(4);
}

/// Spreadsheets write semicolons where the comma is the decimal point. The header says which it is.
#[test]
fn cells_are_separated_by_what_separates_the_header() {
    for (separator, name) in [(",", "comma"), (";", "semicolon"), ("\t", "tab")] {
        let rows = [
            ["candidate", "ecog", "remission.by", "note"].join(separator),
            ["A", "4", "chemotherapy", ""].join(separator),
            ["B", "1", "\"chemotherapy;car_t\"", "\"a, b;\tc\" "].join(separator),
            ["C", "5", "", "", ""].join(separator),
            String::new(),
            ["", "", "", ""].join(separator),
            ["D", "4", "\"\"x", ""].join(separator),
        ];
        list(&[], &(rows.join("\n") + "\n"))
            .tells([
                "2 A ineligible",
                "3 B undetermined",
                "4 C error",
                "6 - undetermined",
                "7 - error",
            ])
            .complains(2, "5 cells, the header 4")
            .complains(
                2,
                &format!("a {name} inside a text needs quotes around the text"),
            )
            .complains(4, "text stands behind the quote")
            .ends(4);
    }
}

/// Nor is the list read anew to its end for each of them.
#[test]
fn very_many_stray_quotes() {
    let text: String = (0..40_000)
        .map(|row| format!("A{row},5\" and some more,\"tall, and other words\n"))
        .collect();
    let ran = list(&[], &format!("candidate,note,ecog.note\n{text}")).ends(4);
    assert_eq!(ran.rows().len(), 40_000);
}

/// A quote within a text is part of it, also for the place of what is wrong behind it.
#[test]
fn an_error_behind_a_stray_quote_has_its_own_place() {
    for (row, column) in [
        ("A,5\" tall,female,9", 18),
        ("A,5\" by 6\" tall,female,9", 24),
        ("A,\"5\"\" tall, or so\",female,9", 28),
    ] {
        let rows = list(&[], &format!("candidate,note,sex,ecog\n{row}\n"))
            .tells(["2 A error"])
            .ends(4)
            .rows();
        assert_eq!(
            (
                &rows[0]["errors"][0]["path"],
                rows[0]["errors"][0]["column"].as_u64()
            ),
            (&"ecog".into(), Some(column)),
            "{row}"
        );
    }
}

/// What is said about a fact has its own column, whichever stands first.
#[test]
fn the_first_cell_of_a_fact_is_not_the_fact() {
    for (columns, path) in [
        ("ecog.date,ecog", "ecog.date"),
        (
            "remission.by.complete,remission.by",
            "remission.by.complete",
        ),
    ] {
        list(&[], &format!("{columns},candidate\nx,,A\n"))
            .complains(0, &format!("\"path\":\"{path}\""));
    }
}

#[test]
fn a_header_with_an_open_quote_says_so() {
    list(&[], "candidate,ecog,\"consent\nA,1,signed\n")
        .ends(2)
        .says("the header: a quote is opened and never closed");
}

/// Programs name the column of row numbers nothing.
#[test]
fn the_first_column_may_have_no_name() {
    list(&[], "\tcandidate\tecog\n\tA\t4\n0\tB\t1\n")
        .tells(["2 A ineligible", "3 B error"])
        .complains(1, "without a name");
    list(
        &["--ignore-column", ""],
        "\n \n\tcandidate\tecog\n0\tA\t4\n",
    )
    .tells(["4 A ineligible"])
    .ends(0);
}

/// Spreadsheets leave columns without a name behind a table. What stands in them is not lost.
#[test]
fn a_column_without_a_name_is_empty() {
    list(&[], "candidate;ecog;;\nA;4;;\nB;1;; x\nC;4\n")
        .tells(["2 A ineligible", "3 B error", "4 C error"])
        .complains(1, "a column without a name")
        .complains(2, "the last cells are missing")
        .ends(4);
}

/// The line by which spreadsheets tell each other what separates the cells.
#[test]
fn a_line_that_says_the_separator_is_no_header() {
    for separator in [";", ",", "\t"] {
        list(
            &[],
            &format!("\u{feff}sep={separator}\r\ncandidate{separator}ecog\r\nA{separator}4\r\n"),
        )
        .tells(["3 A ineligible"])
        .ends(0);
    }
    list(&[], "sep=;").ends(2).says("has no header");
    list(&[], "sep=;\n").ends(2).says("has no header");
}

/// What helps in YAML may not help in a cell.
#[test]
fn help_is_for_a_cell() {
    let told = list(&[], "candidate,ecog,allergies\nA,x,keine\n")
        .tells(["2 A error"])
        .complains(0, "`>= 2`")
        .complains(0, "a column of its own");
    assert!(!told.stdout.contains("\\\">= 2"), "{}", told.stdout);
}

/// No code contains a comma.
#[test]
fn codes_may_be_joined_by_commas() {
    let said = |by: &str| {
        reasons(
            "I1a",
            &format!("candidate;remission.by;remission.achieved;relapse.type\nA;{by};yes;marrow\n"),
        )
    };
    assert_eq!(
        said("chemotherapy, allogeneic_sct"),
        said("\"chemotherapy;allogeneic_sct\"")
    );
    assert_ne!(said("chemotherapy, allogeneic_sct"), said("chemotherapy"));
}

/// Under the wrong name a date could be read as a value.
#[test]
fn what_is_meant_by_a_column_is_of_its_kind() {
    for (written, meant) in [
        ("ECOG.Date", "ecog.date"),
        ("ecgo.date", "ecog.date"),
        ("Birth_Date", "birth_date"),
        ("hepatitis.hbvdna.by", "hepatitis.hbv_dna.by"),
        ("CD22.1.Result", "cd22.1.result"),
    ] {
        list(&[], &format!("candidate,{written}\nA,\n"))
            .ends(2)
            .says(&format!("did you mean `{meant}`?"));
    }
}

/// A comma in a name does not decide.
#[test]
fn most_separators_decide() {
    list(
        &["--ignore-column", "Name, first"],
        "Name, first;candidate;ecog\nX;A;4\n",
    )
    .tells(["2 A ineligible"])
    .ends(0);
    list(&[], "candidate|ecog\nA|4\n")
        .ends(2)
        .says("`candidate|ecog`");
}

#[test]
fn a_decimal_comma_is_no_number() {
    list(&[], "candidate;mrd.level\nA;2,73\n")
        .tells(["2 A error"])
        .complains(0, "2,73")
        .complains(0, "2.73")
        .ends(4);
}

#[test]
fn tabs_by_the_name_of_the_list() {
    of("list.tsv", "candidate\tecog\tnote\nA\t4\t\n")
        .tells(["2 A ineligible"])
        .ends(0);
}

/// No value of a list is lost to another of the same slot.
mod one_slot {
    use super::*;

    #[test]
    fn items_are_numbered_as_numbers_print() {
        for other in ["01", "+1", "001"] {
            let column = format!("cd22.{other}.specimen");
            let ran = list(
                &[],
                &format!("candidate,cd22.1.result,{column}\nA,positive,bone_marrow\n"),
            )
            .ends(2)
            .says(&format!("`{column}` does not number an item"))
            .says("`cd22.1.specimen`");
            assert_eq!(ran.stdout, "");
        }
        list(
            &[],
            "candidate,allergies.1.severity,allergies.01.severity\nA,severe,mild\n",
        )
        .ends(2)
        .says("that column is there already");
    }

    /// Under the nearest name of all, `cd22.by`, a result would have been a signature.
    #[test]
    fn a_number_that_holds_no_value_is_no_other_column() {
        for (column, right) in [
            ("cd22.1", "`cd22.1.result`"),
            ("cd22.0", "`cd22.1.result`"),
            ("cd22.0.result", "the first is `cd22.1.result`"),
            ("remission.by.1", "one column `remission.by`, joined by `;`"),
            (
                "remission.by.1.note",
                "one column `remission.by`, joined by `;`",
            ),
        ] {
            let ran = list(&[], &format!("candidate,{column}\nA,x\n"))
                .ends(2)
                .says(&format!("the trial declares no `{column}`"))
                .says(right);
            assert!(!ran.stderr.contains("--rename"), "{}", ran.stderr);
        }
    }

    #[test]
    fn a_column_is_renamed_or_left_out_once() {
        let content = "candidate,a,b\nA,4,1\n";
        list(
            &[
                "--rename",
                "a=ecog",
                "--rename",
                "a=age",
                "--ignore-column",
                "b",
            ],
            content,
        )
        .ends(2)
        .says("column `a` is renamed twice, to `ecog` and to `age`");
        list(
            &[
                "--rename",
                "a=ecog",
                "--ignore-column",
                "a",
                "--ignore-column",
                "b",
            ],
            content,
        )
        .ends(2)
        .says("column `a` is left out and renamed");
        list(&["--rename", "a=ecog", "--rename", "b=ecog"], content)
            .ends(2)
            .says("two columns are called `ecog`")
            .says("--ignore-column a (in place of --rename a=ecog)")
            .says("--ignore-column b (in place of --rename b=ecog)");
        // What it says helps.
        list(&["--ignore-column", "a", "--rename", "b=ecog"], content)
            .tells(["2 A undetermined"])
            .ends(0);
    }

    #[test]
    fn an_empty_group_beside_its_facts_is_an_error() {
        let row = |group: &str, fact: &str| format!("{{\"candidate\":\"A\",{group},{fact}}}\n");
        let (group, fact) = ("\"hepatitis\":null", "\"hepatitis.hbv_dna\":\"detected\"");
        for row in [row(group, fact), row(fact, group)] {
            of("list.ndjson", row)
                .tells(["1 A error"])
                .complains(0, "`hepatitis` is empty, and `hepatitis.hbv_dna` is given")
                .ends(4);
        }
        of(
            "list.yaml",
            "candidate: A\nhepatitis:\nhepatitis.hbv_dna: detected\n",
        )
        .tells(["1 A error"])
        .ends(4);
        of(
            "list.ndjson",
            row(group, "\"hiv\":{\"status\":\"negative\"}"),
        )
        .tells(["1 A undetermined"])
        .ends(0);
    }
}

/// What is advised does not end in another error.
mod advice {
    use super::*;

    const LINES: &str = "format: eligo/trial/1
trial: { id: G-2, version: '1', title: Lines }
facts:
  lines: { type: list, label: Lines, ask: Which lines?, item: { drug: { type: code, label: Drug, values: { fu: 5-FU, ox: oxaliplatin } }, ended: { type: date, label: End } } }
criteria:
  inclusion:
    - { id: I1, title: Pretreated, text: Two lines or more., require: Count(lines) >= 2 }
";

    #[test]
    fn a_column_for_each_choice_is_no_misspelt_list() {
        let scratch = Scratch::new()
            .with("trial.yaml", LINES)
            .with("list.csv", "candidate,lines___fu,lines___ox\nA,1,0\n");
        let ran = ndjson(&scratch, &["list.csv", "--trial", "trial.yaml"])
            .ends(2)
            .says("one column a choice")
            .says("`lines.1.drug`")
            .says("--ignore-column lines___fu");
        assert!(!ran.stderr.contains("--rename"), "{}", ran.stderr);
    }

    #[test]
    fn what_is_there_already_is_not_offered() {
        let ran = list(&[], "candidate,ecog,ecogg\nA,1,2\n")
            .ends(2)
            .says("--ignore-column ecogg leaves it out");
        assert!(!ran.stderr.contains("=ecog"), "{}", ran.stderr);
        let ran = list(&[], "candidate,ecogg,ecgo\nA,1,2\n").ends(2);
        assert_eq!(ran.stderr.matches("=ecog ").count(), 1, "{}", ran.stderr);
    }

    #[test]
    fn a_header_on_another_line_is_found() {
        for above in ["Screening list 2026,", ",", "Screening list,\n,\nof 2026,"] {
            let content = format!("{above}\ncandidate,ecog\nA,1\nB,4\n");
            let line = above.lines().count() + 1;
            let ran = list(&[], &content)
                .ends(2)
                .says(&format!("line {line} looks like it"))
                .says(&format!("--header-line {line}"));
            assert!(!ran.stderr.contains("--ignore-column"), "{}", ran.stderr);
            let number = line.to_string();
            let rows = [
                format!("{} A undetermined", line + 1),
                format!("{} B ineligible", line + 2),
            ];
            list(&["--header-line", &number], &content)
                .ends(0)
                .tells([&*rows[0], &*rows[1]]);
        }
        list(&["--header-line", "9"], "candidate,ecog\nA,1\n")
            .ends(2)
            .says("has no header on line 9");
        list(&["--ignore-column", "Title"], "Title,\nA,1\n")
            .ends(2)
            .says("no column that is read");
    }
}

/// Rows can be told apart.
mod places {
    use super::*;

    /// A spreadsheet on a Mac ends lines with CR alone.
    #[test]
    fn lines_may_end_with_cr_alone() {
        list(&[], "candidate,ecog\rA,1\rA,2\rB,9\r")
            .tells(["2 A undetermined", "3 A undetermined", "4 B error"])
            .says("the candidate of line 2 stands again on line 3")
            .complains(2, "\"line\":4")
            .ends(4);
        list(&[], "\r\rcandidate,ecog\r\r\nA,4\r\rB,\"x\" y\rC,4")
            .tells(["5 A ineligible", "7 - error", "8 C ineligible"])
            .ends(4);
        // Line breaks that two blocks of the list share count once.
        let rows: String = (0..40_000).map(|row| format!("P-{row:05},4\r\n")).collect();
        let ran = list(&[], &format!("candidate,ecog\r\n{rows}"));
        let last = ran.told().pop();
        assert_eq!(last.as_deref(), Some("40001 P-39999 ineligible"));
    }

    const LONG: &str = "candidate,cd22.1.result,cd22.1.specimen,ecog\n";

    /// An export with a row for each item is not one with a row for each candidate (`faults/long-format`).
    #[test]
    fn rows_below_each_other_that_hold_one_candidate_in_parts_are_refused() {
        list(
            &[],
            &format!("{LONG}A,positive,csf,4\nA,negative,bone_marrow,4\nB,positive,csf,4\n"),
        )
        .tells(["2 A error", "3 A error", "4 B ineligible"])
        .complains(0, "stands on line `3` too")
        .complains(1, "stands on line `2` too")
        .complains(0, "one row for each candidate")
        .says("2  cd22: the candidate stands on line `…` too")
        .ends(4);
        // Lists in one cell, too, and a row without an item beside one with.
        list(
            &[],
            "candidate,remission.by,ecog\nA,chemotherapy,4\nA,car_t,4\n",
        )
        .tells(["2 A error", "3 A error"])
        .ends(4);
        list(&[], &format!("{LONG}A,,,4\nA,positive,csf,4\n"))
            .tells(["2 A error", "3 A error"])
            .ends(4);
        // The same row twice, or another value of a fact, hides no item.
        list(&[], &format!("{LONG}A,positive,csf,4\nA,positive,csf,3\n"))
            .tells(["2 A ineligible", "3 A ineligible"])
            .says("stands again")
            .ends(0);
        list(&[], "candidate,ecog,age\nA,4,3\nA,4,4\n")
            .tells(["2 A ineligible", "3 A ineligible"])
            .ends(0);
    }

    /// Where the name stands only once, above its items.
    #[test]
    fn a_row_of_items_alone_continues_the_one_above() {
        list(
            &[],
            &format!("{LONG}A,positive,csf,4\n,negative,,\n,positive,,\nB,positive,,4\n"),
        )
        .tells(["2 A error", "3 - error", "4 - error", "5 B ineligible"])
        .complains(0, "lines `2` and `3` seem to be one candidate")
        .ends(4);
        list(&[], &format!("{LONG}A,positive,csf,4\n,negative,,4\n"))
            .tells(["2 A ineligible", "3 - ineligible"])
            .ends(0);
    }

    /// What was written before the other part was seen cannot be taken back, and is called what it is.
    #[test]
    fn rows_apart_that_hold_one_candidate_in_parts_are_told_loudly() {
        for parts in [
            "A,positive,csf,4\nB,positive,csf,4\nA,negative,csf,4\n",
            "A,positive,csf,4\nB,positive,csf,4\nA,nonsense,csf,4\n",
            "A,positive,csf,4\nA,negative,csf,4\nB,,,4\nA,negative,csf,4\n",
        ] {
            let scratch = Scratch::new().with("list.csv", format!("{LONG}{parts}"));
            batch(&scratch, &["list.csv"])
                .ends(4)
                .says("error: 1 candidate was decided by part of what the list says")
                .says("are one candidate in parts");
            batch(&scratch, &["list.csv", "--summary", "summary.json"]).ends(4);
            let summary = std::fs::read_to_string(scratch.path().join("summary.json")).unwrap();
            let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
            assert_eq!(summary["partial"], 1, "{summary}");
            assert_eq!(summary["in_parts"][0]["first"]["line"], 2, "{summary}");
        }
        // In two lists, each may be whole.
        let scratch = Scratch::new()
            .with("one.csv", format!("{LONG}A,positive,csf,4\n"))
            .with("two.csv", format!("{LONG}A,negative,csf,4\n"));
        ndjson(&scratch, &["one.csv", "two.csv"])
            .ends(0)
            .says("stands again");
    }

    /// Wherever a block of the list ends, the row behind it is seen.
    #[test]
    fn parts_are_seen_over_the_edges_of_blocks() {
        let rows: String = (0..12_000)
            .flat_map(|row| ["positive", "negative"].map(|is| format!("P-{row:06},{is},csf,4\n")))
            .collect();
        for threads in ["1", "3"] {
            let ran = list(&["--threads", threads], &format!("{LONG}{rows}")).ends(4);
            let told = ran.told();
            assert_eq!(told.len(), 24_000);
            assert!(told.iter().all(|row| row.ends_with("error")));
        }
        // Rows so long that none waits for another.
        let note = "n".repeat(9 * 1024 * 1024);
        list(
            &[],
            &format!("note,{LONG}{note},A,positive,csf,4\n{note},A,negative,csf,4\n"),
        )
        .tells(["2 A ineligible", "3 A error"])
        .says("1 candidate was decided by part")
        .ends(4);
    }

    /// `faults/near-duplicates`
    #[test]
    fn names_that_hardly_differ_are_told() {
        let rows = "0012,1\n12,2\nABC,1\nabc,2\n12345 6789,1\n123456789,2\nB-1,1\n";
        let ran = list(&[], &format!("candidate,ecog\n{rows}")).ends(0);
        assert!(!ran.stderr.contains("stands again"), "{}", ran.stderr);
        let ran = ran.says(
            "warning: the names of line 2 and line 3 differ only in case, blanks or zeros before a number\n",
        );
        assert_eq!(ran.stderr.matches("differ only").count(), 3);
        let ran = ran.says("line 4 and line 5").says("line 6 and line 7");
        assert_eq!(ran.rows().len(), 7);
    }
}
