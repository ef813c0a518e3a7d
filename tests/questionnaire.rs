//! `eligo questionnaire`: what the form asks, and what an answered form says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, eligo, root};
use serde_json::{Value as Json, json};

fn form() -> Json {
    let output = eligo()
        .arg("questionnaire")
        .assert()
        .code(0)
        .stderr("")
        .get_output()
        .clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn every_item(items: &Json) -> Vec<&Json> {
    let items = items.as_array().into_iter().flatten();
    items
        .flat_map(|item| [item].into_iter().chain(every_item(&item["item"])))
        .collect()
}

fn item<'f>(form: &'f Json, link: &str) -> &'f Json {
    let all = every_item(&form["item"]);
    all.into_iter()
        .find(|item| item["linkId"] == link)
        .unwrap_or_else(|| panic!("no {link}"))
}

/// What is offered for an answer.
fn offered(item: &Json) -> Vec<&str> {
    let options = item["answerOption"].as_array().unwrap().iter();
    options
        .map(|option| option["valueCoding"]["code"].as_str().unwrap())
        .collect()
}

#[test]
fn every_question_has_one_name_and_every_condition_names_a_question() {
    let form = form();
    let all = every_item(&form["item"]);
    let names: Vec<&str> = all
        .iter()
        .map(|item| item["linkId"].as_str().unwrap())
        .collect();
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), names.len());
    for item in &all {
        for condition in item["enableWhen"].as_array().into_iter().flatten() {
            let of = condition["question"].as_str().unwrap();
            assert!(names.contains(&of), "{} hangs on {of}", item["linkId"]);
        }
    }
}

#[test]
fn questions_are_asked_stage_by_stage_with_values_units_and_causes() {
    let form = form();
    let stages: Vec<&str> = form["item"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        stages,
        [
            "The candidate",
            "From the chart",
            "To be asked",
            "Laboratory",
            "Procedures",
            "To be judged",
            "Consent",
            "Supporting facts, which do not decide by themselves"
        ]
    );
    let sex = item(&form, "sex");
    assert_eq!(sex["type"], "open-choice");
    assert_eq!(
        offered(sex)[..4],
        ["male", "female", "other", "not-performed"]
    );
    let load = item(&form, "hepatitis.hbv_load");
    assert_eq!(load["type"], "quantity");
    assert_eq!(load["extension"][0]["valueCoding"]["code"], "[IU]/mL");
    assert_eq!(item(&form, "ecog")["type"], "integer");
    assert_eq!(item(&form, "ecog#written")["type"], "open-choice");
    assert_eq!(item(&form, "birth_date")["type"], "date");
    // A list is asked about before it is filled, and "none known" is an answer of its own.
    assert_eq!(
        offered(item(&form, "allergies#listed"))[..3],
        ["complete", "more", "none"]
    );
    assert_eq!(item(&form, "allergies#item")["repeats"], true);
}

/// Where a criterion does not apply whatever else is known, and nothing else asks, the question is not shown.
#[test]
fn what_only_concerns_some_candidates_is_shown_unless_it_cannot_matter() {
    let form = form();
    let lactating = item(&form, "lactating#fact");
    let shown: Vec<&str> = lactating["enableWhen"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|condition| condition["answerCoding"]["code"].as_str())
        .collect();
    assert!(
        shown.contains(&"female") && shown.contains(&"other") && shown.contains(&"asked-unknown"),
        "{shown:?}"
    );
    assert!(!shown.contains(&"male"), "{shown:?}");
    let open = json!({ "question": "sex", "operator": "exists", "answerBoolean": false });
    assert!(lactating["enableWhen"].as_array().unwrap().contains(&open));
    assert_eq!(item(&form, "sex#fact").get("enableWhen"), None);
}

fn screened(response: &Json) -> (i32, String, String) {
    let scratch = Scratch::new().with("response.json", format!("{response:#}"));
    let arguments = [
        "screen",
        "response.json",
        "--from",
        "questionnaire-response",
        "--format",
        "json",
    ];
    let output = scratch
        .eligo()
        .args(arguments)
        .assert()
        .get_output()
        .clone();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn response(items: Json) -> Json {
    json!({ "resourceType": "QuestionnaireResponse", "questionnaire": "urn:eligo:questionnaire:NCT04546906", "status": "completed", "item": items })
}

/// The evidence of one fact in the report on a response.
fn evidence(items: Json, fact: &str) -> Json {
    let (code, report, errors) = screened(&response(items));
    assert_eq!((code, &*errors), (3, ""));
    let report: Json = serde_json::from_str(&report).unwrap();
    let criteria = every_criterion(&report["criteria"]);
    let all = criteria
        .into_iter()
        .flat_map(|criterion| criterion["evidence"].as_array().unwrap().clone());
    all.into_iter()
        .find(|evidence| evidence["fact"] == fact)
        .unwrap_or(Json::Null)
}

fn every_criterion(criteria: &Json) -> Vec<&Json> {
    let criteria = criteria.as_array().into_iter().flatten();
    criteria
        .flat_map(|one| [one].into_iter().chain(every_criterion(&one["criteria"])))
        .collect()
}

#[test]
fn every_example_written_as_a_response_gets_the_same_verdicts() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let is_record = matches!(
            path.extension().and_then(|end| end.to_str()),
            Some("yaml" | "json")
        );
        if !is_record || ["site-policy.yaml", "verdicts.yaml"].contains(&&*name) {
            continue;
        }
        let written = eligo()
            .arg("questionnaire")
            .arg("--answers")
            .arg(&path)
            .assert()
            .code(0)
            .get_output()
            .clone();
        let scratch =
            Scratch::new().with("response.json", String::from_utf8(written.stdout).unwrap());
        let report = |mut command: assert_cmd::Command| {
            let output = command
                .args(["--format", "json"])
                .assert()
                .get_output()
                .clone();
            let mut report: Json = serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            report.as_object_mut().unwrap().remove("record");
            report
        };
        let mut wanted = eligo();
        wanted.arg("screen").arg(&path);
        let mut found = scratch.eligo();
        found.args([
            "screen",
            "response.json",
            "--from",
            "questionnaire-response",
        ]);
        assert_eq!(report(found), report(wanted), "{name}");
        count += 1;
    }
    assert!(count > 10, "{count}");
}

#[test]
fn what_is_not_answered_says_nothing() {
    let (code, report, _) = screened(&response(json!([])));
    assert_eq!(code, 3);
    let report: Json = serde_json::from_str(&report).unwrap();
    assert!(
        report["criteria"]
            .as_array()
            .unwrap()
            .iter()
            .all(|criterion| criterion["verdict"] == "unknown")
    );
}

#[test]
fn answers_of_every_type_are_read() {
    let quantity = json!([{ "linkId": "hepatitis.hbv_load", "answer": [{ "valueQuantity": { "value": 20, "comparator": "<", "code": "[IU]/mL" } }] }]);
    assert_eq!(
        evidence(quantity, "hepatitis.hbv_load")["value"],
        "< 20 [IU]/mL"
    );
    let nested = json!([{ "linkId": "ecog", "answer": [{ "valueInteger": 1, "item": [
        { "linkId": "ecog#evidence", "item": [{ "linkId": "ecog#by", "answer": [{ "valueString": "investigator-1" }] }] }
    ] }] }]);
    assert_eq!(evidence(nested, "ecog")["by"], "investigator-1");
    let bounds = json!([{ "linkId": "estimated_survival#written", "answer": [{ "valueString": ">= 6 months" }] }]);
    assert_eq!(
        evidence(bounds, "estimated_survival")["value"],
        ">= 6 months"
    );
}

/// A form does not know that it has been filled in to the end: only who answers that the list is complete says so.
#[test]
fn a_list_is_complete_only_where_that_is_said() {
    let item = json!({ "linkId": "allergies#item", "item": [{ "linkId": "allergies.substance", "answer": [{ "valueString": "latex" }] },
        { "linkId": "allergies.class", "answer": [{ "valueCoding": { "code": "other" } }] }] });
    let verdict = |items: Json| {
        let (_, report, errors) = screened(&response(items));
        assert_eq!(errors, "");
        let report: Json = serde_json::from_str(&report).unwrap();
        let found = report["criteria"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == "E8")
            .unwrap();
        found["verdict"].as_str().unwrap().to_owned()
    };
    let says = |code: &str| json!({ "linkId": "allergies#listed", "answer": [{ "valueCoding": { "code": code } }] });
    assert_eq!(verdict(json!([item])), "unknown");
    assert_eq!(verdict(json!([says("more"), item])), "unknown");
    assert_eq!(verdict(json!([says("complete"), item])), "pass");
    assert_eq!(verdict(json!([says("none")])), "pass");
    let asked = json!({ "linkId": "allergies#listed", "answer": [{ "valueCoding": {
        "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "asked-unknown" } }] });
    assert_eq!(verdict(json!([asked])), "unknown");
}

/// Everything that is wrong is told at once, where it stands in the response.
#[test]
fn what_is_wrong_with_a_response_is_told_where_it_stands() {
    let answer = |link: &str, value: Json| json!({ "linkId": link, "answer": [value] });
    let coding =
        |system: &str, code: &str| json!({ "valueCoding": { "system": system, "code": code } });
    for (items, said) in [
        (
            json!([answer("ecgo", json!({ "valueInteger": 1 }))]),
            "did you mean `ecog`",
        ),
        (
            json!([answer("ecog", json!({ "valueInteger": 7 }))]),
            "7 is outside the plausible range 0..5",
        ),
        (
            json!([answer("sex", json!({ "valueString": "femal" }))]),
            "did you mean `female`",
        ),
        (
            json!([answer(
                "sex",
                coding("http://hl7.org/fhir/administrative-gender", "female")
            )]),
            "is no answer to `sex`",
        ),
        (
            json!([
                answer("ecog", json!({ "valueInteger": 1 })),
                answer("ecog#written", json!({ "valueString": "1..2" }))
            ]),
            "`ecog` has several answers",
        ),
        (
            json!([answer(
                "allergies#listed",
                coding("urn:eligo:fact:NCT04546906:allergies", "complete")
            )]),
            "says that all are listed, and lists none",
        ),
        (
            json!([answer("allergies#listed", json!({ "valueCoding": { "code": "none" } })), { "linkId": "allergies#item" }]),
            "lists items, and says there are none",
        ),
        (
            json!([answer(
                "allergies#listed",
                json!({ "valueCoding": { "code": "some" } })
            )]),
            "`some` does not say whether `allergies` lists all",
        ),
        (
            json!([answer(
                "hepatitis.hbv_load",
                json!({ "valueQuantity": { "code": "[IU]/mL" } })
            )]),
            "a quantity without its `value`",
        ),
        (
            json!([answer("screened_on", json!({ "valueDate": "2031-01-01" }))]),
            "2031-01-01",
        ),
        (json!([{ "answer": [] }]), "an item without its `linkId`"),
    ] {
        let (code, report, errors) = screened(&response(items));
        assert_eq!((code, &*report), (2, ""), "{said}");
        assert!(errors.contains(said), "{said}\n{errors}");
        assert!(errors.contains("--> response.json:"), "{errors}");
    }
    for (key, value, said) in [
        ("resourceType", "Bundle", "this is no QuestionnaireResponse"),
        (
            "questionnaire",
            "urn:eligo:questionnaire:NCT03057977|1",
            "is not the questionnaire of NCT04546906",
        ),
        (
            "status",
            "entered-in-error",
            "this response was entered in error",
        ),
    ] {
        let mut response = response(json!([]));
        response[key] = value.into();
        let (code, _, errors) = screened(&response);
        assert!(code == 2 && errors.contains(said), "{errors}");
    }
}
