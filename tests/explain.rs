//! `eligo explain`: what a reader who never saw the trial file is told.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, criterion, eligo, example_records, obeyed_by_a_terminal, report, text_of};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value as Json, json};
use unicode_width::UnicodeWidthStr as _;

fn text(arguments: &[&str]) -> String {
    let output = eligo().arg("explain").args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn explained(arguments: &[&str]) -> Json {
    serde_json::from_str(&text(&[arguments, &["--format", "json"]].concat())).unwrap()
}

/// Every value under `key`, at any depth.
fn all<'a>(json: &'a Json, key: &str) -> Vec<&'a Json> {
    match json {
        Json::Array(items) => items.iter().flat_map(|item| all(item, key)).collect(),
        Json::Object(entries) => entries
            .iter()
            .flat_map(|(name, value)| {
                (name == key)
                    .then_some(value)
                    .into_iter()
                    .chain(all(value, key))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The ids of criteria, each before its parts.
fn ids(criteria: &Json) -> Vec<&str> {
    let mut found = Vec::new();
    for criterion in criteria.as_array().unwrap() {
        found.extend(criterion["id"].as_str());
        found.extend(ids(&criterion["criteria"]));
    }
    found
}

/// A text as one line.
fn unwrapped(text: &str) -> String {
    text.split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ")
}

fn fact<'a>(explained: &'a Json, path: &str) -> &'a Json {
    explained["facts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|fact| fact["path"] == path)
        .unwrap_or_else(|| panic!("no fact {path}"))
}

// What is said

#[test]
fn a_rule_is_said_in_words_beside_its_expression() {
    let found = explained(&["I4"]);
    assert_eq!(
        criterion(&found, "I4")["rule"]["sentence"],
        "Met if ECOG performance status is at most 2."
    );
    assert_eq!(criterion(&found, "I4")["rule"]["expression"], "ecog <= 2");
    let shown = unwrapped(&text(&["I4"]));
    for part in [
        "I4 ECOG at most 2",
        "“The activity state score of the Eastern Cooperative Oncology Group (ECOG) was less than or equal to 2;”",
        "The present ECOG score is 0, 1 or 2.",
        "Children are not excepted",
        "Met if ECOG performance status is at most 2. ecog <= 2",
        "only a Lansky or Karnofsky score is recorded",
        "Raised if ECOG performance status is not known, and (Lansky score is known, or Karnofsky score is known).",
        "Which ECOG score has the patient now?",
        "a whole number, 0 to 5",
        "LOINC 89247-1",
        "The result of a measurement.",
        "decides I4",
    ] {
        assert!(shown.contains(part), "`{part}` is not in:\n{shown}");
    }
}

#[test]
fn a_criterion_with_parts_says_what_it_takes_of_them() {
    let found = explained(&["I1"]);
    let i1 = criterion(&found, "I1");
    assert_eq!(
        i1["group"],
        json!({ "need": "any", "sentence": "Met if its own condition is met, and at least one of I1a, I1b and I1c is met." })
    );
    let parts: Vec<&str> = i1["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["id"].as_str().unwrap())
        .collect();
    assert_eq!(parts, ["I1a", "I1b", "I1c"]);
    assert_eq!(
        i1["readings"][0]["condition"]["sentence"],
        "Met if Diagnosis is “B-cell acute lymphoblastic leukaemia”."
    );
    assert_eq!(
        criterion(&found, "I1c")["rule"]["sentence"],
        "Met if never in complete remission, and Risk group is “high risk”, and Number of courses without remission is 1 to 2, and Suitable for \
         re-intensive therapy is answered no."
    );
    assert_eq!(criterion(&found, "I1c")["within"], "I1");
}

#[test]
fn readings_say_what_each_takes_the_words_to_mean_and_where_it_comes_from() {
    let found = explained(&["I1b"]);
    let readings = criterion(&found, "I1b")["readings"].as_array().unwrap();
    assert_eq!(readings.len(), 4);
    assert_eq!(readings[1]["name"], "three_or_more + is_no_remission");
    assert_eq!(
        readings[1]["say"],
        "three courses or more, by the letter; a remission in which MRD never became negative is none"
    );
    assert_eq!(
        readings[1]["condition"]["sentence"],
        "Met if (never in complete remission, and Number of courses without remission is at least 3), or (this always holds, and remission with \
         MRD that never became negative, and Number of courses with MRD still positive is at least 3)."
    );
    let of_i1 = explained(&["I1"]);
    let relatives = &criterion(&of_i1, "I1")["readings"][1];
    assert_eq!(relatives["basis"], "interpretation; the sponsor has to say");
    let tree = &readings[1]["condition"]["tree"];
    assert_eq!(
        (&tree["form"], &tree["says"]),
        (&json!("any"), &json!("at least one of these"))
    );
    assert_eq!(
        tree["parts"][0]["parts"][1]["expression"],
        "courses_without_remission >= 3"
    );
    // The definitions that the readings use are explained below.
    let names: Vec<&str> = found["definitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["never_in_remission", "mrd_never_negative"]);
    assert_eq!(
        found["definitions"][0]["sentence"],
        "That is: Complete remission ever achieved is answered no."
    );
}

#[test]
fn the_tree_is_drawn() {
    let shown = text(&["I1c"]);
    let tree = "               all of these:
               ├─ never in complete remission
               │    never_in_remission
               ├─ Risk group is “high risk”
               │    risk_group = 'high'
               ├─ Number of courses without remission is 1 to 2
               │    courses_without_remission between 1 and 2
               └─ Suitable for re-intensive therapy is answered no
                    not suitable_for_reintensive_therapy
";
    assert!(shown.contains(tree), "{shown}");
}

#[test]
fn a_criterion_for_some_says_for_whom() {
    let found = explained(&["I3"]);
    let i3 = criterion(&found, "I3");
    assert_eq!(
        i3["applies"]["sentence"],
        "Applies as follows: if Relapse is “a relapse whose place is not stated”, then this stays unknown; otherwise Relapse is either “outside the marrow only” or “MRD positive again, and outside the marrow”."
    );
    assert_eq!(
        i3["rule"]["sentence"],
        "Met if Number of assessable lesions is at least 1."
    );
    assert_eq!(
        i3["conflicts"][0]["condition"]["sentence"],
        "Contradiction if Relapse is either “outside the marrow only” or “MRD positive again, and outside the marrow”, and Marrow blasts is at least 5 %, and Number of assessable lesions is less than 1, and (it is not known that the date of Marrow blasts is before Date of relapse)."
    );
}

#[test]
fn an_exclusion_says_what_excludes() {
    let found = explained(&["E6"]);
    assert_eq!(
        criterion(&found, "E6")["group"]["sentence"],
        "Excludes if at least one of E6a and E6b excludes."
    );
    assert_eq!(
        criterion(&found, "E6a")["readings"][0]["condition"]["sentence"],
        "Excludes if the first that is known of (whether HBV DNA is “detected”, whether HBV viral load is at least 20 [IU]/mL) is answered yes."
    );
    assert_eq!(
        criterion(&found, "E6a")["cautions"][0]["condition"]["sentence"],
        "Raised if HBsAg is “positive”, and (HBV DNA is “not detected”, or HBV viral load is 0 [IU]/mL)."
    );
    let dna = fact(&found, "hepatitis.hbv_dna");
    assert_eq!(dna["codes"], json!({ "loinc": "29610-3" }));
    assert_eq!(
        dna["values"][2],
        json!({ "name": "detected_below_lloq", "label": "detected below the limit of quantification", "unclear": false })
    );
    assert_eq!(dna["decides"], json!(["E6a"]));
}

#[test]
fn a_condition_on_the_entries_of_a_list_is_said_of_an_entry() {
    let found = explained(&["E8"]);
    assert_eq!(
        criterion(&found, "E8a")["rule"]["sentence"],
        "Excludes if there is an entry in Allergies for which Class is “biological product”, and Severity is “severe”."
    );
    let fields: Vec<&str> = fact(&found, "allergies")["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        [
            "allergies.substance",
            "allergies.class",
            "allergies.severity",
            "allergies.reaction"
        ]
    );
}

#[test]
fn every_part_of_the_shipped_trial_is_said_without_the_expression_language() {
    let found = explained(&[]);
    let said: Vec<&Json> = all(&found, "sentence")
        .into_iter()
        .chain(all(&found, "says"))
        .chain(all(&found, "looks_for"))
        .collect();
    assert!(said.len() > 300, "{}", said.len());
    let names: Vec<&str> = found["facts"]
        .as_array()
        .unwrap()
        .iter()
        .chain(found["definitions"].as_array().unwrap())
        .map(|one| {
            one.get("path")
                .or_else(|| one.get("name"))
                .unwrap()
                .as_str()
                .unwrap()
        })
        .filter(|name| name.contains(['_', '.']))
        .collect();
    let quoted = predicates::str::is_match("'[a-z_]+'").unwrap();
    for sentence in said {
        let sentence = sentence.as_str().unwrap();
        for sign in [
            "{",
            "}",
            "<",
            ">",
            " = ",
            "_",
            "exists",
            "Count(",
            "is null",
            "is not null",
            "Last(",
            "`",
        ] {
            assert!(!sentence.contains(sign), "`{sign}` in: {sentence}");
        }
        assert!(!quoted.eval(sentence), "{sentence}");
        assert!(
            !names.iter().any(|name| sentence.contains(name)),
            "{sentence}"
        );
    }
}

#[test]
fn every_criterion_and_fact_of_the_trial_is_explained_in_order_with_its_line() {
    let found = explained(&["--trial", "criteria/nct04546906.yaml"]);
    let source = text_of("criteria/nct04546906.yaml");
    let lines: Vec<&str> = source.lines().collect();
    let mut before = 0;
    let ids = ids(&found["criteria"]);
    let written = |line: &&&str| {
        let line = line.trim_start();
        line.starts_with("- id: I") || line.starts_with("- id: E")
    };
    assert_eq!(ids.len(), lines.iter().filter(written).count());
    for id in ids {
        let part = criterion(&found, id);
        let line = part["line"].as_u64().unwrap() as usize;
        assert!(
            lines[line - 1].contains(&format!("id: {id}")),
            "{id}: {}",
            lines[line - 1]
        );
        assert!(line > before, "{id} is out of order");
        before = line;
    }
    for fact in found["facts"].as_array().unwrap() {
        let name = fact["path"].as_str().unwrap().rsplit('.').next().unwrap();
        let line = fact["line"].as_u64().unwrap() as usize;
        assert!(
            lines[line - 1].trim().starts_with(&format!("{name}:")),
            "{name}: {}",
            lines[line - 1]
        );
        assert!(fact["ask"].is_string(), "{name}");
    }
    let shown = text(&["--trial", "criteria/nct04546906.yaml"]);
    let first = lines.iter().position(|line| line.trim() == "- id: I1");
    let place = format!("criteria/nct04546906.yaml:{}", first.unwrap() + 1);
    for part in [
        "Sponsor      Hebei Senlang",
        "The criteria at a glance",
        "Inclusion criteria",
        "Exclusion criteria",
        "More about the trial",
        &place,
    ] {
        assert!(shown.contains(part), "{part}");
    }
}

#[test]
fn every_trial_file_of_the_suite_is_explained() {
    let folder = common::root().join("tests/trials");
    let mut explained_files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_str().unwrap();
        if name.ends_with(".yaml") && !name.ends_with(".cases.yaml") {
            let found = explained(&["--trial", name]);
            assert!(!all(&found, "sentence").is_empty(), "{name}");
            explained_files += 1;
        }
    }
    assert!(explained_files > 10, "{explained_files}");
}

// What is asked for

#[test]
fn facts_groups_and_definitions_are_explained_too() {
    let cd22 = unwrapped(&text(&["cd22"]));
    assert!(
        cd22.contains("What did flow cytometry of marrow or peripheral blood show for CD22 on the leukaemic cells?")
            && cd22.contains("decides I2"),
        "{cd22}"
    );
    assert!(
        cd22.contains("not_reported: not mentioned in the report (a result that settles nothing)"),
        "{cd22}"
    );
    let latest = explained(&["latest_cd22"]);
    assert_eq!(
        latest["definitions"][0]["sentence"],
        "Stands for CD22 of the one with the latest Date of sample among the entries in CD22 results (only those for which Method is “flow \
         cytometry”, and Specimen is either “bone marrow” or “peripheral blood”)."
    );
    assert_eq!(latest["definitions"][0]["used_by"], json!(["I2"]));
    let group = explained(&["hepatitis"]);
    assert!(
        group["facts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|fact| fact["path"].as_str().unwrap().starts_with("hepatitis."))
    );
    assert_eq!(group["facts"].as_array().unwrap().len(), 7);
}

#[test]
fn several_ids_in_any_case() {
    let found = explained(&["i1B", "E8", "ecog", "I1b"]);
    let ids: Vec<&str> = found["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["I1b", "E8"]);
    assert_eq!(found["whole"], false);
    assert!(
        found["facts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|fact| fact["path"] == "ecog")
    );
}

#[test]
fn what_does_not_exist_has_a_nearest_word() {
    let complaint = eligo()
        .args(["explain", "I4", "hbv_dan", "E11"])
        .assert()
        .code(2)
        .stdout("");
    complaint
        .stderr(contains(
            "`hbv_dan` is not a criterion, a fact or a definition of NCT04546906",
        ))
        .stderr(contains("did you mean `hepatitis.hbv_dna`?"))
        .stderr(contains("`E11` is not a criterion"))
        .stderr(contains("its criteria are I1, I2"));
}

#[test]
fn a_day_needs_a_candidate() {
    eligo()
        .args(["explain", "--as-of", "2026-11-20"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("--record RECORD"));
    eligo()
        .args(["explain", "--record", "no-such.yaml"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("no-such.yaml"));
}

#[test]
fn a_site_policy_shows_in_the_explanation() {
    let found = explained(&["I1a", "ecog", "--site", "examples/site-policy.yaml"]);
    let pinned: Vec<&str> = criterion(&found, "I1a")["readings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["pinned"] == true)
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(pinned, ["as_written + persisting_mrd_is_none"]);
    let rules = fact(&found, "ecog")["evidence"].to_string();
    assert!(
        rules.contains("at most 14 days old on the screening date"),
        "{rules}"
    );
    assert!(
        unwrapped(&text(&["I1a", "--site", "examples/site-policy.yaml"]))
            .contains("pinned by the site: it alone counts")
    );
}

// A candidate

#[test]
fn a_candidate_shows_at_every_part() {
    let shown = text(&["I1b", "--record", "examples/first-line-refractory.yaml"]);
    assert!(
        shown.contains("Candidate LDP-0057, screened on 2026-11-20: UNDETERMINED"),
        "{shown}"
    );
    let tree = "                 [False, decides] at least one of these:
                 ├─ [False, decides] all of these:
                 │  ├─ [True] never in complete remission:
                 │  │  └─ [True] Complete remission ever achieved is answered
                 │  │       no
                 │  │       not remission.achieved
                 │  │       recorded: Complete remission ever achieved: no
                 │  └─ [False, decides] Number of courses without remission is
                 │       at least 3
                 │       courses_without_remission >= 3
                 │       recorded: Number of courses without remission is 2
                 │         (VDLP and one re-induction)
";
    assert!(shown.contains(tree), "{shown}");
    let shown = unwrapped(&shown);
    assert!(
        shown.contains("three_or_more + is_remission → not met")
            && shown.contains("two_or_more + is_remission → met"),
        "{shown}"
    );
    assert!(
        shown.contains("open because of: Number of courses with MRD still positive (not recorded)"),
        "{shown}"
    );
}

#[test]
fn the_entries_of_a_list_count_or_not_or_perhaps() {
    let scratch = Scratch::new().with(
        "r.yaml",
        "screened_on: 2026-11-20\nallergies:\n  - { substance: penicillin, class: antibiotic, severity: severe }\n  \
         - { substance: asparaginase, class: biological, severity: mild }\n  - { substance: cefepime, class: antibiotic }\n",
    );
    let path = scratch.path().join("r.yaml");
    let found = explained(&["E8b", "--record", path.to_str().unwrap()]);
    let list = &criterion(&found, "E8b")["rule"]["tree"]["finding"]["lists"][0];
    assert_eq!(list["complete"], true);
    assert_eq!(
        list["entries"],
        json!([
            { "shown": "penicillin (antibiotic, severe)", "counts": "yes", "because": [] },
            { "shown": "asparaginase (biological product, mild)", "counts": "no", "because": ["Class is other than “antibiotic”", "Severity is other than “severe”"] },
            { "shown": "cefepime (antibiotic, severity not recorded)", "counts": "perhaps", "because": ["not known whether Severity is “severe”"] },
        ])
    );
    let shown = unwrapped(&text(&["E8b", "--record", path.to_str().unwrap()]));
    assert!(shown.contains("perhaps counts: cefepime (antibiotic, severity not recorded) (not known whether Severity is “severe”)"), "{shown}");
}

#[test]
fn what_a_definition_asks_beside_a_value_is_missed_too() {
    let scratch = Scratch::new()
        .with(
            "trial.yaml",
            "format: eligo/trial/1\ntrial: { id: T1, title: A trial }\nfacts:\n  creatinine: { type: quantity, unit: mg/dL, label: Creatinine }\n\
             define:\n  limit: { label: Limit, is: 1.5 * creatinine.uln }\ncriteria:\n  inclusion:\n    \
             - { id: I1, title: Creatinine, text: Creatinine, require: creatinine <= limit }\n    \
             - { id: I2, title: Creatinine, text: Creatinine, require: creatinine <= 1.5 * creatinine.uln }\n",
        )
        .with("r.yaml", "screened_on: 2026-11-20\ncreatinine: 2 mg/dL\n");
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    let found = explained(&["--trial", &path("trial.yaml"), "--record", &path("r.yaml")]);
    for id in ["I1", "I2"] {
        assert_eq!(
            criterion(&found, id)["rule"]["tree"]["finding"]["missing"],
            json!([{ "fact": "creatinine", "label": "Creatinine", "cause": "without_uln" }]),
            "{id}"
        );
    }
}

#[test]
fn verdicts_are_those_of_the_screening() {
    for record in example_records() {
        for site in [&[][..], &["--site", "examples/site-policy.yaml"]] {
            let screened = report(&[&[record.as_str()], site].concat());
            let found = explained(&[&["--record", record.as_str()], site].concat());
            assert_eq!(
                found["candidate"]["eligibility"], screened["eligibility"],
                "{record}"
            );
            for id in ids(&found["criteria"]) {
                let (mine, theirs) = (criterion(&found, id), criterion(&screened, id));
                assert_eq!(mine["verdict"], theirs["verdict"], "{record}: {id}");
                let raised: Vec<&Json> = remarks(mine, "cautions");
                let reported: Vec<&Json> = theirs["cautions"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|caution| caution["may"] != true)
                    .map(|caution| &caution["say"])
                    .collect();
                assert_eq!(raised, reported, "{record}: {id}");
            }
        }
    }
}

/// What is said by the remarks whose condition is True.
fn remarks<'a>(criterion: &'a Json, key: &str) -> Vec<&'a Json> {
    let raised = |remark: &&Json| remark["condition"]["tree"]["finding"]["truth"] == "true";
    criterion[key]
        .as_array()
        .unwrap()
        .iter()
        .filter(raised)
        .map(|remark| &remark["say"])
        .collect()
}

// The formats

#[test]
fn every_explanation_keeps_the_contract() {
    let contract: Json =
        serde_json::from_str(&text_of("tests/data/explain-contract.json")).unwrap();
    let contract = jsonschema::validator_for(&contract).unwrap();
    let mut broken = Vec::new();
    let mut keeps = |arguments: &[&str]| {
        let found = explained(arguments);
        broken.extend(
            contract
                .iter_errors(&found)
                .map(|error| format!("{arguments:?}: {}: {error}", error.instance_path())),
        );
    };
    keeps(&[]);
    keeps(&[
        "I1b",
        "latest_cd22",
        "hepatitis",
        "--site",
        "examples/site-policy.yaml",
    ]);
    for record in example_records() {
        keeps(&["--record", &record]);
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn no_line_is_wider_than_the_page() {
    for width in [60, 80, 120] {
        for more in [
            &[][..],
            &["--record", "examples/chinese-notes.yaml"],
            &["--record", "examples/several-exclusions.yaml"],
        ] {
            let shown = text(&[&["--width", &width.to_string()], more].concat());
            let wide: Vec<&str> = shown.lines().filter(|line| line.width() > width).collect();
            assert!(wide.is_empty(), "{width}: {wide:#?}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for more in [
        &["I1b"][..],
        &["E8", "--record", "examples/several-exclusions.yaml"],
        &[],
    ] {
        let coloured = text(&[more, &["--color", "always"]].concat());
        let plain = text(&[more, &["--color", "never"]].concat());
        assert!(coloured.contains("\u{1b}["), "{more:?}");
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
        assert_eq!(obeyed_by_a_terminal(&text(more)), []);
    }
    eligo()
        .args(["explain", "I1"])
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .assert()
        .stdout(contains("\u{1b}[").not());
    for format in ["json", "markdown"] {
        assert!(!text(&["I1", "--format", format, "--color", "always"]).contains('\u{1b}'));
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    for format in ["text", "markdown", "json"] {
        let once = || text(&["--record", "examples/eligible.yaml", "--format", format]);
        assert_eq!(once(), once());
    }
}

#[test]
fn markdown_has_headings_quotations_and_lists() {
    let shown = text(&["I4", "--format", "markdown"]);
    for part in [
        "\n## I4 ECOG at most 2\n",
        "\n> The activity state score of the Eastern Cooperative Oncology Group (ECOG) was less than or equal to 2;\n",
        "\n- **Rule**: Met if ECOG performance status is at most 2. `ecog <= 2`\n",
        "\n- **Cautions**:\n  - only a Lansky or Karnofsky score is recorded",
        "\n### ecog: ECOG performance status\n",
        "\n- **Question**: Which ECOG score has the patient now?\n",
    ] {
        assert!(shown.contains(part), "`{part}` is not in:\n{shown}");
    }
    let tree = text(&["I1c", "--format", "markdown"]);
    assert!(
        tree.contains(
            "\n  - all of these:\n    - never in complete remission `never_in_remission`\n"
        ),
        "{tree}"
    );
}

/// A trial file that does its worst to the page.
const HOSTILE: &str = r##"
format: eligo/trial/1
trial: { id: "T\e[2J", title: "# <b>bold</b> | *x*", sponsor: "a\nb", sites: [ "one `two`", [ three, { four: five } ] ], extra: { deep: { er: [ x ] } } }
facts:
  a: { type: boolean, label: "*A* _b_\e[31m", ask: "<script>?" }
  k: { type: code, label: 'K and L', values: { x_y: "1. [x](y)", z: { label: "\u202ez", unclear: true, note: "# n" } } }
  l: { type: list, label: L, item: { v: { type: text } } }
define:
  d: { label: "d | e", is: a }
criteria:
  inclusion:
    - id: I1
      title: "- title"
      text: |
        first line
        - second line
          # third
      plain: "LONGWORD"
      notes: [ "`back``tick`" ]
      closed_world: everybody is asked
      require: >-
        d and k = 'x_y'
        // a comment
  exclusion:
    - { id: E1, title: E, text: e, exclude: exists (l X where X.v = 'a_`b`') }
"##;

#[test]
fn a_hostile_trial_file_harms_no_page() {
    let trial = HOSTILE.replace("LONGWORD", &"x".repeat(50_000));
    let scratch = Scratch::new().with("trial.yaml", trial).with(
        "r.yaml",
        "screened_on: 2026-11-20\na: yes\nl: [ { v: \"\\e]0;x\" } ]\n",
    );
    for more in [&[][..], &["--record", "r.yaml"]] {
        for format in ["text", "markdown", "json"] {
            let said = scratch
                .eligo()
                .args(["explain", "--trial", "trial.yaml", "--format", format])
                .args(more)
                .assert()
                .code(0);
            let shown = String::from_utf8(said.get_output().stdout.clone()).unwrap();
            if format != "json" {
                assert_eq!(obeyed_by_a_terminal(&shown), [], "{format}");
            }
            match format {
                "text" => {
                    assert!(shown.lines().all(|line| line.width() <= 80));
                    assert!(
                        shown.contains("“first line\n               - second line\n"),
                        "{shown}"
                    );
                    assert!(unwrapped(&shown).contains(
                        "Silence of the record is read as an answer here: everybody is asked"
                    ));
                }
                "markdown" => {
                    assert!(
                        shown.contains("> first line\\\n> \\- second line\\\n> \\# third\n"),
                        "{shown}"
                    );
                    assert!(
                        !shown.contains("<b>") && !shown.contains("<script>"),
                        "{shown}"
                    );
                    assert!(shown.contains(r"\*A\* \_b\_"), "{shown}");
                }
                _ => {
                    let found: Json = serde_json::from_str(&shown).unwrap();
                    assert_eq!(
                        found["criteria"][0]["text"],
                        "first line\n- second line\n  # third"
                    );
                }
            }
        }
    }
}

#[test]
fn a_fact_of_a_reading_that_does_not_count_does_not_decide() {
    let found = explained(&["E1"]);
    assert_eq!(
        criterion(&found, "E1")["facts"],
        json!(["cardiac.serious_insufficiency"])
    );
    assert_eq!(fact(&found, "cardiac.lvef")["decides"], json!([]));
    assert_eq!(fact(&found, "cardiac.lvef")["set_aside"], json!(["E1"]));
    let scratch = Scratch::new().with(
        "site.yaml",
        "format: eligo/site/1\nreadings: { E1: sister_thresholds }\n",
    );
    let found = explained(&[
        "E1",
        "--site",
        scratch.path().join("site.yaml").to_str().unwrap(),
    ]);
    assert_eq!(
        criterion(&found, "E1")["facts"],
        json!(["cardiac.lvef", "cardiac.nyha"])
    );
    assert_eq!(
        fact(&found, "cardiac.serious_insufficiency")["set_aside"],
        json!(["E1"])
    );
}
