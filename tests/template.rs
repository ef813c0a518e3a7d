//! `eligo template`: a blank record that can be filled in as it stands.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, eligo, text_of, yaml};
use serde_json::Value as Json;

/// A fact as the trial file declares it.
struct Fact {
    path: String,
    ask: String,
    supporting: bool,
}

fn facts() -> Vec<Fact> {
    fn collect(group: &Json, prefix: &str, into: &mut Vec<Fact>) {
        for (name, node) in group
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, node)| node.is_object())
        {
            let path = format!("{prefix}{name}");
            if node["type"].is_string() {
                let ask = node["ask"]
                    .as_str()
                    .unwrap_or_else(|| panic!("{path} has no question"))
                    .to_owned();
                into.push(Fact {
                    path,
                    ask,
                    supporting: node["supporting"] == true,
                });
            } else {
                collect(node, &format!("{path}."), into);
            }
        }
    }
    let mut all = Vec::new();
    collect(
        &yaml(&text_of("criteria/nct04546906.yaml"))["facts"],
        "",
        &mut all,
    );
    assert!(all.len() > 50);
    all
}

fn template(format: &str) -> String {
    let output = eligo()
        .args(["template", "--format", format])
        .assert()
        .code(0)
        .stderr("")
        .get_output()
        .clone();
    String::from_utf8(output.stdout).unwrap()
}

/// A template in which a comment of several lines is one line, as the words in it were before they were wrapped.
fn unwrapped(template: &str) -> String {
    let mut text = String::new();
    for line in template.lines() {
        match line.trim_start().strip_prefix('#') {
            Some(comment) => text.push_str(&format!(" {}", comment.trim())),
            None => text.push_str(&format!("\n{line}\n")),
        }
    }
    text
}

/// The value at a dotted path.
fn at<'a>(tree: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(tree, |tree, key| tree.get(key))
}

#[test]
fn a_blank_record_is_a_valid_one_about_which_nothing_is_known() {
    for format in ["yaml", "json"] {
        let name = format!("record.{format}");
        let scratch = Scratch::new().with(&name, template(format));
        let output = scratch
            .eligo()
            .args(["screen", &name, "--format", "json"])
            .assert()
            .code(3)
            .stderr("")
            .get_output()
            .clone();
        let report: Json = serde_json::from_slice(&output.stdout).unwrap();
        for criterion in report["criteria"].as_array().unwrap() {
            assert_eq!(
                criterion["verdict"], "unknown",
                "{format}: {}",
                criterion["id"]
            );
        }
    }
}

#[test]
fn yaml_is_what_is_written_unless_said_otherwise() {
    let output = eligo()
        .arg("template")
        .assert()
        .code(0)
        .get_output()
        .stdout
        .clone();
    assert_eq!(String::from_utf8(output).unwrap(), template("yaml"));
}

#[test]
fn every_fact_that_decides_is_there_with_its_question() {
    let tree = yaml(&template("yaml"));
    let text = unwrapped(&template("yaml"));
    for fact in facts().iter().filter(|fact| !fact.supporting) {
        assert_eq!(
            tree.get(&fact.path),
            Some(&Json::Null),
            "{} is not there, or not blank",
            fact.path
        );
        let question = text
            .find(&fact.ask)
            .unwrap_or_else(|| panic!("the question about {} is not there", fact.path));
        let key = text[question..]
            .find(&format!("{}:\n", fact.path))
            .unwrap_or_else(|| panic!("{} does not stand below its question", fact.path));
        assert_eq!(
            text[question..question + key].matches('\n').count(),
            1,
            "{} stands too far below its question",
            fact.path
        );
    }
}

#[test]
fn supporting_facts_stand_apart() {
    let text = template("yaml");
    let tree = yaml(&text);
    let unwrapped = unwrapped(&text);
    let last_that_decides = facts()
        .iter()
        .filter(|fact| !fact.supporting)
        .map(|fact| unwrapped.find(&fact.ask).unwrap())
        .max();
    for fact in facts().iter().filter(|fact| fact.supporting) {
        assert_eq!(
            tree.get(&fact.path),
            None,
            "{} is not commented out",
            fact.path
        );
        assert!(
            unwrapped.find(&fact.ask) > last_that_decides,
            "the question about {} does not stand below the others",
            fact.path
        );
        assert!(
            text.contains(&format!("#{}:\n", fact.path)),
            "{}",
            fact.path
        );
    }
}

#[test]
fn a_supporting_fact_counts_once_its_mark_is_removed() {
    let text = template("yaml")
        .replace("#mrd.level:\n", "mrd.level: 0.5 %\n")
        .replace("#cardiac.lvef:\n", "cardiac.lvef: 300 %\n");
    let scratch = Scratch::new().with("record.yaml", text);
    let said = scratch
        .eligo()
        .args(["screen", "record.yaml"])
        .assert()
        .code(2)
        .stdout("")
        .get_output()
        .stderr
        .clone();
    let said = String::from_utf8(said).unwrap();
    assert!(
        said.contains("300") && said.contains("5..90") && !said.contains("mrd"),
        "{said}"
    );
}

#[test]
fn the_json_template_has_every_fact() {
    let tree: Json = serde_json::from_str(&template("json")).unwrap();
    for path in facts()
        .iter()
        .map(|fact| fact.path.as_str())
        .chain(["candidate", "screened_on"])
    {
        assert_eq!(at(&tree, path), Some(&Json::Null), "{path}");
    }
}

#[test]
fn a_filled_in_yaml_template_reaches_eligible() {
    let values = yaml(&text_of("examples/eligible.yaml"));
    let mut filled = 0;
    let mut record = String::new();
    for line in template("yaml").lines() {
        let value = line
            .strip_suffix(':')
            .filter(|path| !path.starts_with('#'))
            .and_then(|path| at(&values, path));
        record.push_str(line);
        if let Some(value) = value {
            record.push_str(&format!(" {value}"));
            filled += 1;
        }
        record.push('\n');
    }
    assert!(filled > 25, "only {filled} blanks were filled in");
    let scratch = Scratch::new().with("record.yaml", record);
    scratch
        .eligo()
        .args(["screen", "record.yaml"])
        .assert()
        .code(0)
        .stderr("");
}

#[test]
fn a_filled_in_json_template_reaches_eligible() {
    fn fill(blank: &mut Json, value: &Json) {
        match blank {
            Json::Object(group) => group
                .iter_mut()
                .for_each(|(key, blank)| fill(blank, &value[key])),
            _ => *blank = value.clone(),
        }
    }
    let mut record: Json = serde_json::from_str(&template("json")).unwrap();
    fill(&mut record, &yaml(&text_of("examples/eligible.yaml")));
    let scratch = Scratch::new().with("record.json", record.to_string());
    scratch
        .eligo()
        .args(["screen", "record.json"])
        .assert()
        .code(0)
        .stderr("");
}

fn printed(arguments: &[&str]) -> String {
    let output = eligo()
        .args(arguments)
        .assert()
        .code(0)
        .stderr("")
        .get_output()
        .clone();
    String::from_utf8(output.stdout).unwrap()
}

/// What a screening of a blank record asks for, with the stage of each.
fn asked_of_a_blank_record() -> Vec<(String, String)> {
    let scratch = Scratch::new().with("blank.json", "{}");
    let screen = ["screen", "blank.json", "--format", "json"];
    let output = scratch
        .eligo()
        .args(screen)
        .assert()
        .code(3)
        .get_output()
        .clone();
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let text = |node: &Json| node.as_str().unwrap().to_owned();
    let next = report["next"].as_array().unwrap().iter();
    next.map(|next| (text(&next["fact"]), text(&next["stage"])))
        .collect()
}

#[test]
fn what_decides_first_comes_first_stage_by_stage() {
    let headings = [
        "From the chart",
        "To be asked",
        "Laboratory",
        "Procedures",
        "To be judged",
        "Consent",
    ];
    for text in [template("yaml"), printed(&["template", "--brief"])] {
        let keys: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| Some(line.split_once(':')?.0))
            .collect();
        let asked = asked_of_a_blank_record();
        assert!(asked.len() > 35);
        for pair in asked.windows(2) {
            let place = |fact: &str| keys.iter().position(|key| *key == fact).unwrap();
            assert!(place(&pair[0].0) < place(&pair[1].0), "{pair:?}\n{text}");
        }
        let places = headings.map(|heading| text.find(&format!("# {heading}")).unwrap());
        assert!(places.is_sorted(), "{places:?}");
    }
}

/// It fits on a page, and each line says what it is about and what to write.
#[test]
fn the_short_template_has_a_line_for_each_fact_that_decides_first() {
    let text = printed(&["template", "--brief"]);
    assert!(text.lines().count() <= 50, "{} lines", text.lines().count());
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    let tree = yaml(&text);
    for (fact, _) in asked_of_a_blank_record() {
        assert_eq!(tree.get(&fact), Some(&Json::Null), "{fact}");
    }
    assert!(
        !text.contains("mrd.level"),
        "a supporting fact decides nothing:\n{text}"
    );
    for line in [
        "sex:                                # Sex: male | female | other",
        "hepatitis.hbv_load:                 # HBV viral load: in [IU]/mL",
        "estimated_survival:                 # Estimated survival: 3 months, >= 90 days",
        "other_malignancies:                 # Other malignancies: [ … ], or [] for none",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let scratch = Scratch::new().with("record.yaml", text);
    scratch
        .eligo()
        .args(["screen", "record.yaml"])
        .assert()
        .code(3)
        .stderr("");
    for format in ["json", "csv"] {
        eligo()
            .args(["template", "--brief", "--format", format])
            .assert()
            .code(2);
    }
}

#[test]
fn a_question_stands_beside_the_label_of_its_fact() {
    let text = template("yaml");
    assert!(
        text.contains("\n# Sex: Which sex is recorded? [E9]\n"),
        "{text}"
    );
    assert!(text.contains("\n# MRD method: By which method?"), "{text}");
}

#[test]
fn what_leaves_a_fact_open_and_what_may_lie_ahead_is_marked() {
    let trial = "\
format: eligo/trial/1
trial: { id: T1, title: A trial }
facts:
  result:
    type: code
    label: Result
    ask: What did the test show?
    values: { clear: clear, doubtful: { label: doubtful, unclear: true }, low: { label: below the limit, unclear: true } }
  visit: { type: date, label: Next visit, ask: When is it?, future: true, range: 2020-01-01.. }
criteria: { inclusion: [ { id: I1, title: One, text: One, require: result = 'clear' and visit > @2026-01-01 } ] }
";
    let scratch = Scratch::new().with("trial.yaml", trial);
    let command = ["template", "--trial", "trial.yaml"];
    let output = scratch
        .eligo()
        .args(command)
        .assert()
        .code(0)
        .get_output()
        .clone();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "#   clear",
        "#   doubtful  leaves it open",
        "#   low       below the limit; leaves it open",
        "#   a date: YYYY-MM-DD, YYYY-MM or YYYY, 2020-01-01..; it may lie ahead",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    // Without stages there are no headings.
    assert!(!text.contains("Other"), "{text}");
}

#[test]
fn a_template_is_made_from_the_trial_file_that_is_named() {
    let trial = "\
format: eligo/trial/1
trial: { id: T1, title: A trial }
facts: { height: { type: decimal, label: Height, ask: How tall is the candidate? } }
criteria: { inclusion: [ { id: I1, title: Height, text: Tall, require: height > 2 } ] }
";
    let scratch = Scratch::new().with("trial.yaml", trial);
    let output = scratch
        .eligo()
        .args(["template", "--trial", "trial.yaml"])
        .assert()
        .code(0)
        .get_output()
        .stdout
        .clone();
    let text = String::from_utf8(output).unwrap();
    assert!(
        text.contains("T1")
            && text.contains("How tall is the candidate?")
            && !text.contains("ecog"),
        "{text}"
    );
    assert_eq!(yaml(&text).get("height"), Some(&Json::Null));
}

/// What a rule asks beside a value is asked for, or nobody would think of writing it down.
#[test]
fn limits_of_normal_are_asked_for_where_a_rule_needs_them() {
    let template = |format: &str| {
        let mut command = eligo();
        command.args([
            "template",
            "--trial",
            "tests/trials/multiples-of-normal.yaml",
            "--format",
            format,
        ]);
        String::from_utf8(command.assert().code(0).get_output().stdout.clone()).unwrap()
    };
    let yaml = template("yaml");
    assert!(
        yaml.contains("#   with its upper limit of normal: { value: …, uln: … }\nalt:"),
        "{yaml}"
    );
    assert!(
        yaml.contains("with its lower limit of normal: { value: …, lln: … }"),
        "{yaml}"
    );
    assert_eq!(
        template("csv").trim_end(),
        "candidate,screened_on,alt,alt.uln,liver_metastases,bilirubin,bilirubin.uln,haemoglobin,haemoglobin.lln"
    );
    let windows = eligo()
        .args(["template", "--trial", "tests/trials/windows.yaml"])
        .assert()
        .code(0)
        .get_output()
        .stdout
        .clone();
    assert!(
        String::from_utf8(windows)
            .unwrap()
            .contains("with its date: { value: …, date: … }")
    );
}
