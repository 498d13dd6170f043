//! Reads conditions.

use keyglass_store::value::literal;
use keyglass_store::value::{Node, Object};

use super::{Operand, Operator, Place, Root, Step, Term};

/// Parentheses and `not` within each other at most.
const MOST_LEVELS: usize = 50;

/// Why a text is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at character {character} of the condition: {text}")]
pub struct ConditionError {
    /// What is wrong.
    pub reason: String,
    /// Where, in characters from 1.
    pub character: usize,
    /// All of it.
    pub text: String,
}

pub(super) fn parse(text: &str) -> Result<Term, ConditionError> {
    let mut reader = Reader {
        text,
        at: 0,
        levels: 0,
    };
    let term = reader.any()?;
    reader.skip_space();
    if reader.rest().is_empty() {
        Ok(term)
    } else {
        Err(reader.wrong("A comparison, `and`, `or` or the end was expected"))
    }
}

struct Reader<'t> {
    text: &'t str,
    /// Bytes that were read.
    at: usize,
    levels: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong(&self, reason: impl Into<String>) -> ConditionError {
        let before = self.text.get(..self.at).unwrap_or_default();
        ConditionError {
            reason: reason.into(),
            character: before.chars().count() + 1,
            text: self.text.to_owned(),
        }
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes a sign if it comes next.
    fn sign(&mut self, sign: &str) -> bool {
        self.skip_space();
        let is_next = self.rest().starts_with(sign);
        if is_next {
            self.at += sign.len();
        }
        is_next
    }

    /// Takes a word if it comes next.
    fn word(&mut self, word: &str) -> bool {
        self.skip_space();
        let rest = self.rest();
        let is_next = rest
            .strip_prefix(word)
            .is_some_and(|after| !after.starts_with(continues));
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn name(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let end = rest.find(|char| !continues(char)).unwrap_or(rest.len());
        let name = rest.get(..end).filter(|name| !name.is_empty())?;
        self.at += end;
        Some(name)
    }

    fn any(&mut self) -> Result<Term, ConditionError> {
        let mut terms = vec![self.all()?];
        while self.sign("||") || self.word("or") {
            terms.push(self.all()?);
        }
        Ok(single(terms, Term::Any))
    }

    fn all(&mut self) -> Result<Term, ConditionError> {
        let mut terms = vec![self.term()?];
        while self.sign("&&") || self.word("and") {
            terms.push(self.term()?);
        }
        Ok(single(terms, Term::All))
    }

    fn term(&mut self) -> Result<Term, ConditionError> {
        self.skip_space();
        if self.levels >= MOST_LEVELS {
            return Err(self.wrong("It is nested too deep"));
        }
        self.levels += 1;
        let term = if self.word("not") || (!self.rest().starts_with("!=") && self.sign("!")) {
            Term::Not(Box::new(self.term()?))
        } else if self.sign("(") {
            let term = self.any()?;
            if !self.sign(")") {
                return Err(self.wrong("A closing parenthesis was expected"));
            }
            term
        } else {
            self.comparison()?
        };
        self.levels -= 1;
        Ok(term)
    }

    fn comparison(&mut self) -> Result<Term, ConditionError> {
        let left = self.operand()?;
        if self.word("changed") {
            return match left {
                Operand::Place(place) if matches!(place.root, Root::Value | Root::Before) => {
                    Ok(Term::Changed(place))
                }
                _ => Err(self.wrong("Only a place in a value can have changed")),
            };
        }
        let Some(operator) = self.operator() else {
            return match left {
                Operand::Place(_) => Ok(Term::Is(left)),
                Operand::Literal(_) => Err(self.wrong("A comparison was expected")),
            };
        };
        Ok(Term::Compare(left, operator, self.operand()?))
    }

    fn operator(&mut self) -> Option<Operator> {
        let signs = [
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("<", Operator::Less),
            (">", Operator::More),
            ("!==", Operator::Other),
            ("!=", Operator::Other),
            ("===", Operator::Same),
            ("==", Operator::Same),
            ("=", Operator::Same),
        ];
        let sign = signs.into_iter().find(|(sign, _)| self.sign(sign));
        match sign {
            Some((_, operator)) => Some(operator),
            None => self.word("contains").then_some(Operator::Contains),
        }
    }

    fn operand(&mut self) -> Result<Operand, ConditionError> {
        let roots = [
            ("value", Root::Value),
            ("before", Root::Before),
            ("key", Root::Key),
            ("kind", Root::Kind),
            ("size", Root::Size),
        ];
        let root = roots.into_iter().find(|(word, _)| self.word(word));
        let Some((_, root)) = root else {
            return Ok(Operand::Literal(self.literal()?));
        };
        let mut steps = Vec::new();
        loop {
            let rest = self.rest();
            if rest.starts_with('.') {
                self.at += 1;
                let name = self.name().ok_or_else(|| self.wrong("A name was expected"))?;
                steps.push(Step::Name(name.to_owned()));
            } else if rest.starts_with('[') {
                self.at += 1;
                let step = match self.literal()? {
                    Node::String(name) => Step::Name(name.to_string_lossy()),
                    Node::Number(index)
                        if index >= 0.0 && index < f64::from(u32::MAX) && index.fract() == 0.0 =>
                    {
                        Step::Index(index as u32)
                    }
                    _ => return Err(self.wrong("A name in quotation marks or an index was expected")),
                };
                steps.push(step);
                if !self.sign("]") {
                    return Err(self.wrong("A closing bracket was expected"));
                }
            } else {
                return Ok(Operand::Place(Place { root, steps }));
            }
        }
    }

    /// A literal that is no object.
    fn literal(&mut self) -> Result<Node, ConditionError> {
        self.skip_space();
        let rest = self.rest();
        let end = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let mut is_escaped = false;
                let close = rest.char_indices().skip(1).find(|(_, char)| {
                    let is_end = *char == quote && !is_escaped;
                    is_escaped = *char == '\\' && !is_escaped;
                    is_end
                });
                close.map(|(at, quote)| at + quote.len_utf8())
            }
            Some(_) => {
                let ends = |char: char| char.is_whitespace() || "()[]<>=!&|,".contains(char);
                Some(rest.find(ends).unwrap_or(rest.len()))
            }
            None => None,
        };
        let text = end
            .and_then(|end| rest.get(..end))
            .filter(|text| !text.is_empty());
        let Some(text) = text else {
            return Err(self.wrong("A place such as value.name, or a literal, was expected"));
        };
        let Ok(value) = literal::parse(text) else {
            return Err(self.wrong(format!(
                "“{text}” is neither a place, which begins with value, nor a literal"
            )));
        };
        let node = match value.object_of(value.root()) {
            None => value.root().clone(),
            Some((_, Object::KvU64(number))) => Node::BigInt((*number).into()),
            Some(_) => {
                return Err(self.wrong("Only texts, numbers, true, false, null and undefined are compared"));
            }
        };
        self.at += text.len();
        Ok(node)
    }
}

fn continues(char: char) -> bool {
    char == '_' || char == '$' || char.is_alphanumeric()
}

fn single(mut terms: Vec<Term>, many: impl Fn(Vec<Term>) -> Term) -> Term {
    match terms.len() {
        1 => terms.remove(0),
        _ => many(terms),
    }
}
