//! What can be read in more than one way.

use super::pieces::{self, Piece, before, is_name, name_before, pieces_of_name};
use super::time;

/// A way to read a text, and what it means.
pub struct Reading {
    /// When it is right; none where it is what the text says if that can be said.
    pub meaning: Option<&'static str>,
    pub pieces: Vec<Piece>,
}

impl Reading {
    fn of(meaning: &'static str, pieces: Vec<Piece>) -> Self {
        Self {
            meaning: Some(meaning),
            pieces,
        }
    }
}

/// A kind of notation that has more than one reading: its readings, none if a text has nothing of the kind.
type Kind = fn(&[Piece]) -> Vec<Reading>;

const KINDS: [Kind; 6] = [groups, signs, days_and_months, half_lives, ago, commas];

/// The ways to read what has more than one; else the only one.
pub fn readings(pieces: Vec<Piece>) -> Vec<Reading> {
    for kind in KINDS {
        let readings = kind(&pieces);
        if !readings.is_empty() {
            return readings;
        }
    }
    vec![Reading {
        meaning: None,
        pieces,
    }]
}

/// `75,000`: thousands, or a decimal mark.
fn groups(pieces: &[Piece]) -> Vec<Reading> {
    let is_grouped = |piece: &Piece| {
        let parts: Vec<&str> = piece.text.split(',').collect();
        piece.is_number()
            && matches!(parts.as_slice(), [head, tail] if tail.len() == 3 && *head != "0" && !piece.text.contains('.'))
    };
    if !pieces.iter().any(is_grouped) {
        return Vec::new();
    }
    let with = |mark: &str| {
        let mut pieces = pieces.to_vec();
        for piece in pieces.iter_mut().filter(|piece| is_grouped(piece)) {
            piece.text = piece.text.replace(',', mark);
        }
        pieces
    };
    vec![
        Reading::of("if the comma marks thousands", with("")),
        Reading::of("if it is the decimal mark", with(".")),
    ]
}

/// `<=>`, which compares nothing here.
fn signs(pieces: &[Piece]) -> Vec<Reading> {
    if !pieces.iter().any(|piece| piece.text == "<=>") {
        return Vec::new();
    }
    let with = |sign: &str| {
        let mut pieces = pieces.to_vec();
        for piece in pieces.iter_mut().filter(|piece| piece.text == "<=>") {
            sign.clone_into(&mut piece.text);
        }
        pieces
    };
    vec![
        Reading::of("for at most", with("<=")),
        Reading::of("for at least", with(">=")),
    ]
}

/// `05/01/2026`: the day first, or the month.
fn days_and_months(pieces: &[Piece]) -> Vec<Reading> {
    let dates: Vec<time::Written> = (0..pieces.len())
        .filter_map(|at| time::Written::at(pieces, at))
        .collect();
    if dates.is_empty() {
        return Vec::new();
    }
    let with = |day_first: bool| {
        let mut changed = pieces.to_vec();
        for date in dates.iter().rev() {
            let date_literal = date.literal(day_first)?;
            pieces::replace(
                &mut changed,
                date.at,
                date.length,
                vec![Piece::new(date_literal)],
            );
        }
        Some(changed)
    };
    match (with(true), with(false)) {
        (Some(one), Some(other)) if one != other => vec![
            Reading::of("if the day comes first", one),
            Reading::of("if the month comes first", other),
        ],
        (one, other) => one
            .or(other)
            .map(|pieces| Reading {
                meaning: None,
                pieces,
            })
            .into_iter()
            .collect(),
    }
}

const LONGER: &str = "if it is longer ago";
const MORE_RECENT: &str = "if it is more recent";

/// `> 6 weeks ago`, `6 weeks ago`, `>= 6 weeks`: a longer time, or a later day.
fn ago(pieces: &[Piece]) -> Vec<Reading> {
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
        readings.insert(
            0,
            Reading {
                meaning: None,
                pieces: pieces.to_vec(),
            },
        );
    }
    readings
}

/// The pieces with each distance in words, how many there were, and whether any was said to be `ago`.
fn with_distance(pieces: &[Piece], longer: bool) -> (Vec<Piece>, usize, bool) {
    let mut changed: Vec<Piece> = Vec::new();
    let (mut count, mut named) = (0, false);
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let sign = piece.is_comparison().then_some(piece);
        let number = at + usize::from(sign.is_some());
        let is_counted = pieces.get(number).is_some_and(Piece::is_number)
            && pieces
                .get(number + 1)
                .is_some_and(|unit| time::unit(&unit.text).is_some());
        let follows = changed
            .last()
            .is_some_and(|last| is_name(last) || (sign.is_some() && last.text == ")"));
        let behind = pieces.get(number + 2);
        let is_ago = behind.is_some_and(|next| next.is("ago"));
        let ends = behind.is_none_or(|next| next.is("and") || next.is("or") || next.text == ")")
            && !pieces
                .get(number + 3)
                .is_some_and(|next| ["more", "less", "on"].iter().any(|word| next.is(word)));
        // `>= 6 weeks before Today()` says the day from which it counts.
        let is_anchored = sign.is_some() && behind.is_some_and(|next| next.is("before"));
        let is_equal = sign.is_some_and(|sign| sign.text == "=" || sign.text == "!=");
        let is_bare_age = changed.last().is_some_and(|last| last.text == ")") && !is_ago;
        if !is_counted
            || !follows
            || is_equal
            || is_bare_age
            || !(is_ago || is_anchored || sign.is_some() && ends)
        {
            changed.push(piece.clone());
            at += 1;
            continue;
        }
        let strict = sign.is_some_and(|sign| sign.text == "<" || sign.text == ">");
        let words = match (longer, strict) {
            (true, true) => ("more than", "before Today()"),
            (true, false) => ("", "or more before Today()"),
            (false, true) => ("less than", "on or before Today()"),
            (false, false) => ("", "or less on or before Today()"),
        };
        changed.extend(pieces::of(&format!(" {}", words.0)));
        for counted in pieces.iter().skip(number).take(2) {
            changed.push(Piece::new(counted.text.clone()));
        }
        let behind_number = match is_anchored {
            true => words.1.trim_end_matches("before Today()"),
            false => words.1,
        };
        changed.extend(pieces::of(&format!(" {behind_number}")));
        count += 1;
        named |= is_ago || is_anchored;
        at = number + 2 + usize::from(is_ago);
    }
    (changed, count, named)
}

/// `within 5 half_lives`, `5 * half_life or more before Today()`: days that are counted.
fn half_lives(pieces: &[Piece]) -> Vec<Reading> {
    let Some(found) = HalfLives::of(pieces) else {
        return Vec::new();
    };
    let with = |sign: &str| {
        let mut changed: Vec<Piece> = pieces.iter().take(found.start).cloned().collect();
        let (name, number, half_life) = (&found.name, &found.number, &found.half_life);
        let condition =
            format!("days between {name} and Today() {sign} {number} * ({half_life} / 1 'd')");
        let mut counted = pieces::of(&condition);
        if let (Some(first), Some(old)) = (counted.first_mut(), pieces.get(found.start)) {
            first.space.clone_from(&old.space);
        }
        changed.extend(counted);
        changed.extend(pieces.iter().skip(found.end).cloned());
        changed
    };
    match found.longer {
        Some(longer) => vec![Reading {
            meaning: None,
            pieces: with(if longer { ">=" } else { "<=" }),
        }],
        None => vec![
            Reading::of(LONGER, with(">=")),
            Reading::of(MORE_RECENT, with("<=")),
        ],
    }
}

/// Whether a text counts half-lives.
pub fn has_half_lives(pieces: &[Piece]) -> bool {
    pieces
        .iter()
        .enumerate()
        .any(|(at, piece)| piece.is_number() && half_life_behind(pieces, at + 1).is_some())
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
fn half_life_behind(pieces: &[Piece], mut at: usize) -> Option<(String, usize)> {
    while pieces
        .get(at)
        .is_some_and(|piece| matches!(piece.text.as_str(), "*" | "x" | "times"))
    {
        at += 1;
    }
    let name = pieces::name_at(pieces, at)?;
    let end = at + pieces_of_name(&name);
    let last = name.rsplit('.').next()?.to_ascii_lowercase();
    if last == "half" {
        let is_dashed = pieces.get(end).is_some_and(|piece| piece.text == "-");
        let word = end + usize::from(is_dashed);
        let lives = pieces.get(word)?;
        return (lives.is("life") || lives.is("lives")).then(|| ("half_life".to_owned(), word + 1));
    }
    match last.as_str() {
        "half_lives" | "halflives" | "t_half" => Some(("half_life".to_owned(), end)),
        "half_life" | "halflife" => Some((name, end)),
        _ => None,
    }
}

impl HalfLives {
    fn of(pieces: &[Piece]) -> Option<Self> {
        const LONGER: [&[&str]; 3] = [&["at", "least"], &["more", "than"], &["longer", "than"]];
        const SHORTER: [&[&str]; 3] = [&["within"], &["at", "most"], &["less", "than"]];
        let (number, half_life, mut end) = pieces.iter().enumerate().find_map(|(at, piece)| {
            let (half_life, end) =
                half_life_behind(pieces, at + 1).filter(|_| piece.is_number())?;
            Some((at, half_life, end))
        })?;
        let mut start = number;
        let mut longer = None;
        for (words, is_longer) in LONGER
            .iter()
            .map(|words| (words, true))
            .chain(SHORTER.iter().map(|words| (words, false)))
        {
            let place = start.checked_sub(words.len());
            if let Some(place) =
                place.filter(|place| pieces::find(pieces, *place, words) == Some(*place))
            {
                (start, longer) = (place, Some(is_longer));
            }
        }
        if longer.is_none() && before(pieces, start).is_some_and(Piece::is_comparison) {
            start -= 1;
        }
        for (words, is_longer) in [(&["or", "more"][..], true), (&["or", "less"], false)] {
            if pieces::find(pieces, end, words) == Some(end) {
                (end, longer) = (end + words.len(), Some(is_longer));
            }
        }
        for words in [
            &["ago"][..],
            &["before", "Today", "(", ")"],
            &["of", "Today", "(", ")"],
        ] {
            if pieces::find(pieces, end, words) == Some(end) {
                end += words.len();
            }
        }
        let name = name_before(pieces, start)?;
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
fn commas(pieces: &[Piece]) -> Vec<Reading> {
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
        let mut changed = pieces.to_vec();
        for at in &found {
            if let Some(piece) = changed.get_mut(*at) {
                *piece = Piece::new(word);
            }
        }
        changed
    };
    vec![
        Reading {
            meaning: None,
            pieces: pieces.to_vec(),
        },
        Reading::of("if both must hold", with("and")),
        Reading::of("if one is enough", with("or")),
    ]
}
