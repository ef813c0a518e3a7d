//! The law: whatever records say, they say the same as NDJSON, as structures and as flat columns.

use eligo::EMBEDDED_TRIAL;
use eligo::diagnostic::Source;
use jiff::civil::date;
use serde_json::Value as Json;

use super::any::Records;
use super::made::{batch, flat, nested, screened};
use super::streams::as_ndjson;

/// Numbers that look random, the same for the same seed.
pub struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ (mixed >> 27)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % (high.abs_diff(low) + 1)).unwrap()
    }

    pub fn chance(&mut self, share: f64) -> bool {
        (self.next() % 1_000) as f64 / 1_000.0 < share
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub fn weighted<T: Copy>(&mut self, all: &[(usize, T)]) -> T {
        let mut left = self.below(all.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in all {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        all[0].1
    }
}

fn rows(all: Vec<Json>) -> Vec<Json> {
    let without_places = |mut row: Json| {
        for error in row["errors"].as_array_mut().into_iter().flatten() {
            for key in ["line", "column", "file"] {
                error.as_object_mut().unwrap().remove(key);
            }
        }
        row
    };
    all.into_iter().map(without_places).collect()
}

#[test]
fn records_say_the_same_as_json_as_structures_and_as_flat_columns() {
    let (trial, _) = eligo::trial::compile(&Source::new("<embedded>", EMBEDDED_TRIAL)).unwrap();
    for (seed, plain) in [(1, true), (2, false), (3, false)] {
        let mut random = Random(seed);
        let made = Records::new(&trial, plain, 0.2);
        let records = (0..150).map(|row| made.record(row, date(2026, 11, 20), &mut random));
        let records: Vec<Json> = records.map(Json::Object).collect();
        let list: String = records.iter().map(|record| format!("{record}\n")).collect();
        let arguments = ["--reasons", "all", "--as-of", "2026-11-20"];
        let expected = batch(
            &[&["-", "--format", "ndjson"], &arguments[..]].concat(),
            list.as_bytes(),
        );
        let expected = rows(expected.lines());
        assert!(
            expected
                .iter()
                .filter(|row| row["eligibility"] != "error")
                .count()
                > 75
        );
        for table in [nested(&records), flat(&records)] {
            let found = screened(&[table.slice(0, 70), table.slice(70, 80)], &arguments);
            let found: Vec<Json> = found.rows().iter().map(as_ndjson).collect();
            for ((found, expected), record) in rows(found).iter().zip(&expected).zip(&records) {
                assert_eq!(found, expected, "seed {seed}: {record}");
            }
        }
    }
}
