//! The sheet of a list: its figures are those of the summary, it is bounded, and it appears when it is whole.

use std::fs;

use crate::common::{obeyed_by_a_terminal, text_of};
use crate::{Scratch, batch, batch_from, five, patient};

/// The cells of the rows of a page's tables, without their markup.
fn cells(page: &str) -> Vec<Vec<String>> {
    let rows = page.split("<tr").skip(1);
    let row = |row: &str| {
        let row = row.split("</tr>").next().unwrap().to_owned();
        let cells = row
            .split("<t")
            .skip(1)
            .filter(|cell| cell.starts_with(['h', 'd']));
        let text = |cell: &str| {
            let inside = cell.split_once('>').unwrap().1;
            inside.split("</t").next().unwrap().to_owned()
        };
        cells.map(text).collect()
    };
    rows.map(row).collect()
}

#[test]
fn the_figures_are_those_of_the_summary() {
    let scratch = Scratch::new().with("list.ndjson", five());
    batch(
        &scratch,
        &[
            "list.ndjson",
            "--output",
            "list.html",
            "--summary",
            "s.json",
        ],
    )
    .ends(4);
    let read = |name: &str| fs::read_to_string(scratch.path().join(name)).unwrap();
    let page = read("list.html");
    let summary: serde_json::Value = serde_json::from_str(&read("s.json")).unwrap();
    let rows = cells(&page);
    let has = |wanted: &[String]| {
        assert!(
            rows.iter().any(|row| row == wanted),
            "{wanted:?} is not in {rows:#?}"
        )
    };
    let mut before = 4;
    for part in summary["criteria"].as_array().unwrap() {
        let text = |key: &str| match &part[key] {
            serde_json::Value::String(text) => text.replace('\'', "&#x27;"),
            other => other.to_string(),
        };
        let left = part["left"].as_u64().unwrap();
        let first = (before - left).to_string();
        has(&[
            text("id"),
            text("title"),
            first,
            text("fail"),
            text("unknown"),
            text("left"),
        ]);
        before = left;
    }
    for (word, count) in [
        ("Eligible: no criterion failed, none is unknown", "2"),
        (
            "Undetermined: no criterion failed, one or more unknown",
            "1",
        ),
        ("Ineligible: one or more criteria failed", "1"),
        ("Could not be read: no verdict", "1"),
    ] {
        let share = format!("{}.0 %", count.parse::<u32>().unwrap() * 20);
        has(&[word.to_owned(), count.to_owned(), share]);
    }
    for text in [
        ">5 rows</text>",
        ">1 could not be read</text>",
        ">4 screened</text>",
        ">2 eligible</text>",
        ">1 undetermined</text>",
        ">1 ineligible</text>",
    ] {
        assert!(page.contains(text), "{text}");
    }
    has(&["ECOG performance status", "<code>ecog</code>", "1", "1"].map(str::to_owned));
}

#[test]
fn a_candidate_stands_in_the_grid_with_every_verdict() {
    let scratch = Scratch::new().with("list.ndjson", five());
    let page = batch(&scratch, &["list.ndjson", "--format", "html"])
        .ends(4)
        .stdout;
    let row = |name: &str| {
        let rows = cells(&page);
        rows.into_iter().find(|row| row[0] == name).unwrap()
    };
    assert_eq!(row("P-2")[..3], ["P-2", "2", "ineligible"]);
    assert_eq!(row("P-2")[3..].join(" "), "P P n F P P P P P P P P P P n P");
    assert_eq!(row("P-3")[3..].join(" "), "P P n U P P P P P P P P P P n P");
    assert_eq!(
        row("P-4")[2..],
        ["not read", "ecog: 9 is outside the plausible range 0..5"]
    );
    let only = ["list.ndjson", "--format", "html", "--only", "undetermined"];
    let page = batch(&scratch, &only).ends(4).stdout;
    let names: Vec<String> = cells(&page)
        .into_iter()
        .map(|row| row[0].clone())
        .filter(|name| name.starts_with("P-"))
        .collect();
    assert_eq!(
        names,
        ["P-3", "P-4"],
        "rows that cannot be read are always there"
    );
}

/// The pages of a short and of a long list are of one size, whatever the number of threads.
#[test]
fn the_grid_is_bounded_and_says_where_the_rest_is() {
    let rows = |count: usize| -> String {
        (0..count)
            .map(|number| patient(&format!("P-{number}"), ["1", "4", "null"][number % 3]) + "\n")
            .collect()
    };
    let scratch = Scratch::new()
        .with("short.ndjson", rows(200))
        .with("long.ndjson", rows(20_000));
    let page = |name: &str, threads: &str| {
        let threads = ["--format", "html", "--threads", threads];
        batch(&scratch, &[&[name][..], &threads].concat())
            .ends(0)
            .stdout
    };
    let (short, long) = (page("short.ndjson", "1"), page("long.ndjson", "1"));
    assert!(!short.contains("rows; all stand in"));
    assert!(long.contains("The first 200 of 20000 rows; all stand in"));
    assert!(long.contains(">P-199<") && !long.contains(">P-200<"));
    assert!(
        long.len() < short.len() + 1_000,
        "{} {}",
        long.len(),
        short.len()
    );
    assert_eq!(page("long.ndjson", "3"), long);
}

#[test]
fn a_page_holds_nothing_that_a_list_could_smuggle_in() {
    let hostile =
        "</style><script>alert(1)</script>\\\"><svg onload=x> \\u202etxt | **b** [l](u) {{ 1 }}";
    let list = patient(hostile, "1") + "\n" + &patient(hostile, "9") + "\n";
    let scratch = Scratch::new().with("<svg onload=y>.ndjson", list);
    for format in ["html", "markdown"] {
        let page = batch(&scratch, &["<svg onload=y>.ndjson", "--format", format])
            .ends(4)
            .stdout;
        assert!(
            page.contains("script") && obeyed_by_a_terminal(&page).is_empty(),
            "{page}"
        );
        let link = if format == "markdown" {
            "[l]("
        } else {
            "</style><"
        };
        for word in ["<script", "<svg onload", "\u{202e}", link] {
            let page = page.replace("\\<", "\\");
            assert!(!page.contains(word), "{format}: {word}\n{page}");
        }
    }
}

/// Neither a drawing nor a table is larger than a printed page.
#[test]
fn a_trial_of_many_criteria_is_laid_out_in_parts() {
    let criteria = |number: usize| {
        format!(
            "    - {{ id: C{number}, title: Criterion {number}, text: t, require: f = {number} }}\n"
        )
    };
    let trial = format!(
        "format: eligo/trial/1\ntrial: {{ id: MANY-1, title: Many }}\nfacts:\n  f: {{ type: integer, label: F, range: 0..99 }}\ncriteria:\n  inclusion:\n{}",
        (1..=45).map(criteria).collect::<String>()
    );
    let scratch = Scratch::new().with("trial.yaml", trial).with(
        "list.ndjson",
        "{\"candidate\":\"A\",\"f\":45}\n{\"candidate\":\"B\"}\n",
    );
    let arguments = ["list.ndjson", "--trial", "trial.yaml", "--format", "html"];
    let page = batch(&scratch, &arguments).ends(0).stdout;
    for part in 1..=6 {
        assert!(
            page.contains(&format!("Flow of candidates, part {part} of 6, C")),
            "{part}"
        );
    }
    let verdicts = |name: &str| {
        let rows = cells(&page).into_iter().filter(|row| row[0] == name);
        rows.map(|row| row[3..].concat()).collect::<Vec<_>>()
    };
    let fails = |count: usize| "F".repeat(count);
    assert_eq!(verdicts("A"), [fails(20), fails(20), fails(4) + "P"]);
    assert_eq!(verdicts("B"), [20, 20, 5].map(|count| "U".repeat(count)));
    assert!(page.contains("<caption class=\"dim\">Candidates and criteria C41 to C45</caption>"));
}

/// Verdicts that may not be used are said to be so on the page, above everything else.
#[test]
fn a_candidate_in_parts_is_named_at_the_top() {
    let list = "candidate,cd22.1.result\nA,positive\nB,positive\nA,negative\n";
    let scratch = Scratch::new().with("list.csv", list);
    let page = batch(&scratch, &["list.csv", "--format", "html"])
        .ends(4)
        .stdout;
    let (said, flow) = (
        page.find("Do not use these verdicts"),
        page.find("Flow: who is left"),
    );
    assert!(said.is_some() && said < flow, "{page}");
    assert!(
        page.contains("line 2 and line 4 are one candidate in parts"),
        "{page}"
    );
}

/// Without a readable row there is no flow, and the page says why.
#[test]
fn a_list_of_errors_alone_has_a_page_too() {
    let scratch = Scratch::new().with("list.ndjson", "{\"ecog\":9}\n");
    for format in ["html", "markdown"] {
        let page = batch(&scratch, &["list.ndjson", "--format", format])
            .ends(4)
            .stdout;
        assert!(page.contains("outside the plausible range"), "{page}");
        assert!(!page.contains("Flow: who is left"), "{page}");
    }
    batch_from(&scratch, &["-", "--format", "html"], "\n")
        .ends(2)
        .says("there is no row");
}

#[test]
fn a_template_of_a_site_is_looked_at_before_the_list() {
    let scratch = Scratch::new()
        .with("list.ndjson", five())
        .with("t.html", "<p>{{ summary.eligible }} of {{ screened }}, {{ trial.id }}, {{ steps[3].id }}</p>\n{{ pictures.flow[0] }}\n")
        .with("bad.html", "<p>\n{% if screened %}\n")
        .with("late.html", "<p>\n{{ screened | nothing }}\n");
    let page = batch(&scratch, &["list.ndjson", "--template", "t.html"])
        .ends(4)
        .stdout;
    assert!(
        page.starts_with("<p>2 of 4, NCT04546906, I4</p>\n<svg role=\"img\""),
        "{page}"
    );
    for template in ["bad.html", "late.html", "none.html"] {
        let arguments = ["--template", template, "--output", "sheet.html"];
        let ran = batch(&scratch, &[&["list.ndjson"][..], &arguments].concat());
        assert!(ran.stderr.contains(template), "{}", ran.stderr);
        assert_eq!(ran.code, Some(2));
        assert!(!scratch.path().join("sheet.html").exists());
    }
    for (arguments, says) in [
        (
            ["--format", "csv", "--template=t.html", "--no-progress"],
            "a template is for a sheet",
        ),
        (
            ["--template=t.html", "--no-progress", "--output", "t.html"],
            "`t.html` is the template; name another file for the sheet",
        ),
        (
            [
                "--format=html",
                "--output",
                "list.ndjson",
                "--template=t.html",
            ],
            "`list.ndjson` is one of the lists",
        ),
    ] {
        batch(&scratch, &[&["list.ndjson"][..], &arguments].concat())
            .ends(2)
            .says(says);
    }
}

#[test]
fn a_sheet_that_would_not_be_whole_is_not_written() {
    let scratch = Scratch::new().with("list.ndjson", five());
    let stop = ["list.ndjson", "--format", "html", "--stop-on-error"];
    let ran = batch(&scratch, &stop)
        .ends(4)
        .says("the sheet is not written, since it would not be whole");
    assert_eq!(ran.stdout, "");
    let ran = batch(&scratch, &[&stop[..], &["--output", "s.html"]].concat()).ends(4);
    assert!(
        ran.stderr.contains("`s.html` is not written"),
        "{}",
        ran.stderr
    );
    assert!(!scratch.path().join("s.html").exists());
}

#[test]
fn the_example_of_a_list_says_what_its_pages_say() {
    let scratch = Scratch::new().with("referrals.csv", text_of("examples/referrals.csv"));
    let page = batch(&scratch, &["referrals.csv", "--output", "referrals.md"]).ends(4);
    assert_eq!(page.stdout, "");
    let page = fs::read_to_string(scratch.path().join("referrals.md")).unwrap();
    assert!(
        page.starts_with("# Screening of a list: referrals.csv\n"),
        "{page}"
    );
    assert!(
        page.contains("\n| LDP-0102 | 3 | ineligible | P | F | n | P |"),
        "{page}"
    );
}
