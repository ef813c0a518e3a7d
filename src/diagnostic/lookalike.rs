//! Characters that are not what they look like: letters of another script that are drawn like Latin ones, full-width
//! letters, and characters that are not drawn at all. A name with one of them looks right and is not, so a message has to
//! say which character it is.

use unicode_script::{Script, UnicodeScript as _};
use unicode_security::confusable_detection::skeleton;

/// What is deceptive about the first such character of a text; none if every character is what it looks like.
#[must_use]
pub fn explain(text: &str) -> Option<String> {
    let (at, character) = text
        .char_indices()
        .find(|(_, character)| is_invisible(*character) || twin(*character).is_some())?;
    let code = format!("U+{:04X}", u32::from(character));
    if is_invisible(character) {
        let before = text.get(..at).unwrap_or_default();
        let place = if before.is_empty() {
            String::new()
        } else {
            format!(" behind `{before}`")
        };
        return Some(format!(
            "there is an invisible character{place}: {code}; delete it"
        ));
    }
    let looks_like = twin(character)?;
    let kind = match character.script() {
        _ if matches!(character, '\u{ff01}'..='\u{ff5e}') => "full-width".to_owned(),
        Script::Common | Script::Inherited | Script::Unknown | Script::Latin => {
            "special".to_owned()
        }
        script => script.full_name().replace('_', " "),
    };
    Some(format!(
        "`{character}` is not the letter that it looks like but a {kind} character, {code}; type `{looks_like}`"
    ))
}

/// Whether a character takes no room and leaves no trace where it is shown.
#[must_use]
pub(crate) fn is_invisible(character: char) -> bool {
    // Unicode's Default_Ignorable_Code_Point, the controls of annotations and of Egyptian signs, and the Braille cell without dots.
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether anything of a text can be seen: a text of blanks, controls and invisible characters says nothing, whoever it names.
#[must_use]
pub(crate) fn has_visible_character(text: &str) -> bool {
    let is_visible = |character: char| {
        !character.is_whitespace() && !character.is_control() && !is_invisible(character)
    };
    text.chars().any(is_visible)
}

/// The character of a name that another one is easily taken for.
fn twin(character: char) -> Option<char> {
    if character.is_ascii() {
        return None;
    }
    if let '\u{ff01}'..='\u{ff5e}' = character {
        return char::from_u32(u32::from(character) - 0xfee0);
    }
    // What is alphabetic in its own right, such as `ä`, falls apart into a letter and its mark.
    let mut drawn = skeleton(character.encode_utf8(&mut [0; 4]))
        .collect::<Vec<char>>()
        .into_iter();
    match (drawn.next(), drawn.next()) {
        (Some(one), None) if one.is_ascii_alphanumeric() || one == '_' => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_character_it_is() {
        assert!(
            explain("\u{435}cog")
                .unwrap()
                .contains("Cyrillic character, U+0435; type `e`")
        );
        assert!(
            explain("e\u{ff43}og")
                .unwrap()
                .contains("full-width character, U+FF43; type `c`")
        );
        assert!(
            explain("ec\u{200b}og")
                .unwrap()
                .contains("invisible character behind `ec`: U+200B")
        );
        assert!(explain("\u{3bf}ne").unwrap().contains("Greek"));
    }

    #[test]
    fn texts_in_which_nothing_can_be_seen() {
        for text in [
            "",
            " \t\n",
            "\u{a0}",
            "\u{200b}",
            "\u{2060}\u{feff} ",
            "\u{3000}",
            "\u{2800}",
            "\u{3164}",
            "\u{ad}",
            "\u{7}",
            "\u{e0041}",
            "\u{fff9}",
        ] {
            assert!(!has_visible_character(text), "{text:?}");
        }
        for text in ["x", " - ", "\u{200b}.", "\u{674e}", "\u{1f642}", "\u{e9}"] {
            assert!(has_visible_character(text), "{text:?}");
        }
    }

    #[test]
    fn what_is_plainly_another_letter_is_left_alone() {
        assert_eq!(explain("ecog_1"), None);
        assert_eq!(explain("größe"), None);
        assert_eq!(explain("年龄"), None);
    }
}
