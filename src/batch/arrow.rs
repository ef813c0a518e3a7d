//! Lists in Arrow: batches of typed columns → rows of cells, and screened rows → batches of typed columns.
//!
//! A column of a table is one of a CSV list: it has the same names and holds the same, so it is read by the same reader. What a
//! structure holds are columns of their own, called by the path to them; a list is one cell, as JSON. How a value is
//! written in its cell is said in `values`; nothing goes through a number of another type.

mod columns;
mod key;
mod results;
mod rows;
mod tally;
mod values;

pub use columns::TableColumns;
pub use results::{Results, schema};
pub(super) use rows::BatchRows;
pub use rows::Table;
pub use tally::Tally;
