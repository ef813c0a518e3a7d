//! Whole outputs, kept in files beside the tests.

use std::{env, fs};

use super::root;

/// Compares an output with the file that it must equal, byte for byte. Where it is meant to change, `SNAPSHOTS=overwrite` writes the
/// file anew; read the difference before you commit it.
#[track_caller]
pub fn assert_snapshot(path: &str, output: &str) {
    let file = root().join(path);
    if env::var_os("SNAPSHOTS").is_some_and(|wish| wish == "overwrite") {
        fs::write(&file, output).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    let differs = kept.lines().zip(output.lines()).zip(1..);
    let first = differs
        .into_iter()
        .find(|((kept, written), _)| kept != written);
    assert!(
        kept == output,
        "{path} is not what is written: {first:?}; SNAPSHOTS=overwrite writes it anew"
    );
}
