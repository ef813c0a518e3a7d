//! Numbers as a source writes them → numbers as a record writes them.

/// How texts write numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NumberForm {
    /// The decimal mark.
    pub decimal: char,
    /// What stands between groups of three digits.
    pub thousands: Option<char>,
    /// Whether `<20`, `>=3`, `10-20` and `3+` are read as bounds.
    pub bounds: bool,
}

impl Default for NumberForm {
    fn default() -> Self {
        Self {
            decimal: '.',
            thousands: None,
            bounds: false,
        }
    }
}

/// What is wrong with a number, and what would be right.
pub(crate) type Wrong = (String, Option<String>);

impl NumberForm {
    /// A number or bounds with what stands behind it, which may be a unit.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(&self, text: &str) -> Result<(String, String), Wrong> {
        const SIGNS: [(&str, &str); 8] = [
            ("<=", "<="),
            (">=", ">="),
            ("=<", "<="),
            ("=>", ">="),
            ("≤", "<="),
            ("≥", ">="),
            ("<", "<"),
            (">", ">"),
        ];
        let sign = SIGNS
            .iter()
            .find_map(|(sign, means)| Some((text.strip_prefix(sign)?, *means)));
        if let Some((rest, sign)) = sign {
            self.may_be_bounds(text)?;
            let (number, unit) = self.number(rest.trim_start(), text)?;
            return Ok((format!("{sign} {number}"), unit.to_owned()));
        }
        let (low, rest) = self.number(text, text)?;
        if let Some(unit) = rest.strip_prefix('+') {
            self.may_be_bounds(text)?;
            return Ok((format!(">= {low}"), unit.trim_start().to_owned()));
        }
        let between = ["..", "-", "–"]
            .iter()
            .find_map(|between| rest.strip_prefix(between));
        if let Some(high) = between {
            self.may_be_bounds(text)?;
            let (high, unit) = self.number(high.trim_start(), text)?;
            return Ok((format!("{low}..{high}"), unit.to_owned()));
        }
        Ok((low, rest.to_owned()))
    }

    fn may_be_bounds(&self, text: &str) -> Result<(), Wrong> {
        if self.bounds {
            return Ok(());
        }
        let help = "`bounds: yes` in the source file reads it as such".to_owned();
        Err((
            format!("`{text}` is no number but bounds of one"),
            Some(help),
        ))
    }

    /// A number at the beginning of a text, and the rest.
    fn number<'t>(&self, text: &'t str, whole: &str) -> Result<(String, &'t str), Wrong> {
        let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(digits) => ("-", digits),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let mut end = digits
            .find(|character: char| !self.is_part(character))
            .unwrap_or(digits.len());
        // A mark with no digit behind it is none: `10..20`, `5.`
        while digits
            .get(..end)
            .is_some_and(|number| number.ends_with(['.', ',', ' ', '\u{a0}', '\'', '’']))
        {
            end = digits
                .get(..end)
                .and_then(|number| number.char_indices().next_back())
                .map_or(0, |(at, _)| at);
        }
        if let Some(dots) = digits.find("..") {
            end = end.min(dots);
        }
        let (number, rest) = digits.split_at_checked(end).unwrap_or((digits, ""));
        let (integer, fraction) = match number.split_once(self.decimal) {
            Some((integer, fraction)) => (integer, Some(fraction)),
            None => (number, None),
        };
        let integer = self.without_groups(integer, whole)?;
        let are_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(&integer) || fraction.is_some_and(|fraction| !are_digits(fraction)) {
            return Err(self.no_number(whole));
        }
        // Records have no zeros before a number.
        let integer = match integer.trim_start_matches('0') {
            "" => "0",
            integer => integer,
        };
        let number = match fraction {
            Some(fraction) => format!("{sign}{integer}.{fraction}"),
            None => format!("{sign}{integer}"),
        };
        Ok((number, rest.trim_start_matches([' ', '\u{a0}', '\u{202f}'])))
    }

    fn is_part(&self, character: char) -> bool {
        character.is_ascii_digit()
            || matches!(character, '.' | ',')
            || self.thousands == Some(character)
    }

    /// A whole number without the marks between its groups of three.
    fn without_groups(&self, integer: &str, whole: &str) -> Result<String, Wrong> {
        let Some(mark) = self.thousands else {
            return Ok(integer.to_owned());
        };
        let groups: Vec<&str> = integer.split(mark).collect();
        let is_grouped = groups
            .iter()
            .enumerate()
            .all(|(at, group)| group.len() == 3 || at == 0 && (1..=3).contains(&group.len()));
        if groups.len() > 1 && !is_grouped {
            return Err(self.no_number(whole));
        }
        Ok(groups.concat())
    }

    fn no_number(&self, text: &str) -> Wrong {
        let other = if self.decimal == ',' { '.' } else { ',' };
        let help = if text.contains(other) && self.thousands != Some(other) {
            Some(format!(
                "decimals are written with `{}` here; `decimal: '{other}'` or `thousands: '{other}'` in the source file says \
                 otherwise",
                self.decimal
            ))
        } else {
            None
        };
        (format!("`{text}` is not a number"), help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_mean_what_the_source_states() {
        for (decimal, thousands, text, number, unit) in [
            ('.', None, "46.5", Some("46.5"), ""),
            ('.', None, "46.5 %", Some("46.5"), "%"),
            ('.', None, "46.5%", Some("46.5"), "%"),
            ('.', None, "1,234", None, ""),
            (',', None, "46,5", Some("46.5"), ""),
            (',', None, "1.234", None, ""),
            (',', Some('.'), "1.234,5", Some("1234.5"), ""),
            (',', Some('.'), "1.23,5", None, ""),
            (',', Some('.'), "12.345.678", Some("12345678"), ""),
            ('.', Some(','), "1,234.50", Some("1234.50"), ""),
            ('.', Some(' '), "1 234", Some("1234"), ""),
            ('.', None, "<20", Some("< 20"), ""),
            ('.', None, "≥ 3", Some(">= 3"), ""),
            ('.', None, "3+", Some(">= 3"), ""),
            ('.', None, "10-20 %", Some("10..20"), "%"),
            ('.', None, "10..20", Some("10..20"), ""),
            ('.', None, "-1.5", Some("-1.5"), ""),
            ('.', None, "007", Some("7"), ""),
            ('.', None, ".5", None, ""),
            ('.', None, "neg", None, ""),
            ('.', None, "", None, ""),
        ] {
            let form = NumberForm {
                decimal,
                thousands,
                bounds: true,
            };
            let read = form.read(text).ok();
            let expected = number.map(|number| (number.to_owned(), unit.to_owned()));
            assert_eq!(read, expected, "{text}");
        }
        let exact = NumberForm::default();
        assert!(exact.read("<20").unwrap_err().1.unwrap().contains("bounds"));
    }
}
