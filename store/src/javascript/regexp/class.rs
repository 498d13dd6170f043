//! Character classes without the flag v, and what classes share.

use super::properties::{is_property, is_property_of_strings};
use super::scanner::{Refused, Scanner};

/// What an escape for many characters is.
pub(super) enum ClassEscape {
    /// Characters.
    Characters,
    /// Also strings of several, with the flag v.
    Strings,
}

impl Scanner {
    /// `\d`, `\w`, `\s`, `\p{…}` and their opposites, after the backslash; `None` for other escapes.
    pub fn class_escape(&mut self) -> Result<Option<ClassEscape>, Refused> {
        const INVALID: Refused = "there is no such property";
        match self.peek() {
            Some('d' | 'D' | 'w' | 'W' | 's' | 'S') => {
                self.skip(1);
                Ok(Some(ClassEscape::Characters))
            }
            Some(letter @ ('p' | 'P')) if self.unicode => {
                self.skip(1);
                if !self.eat('{') {
                    return Err(INVALID);
                }
                let name = self.braced().ok_or(INVALID)?;
                if is_property(&name) {
                    Ok(Some(ClassEscape::Characters))
                } else if self.sets && letter == 'p' && is_property_of_strings(&name) {
                    Ok(Some(ClassEscape::Strings))
                } else {
                    Err(INVALID)
                }
            }
            _ => Ok(None),
        }
    }

    /// A class after its `[` and `^`.
    pub fn class(&mut self) -> Result<(), Refused> {
        loop {
            if self.eat(']') {
                return Ok(());
            }
            let from = self.class_atom()?;
            if self.peek() != Some('-') || self.peek_ahead(1) == Some(']') {
                continue;
            }
            self.skip(1);
            let to = self.class_atom()?;
            match (from, to) {
                (Some(from), Some(to)) if from > to => return Err("a range in a class is out of order"),
                (None, _) | (_, None) if self.unicode => return Err("a range in a class has no bound"),
                _ => {}
            }
        }
    }

    /// One character; `None` for an escape of many.
    fn class_atom(&mut self) -> Result<Option<u32>, Refused> {
        if !self.eat('\\') {
            return self.take().map(Some).ok_or("a class has no end");
        }
        if self.eat('b') {
            return Ok(Some(8));
        }
        match self.class_escape()? {
            Some(_) => Ok(None),
            None => self.character_escape(true).map(Some),
        }
    }
}
