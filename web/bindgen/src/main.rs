//! `eligo-bindgen MODULE.wasm FOLDER`: writes the module and the JavaScript by which a page calls it into a folder.
//!
//! It is what `wasm-bindgen --target no-modules` does, of exactly the version that the module was compiled with: both stand in
//! one Cargo.lock.

use std::env;

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let module = arguments.next().context("the module is not named")?;
    let folder = arguments.next().context("the folder is not named")?;
    Bindgen::new()
        .input_path(module)
        .no_modules(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
}
