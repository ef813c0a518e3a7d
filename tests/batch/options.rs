//! Which rows are written, when screening stops, and what the exit code says.

use serde_json::Value as Json;

use crate::{Ran, Scratch, batch, five, ndjson, patient};

fn run(arguments: &[&str]) -> Ran {
    ndjson(
        &Scratch::new().with("list.ndjson", five()),
        &[&["list.ndjson"], arguments].concat(),
    )
}

#[test]
fn only_writes_those_and_every_error() {
    run(&["--only", "ineligible"])
        .tells(["2 P-2 ineligible", "4 P-4 error"])
        .ends(4);
    run(&["--only", "ineligible,undetermined"]).tells([
        "2 P-2 ineligible",
        "3 P-3 undetermined",
        "4 P-4 error",
    ]);
    run(&["--only", "eligible", "--only", "undetermined"]).tells([
        "1 P-1 eligible",
        "3 P-3 undetermined",
        "4 P-4 error",
        "5 P-5 eligible",
    ]);
    run(&["--only", "everybody"]).ends(2);
    // The summary is of all rows.
    run(&["--only", "undetermined"])
        .says("5 rows: 2 eligible, 1 ineligible, 1 undetermined, 1 could not be read");
}

#[test]
fn stop_on_error_stops_at_the_first() {
    let four = [
        "1 P-1 eligible",
        "2 P-2 ineligible",
        "3 P-3 undetermined",
        "4 P-4 error",
    ];
    run(&["--stop-on-error"])
        .tells(four)
        .says("Up to the first row that cannot be read")
        .ends(4);
    let scratch = Scratch::new()
        .with("a.ndjson", "{\n")
        .with("b.ndjson", five());
    ndjson(
        &scratch,
        &["a.ndjson", "b.ndjson", "--stop-on-error", "--threads", "4"],
    )
    .tells(["1 - error"])
    .ends(4);
    ndjson(
        &scratch,
        &["b.ndjson", "a.ndjson", "--stop-on-error", "--threads", "4"],
    )
    .says("4 rows")
    .ends(4);
    let json = batch(
        &scratch,
        &["b.ndjson", "--stop-on-error", "--format", "json"],
    )
    .stdout;
    assert_eq!(
        serde_json::from_str::<Json>(&json)
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        4
    );
}

#[test]
fn stop_on_error_stops_at_the_same_row_with_any_number_of_threads() {
    let mut list: String = (0..6_000)
        .map(|row| patient(&format!("P-{row}"), "1") + "\n")
        .collect();
    list += "not a record\n";
    list.extend((0..6_000).map(|row| patient(&format!("Q-{row}"), "1") + "\n"));
    let scratch = Scratch::new().with("list.ndjson", list);
    for threads in ["1", "2", "4"] {
        let rows = ndjson(
            &scratch,
            &["list.ndjson", "--stop-on-error", "--threads", threads],
        )
        .ends(4)
        .says("6001 rows")
        .rows();
        assert_eq!(rows.len(), 6_001);
        assert_eq!(rows[6_000]["eligibility"], "error");
    }
}

#[test]
fn the_exit_code_says_whether_every_row_was_screened() {
    let scratch = Scratch::new()
        .with("eligible.ndjson", patient("A", "1"))
        .with("ineligible.ndjson", patient("B", "4"))
        .with("undetermined.ndjson", patient("C", "null"))
        .with("error.ndjson", "{");
    let code = |arguments: &[&str], code| {
        ndjson(&scratch, arguments).ends(code);
    };
    let all = [
        "eligible.ndjson",
        "ineligible.ndjson",
        "undetermined.ndjson",
    ];
    code(&all, 0);
    code(&[&all[..], &["error.ndjson"]].concat(), 4);
    code(&[&all[..], &["--fail-on", "ineligible"]].concat(), 1);
    code(&[&all[..], &["--fail-on", "undetermined"]].concat(), 3);
    code(
        &[&all[..], &["--fail-on", "undetermined,ineligible"]].concat(),
        1,
    );
    code(
        &["eligible.ndjson", "--fail-on", "ineligible,undetermined"],
        0,
    );
    code(&["ineligible.ndjson", "--fail-on", "undetermined"], 0);
    code(&["undetermined.ndjson", "--fail-on", "ineligible"], 0);
    code(
        &[
            "undetermined.ndjson",
            "--fail-on",
            "ineligible,undetermined",
        ],
        3,
    );
    // An error goes before both, and what is not written counts too.
    code(
        &[
            &all[..],
            &["error.ndjson", "--fail-on", "ineligible,undetermined"],
        ]
        .concat(),
        4,
    );
    code(
        &[&all[..], &["--fail-on", "ineligible", "--only", "eligible"]].concat(),
        1,
    );
}

/// No exit code stands for a candidate who is eligible.
#[test]
fn fail_on_takes_what_it_has_an_exit_code_for() {
    let ran = run(&["--fail-on", "eligible"]).ends(2).says("--fail-on");
    assert_eq!(ran.stdout, "");
}

#[test]
fn there_is_no_progress_in_a_pipe() {
    let ran = run(&[]);
    assert!(
        !ran.stderr.contains('\r') && !ran.stderr.contains('\u{1b}'),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr, run(&["--no-progress"]).stderr);
}

#[test]
fn the_policy_of_a_site_holds_for_every_row() {
    let row = patient("A", "1").replace("[\"chemotherapy\"]", "[\"allogeneic_sct\"]");
    let site = "format: eligo/site/1\ntrial: NCT04546906\nreadings: { I1a: any_means }\n";
    let scratch = Scratch::new()
        .with("list.ndjson", row)
        .with("site.yaml", site);
    ndjson(&scratch, &["list.ndjson"]).tells(["1 A undetermined"]);
    let ran = ndjson(&scratch, &["list.ndjson", "--site", "site.yaml"]);
    if !ran.stderr.contains("error:") {
        ran.tells(["1 A eligible"]);
    } else {
        panic!("{}", ran.stderr);
    }
}
