//! Every lint, by a trial file in which it finds something and says where, and by a near miss in which it does not.
//!
//! `«` and `»` mark the place that the finding must have; they are taken out before the file is checked.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;

use common::Scratch;
use eligo::diagnostic::Severity;
use eligo::diagnostic::catalogue::{LINTS, lints};
use serde_json::Value as Json;

const FACTS: &str = "\
format: eligo/trial/1
trial: { id: T1, title: A trial }
facts:
  ecog: { type: integer, label: ECOG, ask: Which score?, range: 0..5 }
  age: { type: integer, label: Age, ask: How old?, range: 0..120 }
  lvef: { type: quantity, unit: '%', label: LVEF, ask: Which fraction?, range: 5..90 }
  creatinine: { type: quantity, unit: mg/dL, units: { umol/L: 0.01 }, label: Creatinine, ask: Which value?, range: 0..30 }
  fit: { type: boolean, label: Fit, ask: Fit? }
  sex: { type: code, label: Sex, ask: Which sex?, values: { male: male, female: female } }
  stage: { type: code, label: Stage, ask: Which stage?, values: { one: I, two: II, three: III, unsure: { label: not settled, unclear: true } } }
  survival: { type: duration, label: Survival, ask: How long?, range: 0 days..20 years }
  birth_date: { type: date, label: Date of birth, ask: When?, range: 1900-01-02.. }
  operated_on: { type: date, label: Operation, ask: When? }
  drugs:
    type: list
    label: Drugs
    ask: Which drugs?
    item: { class: { type: code, values: { statin: statin, other: other } }, dose: { type: integer, range: 0..100 }, since: { type: date }, name: { type: text } }
  sites: { type: list, label: Sites, ask: Which sites?, item: { type: code, values: { skin: skin, bone: bone } } }
";

struct Example {
    lint: &'static str,
    /// What follows the facts, with the marked place.
    wrong: String,
    /// Almost the same, with nothing to find.
    right: String,
}

/// One inclusion criterion.
fn inclusion(rule: &str) -> String {
    format!(
        "criteria:\n  inclusion:\n    - id: I1\n      title: One\n      text: The first.\n      {rule}\n"
    )
}

/// An inclusion criterion and an exclusion criterion.
fn both(require: &str, exclude: &str) -> String {
    format!(
        "{}  exclusion:\n    - id: E1\n      title: Two\n      text: The second.\n      exclude: {exclude}\n",
        inclusion(&format!("require: {require}"))
    )
}

/// An inclusion criterion whose id is marked.
fn marked(rule: &str) -> String {
    inclusion(rule).replace("id: I1", "id: «I1»")
}

/// Two criteria, the second of which is marked.
fn second_marked(require: &str, exclude: &str) -> String {
    both(require, exclude).replace("id: E1", "id: «E1»")
}

fn example(lint: &'static str, wrong: impl Into<String>, right: impl Into<String>) -> Example {
    Example {
        lint,
        wrong: wrong.into(),
        right: right.into(),
    }
}

fn examples() -> Vec<Example> {
    let readings = |first: &str, second: &str| {
        inclusion(&format!(
            "readings:\n        a: {{ say: one, require: {first} }}\n        b: {{ say: two, require: {second} }}"
        ))
    };
    let caution = |when: &str| {
        inclusion(&format!(
            "require: fit\n      cautions: [ {{ when: \"{when}\", say: mind this }} ]"
        ))
    };
    let conflict = |when: &str| {
        inclusion(&format!(
            "require: fit\n      conflicts: [ {{ when: \"{when}\", say: impossible }} ]"
        ))
    };
    let texts = |text: &str, require: &str| {
        inclusion(&format!("require: {require}"))
            .replace("text: The first.", &format!("text: {text}"))
    };
    let define = |definition: &str, require: &str| {
        format!(
            "define: {{ {definition} }}\n{}",
            inclusion(&format!("require: {require}"))
        )
    };
    let more_facts = |fact: &str, require: &str| {
        format!(
            "  {fact}\n{}",
            inclusion(&format!("require: \"{require}\""))
        )
    };
    vec![
        // Constant over the declared ranges and values.
        example(
            "never-fails",
            marked("require: ecog <= 7"),
            inclusion("require: ecog <= 4"),
        ),
        example(
            "never-fails",
            marked("require: ecog >= 0 and ecog between 0 and 5"),
            inclusion("require: ecog >= 1 and ecog between 0 and 5"),
        ),
        example(
            "never-fails",
            marked("require: sex in { 'male', 'female' }"),
            inclusion("require: sex in { 'male' }"),
        ),
        example(
            "never-fails",
            marked("require: age < 18 or age >= 18"),
            inclusion("require: age < 18 or age > 18"),
        ),
        example(
            "never-fails",
            marked("require: lvef > 50 '%' or lvef <= 50 '%'"),
            inclusion("require: lvef > 50 '%' or lvef < 50 '%'"),
        ),
        example(
            "never-fails",
            marked("require: survival >= 3 months or survival < 12 weeks or survival < 4 months"),
            inclusion("require: survival >= 3 months or survival < 90 days"),
        ),
        example(
            "never-fails",
            marked("require: AgeInYears() >= 18 or AgeInYears() < 18"),
            inclusion("require: AgeInYears() >= 18 or AgeInYears() < 17"),
        ),
        example(
            "never-fails",
            marked("require: not exists drugs or exists drugs"),
            inclusion("require: not exists drugs or exists (drugs D where D.dose > 3)"),
        ),
        example(
            "never-fails",
            marked("applies: fit and not fit\n      require: ecog <= 2"),
            inclusion("applies: fit\n      require: ecog <= 2"),
        ),
        example(
            "never-fails",
            marked("require: 2 * ecog <= 10"),
            inclusion("require: 2 * ecog <= 9"),
        ),
        // Any other value of a code may be recorded, an unclear one settles nothing.
        example(
            "never-fails",
            marked("require: stage in { 'one', 'two', 'three' }"),
            inclusion("require: stage in { 'one', 'two' }"),
        ),
        example(
            "never-passes",
            marked("require: ecog < 0"),
            inclusion("require: ecog < 1"),
        ),
        example(
            "never-passes",
            marked("require: ecog <= 1 and ecog >= 3"),
            inclusion("require: ecog <= 3 and ecog >= 3"),
        ),
        example(
            "never-passes",
            marked("require: sex = 'male' and sex = 'female'"),
            inclusion("require: sex = 'male' and fit"),
        ),
        example(
            "never-passes",
            marked("require: creatinine > 40 'mg/dL'"),
            inclusion("require: creatinine > 40 'umol/L'"),
        ),
        example(
            "never-passes",
            marked(
                "require: operated_on 6 months or more before Today() and operated_on less than 3 months before Today()",
            ),
            inclusion(
                "require: operated_on 3 months or more before Today() and operated_on less than 6 months before Today()",
            ),
        ),
        example(
            "never-passes",
            marked("require: operated_on before @2020-01-01 and operated_on after @2021-06-01"),
            inclusion("require: operated_on before @2021-06-01 and operated_on after @2020-01-01"),
        ),
        example(
            "never-passes",
            marked(
                "require: exists (drugs D where D.dose > 50) and not exists (drugs D where D.dose > 20)",
            ),
            inclusion(
                "require: exists (drugs D where D.dose > 20) and not exists (drugs D where D.dose > 50)",
            ),
        ),
        example(
            "never-passes",
            marked("require: \"'skin' in sites and not exists sites\""),
            inclusion("require: \"'skin' in sites and not ('bone' in sites)\""),
        ),
        // How long three months are hangs on the calendar, so nothing is said.
        example(
            "never-passes",
            marked("require: survival < 30 days and survival > 2 months"),
            inclusion("require: survival < 90 days and survival > 3 months"),
        ),
        example(
            "contradiction",
            second_marked("fit", "fit"),
            both("fit", "not fit and ecog > 2"),
        ),
        example(
            "contradiction",
            second_marked("age >= 18", "age >= 18"),
            both("age >= 18", "age > 18"),
        ),
        example(
            "contradiction",
            second_marked("age between 18 and 70", "age >= 16"),
            both("age between 18 and 70", "age >= 70"),
        ),
        example(
            "contradiction",
            second_marked("AgeInYears() >= 18", "AgeInMonths() >= 200"),
            both("AgeInYears() >= 18", "AgeInMonths() >= 217"),
        ),
        example(
            "contradiction",
            second_marked("exists (drugs D where D.dose > 50)", "exists drugs"),
            both(
                "exists (drugs D where D.dose > 50)",
                "exists (drugs D where D.dose > 60)",
            ),
        ),
        example(
            "constant-condition",
            inclusion("require: fit or «ecog = null»"),
            inclusion("require: fit or ecog = 1"),
        ),
        example(
            "constant-condition",
            inclusion("require: fit and «ecog <= 5»"),
            inclusion("require: fit and ecog <= 4"),
        ),
        example(
            "constant-condition",
            inclusion("require: fit and («ecog > 3 and ecog < 2» or age > 18)"),
            inclusion("require: fit and (ecog > 2 and ecog < 4 or age > 18)"),
        ),
        example(
            "constant-condition",
            inclusion("require: exists (drugs D where D.class = 'statin' and «D.dose >= 0»)"),
            inclusion("require: exists (drugs D where D.class = 'statin' and D.dose >= 1)"),
        ),
        example(
            "constant-condition",
            inclusion("require: 'fit and «sex in { ''male'', ''female'' }»'"),
            inclusion("require: 'fit and sex in { ''male'' }'"),
        ),
        example(
            "constant-condition",
            inclusion("require: >-\n        fit\n        and «age >= 0»"),
            inclusion("require: >-\n        fit\n        and age >= 1"),
        ),
        example(
            "constant-condition",
            define("grown: { is: «age >= 0» }", "grown and fit"),
            define("grown: { is: age >= 18 }", "grown and fit"),
        ),
        example(
            "constant-condition",
            conflict("«fit or not fit»"),
            conflict("fit and ecog > 3"),
        ),
        example(
            "never-raised",
            caution("«fit and not fit»"),
            caution("fit and ecog > 3"),
        ),
        example(
            "never-raised",
            conflict("«ecog is null and ecog is not null»"),
            conflict("ecog is null and age = 1"),
        ),
        example(
            "never-raised",
            caution("«age < 18 and age > 80»"),
            caution("stage = 'unsure'"),
        ),
        example(
            "threshold-out-of-range",
            inclusion("require: ecog <= «7»"),
            inclusion("require: ecog <= 5"),
        ),
        example(
            "threshold-out-of-range",
            inclusion("require: age in Interval[18, «200»]"),
            inclusion("require: age in Interval[18, 100]"),
        ),
        example(
            "threshold-out-of-range",
            inclusion("require: creatinine < «4000 'umol/L'»"),
            inclusion("require: creatinine < 2000 'umol/L'"),
        ),
        example(
            "threshold-out-of-range",
            inclusion("require: survival > «30 years»"),
            inclusion("require: survival > 200 months"),
        ),
        example(
            "threshold-out-of-range",
            inclusion("require: ecog in { 1, «6» }"),
            inclusion("require: ecog in { 1, 5 }"),
        ),
        example(
            "threshold-out-of-range",
            inclusion("require: exists (drugs D where D.dose > «101»)"),
            inclusion("require: exists (drugs D where D.dose > 99)"),
        ),
        example(
            "same-readings",
            readings("ecog <= 2", "«ecog < 3»"),
            readings("ecog <= 2", "ecog < 2"),
        ),
        example(
            "same-readings",
            readings("Count(drugs) > 2", "«Count( drugs ) > 2»"),
            readings("Count(drugs) > 2", "Count(drugs) >= 2"),
        ),
        example(
            "same-readings",
            readings("fit and ecog <= 2", "«ecog <= 2 and fit»"),
            readings("fit and ecog <= 2", "fit or ecog <= 2"),
        ),
        example(
            "duplicate-criterion",
            second_marked("ecog <= 2", "ecog > 2"),
            both("ecog <= 2", "ecog > 3"),
        ),
        example(
            "boundary-differs",
            texts("Age 18 years or older.", "«age > 18»"),
            texts("Age 18 years or older.", "age >= 18"),
        ),
        example(
            "boundary-differs",
            texts("More than 3 months.", "«survival >= 3 months»"),
            texts("More than 3 months.", "survival > 3 months"),
        ),
        example(
            "boundary-differs",
            texts("ECOG of at most two.", "fit and «ecog < 2»"),
            texts("ECOG of at most two.", "fit and ecog <= 2"),
        ),
        example(
            "boundary-differs",
            texts("At least 18.", "not «(age <= 18)»"),
            texts("At least 18.", "not (age < 18)"),
        ),
        example(
            "number-differs",
            texts("Creatinine below 1.5 mg/dL.", "«creatinine < 1.6 'mg/dL'»"),
            texts("Creatinine below 150 umol/L.", "creatinine < 1.5 'mg/dL'"),
        ),
        example(
            "number-differs",
            texts(
                "ECOG of at most two, age 18 or older.",
                "age >= 18 and «ecog <= 3»",
            ),
            texts(
                "ECOG of less than 3, age 18 or older.",
                "age >= 18 and ecog <= 2",
            ),
        ),
        // Weeks for months, the other way round, and two numbers that may be meant: nothing is certain.
        example(
            "number-differs",
            texts("Below 1.5 mg/dL.", "«creatinine <= 1.6 'mg/dL'»"),
            texts("Below 130 umol/L.", "creatinine < 130 'umol/L'"),
        ),
        example(
            "number-differs",
            texts("Below 130 umol/L.", "«creatinine < 140 'umol/L'»"),
            texts("More than 2 years.", "survival > 24 months"),
        ),
        example(
            "number-differs",
            texts("Longer than 3 months.", "«survival > 6 months»"),
            texts("At least 2 of 5, or less than 3.", "ecog <= 1"),
        ),
        example(
            "words-in-comment",
            texts("ECOG at most 2 «# 3 if due to bone pain»", "ecog <= 2"),
            texts("'ECOG at most 2 # 3 if due to bone pain'", "ecog <= 2"),
        ),
        example(
            "words-in-comment",
            caution("ecog > 2").replace("say: mind this", "say: mind this «# and that»\n     "),
            texts(
                "ECOG at most 2; patient No#3",
                "ecog <= 2 # as the amendment has it",
            ),
        ),
        // 999, 0 and 1900-01-01 are codes for missing elsewhere.
        example(
            "no-range",
            more_facts(
                "«pain»: { type: integer, label: Pain, ask: How much? }",
                "pain >= 4",
            ),
            more_facts(
                "pain: { type: integer, label: Pain, ask: How much?, range: 0..10 }",
                "pain >= 4",
            ),
        ),
        example(
            "no-range",
            more_facts(
                "alt: { type: quantity, unit: U/L, label: ALT, ask: Which?, range: 1..9000 }\n  free: { type: list, label: Free, ask: Which?, item: { «dose»: { type: decimal, label: Dose }, since: { type: date } } }",
                "exists (free F where F.dose > alt / 1 'U/L')",
            ),
            more_facts(
                "free: { type: list, label: Free, ask: Which?, item: { dose: { type: decimal, label: Dose, range: 0..50 }, since: { type: date } } }",
                "exists (free F where F.dose > 4)",
            ),
        ),
        example(
            "percent-as-fraction",
            more_facts(
                "«ef»: { type: quantity, unit: '%', label: EF, ask: Which?, range: 0..100 }",
                "ef >= 40 '%'",
            ),
            more_facts(
                "ef: { type: quantity, unit: '%', label: EF, ask: Which?, range: 5..90 }",
                "ef >= 40 '%'",
            ),
        ),
        example(
            "percent-as-fraction",
            more_facts(
                "«ef»: { type: quantity, unit: '%', label: EF, ask: Which?, range: ..100 }",
                "ef between 40 '%' and 80 '%'",
            ),
            more_facts(
                "ef: { type: quantity, unit: '%', label: EF, ask: Which?, range: 0..100 }",
                "ef >= 40 '%' or ef < 5 '%'",
            ),
        ),
        example(
            "last-unsorted",
            inclusion("require: \"«Last(drugs).class» = 'statin'\"")
                .replace("«Last(drugs).class»", "«Last(drugs)».class"),
            inclusion("require: \"Last(drugs D sort by since).class = 'statin'\""),
        ),
        example(
            "last-unsorted",
            inclusion("require: \"«First(drugs D where D.dose > 2)».class = 'statin'\""),
            inclusion(
                "require: \"First(drugs D where D.dose > 2 sort by since).class = 'statin'\"",
            ),
        ),
        example(
            "free-text-decides",
            inclusion("require: \"exists (drugs D where «D.name = 'warfarin'»)\""),
            inclusion("require: \"exists (drugs D where D.class = 'statin')\""),
        ),
        example(
            "free-text-decides",
            define(
                "bleeds: { label: Bleeding, is: \"exists (drugs D where «D.name in { 'warfarin', 'heparin' }»)\" }",
                "not bleeds",
            ),
            inclusion(
                "require: fit\n      cautions: [ { when: \"exists (drugs D where D.name = 'warfarin')\", say: mind this } ]",
            ),
        ),
        // A child of 18 months is older than 1 year, and has completed one.
        example(
            "completed-units",
            texts("Older than 1 year.", "«AgeInYears() > 1»"),
            texts("Older than 1 year.", "birth_date + 1 year before Today()"),
        ),
        example(
            "completed-units",
            texts("Older than 1 year.", "«AgeInYears() >= 1»"),
            texts("From 1 year.", "AgeInYears() >= 1"),
        ),
        example(
            "completed-units",
            texts("More than 12 months old.", "fit and «AgeInYears() > 1»"),
            texts("At least 12 months old.", "fit and AgeInYears() >= 1"),
        ),
        example(
            "completed-units",
            texts(
                "Up to 2 years after the operation.",
                "not «(years between operated_on and Today() > 2)»",
            ),
            texts(
                "Less than 2 years after the operation.",
                "years between operated_on and Today() < 2",
            ),
        ),
        example(
            "completed-units",
            define(
                "lived: { label: Age in years, is: AgeInYears() }",
                "«lived <= 70»",
            )
            .replace("text: The first.", "text: No older than 70 years."),
            define(
                "lived: { label: Age in years, is: AgeInYears() }",
                "lived < 70",
            )
            .replace("text: The first.", "text: Younger than 70 years."),
        ),
        example(
            "boundary-differs",
            texts("Younger than 2 years.", "«AgeInYears() <= 2»"),
            texts("Older than 1 year.", "AgeInYears() > 1"),
        ),
        example(
            "needless-closed-world",
            inclusion("closed_world: «the registry lists everybody»\n      require: fit"),
            inclusion(
                "closed_world: the registry lists everybody\n      require: fit is not false",
            ),
        ),
        example(
            "needless-group",
            inclusion(
                "at_least: «{» n: 2, of: [ { id: I1a, title: a, require: fit }, { id: I1b, title: b, require: ecog < 2 } ] }",
            ),
            inclusion(
                "at_least: { n: 2, of: [ { id: I1a, title: a, require: fit }, { id: I1b, title: b, require: ecog < 2 }, { id: I1c, title: c, require: age > 2 } ] }",
            ),
        ),
        example(
            "needless-group",
            inclusion("any: «[» { id: I1a, title: a, require: fit } ]"),
            inclusion(
                "any: [ { id: I1a, title: a, require: fit }, { id: I1b, title: b, require: ecog < 2 } ]",
            ),
        ),
        example(
            "unused-fact",
            format!(
                "  height: «{{» type: decimal, label: Height, ask: How tall? }}\n{}",
                everything("fit")
            ),
            everything("fit"),
        ),
        example(
            "unused-definition",
            define("grown: «{» is: age >= 18 }", "fit"),
            define("grown: { is: age >= 18 }", "grown"),
        ),
        example(
            "missing-question",
            format!(
                "  height: «{{» type: decimal, label: Height }}\n{}",
                inclusion("require: height > 2")
            ),
            format!(
                "  height: {{ type: decimal, label: Height, ask: How tall? }}\n{}",
                inclusion("require: height > 2")
            ),
        ),
        // Dates whose order cannot be.
        example(
            "end-before-start",
            more_facts(
                "rounds: { type: list, label: Rounds, ask: Which?, item: { started: { type: date }, «ended»: { type: date } } }",
                "exists (rounds R where R.ended before Today())",
            ),
            more_facts(
                "rounds: { type: list, label: Rounds, ask: Which?, item: { started: { type: date }, checked: { type: date } } }",
                "exists (rounds R where R.checked before Today())",
            ),
        ),
        example(
            "end-before-start",
            more_facts(
                "study: { first_dose_on: { type: date, label: First, ask: When? }, «last_dose»: { type: date, label: Last, ask: When? } }",
                "study.first_dose_on before Today()",
            ),
            // The end of something else.
            more_facts(
                "study: { first_dose_on: { type: date, label: First, ask: When? }, last_scan: { type: date, label: Last, ask: When? } }",
                "study.first_dose_on before Today() and study.last_scan before Today()",
            ),
        ),
        example(
            "end-before-start",
            format!(
                "  valid_from: {{ type: date, label: From, ask: When? }}\n  «valid_to»: {{ type: date, label: To, ask: When? }}\n{}",
                inclusion("require: valid_to after Today()")
            ),
            format!(
                "  valid_from: {{ type: date, label: From, ask: When? }}\n  valid_to: {{ type: date, label: To, ask: When? }}\n{}",
                inclusion(
                    "require: valid_to after Today()\n      doubts: [ { id: order, when: months between valid_from and valid_to < 0, say: so } ]"
                )
            ),
        ),
        example(
            "before-birth",
            marked_birth("born_on + 18 years before Today() and operated_on before Today()"),
            inclusion(
                "require: AgeInYears() >= 18 and operated_on before Today()\n      cautions: [ { when: AgeInYearsAt(operated_on) < 0, say: so } ]",
            ),
        ),
        // A result has a day, and so has an item; a fact on which no verdict rests is left alone.
        example(
            "before-birth",
            marked_birth(
                "born_on + 18 years before Today() and lvef > 50 '%' and exists (drugs D where D.since before Today())",
            ),
            inclusion("require: AgeInYears() >= 18 and sex = 'male' and exists sites"),
        ),
        example(
            "supporting-decides",
            format!(
                "  height: «{{» type: decimal, label: Height, ask: How tall?, supporting: true }}\n{}",
                inclusion("require: height > 2")
            ),
            format!(
                "  height: {{ type: decimal, label: Height, ask: How tall?, supporting: true }}\n{}",
                caution("height > 2")
            ),
        ),
        example(
            "asked-on-both-sides",
            format!(
                "  «height»: {{ type: decimal, label: Height, ask: How tall? }}\n{}",
                both("height > 2", "height > 3")
            ),
            both("ecog < 2", "age > 90"),
        ),
        example(
            "invisible-character",
            texts("18 years\u{a0}«\u{200b}»or older", "age >= 18"),
            texts("18 years\u{a0}or older", "age >= 18"),
        ),
        example(
            "long-title",
            inclusion("require: fit").replace(
                "title: One",
                &format!("title: «{}»", "long ".repeat(16).trim()),
            ),
            inclusion("require: fit").replace(
                "title: One",
                &format!("title: {}", "long ".repeat(15).trim()),
            ),
        ),
        example(
            "unused-allow",
            inclusion("require: fit\n      allow: { «never-fails»: for a reason }"),
            marked("require: ecog <= 5\n      allow: { never-fails: for a reason }")
                .replace(['«', '»'], ""),
        ),
    ]
}

/// An inclusion criterion in a file whose date of birth, one more than the others have, is marked.
fn marked_birth(require: &str) -> String {
    format!(
        "  «born_on»: {{ type: date, label: Birth, ask: When?, range: 1910-01-01.. }}\n{}",
        inclusion(&format!("require: \"{require}\""))
    )
}

/// A criterion that needs a fact, and cautions that use all the others.
fn everything(require: &str) -> String {
    let used = "ecog > 1 and age > 1 and lvef > 6 '%' and creatinine > 1 'mg/dL' and fit and sex = 'male' and stage = 'one' and survival > 1 day \
                and birth_date before Today() and operated_on before Today() and exists drugs and exists sites";
    inclusion(&format!(
        "require: {require}\n      cautions: [ {{ when: \"{used}\", say: so }} ]"
    ))
}

/// The file without its marks, and the line and columns between them.
fn unmarked(marked: &str) -> (String, Option<(u64, u64, u64)>) {
    let Some(start) = marked.find('«') else {
        return (marked.to_owned(), None);
    };
    let clean = marked.replace(['«', '»'], "");
    let end = marked.find('»').unwrap() - '«'.len_utf8();
    let line_start = clean[..start].rfind('\n').map_or(0, |at| at + 1);
    let column = |at: usize| clean[line_start..at].chars().count() as u64 + 1;
    let line = clean[..start].matches('\n').count() as u64 + 1;
    let place = (line, column(start), column(end));
    (clean, Some(place))
}

/// What `eligo check` finds, as JSON.
fn check(files: &[(&str, &str)], more: &[&str]) -> Json {
    let mut scratch = Scratch::new();
    for (name, content) in files {
        scratch = scratch.with(name, content);
    }
    let output = scratch
        .eligo()
        .args(["check", "trial.yaml", "--format", "json"])
        .args(more)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The findings of one code.
fn of_code<'a>(report: &'a Json, code: &str) -> Vec<&'a Json> {
    report["files"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["code"] == code && finding["accepted"].is_null())
        .collect()
}

#[test]
fn every_lint_finds_what_it_is_for_and_leaves_the_near_miss_alone() {
    let mut wrong = Vec::new();
    for Example {
        lint,
        wrong: marked,
        right,
    } in examples()
    {
        let (trial, place) = unmarked(&format!("{FACTS}{marked}"));
        let (line, column, end_column) = place.unwrap();
        let report = check(&[("trial.yaml", &trial)], &[]);
        let severity = LINTS
            .iter()
            .find(|known| known.code == lint)
            .unwrap()
            .severity
            .name();
        let wanted = vec![(severity.to_owned(), line, column, line, end_column, true)];
        let found: Vec<_> = of_code(&report, lint)
            .into_iter()
            .map(|finding| {
                let at = |key: &str| finding["place"][key].as_u64().unwrap();
                let helps = !finding["help"].as_array().unwrap().is_empty();
                (
                    finding["severity"].as_str().unwrap().to_owned(),
                    at("line"),
                    at("column"),
                    at("end_line"),
                    at("end_column"),
                    helps,
                )
            })
            .collect();
        if found != wanted {
            wrong.push(format!(
                "{lint}: {found:?}, wanted {wanted:?}, in\n{}",
                &trial[FACTS.len()..]
            ));
        }
        let report = check(&[("trial.yaml", &format!("{FACTS}{right}"))], &[]);
        if report["files"][0]["trial"].is_null() || !of_code(&report, lint).is_empty() {
            wrong.push(format!(
                "{lint} in the near miss\n{right}\n{:#?}",
                report["files"][0]["findings"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_lint_is_without_an_example() {
    let of_cases = ["no-cases", "untested-criterion", "repeated-case"];
    let tested: BTreeSet<&str> = examples()
        .iter()
        .map(|example| example.lint)
        .chain(of_cases)
        .collect();
    assert_eq!(
        tested,
        lints().map(|lint| lint.code).collect::<BTreeSet<_>>()
    );
}

/// The file with each conflict of the findings of a code pasted where its help says.
fn with_conflicts(trial: &str, report: &Json, code: &str) -> String {
    let mut pasted = trial.to_owned();
    for finding in of_code(report, code) {
        let help = finding["help"][0].as_str().unwrap();
        let (place, text) = help.split_once('`').unwrap();
        let text = text.strip_suffix('`').unwrap();
        let id = place
            .trim_end_matches([':', ' '])
            .rsplit(' ')
            .next()
            .unwrap();
        let criterion = pasted.find(&format!("id: {id},")).unwrap();
        if let Some(list) = place.strip_prefix("add to `conflicts`") {
            panic!("{list}: not in these files");
        }
        pasted.insert_str(criterion, &format!("{text}, "));
    }
    pasted
}

#[test]
fn the_conflict_that_is_offered_compiles_and_opens_the_criterion() {
    let trial = "\
format: eligo/trial/1
trial: { id: E-2, version: '1', title: Order }
facts:
  birth_date: { type: date, label: Date of birth, ask: When born?, range: 1910-01-01.. }
  alt: { type: quantity, label: ALT, ask: ALT?, unit: U/L, range: 1..20000 }
  lines: { type: list, label: \"Lines: 'all'\", ask: Which lines?, item: { started: { type: date, label: Start }, ended: { type: date, label: \"End \\\"last\\\"\" } } }
  scans: { type: list, label: Scans, ask: Which?, item: { type: date } }
criteria:
  inclusion:
    - { id: I1, title: Adult, text: 18 years or older., require: AgeInYears() >= 18 }
    - { id: I2, title: ALT, text: ALT at most 40., require: \"alt <= 40 'U/L' and exists (scans S where S before Today())\" }
  exclusion:
    - { id: E1, title: Washout, text: Treatment in the last 28 days., exclude: \"exists (lines L where not (L.ended 28 days or more before Today()))\" }
";
    let verdicts = |trial: &str, record: &str| {
        let scratch = Scratch::new()
            .with("trial.yaml", trial)
            .with("record.yaml", record);
        let output = scratch
            .eligo()
            .args([
                "screen",
                "--trial",
                "trial.yaml",
                "record.yaml",
                "--format",
                "json",
            ])
            .output()
            .unwrap();
        let report: Json = serde_json::from_slice(&output.stdout).unwrap();
        ["I1", "E1"].map(|id| {
            let criteria = report["criteria"].as_array().unwrap();
            let one = criteria.iter().find(|one| one["id"] == id).unwrap();
            one["verdict"].as_str().unwrap().to_owned()
        })
    };
    let record = |alt: &str, scan: &str, ended: &str| {
        format!(
            "candidate: A\nscreened_on: 2026-11-27\nbirth_date: 1980\nalt: {{ value: 20, date: {alt} }}\n\
             scans: [ {scan} ]\nlines: [ {{ started: 2020-03-20, ended: {ended} }} ]\n"
        )
    };
    let report = check(&[("trial.yaml", trial)], &[]);
    let births = of_code(&report, "before-birth");
    assert_eq!(
        births.len(),
        1,
        "one for the birth, whatever may lie before it"
    );
    assert_eq!(of_code(&report, "end-before-start").len(), 1);
    let wrong = record("1975-01-01", "2026-01-01", "2019-01-01");
    assert_eq!(verdicts(trial, &wrong), ["pass", "pass"], "in silence");

    let pasted = with_conflicts(trial, &report, "before-birth");
    let pasted = with_conflicts(&pasted, &report, "end-before-start");
    let report = check(&[("trial.yaml", &pasted)], &[]);
    let left = report["files"][0]["findings"].as_array().unwrap();
    let left: Vec<&Json> = left.iter().map(|finding| &finding["code"]).collect();
    assert_eq!(left, ["no-cases"], "{pasted}");
    for (record, wanted) in [
        (&wrong, ["unknown", "unknown"]),
        (
            &record("2026-01-01", "1979-12", "2020-03-20"),
            ["unknown", "pass"],
        ),
        // What may be in order is no contradiction: the year of the birth, the month of the start.
        (
            &record("1980-02-01", "1980-01", "2020-03"),
            ["pass", "pass"],
        ),
    ] {
        assert_eq!(verdicts(&pasted, record), wanted, "{record}");
    }
}

#[test]
fn a_date_of_birth_needs_a_range_and_other_dates_do_not() {
    let open = FACTS.replace(", range: 1900-01-02..", "");
    let trial = format!(
        "{open}{}",
        inclusion("require: AgeInYears() >= 18 and operated_on before Today()")
    );
    let report = check(&[("trial.yaml", &trial)], &[]);
    let found = of_code(&report, "no-range");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["place"]["text"], "birth_date");
}

const CASES: &str = "\
format: eligo/cases/1
base:
  fit: { screened_on: 2026-11-20, fit: yes, ecog: 1 }
cases:
  - { note: fit, want: { I1: pass } }
  - { note: not fit, set: { fit: no }, want: { I1: fail } }
";

#[test]
fn a_trial_without_cases() {
    let trial = format!("{FACTS}{}", inclusion("require: fit"));
    let report = check(&[("trial.yaml", &trial)], &[]);
    let found = of_code(&report, "no-cases");
    assert_eq!(
        (&found[0]["place"]["line"], &found[0]["severity"]),
        (&Json::from(1), &Json::from("note"))
    );
    assert!(
        found[0]["message"]
            .as_str()
            .unwrap()
            .contains("trial.cases.yaml")
    );
    assert!(
        of_code(
            &check(&[("trial.yaml", &trial), ("trial.cases.yaml", CASES)], &[]),
            "no-cases"
        )
        .is_empty()
    );
}

#[test]
fn a_criterion_without_a_case() {
    let trial = format!("{FACTS}{}", both("fit", "ecog > 2"));
    let report = check(&[("trial.yaml", &trial), ("trial.cases.yaml", CASES)], &[]);
    let found = of_code(&report, "untested-criterion");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["place"]["text"], "E1");
    let cases = format!("{CASES}  - {{ note: ECOG, want: {{ E1: pass }} }}\n");
    assert!(
        of_code(
            &check(&[("trial.yaml", &trial), ("trial.cases.yaml", &cases)], &[]),
            "untested-criterion"
        )
        .is_empty()
    );
}

#[test]
fn a_case_that_repeats_another() {
    let trial = format!("{FACTS}{}", inclusion("require: fit"));
    let with = |case: &str| {
        let report = check(
            &[
                ("trial.yaml", &trial),
                (
                    "trial.cases.yaml",
                    &format!("{CASES}  - {{ note: again, {case} }}\n"),
                ),
            ],
            &[],
        );
        of_code(&report, "repeated-case")
            .into_iter()
            .cloned()
            .collect::<Vec<Json>>()
    };
    // The same record by another way, and the same wanted.
    let found = with("set: { fit: no, ecog: 1 }, want: { I1: fail }");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (
            &found[0]["place"]["file"],
            &found[0]["place"]["line"],
            &found[0]["place"]["text"]
        ),
        (&"trial.cases.yaml".into(), &7.into(), &"again".into())
    );
    assert!(found[0]["message"].as_str().unwrap().contains("“not fit”"));
    for other in [
        "set: { fit: no, ecog: 2 }, want: { I1: fail }",
        "set: { fit: no }, want: { eligibility: ineligible }",
        "set: { fit: no }, as_of: 2026-01-01, want: { I1: fail }",
    ] {
        assert!(with(other).is_empty(), "{other}");
    }
}

#[test]
fn what_is_not_certain_is_not_claimed() {
    // Each of these looks constant to a careless eye, and is not, or not on every day, or not without more knowledge.
    let careful = [
        "require: survival < 3 months or survival >= 90 days",
        "require: Today() >= @2020-01-01",
        "require: operated_on before Today() or operated_on after @2020-01-01",
        "require: lvef.date 30 days or more before Today() or ecog <= 4",
        "require: lvef <= 2 * lvef.uln or ecog > 1",
        "require: Count(drugs) >= 0 and ecog <= 4",
        "require: stage != 'one' or ecog <= 3",
        "require: operated_on + 1 month after Today() or operated_on 1 month or more before Today()",
        "closed_world: the registry\n      require: fit is not false",
        "closed_world: the registry\n      require: exists drugs is not true",
        "closed_world: the registry\n      require: exists (drugs D where D.since is null)",
        "closed_world: the registry\n      require: exists (drugs D where Coalesce(D.name, 'none') = 'none')",
    ];
    for rule in careful {
        let report = check(
            &[("trial.yaml", &format!("{FACTS}{}", inclusion(rule)))],
            &[],
        );
        for code in ["never-fails", "never-passes", "constant-condition"] {
            assert!(of_code(&report, code).is_empty(), "{rule}: {report:#}");
        }
    }
}

#[test]
fn absence_counts_where_it_may_be_asked_for() {
    let report = check(
        &[(
            "trial.yaml",
            &format!(
                "{FACTS}{}",
                marked("closed_world: the registry\n      require: fit is not null or fit is null")
                    .replace(['«', '»'], "")
            ),
        )],
        &[],
    );
    assert_eq!(of_code(&report, "never-fails").len(), 1, "{report:#}");
}

#[test]
fn a_finding_can_be_accepted_with_a_reason_where_it_is_or_further_out() {
    let on_criterion = format!(
        "{FACTS}{}",
        inclusion("require: ecog <= 5\n      allow: { never-fails: the sponsor insists on it }")
    );
    let on_file = format!(
        "{FACTS}allow: {{ never-fails: the sponsor insists on it }}\n{}",
        inclusion("require: ecog <= 5")
    );
    let on_fact = format!(
        "{}{}",
        FACTS.replace(
            "ask: Fit? }",
            "allow: { missing-question: it is asked aloud }, judgement: true }"
        ),
        inclusion("require: fit")
    );
    for (trial, code) in [
        (on_criterion, "never-fails"),
        (on_file, "never-fails"),
        (on_fact, "missing-question"),
    ] {
        let report = check(&[("trial.yaml", &trial)], &[]);
        let accepted: Vec<&Json> = report["files"][0]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| !finding["accepted"].is_null())
            .collect();
        assert_eq!(accepted.len(), 1, "{report:#}");
        assert_eq!(accepted[0]["code"], code);
        assert_eq!(report["files"][0]["counts"]["accepted"], 1);
        assert!(of_code(&report, code).is_empty() && of_code(&report, "unused-allow").is_empty());
    }
    // What one criterion accepts is not accepted elsewhere.
    let elsewhere = both("ecog <= 5", "ecog > 9").replace(
        "exclude: ecog > 9",
        "exclude: ecog > 5\n      allow: { never-fails: only here }",
    );
    let report = check(&[("trial.yaml", &format!("{FACTS}{elsewhere}"))], &[]);
    assert_eq!(of_code(&report, "never-fails").len(), 1);
}

#[test]
fn what_is_accepted_must_be_a_lint_and_have_a_reason() {
    let refused = |allow: &str| {
        let report = check(
            &[(
                "trial.yaml",
                &format!(
                    "{FACTS}{}",
                    inclusion(&format!("require: fit\n      allow: {{ {allow} }}"))
                ),
            )],
            &[],
        );
        let finding = report["files"][0]["findings"][0].clone();
        (
            finding["code"].as_str().unwrap().to_owned(),
            finding["help"].to_string(),
        )
    };
    let (code, help) = refused("never-fail: because");
    assert_eq!(code, "unknown-lint");
    assert!(help.contains("`never-fails`"), "{help}");
    assert_eq!(refused("unit-mismatch: because").0, "unknown-lint");
    for nothing in ["never-fails: ''", "never-fails: true", "never-fails:"] {
        assert_eq!(refused(nothing).0, "allow-without-reason", "{nothing}");
    }
}

#[test]
fn the_caller_can_deny_what_is_no_error_of_itself() {
    let scratch = Scratch::new().with("trial.yaml", format!("{FACTS}{}", everything("ecog <= 5")));
    let code = |more: &[&str]| {
        scratch
            .eligo()
            .args(["check", "trial.yaml"])
            .args(more)
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--deny", "never-fails"]), Some(2));
    assert_eq!(code(&["--deny", "contradiction"]), Some(0));
    assert_eq!(code(&["--deny", "warnings"]), Some(2));
    assert_eq!(
        code(&["--deny", "contradiction", "--deny", "notes"]),
        Some(2)
    );
    let said = scratch
        .eligo()
        .args(["check", "trial.yaml", "--deny", "never-fail"])
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("did you mean `never-fails`?"));
    // Errors are errors without being denied.
    let wrong = Scratch::new().with(
        "trial.yaml",
        format!("{FACTS}{}", inclusion("require: ecog < 0")),
    );
    wrong.eligo().args(["check", "trial.yaml"]).assert().code(2);
}

#[test]
fn the_docs_list_every_code_with_its_severity() {
    let docs = common::text_of("docs/lints.md");
    let listed: Vec<(String, String)> = docs
        .lines()
        .take_while(|line| !line.starts_with("## For other programs"))
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
            let code = cells.next()?.trim_matches('`').to_owned();
            Some((code, cells.next()?.to_owned()))
        })
        .collect();
    let known: Vec<(String, String)> = LINTS
        .iter()
        .map(|lint| (lint.code.to_owned(), lint.severity.name().to_owned()))
        .collect();
    assert_eq!(
        listed, known,
        "docs/lints.md lists the codes in their order"
    );
    assert!(
        LINTS
            .iter()
            .all(|lint| lint.acceptable || lint.severity == Severity::Error)
    );
}
