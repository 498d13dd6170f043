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

/// Checks a pattern with these flags, which must be valid.
///
/// # Errors
/// The reason in words, if JavaScript refuses it.
pub(crate) fn check_pattern(pattern: &JsString, flags: &str) -> Result<(), String> {
    let scanner = Scanner::new(pattern, flags);
    let total = scanner.capturing_groups();
    if total > MAX_GROUPS {
        return Err("it has too many groups".to_owned());
    }
    let mut checker = Checker {
        scanner,
        total,
        open: vec![Group {
            number: 0,
            alternative: 0,
            quantifiable: false,
        }],
        groups: 0,
        names: HashMap::new(),
        referenced: Vec::new(),
    };
    checker.check().map_err(str::to_owned)
}

/// A group that has begun; the first one is the whole pattern.
struct Group {
    number: usize,
    /// Which of its alternatives is being read.
    alternative: usize,
    /// Whether a quantifier may follow it.
    quantifiable: bool,
}

/// The groups that something stands in, and in which alternative of each, from the outside in.
type Path = Vec<(usize, usize)>;

struct Checker {
    scanner: Scanner,
    /// Capturing groups in all of the pattern.
    total: usize,
    open: Vec<Group>,
    /// How many groups have begun.
    groups: usize,
    /// Where the groups of each name stand.
    names: HashMap<String, Vec<Path>>,
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
                    group.alternative += 1;
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
                let group = self.open.pop().filter(|_| !self.open.is_empty());
                Ok(group.ok_or("a parenthesis closes no group")?.quantifiable)
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
        self.groups += 1;
        self.open.push(Group {
            number: self.groups,
            alternative: 0,
            quantifiable,
        });
        Ok(())
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
        let path: Path = self
            .open
            .iter()
            .map(|group| (group.number, group.alternative))
            .collect();
        let others = self.names.entry(name).or_default();
        let apart = |other: &Path| {
            let first_difference = path.iter().zip(other).find(|(a, b)| a != b);
            first_difference.is_some_and(|(a, b)| a.0 == b.0)
        };
        if !others.iter().all(apart) {
            return Err("two groups have the same name");
        }
        others.push(path);
        Ok(())
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
