//! Rows of a draft from a program of Deno: `kv.atomic().check(…).set(…).commit()`, and single calls such as
//! `kv.set(…)`. Nothing is run: what is no literal is not read, and told.

mod arguments;
mod calls;
mod statements;
#[cfg(test)]
mod tests;

use super::DraftRow;
use crate::javascript::position::line_and_column;

/// What was read of a program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadCode {
    /// What its calls do, in their order.
    pub rows: Vec<DraftRow>,
    /// What could not be read, in the order of lines.
    pub unread: Vec<Unread>,
}

/// A part of a program that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where it begins, from 1.
    pub line: usize,
    /// How it begins.
    pub text: String,
    /// Why it could not be read.
    pub reason: String,
}

/// Characters of what could not be read.
const SHOWN: usize = 60;

/// Reads what a program does, as far as it is literals.
#[must_use]
pub fn read(text: &str) -> ReadCode {
    let mut code = ReadCode::default();
    for statement in statements::of(text) {
        let place = statement.range.clone();
        match statement.kind {
            statements::Kind::Calls(calls) => {
                for call in calls {
                    let place = call.range.clone();
                    match calls::rows(text, &call) {
                        Ok(rows) => code.rows.extend(rows.into_iter().map(DraftRow::from)),
                        Err(wrong) => {
                            let at = wrong.at.unwrap_or(place.start);
                            code.unread
                                .push(unread(text, at, place.start..place.end, wrong.reason));
                        }
                    }
                }
            }
            statements::Kind::Nothing => {}
            statements::Kind::Other(reason) => {
                code.unread.push(unread(text, place.start, place, reason));
            }
        }
    }
    code
}

fn unread(text: &str, at: usize, range: std::ops::Range<usize>, reason: String) -> Unread {
    let shown = text.get(range).unwrap_or_default();
    let line = shown.lines().next().unwrap_or_default().trim();
    let mut short: String = line.chars().take(SHOWN).collect();
    if short.len() < line.len() || shown.trim_end().contains('\n') {
        short.push('…');
    }
    Unread {
        line: line_and_column(text, at).0,
        text: short,
        reason,
    }
}

/// Why a call could not be read.
struct Wrong {
    /// Where in the text, in bytes, if it is known better than by the call.
    at: Option<usize>,
    reason: String,
}

impl Wrong {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            at: None,
            reason: reason.into(),
        }
    }

    fn at(at: usize, reason: impl Into<String>) -> Self {
        Self {
            at: Some(at),
            reason: reason.into(),
        }
    }
}
