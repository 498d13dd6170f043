//! Whether JavaScript takes a pattern: the grammar of ECMA-262 with what its Annex B allows without the flag u.

use std::collections::HashMap;

use super::scanner::{Refused, Scanner};
use crate::javascript::string::JsString;

/// Groups may stand in groups up to this depth; V8's stack ends a little further on.
const MAX_DEPTH: usize = 5_000;

/// V8 takes more repetitions for endless ones.
const MAX_REPEATS: u64 = 0x7fff_ffff;

/// More groups are refused by V8.
const MAX_GROUPS: usize = 65_535;

/// Why JavaScript refuses a pattern, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct PatternError(Refused);

/// Checks a pattern with these flags, which must be valid.
///
/// # Errors
/// The reason in words, if JavaScript refuses it.
pub(crate) fn check_pattern(pattern: &JsString, flags: &str) -> Result<(), PatternError> {
    let scanner = Scanner::new(pattern, flags);
    let total = scanner.capturing_groups();
    if total > MAX_GROUPS {
        return Err(PatternError("it has too many groups"));
    }
    let mut checker = Checker {
        scanner,
        total,
        open: vec![Group::default()],
        names: HashMap::new(),
        in_sight: Vec::new(),
        referenced: Vec::new(),
    };
    checker.check().map_err(PatternError)
}

/// A group that has begun; the first one is the whole pattern.
#[derive(Default)]
struct Group {
    /// Whether a quantifier may follow it.
    quantifiable: bool,
    /// The names in the alternative that is being read, and in those before.
    names: Vec<NameNumber>,
    earlier_names: Vec<NameNumber>,
}

/// The number of a name, in order of appearance.
type NameNumber = usize;

struct Checker {
    scanner: Scanner,
    /// Capturing groups in all of the pattern.
    total: usize,
    open: Vec<Group>,
    names: HashMap<String, NameNumber>,
    /// For every name how often it stands in the alternatives that are being read, from the innermost group out.
    in_sight: Vec<usize>,
    referenced: Vec<String>,
}

impl Checker {
    fn check(&mut self) -> Result<(), Refused> {
        while !self.scanner.at_end() {
            if self.term()? {
                self.quantifier()?;
            }
        }
        if self.open.len() > 1 {
            return Err("a group has no end");
        }
        if self.referenced.iter().any(|name| !self.names.contains_key(name)) {
            return Err("a group that is referred to does not exist");
        }
        Ok(())
    }

    /// Reads a term; whether a quantifier may follow.
    fn term(&mut self) -> Result<bool, Refused> {
        const NOTHING: Refused = "there is nothing to repeat";
        match self.scanner.peek() {
            Some('|') => {
                self.scanner.skip(1);
                if let Some(group) = self.open.last_mut() {
                    for name in group.names.drain(..) {
                        if let Some(count) = self.in_sight.get_mut(name) {
                            *count -= 1;
                        }
                        group.earlier_names.push(name);
                    }
                }
                Ok(false)
            }
            Some('^' | '$') => {
                self.scanner.skip(1);
                Ok(false)
            }
            Some('(') => {
                self.scanner.skip(1);
                self.group()?;
                Ok(false)
            }
            Some(')') => {
                self.scanner.skip(1);
                self.close()
            }
            Some('*' | '+' | '?') => Err(NOTHING),
            Some('{') if self.scanner.unicode => Err(NOTHING),
            Some('{') => {
                let start = self.scanner.position();
                if self.interval().is_some() {
                    return Err(NOTHING);
                }
                self.scanner.return_to(start + 1);
                Ok(true)
            }
            Some('}' | ']') if self.scanner.unicode => Err("a bracket closes nothing"),
            Some('[') => {
                self.scanner.skip(1);
                if self.scanner.sets {
                    self.scanner.set(0)?;
                } else {
                    self.scanner.eat('^');
                    self.scanner.class()?;
                }
                Ok(true)
            }
            Some('\\') => {
                self.scanner.skip(1);
                self.escape()
            }
            _ => {
                self.scanner.skip(1);
                Ok(true)
            }
        }
    }

    fn quantifier(&mut self) -> Result<(), Refused> {
        let start = self.scanner.position();
        match self.scanner.peek() {
            Some('*' | '+' | '?') => self.scanner.skip(1),
            Some('{') => match self.interval() {
                Some((lowest, highest)) if lowest > highest => {
                    return Err("the numbers of a quantifier are out of order");
                }
                Some(_) => {}
                None if self.scanner.unicode => return Err("a quantifier is incomplete"),
                None => {
                    self.scanner.return_to(start);
                    return Ok(());
                }
            },
            _ => return Ok(()),
        }
        self.scanner.eat('?');
        Ok(())
    }

    /// `{1}`, `{1,}` or `{1,2}`; `None` if it is none, wherever that shows.
    fn interval(&mut self) -> Option<(u64, u64)> {
        self.scanner.skip(1);
        let lowest = self.scanner.decimal()?;
        let highest = if !self.scanner.eat(',') {
            lowest
        } else if self.scanner.peek() == Some('}') {
            MAX_REPEATS
        } else {
            self.scanner.decimal()?
        };
        self.scanner
            .eat('}')
            .then_some((lowest.min(MAX_REPEATS), highest.min(MAX_REPEATS)))
    }

    /// What stands behind `(`.
    fn group(&mut self) -> Result<(), Refused> {
        const INVALID: Refused = "a group begins with something unknown";
        let mut quantifiable = true;
        let mut name = None;
        if self.scanner.eat('?') {
            if self.scanner.eat_all("<=") || self.scanner.eat_all("<!") {
                quantifiable = false;
            } else if self.scanner.eat('<') {
                name = Some(self.scanner.group_name()?);
            } else if self.scanner.eat('=') || self.scanner.eat('!') {
                quantifiable = !self.scanner.unicode;
            } else if !self.scanner.eat(':') {
                self.modifiers().ok_or(INVALID)?;
            }
        }
        if let Some(name) = name {
            self.name_group(name)?;
        }
        if self.open.len() >= MAX_DEPTH {
            return Err("groups are nested too deep");
        }
        self.open.push(Group {
            quantifiable,
            ..Group::default()
        });
        Ok(())
    }

    /// Ends a group, whose names then stand in the group around it; whether a quantifier may follow.
    fn close(&mut self) -> Result<bool, Refused> {
        const NONE: Refused = "a parenthesis closes no group";
        let mut group = self.open.pop().ok_or(NONE)?;
        let around = self.open.last_mut().ok_or(NONE)?;
        for name in &group.earlier_names {
            if let Some(count) = self.in_sight.get_mut(*name) {
                *count += 1;
            }
        }
        group.names.append(&mut group.earlier_names);
        if around.names.len() < group.names.len() {
            std::mem::swap(&mut around.names, &mut group.names);
        }
        around.names.append(&mut group.names);
        Ok(group.quantifiable)
    }

    /// `i-ms:`
    fn modifiers(&mut self) -> Option<()> {
        let mut seen = String::new();
        let mut minus = false;
        loop {
            match self.scanner.peek()? {
                flag @ ('i' | 'm' | 's') if !seen.contains(flag) => seen.push(flag),
                '-' if !minus => minus = true,
                ':' if !seen.is_empty() => {
                    self.scanner.skip(1);
                    return Some(());
                }
                _ => return None,
            }
            self.scanner.skip(1);
        }
    }

    /// Two groups may have the same name only if they stand in different alternatives of one group.
    fn name_group(&mut self, name: String) -> Result<(), Refused> {
        let next = self.names.len();
        let number = *self.names.entry(name).or_insert(next);
        if number == self.in_sight.len() {
            self.in_sight.push(0);
        }
        match (self.in_sight.get_mut(number), self.open.last_mut()) {
            (Some(count @ 0), Some(group)) => {
                *count = 1;
                group.names.push(number);
                Ok(())
            }
            _ => Err("two groups have the same name"),
        }
    }

    /// What stands behind `\`, outside of classes; whether a quantifier may follow.
    fn escape(&mut self) -> Result<bool, Refused> {
        match self.scanner.peek() {
            Some('b' | 'B') => {
                self.scanner.skip(1);
                return Ok(false);
            }
            Some('1'..='9') => {
                let start = self.scanner.position();
                let number = self.scanner.decimal().unwrap_or(0);
                if number <= self.total as u64 {
                    return Ok(true);
                }
                if self.scanner.unicode {
                    return Err("a group that is referred to does not exist");
                }
                self.scanner.return_to(start);
            }
            Some('k') if self.scanner.named_groups => {
                self.scanner.skip(1);
                if !self.scanner.eat('<') {
                    return Err("the escape \\k needs the name of a group");
                }
                let name = self.scanner.group_name()?;
                self.referenced.push(name);
                return Ok(true);
            }
            _ => {}
        }
        if self.scanner.class_escape()?.is_none() {
            self.scanner.character_escape(false)?;
        }
        Ok(true)
    }
}
