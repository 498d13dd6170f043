//! What is searched for, and where it is in a key or a value.

use std::ops::Range;

use keyglass_store::key::{EncodedKey, Key};
use keyglass_store::value::{Encoding, JsString, Node, Object, StoredValue, Value, literal};
use regex::{Regex, RegexBuilder};

use super::excerpt::Excerpt;
use super::prefilter::prefilter;

/// Bytes that a compiled expression may take.
const SIZE_LIMIT: usize = 1 << 20;

/// A text or a regular expression that can be searched for.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    /// Bytes that stand in everything that matches, where that can be told.
    needed: Option<regex_automata::meta::Regex>,
}

/// A text is no regular expression that can be searched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It cannot be read.
    #[error("No regular expression: {0}")]
    Syntax(String),
    /// It is too large.
    #[error("This regular expression is too large")]
    TooLarge,
}

impl Pattern {
    /// A plain text.
    ///
    /// # Errors
    /// If the text is too large.
    pub fn text(text: &str, match_case: bool) -> Result<Self, PatternError> {
        Self::regular_expression(&regex::escape(text), match_case)
    }

    /// A regular expression in the syntax of the `regex` crate.
    ///
    /// # Errors
    /// If it cannot be read or is too large.
    pub fn regular_expression(text: &str, match_case: bool) -> Result<Self, PatternError> {
        let regex = compile(text, match_case)?;
        let mut parser = regex_syntax::ParserBuilder::new()
            .case_insensitive(!match_case)
            .build();
        let needed = parser.parse(text).ok().and_then(|parsed| prefilter(&parsed));
        Ok(Self { regex, needed })
    }

    /// The first match in a text that is not empty, in bytes.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        let mut matches = self.regex.find_iter(text).map(|found| found.range());
        matches.find(|range| !range.is_empty())
    }

    fn find_excerpt(&self, text: &str) -> Option<Excerpt> {
        let matched = self.find(text)?;
        Some(Excerpt::of(text, matched))
    }

    /// Whether what these bytes stand for may match.
    pub(super) fn may_match(&self, bytes: &[u8]) -> bool {
        self.needed.as_ref().is_none_or(|needed| needed.is_match(bytes))
    }

    /// Where the pattern is in the key's JavaScript text, in bytes.
    #[must_use]
    pub fn find_in_key(&self, key: &EncodedKey) -> Option<Range<usize>> {
        if !self.may_match(key.as_bytes()) {
            return None;
        }
        self.find(&key.to_string())
    }

    /// Whether the pattern is in the text of one part of a key, given by its bytes.
    #[must_use]
    pub fn is_in_part(&self, part: &[u8]) -> bool {
        if !self.may_match(part) {
            return false;
        }
        let key = EncodedKey::from_bytes(part.to_vec());
        let text = match key.decode() {
            Ok(Key(parts)) => parts.first().map(ToString::to_string),
            Err(_) => Some(key.to_string()),
        };
        text.is_some_and(|text| self.find(&text).is_some())
    }

    /// Where the pattern is in a value's literal, or else in a string inside it. Nothing is found in a value that
    /// cannot be decoded.
    #[must_use]
    pub fn find_in_value(&self, stored: &StoredValue) -> Option<Excerpt> {
        if stored.encoding != Encoding::Le64 && !self.may_match(&stored.bytes) {
            return None;
        }
        self.find_in_decoded(stored)
    }

    pub(super) fn find_in_decoded(&self, stored: &StoredValue) -> Option<Excerpt> {
        let value = stored.decode().ok()?;
        let text = literal::print(&value, usize::MAX);
        self.find_excerpt(&text)
            .or_else(|| self.find_in_strings(&value, &text))
            .or_else(|| self.find_in_bytes(stored))
    }

    /// Where strings differ from their literals: what stands behind an escape is found as it is meant, too.
    fn find_in_strings(&self, value: &Value, text: &str) -> Option<Excerpt> {
        if !text.contains('\\') {
            return None;
        }
        let mut found = None;
        let mut look = |string: &JsString| {
            if found.is_none() {
                found = match string.as_str() {
                    Some(text) => self.find_excerpt(text),
                    None => self.find_excerpt(&string.to_string_lossy()),
                };
            }
        };
        if let Node::String(string) = value.root() {
            look(string);
        }
        for object in value.objects() {
            object.for_each_node(|node| {
                if let Node::String(string) = node {
                    look(string);
                }
            });
            match object {
                Object::Plain(properties) | Object::Host(properties) => {
                    properties.iter().for_each(|(name, _)| look(name));
                }
                Object::Array(array) => array.properties.iter().for_each(|(name, _)| look(name)),
                Object::Error(error) => error.message.iter().chain(&error.stack).for_each(&mut look),
                Object::BoxedString(string) => look(string),
                _ => {}
            }
        }
        found
    }

    /// Bytes that are text.
    fn find_in_bytes(&self, stored: &StoredValue) -> Option<Excerpt> {
        if stored.encoding != Encoding::Bytes {
            return None;
        }
        self.find_excerpt(std::str::from_utf8(&stored.bytes).ok()?)
    }
}

fn compile(text: &str, match_case: bool) -> Result<Regex, PatternError> {
    let built = RegexBuilder::new(text)
        .case_insensitive(!match_case)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
        other => {
            // The crate points at the place over several lines; the reason stands on the last one.
            let told = other.to_string();
            let reason = told.lines().last().unwrap_or_default();
            PatternError::Syntax(reason.trim_start_matches("error: ").to_owned())
        }
    })
}
