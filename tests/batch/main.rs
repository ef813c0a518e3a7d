//! `eligo batch`: lists in every notation go in, and for every row one comes out, in order, whatever is in it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;

mod cautions;
mod csv;
mod jobs;
mod lists;
mod options;
mod outputs;
mod rows;
mod sheet;
mod summary;

use common::Scratch;
use serde_json::Value as Json;

/// Meets every criterion.
const ELIGIBLE: &str = r#"{"candidate":"E-1","screened_on":"2026-11-20","sex":"male","age":34,"diagnosis":"b_all","remission":{"achieved":true,"by":["chemotherapy"]},"relapse":{"type":"marrow"},"cd22":[{"result":"positive","specimen":"bone_marrow","method":"flow","date":"2026-11-10"}],"ecog":1,"estimated_survival":"6 months","consent":"signed","cardiac":{"serious_insufficiency":false},"lung":{"severe_impairment_history":false},"other_malignancies":[],"infection":{"status":"none"},"autoimmune":{"status":"none"},"immunodeficiency":false,"hepatitis":{"hbv_dna":"not_detected","hcv_rna":"not_detected"},"hiv":{"status":"negative"},"syphilis":{"status":"negative"},"allergies":[],"investigator_concern":false,"serious_mental_illness":false,"substance_abuse":false,"addiction":"none"}"#;

/// The eligible candidate under another name, with another value of `ecog` (as JSON).
fn patient(candidate: &str, ecog: &str) -> String {
    ELIGIBLE
        .replace("E-1", candidate)
        .replace("\"ecog\":1", &format!("\"ecog\":{ecog}"))
}

/// Five rows: eligible, ineligible, undetermined, not readable, eligible.
fn five() -> String {
    [
        patient("P-1", "1"),
        patient("P-2", "4"),
        patient("P-3", "null"),
        patient("P-4", "9"),
        patient("P-5", "0"),
    ]
    .map(|row| row + "\n")
    .concat()
}

/// What the program did with a list.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs `eligo batch` in a directory.
fn batch(scratch: &Scratch, arguments: &[&str]) -> Ran {
    batch_from(scratch, arguments, "")
}

fn batch_from(scratch: &Scratch, arguments: &[&str], stdin: &str) -> Ran {
    let output = scratch
        .eligo()
        .arg("batch")
        .args(arguments)
        .write_stdin(stdin)
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The rows of lists as NDJSON.
fn ndjson(scratch: &Scratch, arguments: &[&str]) -> Ran {
    batch(
        scratch,
        &[&["--format", "ndjson", "--reasons", "none"], arguments].concat(),
    )
}

/// The rows of one list with this name and content.
fn of(name: &str, content: impl AsRef<[u8]>) -> Ran {
    ndjson(&Scratch::new().with(name, content), &[name])
}

impl Ran {
    fn rows(&self) -> Vec<Json> {
        self.stdout
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    /// Each row as its line, its candidate and what came of it.
    fn told(&self) -> Vec<String> {
        let word = |value: &Json| value.as_str().unwrap_or("-").to_owned();
        self.rows()
            .iter()
            .map(|row| {
                format!(
                    "{} {} {}",
                    row["line"],
                    word(&row["candidate"]),
                    word(&row["eligibility"])
                )
            })
            .collect()
    }

    #[track_caller]
    fn tells<const N: usize>(self, rows: [&str; N]) -> Self {
        assert_eq!(self.told(), rows, "{}", self.stderr);
        self
    }

    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "{}\n{}",
            self.stdout.chars().take(2000).collect::<String>(),
            self.stderr
        );
        self
    }

    /// The messages of the row at a place say this.
    #[track_caller]
    fn complains(self, row: usize, words: &str) -> Self {
        let errors = self.rows()[row]["errors"].to_string();
        assert!(errors.contains(words), "{words:?} is not in {errors}");
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(
            self.stderr.contains(words),
            "{words:?} is not in:\n{}",
            self.stderr
        );
        self
    }
}
