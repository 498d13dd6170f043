//! Character classes with the flag v: sets of characters and strings.

use super::class::ClassEscape;
use super::scanner::{Refused, Scanner};

/// Classes may stand in classes up to this depth.
const MAX_DEPTH: usize = 200;

/// Characters that must be escaped.
const SYNTAX: &str = "()[]{}/-|";
/// Characters that may not stand twice in a row.
const DOUBLED: &str = "&!#$%*+,.:;<=>?@^`~";
/// Characters that an escape makes plain beside those of the grammar.
const ESCAPED: &str = "&-!#%,:;<=>@`~";

/// An operand of a set.
struct Operand {
    /// The code of a single character.
    character: Option<u32>,
    strings: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Operator {
    Union,
    Intersection,
    Subtraction,
}

impl Scanner {
    /// A class after its `[`; whether it may hold strings of more or less than one character.
    pub fn set(&mut self, depth: usize) -> Result<bool, Refused> {
        if depth > MAX_DEPTH {
            return Err("classes are nested too deep");
        }
        let negated = self.eat('^');
        let mut operator: Option<Operator> = None;
        let mut strings = false;
        let mut operands = 0;
        loop {
            if self.eat(']') {
                break;
            }
            if operands > 0 {
                let next = if self.eat_all("&&") {
                    Operator::Intersection
                } else if self.eat_all("--") {
                    Operator::Subtraction
                } else {
                    Operator::Union
                };
                let first = operands == 1 && operator.is_none();
                if !first && operator != Some(next) {
                    return Err("operators in a class may not be mixed");
                }
                if next == Operator::Intersection && self.peek() == Some('&') {
                    return Err("a character in a class must be escaped");
                }
                operator = Some(next);
            }
            let operand = self.operand(depth)?;
            operands += 1;
            let mut operand_strings = operand.strings;
            if self.peek() == Some('-') && self.peek_ahead(1) != Some('-') {
                self.skip(1);
                let (Some(from), Some(to)) = (operand.character, self.operand(depth)?.character) else {
                    return Err("a range in a class has no bound");
                };
                if from > to {
                    return Err("a range in a class is out of order");
                }
                if matches!(operator, Some(Operator::Intersection | Operator::Subtraction)) {
                    return Err("a range may only stand in a union");
                }
                // A range makes the class a union from its first operand on.
                operator = Some(Operator::Union);
                operand_strings = false;
            }
            strings = match operator {
                _ if operands == 1 => operand_strings,
                Some(Operator::Intersection) => strings && operand_strings,
                Some(Operator::Subtraction) => strings,
                _ => strings || operand_strings,
            };
        }
        if negated && strings {
            return Err("a class that holds strings may not be negated");
        }
        Ok(strings)
    }

    fn operand(&mut self, depth: usize) -> Result<Operand, Refused> {
        if self.eat('[') {
            let strings = self.set(depth + 1)?;
            return Ok(Operand {
                character: None,
                strings,
            });
        }
        if self.peek() == Some('\\') && self.peek_ahead(1) == Some('q') {
            self.skip(2);
            let strings = self.strings()?;
            return Ok(Operand {
                character: None,
                strings,
            });
        }
        if self.peek() == Some('\\') {
            self.skip(1);
            if let Some(escape) = self.class_escape()? {
                return Ok(Operand {
                    character: None,
                    strings: matches!(escape, ClassEscape::Strings),
                });
            }
            let character = Some(self.set_escape()?);
            return Ok(Operand {
                character,
                strings: false,
            });
        }
        let character = Some(self.set_character()?);
        Ok(Operand {
            character,
            strings: false,
        })
    }

    fn set_escape(&mut self) -> Result<u32, Refused> {
        match self.peek() {
            Some('b') => {
                self.skip(1);
                Ok(8)
            }
            Some(char) if ESCAPED.contains(char) => {
                self.skip(1);
                Ok(char.into())
            }
            _ => self.character_escape(true),
        }
    }

    fn set_character(&mut self) -> Result<u32, Refused> {
        let char = self.peek().ok_or("a class has no end")?;
        let doubled = DOUBLED.contains(char) && self.peek_ahead(1) == Some(char);
        if SYNTAX.contains(char) || doubled {
            return Err("a character in a class must be escaped");
        }
        self.take().ok_or("a class has no end")
    }

    /// `{ab|c}` after `\q`; whether one of the strings is not a single character.
    fn strings(&mut self) -> Result<bool, Refused> {
        if !self.eat('{') {
            return Err("the escape \\q needs strings");
        }
        let mut strings = false;
        let mut length = 0;
        loop {
            match self.peek() {
                Some('}' | '|') => {
                    strings |= length != 1;
                    length = 0;
                    if self.take() == Some(u32::from('}')) {
                        return Ok(strings);
                    }
                }
                Some('\\') => {
                    self.skip(1);
                    self.set_escape()?;
                    length += 1;
                }
                _ => {
                    self.set_character()?;
                    length += 1;
                }
            }
        }
    }
}
