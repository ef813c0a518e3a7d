//! Free text, compared as people mean it.

use unicode_normalization::UnicodeNormalization as _;

use super::Truth;

/// A text without what does not tell texts apart: case, blanks at its ends and runs of them, width and other forms of the
/// same characters (NFKC).
#[must_use]
pub fn folded(text: &str) -> String {
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    // Lower case may be composed anew, and `ß` is what capitals write `SS`.
    let composed: String = lower.replace('ß', "ss").replace('ς', "σ").nfkc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two texts say the same. Unknown where one holds the other as whole words: "warfarin sodium" may be what is meant
/// by "warfarin", and "no warfarin" is not.
#[must_use]
pub fn same(one: &str, other: &str) -> Truth {
    if one == other {
        return Truth::True;
    }
    let (one, other) = (folded(one), folded(other));
    if one == other {
        Truth::True
    } else if holds_words(&one, &other) || holds_words(&other, &one) {
        Truth::Unknown
    } else {
        Truth::False
    }
}

/// Whether `words` stand in `text`, with no letter or digit beside them.
fn holds_words(text: &str, words: &str) -> bool {
    let is_open = |beside: Option<char>| !beside.is_some_and(char::is_alphanumeric);
    words.chars().any(char::is_alphanumeric)
        && text.match_indices(words).any(|(at, found)| {
            is_open(text.get(..at).and_then(|before| before.chars().next_back()))
                && is_open(
                    text.get(at + found.len()..)
                        .and_then(|after| after.chars().next()),
                )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_blanks_width_and_form_do_not_tell_texts_apart() {
        for other in [
            "Warfarin",
            "WARFARIN ",
            " warfarin\u{a0}",
            "ｗａｒｆａｒｉｎ",
        ] {
            assert_eq!(same("warfarin", other), Truth::True, "{other}");
        }
        for (one, other) in [
            ("e\u{301}tude", "Étude"),
            ("Straße", "STRASSE"),
            ("\u{fb01}n", "FIN"),
            ("a  b", "a\tb"),
            ("ΟΔΟΣ", "οδος"),
        ] {
            assert_eq!(same(one, other), Truth::True, "{one} {other}");
        }
    }

    #[test]
    fn a_word_among_others_leaves_it_open() {
        assert_eq!(same("warfarin sodium", "Warfarin"), Truth::Unknown);
        assert_eq!(same("warfarin", "no warfarin"), Truth::Unknown);
        assert_eq!(same("warfarin", "(warfarin)"), Truth::Unknown);
        assert_eq!(same("warfarins", "warfarin"), Truth::False);
        assert_eq!(same("aspirin", "warfarin"), Truth::False);
        assert_eq!(same("", "warfarin"), Truth::False);
        assert_eq!(same("-", "a-b"), Truth::False);
    }
}
