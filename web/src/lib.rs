//! Eligo for a page: the library behind a few functions that take and give text.
//!
//! A page holds one [`Desk`]: the trial, and perhaps a site's policy. The record is the page's, a text at every moment; each
//! function gets it whole and answers in JSON. Nothing is kept between two calls but the trial and the policy, and nothing is
//! read but what is passed in.

mod answers;
mod change;
mod desk;
mod form;
mod intake;
mod problem;

use wasm_bindgen::prelude::wasm_bindgen;

/// The trial and the policy that records are screened by.
#[wasm_bindgen]
pub struct Desk(desk::Desk);

#[wasm_bindgen]
impl Desk {
    /// The trial that comes with the program, and no policy.
    ///
    /// # Errors
    /// The words of an internal error.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Desk, String> {
        desk::Desk::new().map(Self)
    }

    /// Takes the bytes of another trial file; without a name, the one that comes with the program. A policy that does not
    /// fit the new trial is put away, and that is said.
    pub fn trial(&mut self, name: &str, bytes: Vec<u8>) -> String {
        json(&self.0.set_trial(name, bytes))
    }

    /// Takes the bytes of a site's policy; without a name, puts the policy away.
    pub fn site(&mut self, name: &str, bytes: Vec<u8>) -> String {
        json(&self.0.set_site(name, bytes))
    }

    /// The questions of the trial, stage by stage.
    #[must_use]
    pub fn form(&self) -> String {
        json(&self.0.form())
    }

    /// The bytes of a file as text.
    #[must_use]
    pub fn decode(&self, name: &str, bytes: Vec<u8>) -> String {
        json(&intake::decode(name, bytes))
    }

    /// Screens a record. `notation` is `auto`, `yaml`, `json`, `fhir` or `response`; `today` is the day of a record that names
    /// none, and `as_of`, unless empty, the day whatever the record says.
    #[must_use]
    pub fn screen(
        &self,
        name: &str,
        text: String,
        notation: &str,
        today: &str,
        as_of: &str,
    ) -> String {
        json(&self.0.screen(name, text, notation, today, as_of))
    }

    /// The text of a record after an answer was given, changed or taken back in the form. `change` is JSON.
    #[must_use]
    pub fn change(
        &self,
        name: &str,
        text: &str,
        notation: &str,
        change: &str,
        today: &str,
    ) -> String {
        json(&self.0.change(name, text, notation, change, today))
    }

    /// The record that is made of FHIR or of a response, in YAML.
    #[must_use]
    pub fn convert(&self, name: &str, text: String, notation: &str, today: &str) -> String {
        json(&self.0.convert(name, text, notation, today))
    }
}

/// As JSON. What is written here has no map with keys that are no text, so it cannot fail.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value)
        .unwrap_or_else(|error| format!("{{\"internal\":\"cannot be written as JSON: {error}\"}}"))
}
