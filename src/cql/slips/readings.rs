//! What can be read in more than one way.

use super::pieces::{Piece, Pieces, pieces_of_name};
use super::time;

/// A way to read a text, and what it means.
pub struct Reading {
    /// When it is right; none where it is what the text says if that can be said.
    pub meaning: Option<&'static str>,
    pub pieces: Pieces,
}

impl Reading {
    fn of(meaning: &'static str, pieces: Pieces) -> Self {
        Self {
            meaning: Some(meaning),
            pieces,
        }
    }

    fn only(pieces: Pieces) -> Self {
        Self {
            meaning: None,
            pieces,
        }
    }
}

/// A kind of notation that has more than one reading: its readings, none if a text has nothing of the kind.
type Kind = fn(&Pieces) -> Vec<Reading>;

const KINDS: [Kind; 6] = [groups, signs, days_and_months, half_lives, ago, commas];

/// The ways to read what has more than one; else the only one.
pub fn readings(pieces: Pieces) -> Vec<Reading> {
    KINDS
        .iter()
        .map(|kind| kind(&pieces))
        .find(|readings| !readings.is_empty())
        .unwrap_or_else(|| vec![Reading::only(pieces)])
}

/// Two readings of the pieces that `is_unclear` finds, each with another text in their place.
fn either(
    pieces: &Pieces,
    is_unclear: impl Fn(&Piece) -> bool,
    meanings: [&'static str; 2],
    texts: impl Fn(&Piece) -> [String; 2],
) -> Vec<Reading> {
    if !pieces.iter().any(&is_unclear) {
        return Vec::new();
    }
    let mut readings = meanings.map(|meaning| Reading::of(meaning, pieces.clone()));
    for (at, piece) in pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| is_unclear(piece))
    {
        for (reading, text) in readings.iter_mut().zip(texts(piece)) {
            reading.pieces.set_text(at, text);
        }
    }
    readings.into()
}

/// `75,000`: thousands, or a decimal mark.
fn groups(pieces: &Pieces) -> Vec<Reading> {
    let is_grouped = |piece: &Piece| {
        let parts: Vec<&str> = piece.text.split(',').collect();
        piece.is_number()
            && matches!(parts.as_slice(), [head, tail] if tail.len() == 3 && *head != "0" && !piece.text.contains('.'))
    };
    let meanings = ["if the comma marks thousands", "if it is the decimal mark"];
    either(pieces, is_grouped, meanings, |piece| {
        ["", "."].map(|mark| piece.text.replace(',', mark))
    })
}

/// `<=>`, which compares nothing here.
fn signs(pieces: &Pieces) -> Vec<Reading> {
    let meanings = ["for at most", "for at least"];
    either(
        pieces,
        |piece| piece.text == "<=>",
        meanings,
        |_| ["<=", ">="].map(str::to_owned),
    )
}

/// `05/01/2026`: the day first, or the month.
fn days_and_months(pieces: &Pieces) -> Vec<Reading> {
    let dates: Vec<time::Written> = (0..pieces.len())
        .filter_map(|at| time::Written::at(pieces, at))
        .collect();
    if dates.is_empty() {
        return Vec::new();
    }
    let with = |day_first: bool| {
        let mut changed = pieces.clone();
        for date in dates.iter().rev() {
            changed.replace(date.at, date.length, &date.literal(day_first)?);
        }
        Some(changed)
    };
    match (with(true), with(false)) {
        (Some(one), Some(other)) if one != other => vec![
            Reading::of("if the day comes first", one),
            Reading::of("if the month comes first", other),
        ],
        (one, other) => one.or(other).map(Reading::only).into_iter().collect(),
    }
}

const LONGER: &str = "if it is longer ago";
const MORE_RECENT: &str = "if it is more recent";

/// `> 6 weeks ago`, `6 weeks ago`, `>= 6 weeks`: a longer time, or a later day.
fn ago(pieces: &Pieces) -> Vec<Reading> {
    let (longer, count, named) = with_distance(pieces, true);
    if count == 0 {
        return Vec::new();
    }
    let mut readings = vec![
        Reading::of(LONGER, longer),
        Reading::of(MORE_RECENT, with_distance(pieces, false).0),
    ];
    if !named {
        // Two durations may be meant, and then nothing is ambiguous.
        readings.insert(0, Reading::only(pieces.clone()));
    }
    readings
}

/// The pieces with each distance in words, how many there were, and whether any was said to be `ago`.
fn with_distance(pieces: &Pieces, longer: bool) -> (Pieces, usize, bool) {
    let mut changed = Pieces(Vec::new());
    let (mut count, mut named) = (0, false);
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let Some(distance) = Distance::of(pieces, at, changed.before(changed.len())) else {
            changed.push(piece.clone());
            at += 1;
            continue;
        };
        let strict = piece.text == "<" || piece.text == ">";
        let (before, behind) = match (longer, strict) {
            (true, true) => ("more than", "before Today()"),
            (true, false) => ("", "or more before Today()"),
            (false, true) => ("less than", "on or before Today()"),
            (false, false) => ("", "or less on or before Today()"),
        };
        let behind = match distance.is_anchored {
            true => behind.trim_end_matches("before Today()"),
            false => behind,
        };
        changed.extend(Pieces::of(&format!(" {before}")).0);
        for counted in pieces.iter().skip(distance.number).take(2) {
            changed.push(Piece::new(counted.text.clone()));
        }
        changed.extend(Pieces::of(&format!(" {behind}")).0);
        count += 1;
        named |= distance.is_ago || distance.is_anchored;
        at = distance.number + 2 + usize::from(distance.is_ago);
    }
    (changed, count, named)
}

/// A time that is counted back from a day.
struct Distance {
    /// Where the number stands.
    number: usize,
    /// Whether `ago` stands behind it.
    is_ago: bool,
    /// `>= 6 weeks before Today()` says the day from which it counts.
    is_anchored: bool,
}

impl Distance {
    /// The distance that begins at a place, behind a piece.
    fn of(pieces: &Pieces, at: usize, last: &Piece) -> Option<Self> {
        let sign = pieces.at(at);
        let is_signed = sign.is_comparison();
        let number = at + usize::from(is_signed);
        let is_counted =
            pieces.at(number).is_number() && time::unit(&pieces.at(number + 1).text).is_some();
        let follows = last.is_name() || (is_signed && last.text == ")");
        let behind = pieces.at(number + 2);
        let is_ago = behind.is("ago");
        let ends = (number + 2 >= pieces.len() || behind.is_any(&["and", "or", ")"]))
            && !pieces.at(number + 3).is_any(&["more", "less", "on"]);
        let is_anchored = is_signed && behind.is("before");
        let is_equal = sign.text == "=" || sign.text == "!=";
        let is_bare_age = last.text == ")" && !is_ago;
        (is_counted
            && follows
            && !is_equal
            && !is_bare_age
            && (is_ago || is_anchored || is_signed && ends))
            .then_some(Self {
                number,
                is_ago,
                is_anchored,
            })
    }
}

/// `within 5 half_lives`, `5 * half_life or more before Today()`: days that are counted.
fn half_lives(pieces: &Pieces) -> Vec<Reading> {
    let Some(found) = HalfLives::of(pieces) else {
        return Vec::new();
    };
    let with = |sign: &str| {
        let (name, number, half_life) = (&found.name, &found.number, &found.half_life);
        let condition =
            format!("days between {name} and Today() {sign} {number} * ({half_life} / 1 'd')");
        let mut counted = Pieces::of(&condition);
        if let Some(first) = counted.first_mut() {
            first.space.clone_from(&pieces.at(found.start).space);
        }
        let mut changed = pieces.clone();
        changed.splice(found.start..found.end, counted.0);
        changed
    };
    match found.longer {
        Some(longer) => vec![Reading::only(with(if longer { ">=" } else { "<=" }))],
        None => vec![
            Reading::of(LONGER, with(">=")),
            Reading::of(MORE_RECENT, with("<=")),
        ],
    }
}

/// Whether a text counts half-lives.
pub fn has_half_lives(pieces: &Pieces) -> bool {
    (0..pieces.len())
        .any(|at| pieces.at(at).is_number() && half_life_behind(pieces, at + 1).is_some())
}

/// A date and the half-lives that lie behind it.
struct HalfLives {
    start: usize,
    end: usize,
    name: String,
    number: String,
    half_life: String,
    longer: Option<bool>,
}

/// The name of a half-life behind a number, and where its words end.
fn half_life_behind(pieces: &Pieces, mut at: usize) -> Option<(String, usize)> {
    while matches!(pieces.at(at).text.as_str(), "*" | "x" | "times") {
        at += 1;
    }
    let name = pieces.name_at(at)?;
    let end = at + pieces_of_name(&name);
    let last = name.rsplit('.').next()?.to_ascii_lowercase();
    match last.as_str() {
        "half" => {
            let word = end + usize::from(pieces.at(end).text == "-");
            let is_lives = pieces.at(word).is_any(&["life", "lives"]);
            is_lives.then(|| ("half_life".to_owned(), word + 1))
        }
        "half_lives" | "halflives" | "t_half" => Some(("half_life".to_owned(), end)),
        "half_life" | "halflife" => Some((name, end)),
        _ => None,
    }
}

impl HalfLives {
    fn of(pieces: &Pieces) -> Option<Self> {
        const BEFORE: [(&str, bool); 6] = [
            ("at least", true),
            ("more than", true),
            ("longer than", true),
            ("within", false),
            ("at most", false),
            ("less than", false),
        ];
        let (number, half_life, mut end) = pieces.iter().enumerate().find_map(|(at, piece)| {
            let (half_life, end) =
                half_life_behind(pieces, at + 1).filter(|_| piece.is_number())?;
            Some((at, half_life, end))
        })?;
        let mut start = number;
        let mut longer = None;
        for (words, is_longer) in BEFORE {
            let place = start.checked_sub(words.split(' ').count());
            if let Some(place) = place.filter(|place| pieces.stands(*place, words)) {
                (start, longer) = (place, Some(is_longer));
            }
        }
        if longer.is_none() && pieces.before(start).is_comparison() {
            start -= 1;
        }
        for (words, is_longer) in [("or more", true), ("or less", false)] {
            if pieces.stands(end, words) {
                (end, longer) = (end + 2, Some(is_longer));
            }
        }
        for words in ["ago", "before Today ( )", "of Today ( )"] {
            if pieces.stands(end, words) {
                end += words.split(' ').count();
            }
        }
        let name = pieces.name_before(start)?;
        Some(Self {
            start: start - pieces_of_name(&name),
            end,
            number: pieces.get(number)?.text.clone(),
            name,
            half_life,
            longer,
        })
    }
}

/// `fit, ecog <= 2`: both, or either.
fn commas(pieces: &Pieces) -> Vec<Reading> {
    let mut depth = 0_i32;
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece.text.as_str() {
            "(" | "{" | "[" => depth += 1,
            ")" | "}" | "]" => depth -= 1,
            "," if depth == 0 && at + 1 < pieces.len() => found.push(at),
            _ => {}
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    let with = |word: &str| {
        let mut changed = pieces.clone();
        for at in &found {
            changed.set_text(*at, word);
            changed.set_apart(*at);
        }
        changed
    };
    vec![
        Reading::only(pieces.clone()),
        Reading::of("if both must hold", with("and")),
        Reading::of("if one is enough", with("or")),
    ]
}
