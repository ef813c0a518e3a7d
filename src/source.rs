//! Data as a site has it → ordinary records.
//!
//! ```text
//! source file + trial ──► compiled source ─┐
//!                                          ├─► mapped records ──► JSON, a line a candidate ──► the one reader of records
//! tables, resources of FHIR ────────────────┘
//! ```
//!
//! A source file says how the facts of a trial are read from what a site has. Nothing here turns the absence of a column, a cell
//! or a row into an answer, and no row is lost: what is not understood is an error with its place. The engine knows nothing
//! of sources.

mod dates;
pub mod draft;
pub mod fhir;
pub mod file;
pub mod mapped;
mod numbers;
mod records;
pub mod records_as;
mod rule;
pub mod table;

pub use file::{Compiled, FORMAT, compile, is_source};
pub use records::{Error, Input, Records};
