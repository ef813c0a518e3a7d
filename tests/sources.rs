//! Tables of a site, read as a source file says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::{Read as _, Write as _};

use common::{Complaint, Scratch, eligo, text_of};
use serde_json::{Value as Json, json};

const TRIAL: &str = "
format: eligo/trial/1
trial: { id: T-1, version: '1', title: Tables }
facts:
  sex: { type: code, label: Sex, values: { female: female, male: male } }
  born: { type: date, label: Date of birth }
  ecog: { type: integer, label: ECOG, range: 0..5 }
  survival: { type: duration, label: Survival }
  blasts: { type: quantity, label: Blasts, unit: '%', range: 0..100 }
  load: { type: quantity, label: Load, unit: '[IU]/mL' }
  dna: { type: code, label: DNA, values: { detected: detected, not_detected: not detected } }
  nursing: { type: boolean, label: Nursing }
  drugs: { type: list, label: Drugs, item: { type: code, label: Drug, values: { fu: 5-FU, ox: oxaliplatin } } }
  lines:
    type: list
    label: Lines
    item:
      drug: { type: code, label: Drug, values: { fu: 5-FU, ox: oxaliplatin } }
      ended: { type: date, label: End }
      dose: { type: quantity, label: Dose, unit: mg }
criteria:
  inclusion:
    - { id: I1, title: Pretreated, text: Two lines or more., require: Count(lines) >= 2 }
    - { id: I2, title: ECOG, text: ECOG 0 or 1., require: ecog <= 1 }
";

/// A source file with these lines behind its first.
fn source(rest: &str) -> String {
    format!("format: eligo/source/1\ntrial: T-1\nsource: table\n{rest}")
}

fn scratch(source_file: &str, table: impl AsRef<[u8]>) -> Scratch {
    Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("s.yaml", source_file)
        .with("list.csv", table)
}

fn map(scratch: &Scratch, inputs: &[&str]) -> assert_cmd::assert::Assert {
    let mut call = scratch.eligo();
    call.args(["map", "--trial", "trial.yaml", "s.yaml"]);
    call.args(inputs).assert()
}

/// The records that come of a table, without their evidence of the cell.
fn mapped(rest: &str, table: impl AsRef<[u8]>) -> Vec<Json> {
    let scratch = scratch(&source(rest), table);
    let said = map(&scratch, &["list.csv"]).code(0);
    let output = String::from_utf8(said.get_output().stdout.clone()).unwrap();
    output
        .lines()
        .map(|line| without_source(serde_json::from_str(line).unwrap()))
        .collect()
}

/// What remains where nobody asks from which cell it is.
fn without_source(value: Json) -> Json {
    match value {
        Json::Object(parts) => {
            let mut kept: serde_json::Map<String, Json> = parts
                .into_iter()
                .filter(|(key, _)| key != "source")
                .map(|(key, value)| (key, without_source(value)))
                .collect();
            match kept.len() {
                1 => kept.remove("value").unwrap_or(Json::Object(kept)),
                _ => Json::Object(kept),
            }
        }
        Json::Array(items) => items.into_iter().map(without_source).collect(),
        other => other,
    }
}

/// What is said of a table of which rows are refused.
fn refused(rest: &str, table: impl AsRef<[u8]>) -> Complaint {
    refused_with(rest, table, 4)
}

/// What is said of a table that cannot be read as the source file says.
fn unread(rest: &str, table: impl AsRef<[u8]>) -> Complaint {
    refused_with(rest, table, 2)
}

fn refused_with(rest: &str, table: impl AsRef<[u8]>, code: i32) -> Complaint {
    let scratch = scratch(&source(rest), table);
    Complaint::about("list.csv", map(&scratch, &["list.csv"]), code)
}

/// What is said of a source file that is refused.
fn wrong(source_file: &str) -> Complaint {
    let scratch = scratch(source_file, "P\nA\n");
    let said = map(&scratch, &["list.csv"]).stdout("");
    Complaint::about("s.yaml", said, 2)
}

#[test]
fn cells_become_values_as_the_source_file_says() {
    let records = mapped(
        "
dates: DD.MM.YYYY
decimal: ','
thousands: '.'
missing: { 'n.d.': not_performed, 999: unknown, '-': not_recorded }
candidate: Pat
columns:
  Sex: { fact: sex, map: { f: female, w: female, m: male }, ignore_case: yes }
  geb.: born
  ECOG: ecog
  ECOG Datum: ecog.date
  Arzt: ecog.by
  'Blasten %': { fact: blasts, unit: '%' }
  OS: { fact: survival, unit: months, bounds: yes }
  'HBV (IU/ml)': { fact: load, unit: '[IU]/mL', bounds: yes, also: { fact: dna, map: { neg: not_detected } } }
  stillt: { fact: nursing, map: { 1: yes, 0: no } }
  Bemerkung: ignore
",
        "Pat;Sex;geb.;ECOG;ECOG Datum;Arzt;Blasten %;OS;HBV (IU/ml);stillt;Bemerkung\n\
         A;W;05.11.1990;1;17.11.2025;dr-1;46,5;>3;neg;1;x\n\
         B;m;1990;n.d.;;;n.d.;3-6;<20;0;\n\
         C;M;;999;;;12;6;1.234.567,5;;\n\
         D;-;;;;;;;;;\n",
    );
    assert_eq!(
        records,
        [
            json!({ "candidate": "A", "sex": "female", "born": "1990-11-05",
                "ecog": { "value": 1, "date": "2025-11-17", "by": "dr-1" }, "blasts": { "value": 46.5, "unit": "%" },
                "survival": "> 3 months", "dna": "not_detected", "nursing": "yes" }),
            json!({ "candidate": "B", "sex": "male", "born": "1990", "ecog": { "missing": "not_performed" },
                "blasts": { "missing": "not_performed" }, "survival": "3 months..6 months",
                "load": { "value": "< 20", "unit": "[IU]/mL" }, "nursing": "no" }),
            json!({ "candidate": "C", "sex": "male", "ecog": { "missing": "unknown" }, "blasts": { "value": 12, "unit": "%" },
                "survival": "6 months", "load": { "value": 1234567.5, "unit": "[IU]/mL" } }),
            json!({ "candidate": "D" }),
        ]
    );
}

#[test]
fn boxes_that_are_not_ticked_answer_nothing() {
    let rest = "
candidate: Pat
columns:
  fu: { fact: 'lines[]', when: 1, item: { drug: fu } }
  ox: { fact: 'lines[]', when: 1, item: { drug: ox, dose: 85 mg } }
  none: { fact: lines, when: 1, value: [] }
";
    let records = mapped(rest, "Pat,fu,ox,none\nA,1,1,0\nB,0,0,0\nC,,,1\nD,,,\n");
    assert_eq!(
        records,
        [
            json!({ "candidate": "A", "lines": { "value": [{ "drug": "fu" }, { "drug": "ox", "dose": "85 mg" }], "complete": false } }),
            json!({ "candidate": "B" }),
            json!({ "candidate": "C", "lines": [] }),
            json!({ "candidate": "D" }),
        ]
    );
    // That there is none and one of them is ticked cannot both be true.
    let records = mapped(rest, "Pat,fu,ox,none\nA,1,0,1\n");
    assert_eq!(records[0]["lines"]["missing"], "conflicting");
    assert_eq!(
        records[0]["lines"]["note"],
        "none (list.csv:2 none); a list (list.csv:2 fu)"
    );
    refused(rest, "Pat,fu,ox,none\nA,2,,\n")
        .at(2, 3, "A,2,,")
        .says("`2` does not say whether the box is ticked");
}

#[test]
fn rows_of_a_candidate_are_joined_and_what_differs_is_a_conflict() {
    let rest = "
one_row_per: visit
candidate: Pat
columns: { Sex: sex, ECOG: ecog, On: ecog.date, Drug: 'lines[].drug', End: 'lines[].ended' }
";
    let table = "Pat,Sex,ECOG,On,Drug,End\n\
                 A,female,1,2025-01-01,fu,2025-01-01\n\
                 B,male,2,,ox,\n\
                 A,female,1,2025-03-01,ox,2025-06-01\n\
                 B,female,2.0,,ox,\n\
                 A,,,,fu,2025-01-01\n";
    let records = mapped(rest, table);
    assert_eq!(
        records,
        [
            json!({ "candidate": "A", "sex": "female", "ecog": { "value": 1, "date": "2025-03-01" },
                "lines": { "value": [{ "drug": "fu", "ended": "2025-01-01" }, { "drug": "ox", "ended": "2025-06-01" }],
                    "complete": false } }),
            json!({ "candidate": "B", "sex": { "missing": "conflicting", "note": "male (list.csv:3 Sex); female (list.csv:5 Sex)" },
                "ecog": 2, "lines": { "value": [{ "drug": "ox" }], "complete": false } }),
        ]
    );
    let scratch = scratch(&source(rest), table);
    let rows = scratch
        .eligo()
        .args([
            "batch",
            "--trial",
            "trial.yaml",
            "--source",
            "s.yaml",
            "list.csv",
            "--format",
            "ndjson",
        ])
        .output()
        .unwrap();
    let rows = String::from_utf8(rows.stdout).unwrap();
    let rows: Vec<Json> = rows
        .lines()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["verdicts"], json!({ "I1": "pass", "I2": "pass" }));
    // Twice the same item without a day may be one or two.
    assert_eq!(
        rows[1]["verdicts"],
        json!({ "I1": "unknown", "I2": "fail" })
    );
}

#[test]
fn a_long_table_of_results_is_turned_by_its_tests() {
    let rest = "
one_row_per: result
candidate: Pat
dates: M/D/YY
years_from: 1930
pivot:
  test: Test
  value: Result
  unit: Unit
  date: Taken
  tests:
    1988-5: ignore
    Blasts: { fact: blasts, units: { percent: '%' }, pick: latest }
    HBV DNA: { fact: dna, map: { neg: not_detected, pos: detected } }
    Dose: { fact: 'lines[].dose', with: { drug: fu } }
";
    let records = mapped(
        rest,
        "Pat,Test,Result,Unit,Taken\n\
         A,Blasts,20,percent,1/5/25\nA,Blasts,46,percent,11/5/25\nA,1988-5,7,mg/L,1/5/25\nA,HBV DNA,neg,,1/5/25\nA,Dose,85,mg,\n\
         B,HBV DNA,neg,,1/5/25\nB,HBV DNA,pos,,1/6/25\n",
    );
    assert_eq!(
        records,
        [
            json!({ "candidate": "A", "blasts": { "value": 46, "unit": "%", "date": "2025-11-05" },
                "dna": { "value": "not_detected", "date": "2025-01-05" },
                "lines": { "value": [{ "dose": { "value": 85, "unit": "mg" }, "drug": "fu" }], "complete": false } }),
            json!({ "candidate": "B", "dna": { "missing": "conflicting",
                "note": "not_detected (list.csv:7 HBV DNA); detected (list.csv:8 HBV DNA)" } }),
        ]
    );
    refused(rest, "Pat,Test,Result,Unit,Taken\nA,HBV-DNA,neg,,\n")
        .at(2, 3, "A,HBV-DNA,neg,,")
        .says("the source names no test `HBV-DNA`")
        .helps("did you mean `HBV DNA`?");
}

#[test]
fn everything_wrong_with_a_source_file_is_said_before_a_row_is_read() {
    wrong(&source(
        "
candidate: Pat
dates: DD.MM.YY
columns:
  Sex: { fact: sex, map: { F: femal } }
  Geschlecht: sex
  ECOG: ecgo
  Drug: 'lines[].durg'
  Blasts: { fact: blasts, unit: g/L }
  Load: { fact: load, mpa: { x: 1 } }
  Item: 'lines[]'
",
    ))
    .errors(8)
    .says("`femal` is not a declared value")
    .at(8, 31, "  Sex: { fact: sex, map: { F: femal } }")
    .says("`sex` is mapped twice")
    .says("the trial declares no fact `ecgo`")
    .helps("did you mean `ecog`?")
    .says("an item of `lines` has no `durg`")
    .says("`blasts` declares no unit `g/L`")
    .says("a column has no key `mpa`")
    .says("an item of `lines` has fields")
    .says("years of two digits need `years_from`");
    wrong("format: eligo/source/1\ntrial: T-2\nsource: table\n")
        .says("the source is for trial T-2, not for T-1");
    wrong("format: eligo/source/1\nsource: tabel\n").helps("did you mean `table`?");
    wrong(&source("columns: { A: ecog }\n")).says("a table needs `candidate`");
}

#[test]
fn every_column_is_mapped_or_ignored_by_name() {
    let rest = "candidate: Pat\ncolumns: { ECOG: ecog, Sex: sex }\n";
    unread(rest, "Pat,ECGO,Sex,Note,Extra\n")
        .errors(2)
        .says("3 columns are neither mapped nor ignored: `ECGO`, `Note`, `Extra`")
        .helps("ignore: ['ECGO', 'Note', 'Extra']")
        .says("`list.csv` has no column `ECOG`")
        .helps("did you mean `ECGO`?");
    unread(rest, "Screening list 2026,,\nPat,ECOG,Sex\nA,1,male\n")
        .says("row 2 looks like the header")
        .helps("header_row: 2");
    let records = mapped(
        &format!("header_row: 2\n{rest}"),
        "Screening list 2026,,\nPat,ECOG,Sex\nA,1,male\n",
    );
    assert_eq!(
        records,
        [json!({ "candidate": "A", "ecog": 1, "sex": "male" })]
    );
}

#[test]
fn what_no_map_knows_is_an_error_with_the_nearest_word() {
    let rest = "candidate: Pat\ncolumns: { Sex: { fact: sex, map: { Female: female, Male: male } }, ECOG: ecog }\n";
    refused(rest, "Pat,Sex,ECOG\nA,Femal,1\nB,Male,7\n")
        .errors(2)
        .at(2, 3, "A,Femal,1")
        .says("no map of `sex` knows `Femal`")
        .helps("did you mean `Female`?")
        // What the reader of records refuses is told where it stands in the table.
        .at(3, 8, "B,Male,7")
        .says("7 is outside the plausible range 0..5")
        .says("2 of 2 records were refused");
}

#[test]
fn encodings_are_stated_or_marked_and_never_guessed() {
    let rest = "candidate: Pat\ncolumns: { Größe: { fact: sex, map: { männlich: male } } }\n";
    let (table, expected) = (
        "Pat,Größe\nA,männlich\n",
        [json!({ "candidate": "A", "sex": "male" })],
    );
    assert_eq!(mapped(rest, table), expected);
    assert_eq!(mapped(rest, format!("\u{feff}{table}")), expected);
    let utf16 = |mark: bool, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = if mark {
            format!("\u{feff}{table}")
        } else {
            table.to_owned()
        };
        text.encode_utf16().flat_map(order).collect()
    };
    assert_eq!(mapped(rest, utf16(true, u16::to_le_bytes)), expected);
    assert_eq!(mapped(rest, utf16(true, u16::to_be_bytes)), expected);
    unread(rest, utf16(false, u16::to_le_bytes)).says("`encoding: utf-16le`");
    let stated = format!("encoding: utf-16le\n{rest}");
    assert_eq!(mapped(&stated, utf16(false, u16::to_le_bytes)), expected);
    let windows: Vec<u8> = table
        .chars()
        .map(|character| u8::try_from(u32::from(character)).unwrap())
        .collect();
    unread(rest, &windows).says("`encoding: windows-1252`");
    assert_eq!(
        mapped(&format!("encoding: windows-1252\n{rest}"), &windows),
        expected
    );
    let plain = "candidate: Pat\ncolumns: { Sex: { fact: sex, map: { männlich: male } } }\n";
    refused(plain, b"Pat,Sex\nA,m\xe4nnlich\n".as_slice())
        .says("not valid UTF-8")
        .helps("`encoding: windows-1252`");
    wrong(&source(
        "encoding: ansi\ncandidate: P\ncolumns: { A: ecog }\n",
    ))
    .says("`ansi` is no encoding");
}

/// A workbook as spreadsheets pack it: the sheets by name, each with its cells in XML; and what `xl/styles.xml` says of formats.
fn xlsx(sheets: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut parts: Vec<(String, String)> = Vec::new();
    let (mut named, mut related) = (String::new(), String::new());
    for (number, (name, state, content)) in (1..).zip(sheets) {
        named += &format!(
            "<sheet name=\"{name}\" sheetId=\"{number}\" state=\"{state}\" r:id=\"rId{number}\"/>"
        );
        related += &format!(
            "<Relationship Id=\"rId{number}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
             Target=\"worksheets/sheet{number}.xml\"/>"
        );
        parts.push((
            format!("xl/worksheets/sheet{number}.xml"),
            format!(
                "<worksheet xmlns=\"{MAIN}\"><sheetData>{}</sheetData></worksheet>",
                content.replace("</sheetData>", "")
            ),
        ));
    }
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>{named}</sheets></workbook>"),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{related}</Relationships>"),
    ));
    parts.push((
        "_rels/.rels".to_owned(),
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/>\
         </Relationships>"
            .to_owned(),
    ));
    parts.push((
        "xl/styles.xml".to_owned(),
        format!("<styleSheet xmlns=\"{MAIN}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"9\"/></cellXfs></styleSheet>"),
    ));
    packed(&parts)
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

fn packed(parts: &[(String, String)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name.as_str(), options).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A row of a sheet. A text stands as it is, a number behind `=`, a day behind `@`, a share behind `%`; what begins with `<` is XML.
fn row(number: usize, cells: &[&str]) -> String {
    let cell = |(column, cell): (char, &&str)| {
        let at = format!("{column}{number}");
        match cell.chars().next() {
            None => String::new(),
            Some('=') => format!("<c r=\"{at}\"><v>{}</v></c>", &cell[1..]),
            Some('@') => format!("<c r=\"{at}\" s=\"1\"><v>{}</v></c>", &cell[1..]),
            Some('%') => format!("<c r=\"{at}\" s=\"2\"><v>{}</v></c>", &cell[1..]),
            Some('<') => format!("<c r=\"{at}\">{cell}</c>"),
            Some('#') => format!("<c r=\"{at}\" t=\"e\"><v>{cell}</v></c>"),
            Some(_) => format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
        }
    };
    let cells: String = ('A'..='Z').zip(cells).map(cell).collect();
    format!("<row r=\"{number}\">{cells}</row>")
}

/// What a source file makes of a workbook.
fn of_workbook(rest: &str, workbook: &[u8]) -> assert_cmd::assert::Assert {
    let scratch = scratch(&source(rest), "").with("list.xlsx", workbook);
    map(&scratch, &["list.xlsx"])
}

fn said(of: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(of.get_output().stderr.clone()).unwrap()
}

const SHEET: &str = "candidate: Pat\ncolumns: { Sex: sex, born: born, 'Blasts %': { fact: blasts, unit: '%' }, ECOG: ecog }\n";
const HEADER: [&str; 5] = ["Pat", "Sex", "born", "Blasts %", "ECOG"];

#[test]
fn typed_cells_of_a_workbook_are_what_they_are() {
    // What stands above the header does not count, nor do hidden sheets and empty rows.
    let sheet = [
        row(1, &["Screening list"]),
        row(3, &HEADER),
        row(4, &["A", "female", "@33182", "=46.5", "=1"]),
        row(6, &["B", "male", "1990", "%0.46", "=2"]),
    ];
    let workbook = xlsx(&[
        ("Referrals", "visible", &sheet.concat()),
        ("Old", "hidden", ""),
    ]);
    let mapped = of_workbook(&format!("header_row: 3\n{SHEET}"), &workbook).code(0);
    let output = String::from_utf8(mapped.get_output().stdout.clone()).unwrap();
    let records: Vec<Json> = output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        records[0]["born"],
        json!({ "value": "1990-11-05", "source": "list.xlsx Referrals!C4 born" })
    );
    let records: Vec<Json> = records.into_iter().map(without_source).collect();
    assert_eq!(
        records,
        [
            json!({ "candidate": "A", "sex": "female", "born": "1990-11-05", "blasts": { "value": 46.5, "unit": "%" }, "ecog": 1 }),
            json!({ "candidate": "B", "sex": "male", "born": "1990", "blasts": { "value": 46, "unit": "%" }, "ecog": 2 }),
        ]
    );
}

#[test]
fn what_is_wrong_with_a_cell_of_a_workbook_is_told_by_its_name() {
    for (cells, merged, says) in [
        (["A", "femal", "", "", ""], "", "Referrals!B2\n"),
        (
            ["A", "femal", "", "", ""],
            "",
            "`femal` is not a declared value",
        ),
        (
            ["A", "", "", "", "=9"],
            "",
            "9 is outside the plausible range 0..5",
        ),
        (["A", "", "", "=0.46", ""], "", "`fractions: yes`"),
        (
            ["A", "", "", "", "<f>1+1</f>"],
            "",
            "formula whose result the workbook does not hold",
        ),
        (
            ["A", "", "", "", "#DIV/0!"],
            "",
            "the cell holds the error `#DIV/0!`",
        ),
        (["A", "", "@0.5", "", ""], "", "a time of the day"),
        (["A", "", "", "", ""], "A2:A3", "the cells A2:A3 are merged"),
        (["A", "", "29346", "", ""], "", "29346"),
    ] {
        let rows = [row(1, &HEADER), row(2, &cells), row(3, &["", "male"])].concat();
        let merged = match merged {
            "" => String::new(),
            merged => format!("</sheetData><mergeCells><mergeCell ref=\"{merged}\"/></mergeCells>"),
        };
        let mut workbook = xlsx(&[("Referrals", "visible", &rows)]);
        if !merged.is_empty() {
            workbook = xlsx_with(&rows, &merged);
        }
        let told = of_workbook(SHEET, &workbook).code(4);
        assert!(said(&told).contains(says), "{says}: {}", said(&told));
    }
    // A formula with its result is as good as a value.
    let rows = [
        row(1, &HEADER),
        row(2, &["A", "", "", "", "<f>1+1</f><v>2</v>"]),
    ]
    .concat();
    of_workbook(SHEET, &xlsx(&[("Referrals", "visible", &rows)]))
        .code(0)
        .stdout(predicates::str::contains("\"ecog\":{\"value\":2,"));
    // A cell beyond the header is lost by nobody.
    let rows = [row(1, &HEADER), row(2, &["A", "", "", "", "", "x"])].concat();
    let told = of_workbook(SHEET, &xlsx(&[("Referrals", "visible", &rows)])).code(4);
    assert!(said(&told).contains("Referrals!F2"), "{}", said(&told));
}

/// A workbook of one sheet with something behind its cells.
fn xlsx_with(rows: &str, behind: &str) -> Vec<u8> {
    let plain = xlsx(&[("Referrals", "visible", rows)]);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(plain)).unwrap();
    let mut parts = Vec::new();
    for number in 0..archive.len() {
        let mut part = archive.by_index(number).unwrap();
        let mut content = String::new();
        part.read_to_string(&mut content).unwrap();
        parts.push((
            part.name().unwrap().into_owned(),
            content.replace("</sheetData>", behind),
        ));
    }
    packed(&parts)
}

#[test]
fn a_workbook_that_cannot_be_read_says_why() {
    let rows = [row(1, &HEADER), row(2, &["A"])].concat();
    let two = xlsx(&[("One", "visible", &rows), ("Two", "visible", "")]);
    for (rest, workbook, says) in [
        (
            SHEET.to_owned(),
            two.clone(),
            "several sheets: `One`, `Two`; name one by `sheet`",
        ),
        (
            format!("sheet: Tow\n{SHEET}"),
            two.clone(),
            "no sheet `Tow`, but `One`, `Two`",
        ),
        (
            SHEET.to_owned(),
            xlsx(&[("One", "hidden", &rows)]),
            "all its sheets are hidden: `One`",
        ),
        (
            SHEET.to_owned(),
            packed(&[("a.txt".to_owned(), "x".to_owned())]),
            "no workbook; unpack it first",
        ),
        (
            SHEET.to_owned(),
            two[..two.len() / 2].to_vec(),
            "no workbook (.xlsx, .ods, .xls) that can be read",
        ),
        (
            format!("header_row: 7\n{SHEET}"),
            xlsx(&[("One", "visible", &rows)]),
            "no header on row 7",
        ),
        // Of two cells in one place a library keeps one, and the other is lost.
        (
            SHEET.to_owned(),
            xlsx(&[("One", "visible", &format!("{rows}{}", row(2, &["B"])))]),
            "it holds the cell A2 twice",
        ),
        (
            SHEET.to_owned(),
            xlsx(&[(
                "One",
                "visible",
                &format!("{rows}{}", row(4_000_000_000, &["B"])),
            )]),
            "no sheet has a cell A4000000000",
        ),
        (SHEET.to_owned(), protected(), "protected by a password"),
        (SHEET.to_owned(), bomb(), "unpacks to more than 512 MiB"),
    ] {
        let told = of_workbook(&rest, &workbook).code(2).stdout("");
        assert!(said(&told).contains(says), "{says}: {}", said(&told));
    }
    let named = of_workbook(&format!("sheet: One\n{SHEET}"), &two);
    named.code(0);
    let scratch = scratch(&source(&format!("sheet: One\n{SHEET}")), "Pat\nA\n");
    let told = map(&scratch, &["list.csv"]).code(2);
    assert!(said(&told).contains("it is no workbook, and the source file names a sheet"));
}

/// The beginning of a workbook that is protected: its directory names what is encrypted.
fn protected() -> Vec<u8> {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(2_048, 0);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

/// A workbook of half a megabyte that unpacks to 600.
fn bomb() -> Vec<u8> {
    let options = zip::write::SimpleFileOptions::default();
    let mut first = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    first.start_file("xl/workbook.xml", options).unwrap();
    first.write_all(&vec![b' '; 4 * 1024 * 1024]).unwrap();
    let mut first = zip::ZipArchive::new(first.finish().unwrap()).unwrap();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for number in 0..150 {
        let part = first.by_index_raw(0).unwrap();
        let name = match number {
            0 => "xl/workbook.xml".to_owned(),
            number => format!("xl/worksheets/sheet{number}.xml"),
        };
        archive.raw_copy_file_rename(part, name).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// An OpenDocument sheet with these rows.
fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\">\
         <office:body><office:spreadsheet><table:table table:name=\"Referrals\">{rows}</table:table></office:spreadsheet></office:body>\
         </office:document-content>"
    );
    let manifest = "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>";
    packed(&[
        (
            "mimetype".to_owned(),
            "application/vnd.oasis.opendocument.spreadsheet".to_owned(),
        ),
        ("content.xml".to_owned(), content),
        ("META-INF/manifest.xml".to_owned(), manifest.to_owned()),
    ])
}

#[test]
fn an_open_document_is_read_as_a_workbook() {
    let text = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let row = |cells: &str| format!("<table:table-row>{cells}</table:table-row>");
    let header = row(&HEADER.map(text).concat());
    let day = "<table:table-cell office:value-type=\"date\" office:date-value=\"1990-11-05\"/>";
    let number = "<table:table-cell office:value-type=\"float\" office:value=\"46.5\"/>";
    let rows = format!(
        "{header}{}",
        row(&format!("{}{}{day}{number}", text("A"), text("female")))
    );
    let mapped = of_workbook(SHEET, &ods(&rows)).code(0);
    let output: Json = serde_json::from_slice(&mapped.get_output().stdout).unwrap();
    assert_eq!(
        without_source(output),
        json!({ "candidate": "A", "sex": "female", "born": "1990-11-05", "blasts": { "value": 46.5, "unit": "%" } })
    );
    let merged = "<table:table-cell table:number-rows-spanned=\"2\" office:value-type=\"string\"><text:p>A</text:p></table:table-cell>";
    let told = of_workbook(
        SHEET,
        &ods(&format!(
            "{header}{}{}",
            row(merged),
            row("<table:covered-table-cell/>")
        )),
    )
    .code(4);
    assert!(
        said(&told).contains("the cells A2:A3 are merged"),
        "{}",
        said(&told)
    );
    // A cell may say that it stands a billion times.
    let many = "<table:table-row table:number-rows-repeated=\"100000\"><table:table-cell table:number-columns-repeated=\"10000\" \
                office:value-type=\"float\" office:value=\"1\"/></table:table-row>";
    let told = of_workbook(SHEET, &ods(&format!("{header}{many}"))).code(2);
    assert!(
        said(&told).contains("more than 20000000 cells"),
        "{}",
        said(&told)
    );
}

#[test]
fn one_candidate_of_a_table_is_screened_and_a_source_file_checked() {
    let rest = "candidate: Pat\ncolumns: { ECOG: ecog, Note: ignore }\n";
    let scratch = scratch(&source(rest), "Pat,ECOG,Note\nA,1,\nB,7,\n");
    let screen = |arguments: &[&str]| {
        let mut call = scratch.eligo();
        call.args([
            "screen",
            "--trial",
            "trial.yaml",
            "--source",
            "s.yaml",
            "list.csv",
        ]);
        call.args(arguments).assert()
    };
    let told = screen(&[]).code(2).stdout("");
    assert!(
        said(&told).contains("`list.csv` holds 2 candidates"),
        "{}",
        said(&told)
    );
    assert!(said(&told).contains("`--candidate ID` screens one of them"));
    screen(&["--candidate", "A"])
        .code(3)
        .stdout(predicates::str::contains("ECOG is 1 (list.csv:2 ECOG)"));
    let told = screen(&["--candidate", "B"]).code(2).stdout("");
    assert!(
        said(&told).contains(" --> list.csv:3:3\n"),
        "{}",
        said(&told)
    );
    let told = screen(&["--candidate", "C"]).code(2);
    assert!(
        said(&told).contains("holds no candidate `C`"),
        "{}",
        said(&told)
    );

    let check = |file: &str| {
        let mut call = scratch.eligo();
        call.args(["check", "--trial", "trial.yaml", file]).assert()
    };
    check("s.yaml").code(0).stdout(
        "s.yaml: a source of tables: 3 columns, 1 of them ignored, 1 facts, for trial T-1\n",
    );
    let scratch = self::scratch(&source("candidate: Pat\ncolumns: { ECOG: ecgo }\n"), "");
    let mut call = scratch.eligo();
    let told = call
        .args(["check", "--trial", "trial.yaml", "s.yaml"])
        .assert()
        .code(2);
    assert!(said(&told).contains("the trial declares no fact `ecgo`"));
}

/// The draft of a table with these arguments.
fn draft(scratch: &Scratch, arguments: &[&str]) -> String {
    let mut call = scratch.eligo();
    let said = call
        .args(["map", "--draft"])
        .args(arguments)
        .assert()
        .code(0);
    String::from_utf8(said.get_output().stdout.clone()).unwrap()
}

/// The aim of a draft: a hospital's export of 37 columns comes through with edits on lines that the draft has marked, and on no
/// others.
#[test]
fn a_draft_needs_edits_only_where_it_is_marked() {
    const TABLE: &str = "examples/sources/hospital.csv";
    const FINISHED: &str = "examples/sources/hospital.source.yaml";
    let said = eligo().args(["map", "--draft", TABLE]).assert().code(0);
    let drafted = String::from_utf8(said.get_output().stdout.clone()).unwrap();
    let finished = text_of(FINISHED);
    let mut kept = finished.lines();
    for line in drafted
        .lines()
        .filter(|line| line.starts_with('#') || !line.contains("#?"))
    {
        assert!(kept.any(|kept| kept == line), "{line}");
    }
    assert_eq!(
        text_of(TABLE).lines().next().unwrap().split(';').count(),
        37
    );
    let edits = drafted
        .lines()
        .filter(|line| !line.starts_with('#') && line.contains("#?"))
        .count();
    assert_eq!(
        said.get_output().stderr,
        format!("{edits} lines with `#?` wait for a decision\n").as_bytes()
    );

    eligo().args(["check", FINISHED]).assert().code(0);
    let mapped = eligo()
        .args(["map", FINISHED, TABLE])
        .assert()
        .code(0)
        .stderr("");
    let rows = mapped
        .get_output()
        .stdout
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    assert_eq!(rows, 40);
    // As it was drafted it says nothing of what is open, and is refused.
    let scratch = Scratch::new().with("draft.yaml", drafted);
    let told = scratch
        .eligo()
        .args(["check", "draft.yaml"])
        .assert()
        .code(2);
    assert!(said_to_be_open(&self::said(&told)), "{}", self::said(&told));
}

fn said_to_be_open(said: &str) -> bool {
    said.contains("must be a text, found nothing")
}

#[test]
fn a_draft_takes_what_fields_and_codes_mean_from_a_data_dictionary() {
    let dictionary = "\"Variable / Field Name\",\"Form Name\",\"Section Header\",\"Field Type\",\"Field Label\",\"Choices, Calculations, OR Slider Labels\"\n\
        record_id,base,,text,Record ID,\n\
        gender,base,,radio,Sex,\"1, Female | 2, Male\"\n\
        nursing,base,,yesno,Nursing,\n\
        given,base,,checkbox,Lines,\"fu, 5-FU | ox, oxaliplatin\"\n\
        v7,base,,text,Something else,\n";
    let table = "record_id,gender,nursing,given___fu,given___ox,v7\n1,1,0,1,0,a\n2,2,,0,1,b\n";
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("dictionary.csv", dictionary)
        .with("list.csv", table);
    let drafted = draft(
        &scratch,
        &[
            "list.csv",
            "--dictionary",
            "dictionary.csv",
            "--trial",
            "trial.yaml",
        ],
    );
    let columns = drafted.split_once("candidate: ").unwrap().1;
    assert_eq!(
        columns,
        "record_id

columns:

  # 1 · 2
  # Sex
  gender:
    fact: sex
    map:
      '1': female   # 1 cell, Female
      '2': male   # 1 cell, Male

  # 0 · 1 empty
  # Nursing
  nursing:
    fact: nursing
    map:
      '0': no   # 1 cell, no

  # 1 · 0
  # Lines: 5-FU
  given___fu: #? { fact: 'lines[]', when: 1, item: { drug: fu } }

  # 0 · 1
  # Lines: oxaliplatin
  given___ox: #? { fact: 'lines[]', when: 1, item: { drug: ox } }

  # a · b
  # Something else
  v7: #? ignore
"
    );
    let mut call = scratch.eligo();
    let told = call
        .args(["map", "--draft", "list.csv", "--dictionary", "list.csv"])
        .assert()
        .code(2);
    assert!(
        said(&told).contains("this is no data dictionary of REDCap"),
        "{}",
        said(&told)
    );
}

#[test]
fn rows_that_cannot_be_what_they_say_are_refused_by_themselves() {
    let rest = "candidate: Pat\ncolumns: { ECOG: ecog, Sex: sex }\n";
    refused(rest, "Pat,ECOG,Sex\nA,1,male\nB;2;male\nA,2,male\nC,zwei,male\nD,1\n\n,,\nE,\"1\"x,male\n")
        .errors(5)
        .at(3, 1, "B;2;male")
        .helps("its cells are separated by `;`, those of the header by `,`: the table changes its separator")
        .at(4, 1, "A,2,male")
        .says("candidate `A` stands at list.csv:2:1 already")
        .helps("`one_row_per: visit` joins rows")
        .at(5, 3, "C,zwei,male")
        .says("`zwei` is not a number")
        .at(6, 1, "D,1")
        .says("the row has 2 cells, the header 3")
        .says("5 of 6 records were refused");
    // A candidate of two tables is one candidate, where rows are joined, and else refused.
    let scratch = scratch(&source(rest), "Pat,ECOG,Sex\nA,1,male\n")
        .with("more.csv", "Pat,ECOG,Sex\nA,2,male\n");
    let told = map(&scratch, &["list.csv", "more.csv"]).code(4);
    assert!(said(&told).contains("candidate `A` stands at list.csv:2:1 already"));
    let joined = source(&format!("one_row_per: visit\n{rest}"));
    let scratch = self::scratch(&joined, "Pat,ECOG,Sex\nA,1,male\n,1,\n")
        .with("more.csv", "Pat,ECOG,Sex\nA,2,male\n");
    let told = map(&scratch, &["list.csv", "more.csv"]).code(4);
    assert!(said(&told).contains("the row names no candidate, so it can be joined to none"));
    told.stdout(predicates::str::contains(
        "1 (list.csv:2 ECOG); 2 (more.csv:2 ECOG)",
    ));
}

#[test]
fn a_workbook_whose_columns_are_ours_needs_no_source_file() {
    let rows = [
        row(3, &["candidate", "sex", "born", "ecog", "lines.1.drug"]),
        row(4, &["A", "female", "@33182", "=1", "fu"]),
        row(6, &["B", "femal", "1990", "=9"]),
    ]
    .concat();
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with(
            "list.xlsx",
            xlsx(&[("Referrals", "visible", &rows), ("Old", "hidden", "")]),
        )
        .with(
            "two.xlsx",
            xlsx(&[("One", "visible", &rows), ("Two", "visible", "")]),
        );
    let batch = |arguments: &[&str]| {
        let mut call = scratch.eligo();
        call.args(["batch", "--trial", "trial.yaml"])
            .args(arguments)
            .assert()
    };
    let told = batch(&["list.xlsx", "--format", "ndjson"]).code(4);
    let rows = String::from_utf8(told.get_output().stdout.clone()).unwrap();
    let rows: Vec<Json> = rows
        .lines()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[0]["line"], &rows[0]["verdicts"]["I2"]),
        (&json!(4), &json!("pass"))
    );
    assert_eq!(rows[1]["errors"][0]["line"], 6);
    assert_eq!(rows[1]["errors"][0]["column"], 2);
    let told = batch(&["list.xlsx", "--stop-on-error"]).code(4);
    assert!(
        said(&told).contains(" --> list.xlsx Referrals!B6\n"),
        "{}",
        said(&told)
    );
    let told = batch(&["two.xlsx"]).code(2);
    assert!(
        said(&told).contains("several sheets: `One`, `Two`"),
        "{}",
        said(&told)
    );
    batch(&["two.xlsx", "--sheet", "One"]).code(4);
    let told = batch(&["list.xlsx", "--rename", "sex=sxe"]).code(2);
    assert!(
        said(&told).contains(" --> list.xlsx Referrals!B3\n"),
        "{}",
        said(&told)
    );
}

#[test]
fn two_versions_of_a_trial_screen_what_a_source_file_reads() {
    let scratch = scratch(
        &source("candidate: Pat\ncolumns: { ECOG: ecog }\n"),
        "Pat,ECOG\nA,1\nB,2\n",
    )
    .with("new.yaml", TRIAL.replace("ecog <= 1", "ecog <= 2"));
    let mut call = scratch.eligo();
    call.args([
        "diff",
        "trial.yaml",
        "new.yaml",
        "--on",
        "list.csv",
        "--source",
        "s.yaml",
    ])
    .assert()
    .code(0)
    .stdout(predicates::str::contains(
        "2 candidates: 1 as before, 1 with",
    ));
}
