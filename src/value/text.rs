//! Free text, compared as people mean it.

use unicode_normalization::UnicodeNormalization as _;
use unicode_security::confusable_detection::skeleton;

use super::Truth;
use crate::diagnostic::lookalike::is_invisible;

/// A text without what does not tell texts apart: case, blanks at its ends and runs of them, characters that are not
/// shown, width and other forms of the same characters (NFKC), the kind of a hyphen or an apostrophe.
#[must_use]
pub fn folded(text: &str) -> String {
    let shown = text.nfkc().filter(|one| !is_invisible(*one));
    let lower: String = shown.flat_map(char::to_lowercase).collect();
    // Lower case may be composed anew, and `ß` is what capitals write `SS`.
    let composed: String = lower.replace('ß', "ss").replace('ς', "σ").nfkc().collect();
    // What is pasted from a document has the hyphens and apostrophes of typesetters.
    let typed = composed.replace(is_hyphen, "-").replace(is_apostrophe, "'");
    one_line(&typed)
}

/// A name without what does not tell names apart: as [`folded`], and `_` and `-` are blanks. None if nothing is left, and
/// where a character is not shown: nobody can see that it is there, so nobody meant it.
#[must_use]
pub fn name_key(name: &str) -> Option<String> {
    if name.chars().any(is_invisible) {
        return None;
    }
    let key = one_line(&folded(name).replace(['_', '-'], " "));
    (!key.is_empty()).then_some(key)
}

/// A text with the full-width forms of ASCII and the blanks as a keyboard has them. No other form of a character is touched:
/// in a number a small 9 above the line is no 9.
#[must_use]
pub fn narrow(text: &str) -> String {
    let narrow = |one: char| match one {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(one) - 0xfee0).unwrap_or(one),
        blank if blank.is_whitespace() => ' ',
        other => other,
    };
    text.chars().map(narrow).collect()
}

/// A text in one line, every run of white space one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_hyphen(character: char) -> bool {
    matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2032}')
}

/// Whether two texts say the same. Unknown where one holds the other as whole words: "warfarin sodium" may be what is meant
/// by "warfarin", and "no warfarin" is not. Unknown too where they only look alike: a Cyrillic `а` in a name is a slip.
#[must_use]
pub fn same(one: &str, other: &str) -> Truth {
    if one == other {
        return Truth::True;
    }
    let (one, other) = (folded(one), folded(other));
    let may_be_meant = |one: &str, other: &str| holds_words(one, other) || holds_words(other, one);
    if one == other {
        Truth::True
    } else if may_be_meant(&one, &other) {
        Truth::Unknown
    } else if one.is_ascii() && other.is_ascii() {
        Truth::False
    } else {
        let [one, other] = [one, other].map(|text| skeleton(&text).collect::<String>());
        Truth::from(false).join(Truth::from(one == other || may_be_meant(&one, &other)))
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
            ("war\u{200b}farin", "warfarin"),
            ("war\u{ad}farin", "warfarin"),
            ("warfarin\u{feff}", "warfarin"),
            ("co\u{2011}trimoxazole", "co-trimoxazole"),
            ("co\u{2013}trimoxazole", "co-trimoxazole"),
            ("St John\u{2019}s wort", "St John's wort"),
        ] {
            assert_eq!(same(one, other), Truth::True, "{one} {other}");
        }
    }

    #[test]
    fn names_are_told_apart_by_their_letters() {
        for other in [
            "not_detected",
            "NOT-DETECTED",
            " not  detected",
            "ｎｏｔ\u{2011}detected",
            "not\u{a0}detected",
        ] {
            assert_eq!(name_key(other).as_deref(), Some("not detected"), "{other}");
        }
        assert_eq!(name_key("notdetected").as_deref(), Some("notdetected"));
        assert_eq!(name_key("not\u{200b}_detected"), None);
        assert_eq!(name_key(" - _"), None);
        assert_eq!(narrow("５\u{a0}µmol／L"), "5 µmol/L");
        assert_eq!(narrow("10⁹/L ½"), "10⁹/L ½");
    }

    #[test]
    fn a_word_among_others_leaves_it_open() {
        assert_eq!(same("warfarin sodium", "Warfarin"), Truth::Unknown);
        assert_eq!(same("warfarin", "no warfarin"), Truth::Unknown);
        assert_eq!(same("warfarin", "(warfarin)"), Truth::Unknown);
        assert_eq!(same("w\u{430}rfarin", "warfarin"), Truth::Unknown);
        assert_eq!(same("w\u{430}rfarin sodium", "warfarin"), Truth::Unknown);
        assert_eq!(same("華法林", "warfarin"), Truth::False);
        assert_eq!(same("warfarins", "warfarin"), Truth::False);
        assert_eq!(same("aspirin", "warfarin"), Truth::False);
        assert_eq!(same("", "warfarin"), Truth::False);
        assert_eq!(same("-", "a-b"), Truth::False);
    }
}
