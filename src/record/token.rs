//! Bytes that are expected somewhere, compared sixteen at a time.

/// Bytes that are expected.
#[derive(Debug, Clone)]
pub struct Token {
    bytes: Box<[u8]>,
    /// The first sixteen of them, and which bits those are.
    first: u128,
    mask: u128,
}

const WIDTH: usize = 16;

impl Token {
    pub fn new(text: &str) -> Self {
        let mut first = [0; WIDTH];
        let mut mask = [0; WIDTH];
        for ((place, mask), byte) in first.iter_mut().zip(&mut mask).zip(text.bytes()) {
            (*place, *mask) = (byte, u8::MAX);
        }
        Self {
            bytes: text.as_bytes().into(),
            first: u128::from_le_bytes(first),
            mask: u128::from_le_bytes(mask),
        }
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it stands at this place of a line.
    #[inline]
    pub fn is_at(&self, line: &[u8], at: usize) -> bool {
        let Some(rest) = line.get(at..) else {
            return false;
        };
        match rest.first_chunk::<WIDTH>() {
            Some(chunk) if (u128::from_le_bytes(*chunk) ^ self.first) & self.mask != 0 => false,
            Some(_) if self.bytes.len() <= WIDTH => true,
            _ => rest.starts_with(&self.bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_where_its_bytes_do() {
        let line = b"{\"hepatitis\":{\"hbv_dna\":\"not_detected\"},\"a_key_that_is_longer_than_sixteen\":1}";
        let text = std::str::from_utf8(line).unwrap();
        for length in 1..40 {
            for start in 0..line.len() {
                let Some(part) = text.get(start..start + length) else {
                    continue;
                };
                let token = Token::new(part);
                for at in 0..=line.len() + 1 {
                    let stands = line
                        .get(at..)
                        .is_some_and(|rest| rest.starts_with(part.as_bytes()));
                    assert_eq!(token.is_at(line, at), stands, "{part} at {at}");
                }
            }
        }
    }
}
