//! Sheets in HTML and Markdown: what they hold, that no text of a record is markup, and templates of a site.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;

use common::snapshot::assert_snapshot;
use common::{Scratch, eligo, example_records, obeyed_by_a_terminal, report, text_of};
use predicates::prelude::*;
use predicates::str::{contains, starts_with};

fn sheet(record: &str, arguments: &[&str]) -> String {
    let mut command = eligo();
    command.args(["screen", record]).args(arguments);
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[test]
fn a_sheet_holds_all_that_a_reader_must_check() {
    let example = "examples/with-evidence.yaml";
    let site = ["--site", "examples/site-policy.yaml"];
    let of = |format| sheet(example, &[&site[..], &["--format", format]].concat());
    let (html, markdown) = (of("html"), of("markdown"));
    let report = report(&[&[example][..], &site].concat());
    for said in [
        report["candidate"].as_str().unwrap(),
        report["trial"]["sha256"].as_str().unwrap(),
        report["record"]["sha256"].as_str().unwrap(),
        report["site"]["sha256"].as_str().unwrap(),
        "Inclusion criteria",
        "Exclusion criteria",
        "Signature",
        "supports the investigator",
    ] {
        assert!(html.contains(said), "{said}\n{html}");
        assert!(markdown.contains(said), "{said}\n{markdown}");
    }
    let criteria = report["criteria"].as_array().unwrap();
    for criterion in criteria {
        let id = criterion["id"].as_str().unwrap();
        assert!(
            html.contains(&format!("<th scope=\"row\">{id}</th>")),
            "{id}"
        );
        assert!(markdown.contains(&format!("\n| {id} | ")), "{id}");
    }
    // The protocol's words, and evidence with its date and who says so.
    assert!(
        html.contains("<blockquote>Patients with relapsed and refractory"),
        "{html}"
    );
    assert!(html.contains("aria-label=\"Evidence for "), "{html}");
    assert!(markdown.contains("; by investigator"), "{markdown}");
}

/// Of a trial of its own, so that the pages change when the templates do, and not with a shipped trial.
#[test]
fn sheets_are_what_they_were() {
    let data = "tests/data/sheets";
    let trial = format!("{data}/trial.yaml");
    for (command, input, name) in [
        ("screen", "candidate.yaml", "candidate"),
        ("batch", "list.csv", "list"),
    ] {
        for (format, extension) in [("html", "html"), ("markdown", "md")] {
            let mut eligo = eligo();
            eligo
                .args([command, &format!("{data}/{input}"), "--trial", &trial])
                .args(["--format", format]);
            let page = String::from_utf8(eligo.output().unwrap().stdout).unwrap();
            let page = page.replace(
                concat!("eligo ", env!("CARGO_PKG_VERSION")),
                "eligo [version]",
            );
            assert_snapshot(&format!("{data}/{name}.{extension}"), &page);
        }
    }
}

#[test]
fn a_page_needs_nothing_from_elsewhere_and_has_no_script() {
    for example in example_records() {
        let html = sheet(&example, &["--format", "html"]);
        assert!(
            html.starts_with("<!doctype html>\n<html lang=\"en\">"),
            "{example}"
        );
        for word in [
            "<script",
            "http:",
            "https:",
            "url(",
            "@import",
            " src=",
            "javascript:",
        ] {
            assert!(!html.contains(word), "{example}: {word}");
        }
        assert!(html.contains("default-src 'none'"), "{example}");
        assert!(obeyed_by_a_terminal(&html).is_empty(), "{example}");
        let opened = html.matches("<tr").count();
        assert_eq!(opened, html.matches("</tr>").count(), "{example}");
    }
}

const HOSTILE: &str =
    "</style><script>alert(1)</script>\"><svg onload=x> \u{202e}txt | **b** `c` \\ {{ 1 }} [l](u)";

#[test]
fn no_text_of_a_record_is_markup() {
    let text = serde_json::to_string(HOSTILE).unwrap();
    let record = format!("candidate: {text}\nnote: {text}\necog: {{ value: 9, by: {text} }}\n")
        .replace("value: 9", "value: 4");
    let scratch = Scratch::new().with("a.yaml", record);
    let path = scratch.path().join("a.yaml");
    let path = path.to_str().unwrap();
    let html = sheet(path, &["--format", "html"]);
    assert!(html.contains("&lt;script&gt;alert(1)"), "{html}");
    for word in ["<script", "<svg", "\u{202e}", "onload=x>"] {
        assert!(!html.contains(word), "{word}: {html}");
    }
    // In the style sheet, too, where the page's header stands.
    let style = html
        .split("<style>")
        .nth(1)
        .unwrap()
        .split("</style>")
        .next()
        .unwrap();
    assert!(
        style.contains("@bottom") || style.contains("\\00003c\\00002fstyle"),
        "{style}"
    );
    let markdown = sheet(path, &["--format", "markdown"]);
    assert!(
        markdown.contains("\\<script\\>") && markdown.contains("\\*\\*b\\*\\*"),
        "{markdown}"
    );
    assert!(
        !markdown.contains("\u{202e}") && !markdown.contains("[l]("),
        "{markdown}"
    );
}

#[test]
fn the_name_of_the_output_says_the_format_and_the_file_is_whole_or_not_there() {
    let scratch = Scratch::new().with("a.yaml", text_of("examples/eligible.yaml"));
    for (name, begins) in [
        ("sheet.html", "<!doctype html>"),
        ("sheet.md", "# Screening sheet"),
        ("report.json", "{\n  \"schema\": \"eligo/report/1\""),
        ("report.txt", "LDP-0042: ELIGIBLE"),
    ] {
        scratch
            .eligo()
            .args(["screen", "a.yaml", "--output", name])
            .assert()
            .code(0)
            .stdout("");
        let text = fs::read_to_string(scratch.path().join(name)).unwrap();
        assert!(text.starts_with(begins), "{name}: {text}");
    }
    for (output, says) in [
        (
            "a.yaml",
            "`a.yaml` is the record; name another file for the report",
        ),
        ("none/sheet.html", "there is no directory `none`"),
        (".", "is a directory"),
    ] {
        scratch
            .eligo()
            .args(["screen", "a.yaml", "--output", output])
            .assert()
            .code(2)
            .stderr(contains(says));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("a.yaml", scratch.path().join("link.html")).unwrap();
        let through_a_link = ["screen", "a.yaml", "--output", "link.html"];
        let ran = scratch.eligo().args(through_a_link).assert();
        ran.code(2).stderr(contains("`link.html` is the record"));
    }
    assert_eq!(
        fs::read_to_string(scratch.path().join("a.yaml")).unwrap(),
        text_of("examples/eligible.yaml")
    );
    let refused = scratch.with("b.yaml", "ecgo: 1\n");
    refused
        .eligo()
        .args(["screen", "b.yaml", "--output", "b.html"])
        .assert()
        .code(2);
    assert!(!refused.path().join("b.html").exists());
}

/// Two documents behind each other are no document.
#[test]
fn a_page_in_html_holds_one_sheet() {
    let two = ["screen", "examples/eligible.yaml", "examples/pregnant.yaml"];
    let of = |format: &str| eligo().args(two).args(["--format", format]).assert();
    of("html")
        .code(2)
        .stdout("")
        .stderr(contains("holds one sheet; screen one record"));
    of("markdown")
        .code(1)
        .stdout(contains("\n\n# Screening sheet: LDP-"));
}

#[test]
fn a_site_may_have_a_template_of_its_own() {
    let scratch = Scratch::new()
        .with("a.yaml", format!("candidate: {}\n", serde_json::to_string(HOSTILE).unwrap()))
        .with("t.html", "<p>{{ report.candidate }}: {{ word }}, {{ verdicts.I4.word }}, {{ labels.ecog }}</p>\n")
        .with("bad.html", "<p>\n{{ report.candidate | nothing }}\n")
        .with("open.html", "<p>{% if word %}\n");
    scratch
        .eligo()
        .args(["screen", "a.yaml", "--template", "t.html"])
        .assert()
        .code(3)
        .stdout(starts_with("<p>&lt;").and(contains(
            ": UNDETERMINED, UNKNOWN, ECOG performance status</p>",
        )));
    // A screening that cannot be reported is not logged.
    let logged = ["--template", "bad.html", "--log", "log.ndjson"];
    let ran = scratch
        .eligo()
        .args(["screen", "a.yaml"])
        .args(logged)
        .assert();
    ran.code(2).stderr(contains("bad.html:2:1"));
    let log = fs::read_to_string(scratch.path().join("log.ndjson")).unwrap_or_default();
    assert_eq!(log, "");
    let folder = scratch
        .eligo()
        .args(["screen", "a.yaml", "--template", "."])
        .assert();
    folder
        .code(2)
        .stderr(contains("`.` is a directory; name a file in it"));
    for (template, place) in [("bad.html", "bad.html:2:1"), ("open.html", "open.html:")] {
        scratch
            .eligo()
            .args([
                "screen",
                "a.yaml",
                "--format",
                "html",
                "--template",
                template,
            ])
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains("the template cannot be filled: ").and(contains(place)));
    }
    scratch
        .eligo()
        .args([
            "screen",
            "a.yaml",
            "--format",
            "json",
            "--template",
            "t.html",
        ])
        .assert()
        .code(2)
        .stderr(contains("a template is for a sheet"));
}

/// What says less than a sheet does not go into a file that is called one.
#[test]
fn a_part_of_a_report_is_no_sheet() {
    let scratch = Scratch::new().with("a.yaml", text_of("examples/eligible.yaml"));
    for part in ["--quiet", "--brief"] {
        for (name, code) in [("a.html", 2), ("a.md", 2), ("a.json", 2), ("a.txt", 0)] {
            let command = ["screen", "a.yaml", part, "--output", name];
            let told = scratch.eligo().args(command).assert().code(code);
            let told = String::from_utf8(told.get_output().stderr.clone()).unwrap();
            assert_eq!(
                told.contains(&format!("`{part}` is for reading")),
                code == 2,
                "{told}"
            );
            assert_eq!(
                scratch.path().join(name).exists(),
                code == 0,
                "{part} {name}"
            );
        }
        std::fs::remove_file(scratch.path().join("a.txt")).unwrap();
    }
}
