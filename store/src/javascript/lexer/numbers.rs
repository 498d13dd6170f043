//! Number and bigint literals.

use num_bigint::BigInt;

use super::{LexError, Lexer, TokenKind, is_name_part};

impl Lexer<'_> {
    pub(super) fn number(&mut self) -> Result<TokenKind, LexError> {
        let start = self.at;
        let radix = match self.rest().as_bytes() {
            [b'0', b'x' | b'X', ..] => Some(16),
            [b'0', b'o' | b'O', ..] => Some(8),
            [b'0', b'b' | b'B', ..] => Some(2),
            _ => None,
        };
        if radix.is_some() {
            self.at += 2;
        }
        // Everything that could belong to it, so that `3px` is one wrong number and not two tokens.
        let digits_start = self.at;
        loop {
            let taken = self.take_while(|char| is_name_part(char) || (char == '.' && radix.is_none()));
            let exponent = radix.is_none() && taken.ends_with(['e', 'E']);
            if !(exponent && (self.eat('+') || self.eat('-'))) {
                break;
            }
        }
        let literal = self.text.get(digits_start..self.at).unwrap_or_default();
        let wrong = |message: &str| self.error(start, message);
        if literal.starts_with('_') || literal.ends_with('_') || literal.contains("__") {
            return Err(wrong("A separator `_` stands between two digits"));
        }
        let digits: String = literal.chars().filter(|char| *char != '_').collect();
        let separators_fit = literal
            .split('_')
            .skip(1)
            .zip(literal.split('_'))
            .all(|(after, before)| after.starts_with(is_digit) && before.ends_with(is_digit));
        if !separators_fit {
            return Err(wrong("A separator `_` stands between two digits"));
        }
        number_value(&digits, radix).ok_or_else(|| wrong("This is not a number"))
    }
}

/// The value of a number without separators.
fn number_value(digits: &str, radix: Option<u32>) -> Option<TokenKind> {
    let bigint = digits
        .strip_suffix('n')
        .filter(|_| radix != Some(16) || digits.ends_with('n'));
    if let Some(digits) = bigint {
        let plain = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let leading_zero = radix.is_none() && digits.len() > 1 && digits.starts_with('0');
        let value = BigInt::parse_bytes(digits.as_bytes(), radix.unwrap_or(10))?;
        return (plain && !leading_zero).then_some(TokenKind::BigInt(value));
    }
    if let Some(radix) = radix {
        let plain = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let value = BigInt::parse_bytes(digits.as_bytes(), radix).filter(|_| plain)?;
        // Through decimal digits, which are rounded correctly.
        return value.to_string().parse().ok().map(TokenKind::Number);
    }
    let mut bytes = digits.bytes();
    let leading_zero = bytes.next() == Some(b'0') && bytes.next().is_some_and(|byte| byte.is_ascii_digit());
    let decimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    if leading_zero || !digits.bytes().all(decimal) {
        return None;
    }
    digits.parse().ok().map(TokenKind::Number)
}

fn is_digit(char: char) -> bool {
    char.is_ascii_hexdigit()
}
