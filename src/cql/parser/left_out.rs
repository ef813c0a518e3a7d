//! Words of CQL that the language leaves out: what says the same here.

/// What to write instead of a word, if it is one of CQL that is left out.
pub(super) fn instead_of(word: &str) -> Option<&'static str> {
    LEFT_OUT
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, instead)| *instead)
}

const NO_INTERVALS: &str = "an interval is no value; compare the dates that begin and end it";
const NO_CASTS: &str = "a value keeps its type; declare the fact with the type that is needed";

static LEFT_OUT: [(&str, &str); 22] = [
    ("cast", NO_CASTS),
    ("collapse", NO_INTERVALS),
    ("convert", NO_CASTS),
    (
        "distinct",
        "let one item stand for each thing that is counted: a list of lines of treatment, each with \
         its drugs, and not a list of drugs",
    ),
    ("during", "write `date between first and last`"),
    ("ends", NO_INTERVALS),
    (
        "except",
        "ask about the items: `exists (a X where not (X in b))`",
    ),
    ("expand", NO_INTERVALS),
    ("flatten", "declare one list, with an item for each"),
    (
        "included",
        "write `item in list`, or `date between first and last`",
    ),
    ("includes", "write `list contains item`"),
    (
        "intersect",
        "ask about the items: `exists (a X where X in b)`",
    ),
    ("let", "name it under `define`"),
    ("meets", NO_INTERVALS),
    (
        "overlaps",
        "compare the dates: each begins on or before the day on which the other one ends",
    ),
    ("properly", NO_INTERVALS),
    ("singleton", "write `First(list)`"),
    ("starts", NO_INTERVALS),
    ("such", "write the condition into the `where` of the list"),
    (
        "union",
        "ask about each list: `exists a or exists b`, `x in a or x in b`",
    ),
    ("with", "write the condition into the `where` of the list"),
    (
        "without",
        "write the condition into the `where` of the list",
    ),
];
