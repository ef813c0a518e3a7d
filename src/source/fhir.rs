//! FHIR R4 → records: which resources say what of a candidate.
//!
//! In: a source file of kind `fhir-r4` and the resources of a patient. Out: a mapped record, and the counts of what was used and what
//! was left out. [`intake`] takes a Bundle or a line of a bulk export apart and says whose each resource is; whoever reads the
//! files brings together what is one patient's; [`Fhir::map`] does the rest.
//!
//! Always: that there is no resource means nothing. A code or a value that no rule understands is a problem of the record.
//! What was entered in error, refuted or only planned is left out and counted. Of several results the latest counts, where it is
//! certain which one that is; else the sources disagree.

mod code_map;
mod codes;
mod compile;
pub mod coverage;
pub mod intake;
mod list_rules;
mod lists;
mod mapper;
mod patient;
mod readings;
mod rules;
mod singles;
mod status;
mod systems;
mod time;
mod value;

use std::collections::HashSet;
use std::sync::Arc;

use self::code_map::CodeMap;
use self::codes::CodeFilter;
pub use self::coverage::Coverage;
pub use self::patient::PatientResources;
use self::status::Usable;
pub use self::systems::Files;
use self::systems::Systems;
use super::mapped::Pick;
use crate::diagnostic::Place;
use crate::facts::Fact;
use crate::fhirpath::Path;

/// How facts are read from resources.
#[derive(Debug)]
pub struct Fhir {
    systems: Systems,
    candidate: Paths,
    usable: Usable,
    facts: Vec<FactRule>,
    /// The types of resources that are looked at.
    types: HashSet<String>,
    /// Whether a path follows references, so that every resource may be needed.
    resolves: bool,
}

impl Fhir {
    /// How many facts it reads.
    pub(super) fn count(&self) -> usize {
        self.facts.len()
    }
}

/// Paths of which the first counts that leads to something.
#[derive(Debug)]
struct Paths(Vec<Path>);

/// How a fact is read.
#[derive(Debug)]
struct FactRule {
    fact: Arc<Fact>,
    /// Where it stands in the source file.
    place: Place,
    /// The type of resource.
    from: String,
    code: CodeFilter,
    condition: Option<Path>,
    value: ValueRule,
    /// Where the date stands; without it, where resources of this type have it.
    date: Option<Paths>,
    by: Option<Paths>,
    pick: Pick,
    /// The rule of the fact before whose date nothing counts.
    not_before: Option<usize>,
    /// The fields of an item, of a list of such.
    items: Vec<FieldRule>,
    /// Fields that are the same in every item.
    with: Vec<(Arc<Fact>, String, Place)>,
    none_if: Vec<NoneRule>,
    /// Whether the items of a list are all that there are.
    is_complete: bool,
}

/// How a value is read.
#[derive(Debug)]
struct ValueRule {
    path: Option<Paths>,
    map: CodeMap,
    /// What units are called in a record.
    units: Vec<(String, String)>,
}

/// How a field of an item is read.
#[derive(Debug)]
struct FieldRule {
    field: Arc<Fact>,
    value: ValueRule,
}

/// A resource that says that a list is empty.
#[derive(Debug)]
struct NoneRule {
    from: String,
    path: Path,
}

impl Fhir {
    /// Whether resources of a type are looked at.
    #[must_use]
    pub fn reads(&self, kind: &str) -> bool {
        self.resolves || self.types.contains(kind)
    }
}
