//! Tells from stored bytes that a text cannot be in what they stand for.
//!
//! A run of letters in the text that no literal has but in its strings must stand in the stored bytes, too: byte by
//! byte in strings of Latin-1 or UTF-8, with a zero behind each letter in strings of UTF-16.

use std::fmt::Write as _;

use regex::bytes::Regex;

/// Shorter runs say too little.
const SHORTEST_RUN: usize = 3;

/// Whatever letters a literal or the text of a key may have outside its strings.
const WORDS: &[&str] = &[
    "aggregateerror",
    "arraybuffer",
    "assign",
    "bigint64array",
    "biguint64array",
    "buffer",
    "bytes",
    "cause",
    "dataview",
    "date",
    "defineproperties",
    "deno",
    "evalerror",
    "false",
    "float16array",
    "float32array",
    "float64array",
    "getownpropertydescriptors",
    "host",
    "infinity",
    "int8array",
    "int16array",
    "int32array",
    "kvu64",
    "length",
    "map",
    "maxbytelength",
    "nan",
    "new",
    "null",
    "object",
    "rangeerror",
    "referenceerror",
    "regexp",
    "set",
    "stack",
    "syntaxerror",
    "true",
    "typeerror",
    "uint8array",
    "uint8clampedarray",
    "uint16array",
    "uint32array",
    "undefined",
    "urierror",
    "value",
];

/// Letters behind a regular expression.
const FLAGS: &str = "dgimsuvy";

/// The bytes that a match needs, for the run of `text` that says most; nothing if no run says anything.
pub(super) fn prefilter(text: &str, match_case: bool) -> Option<Regex> {
    let runs = text.split(|char: char| !char.is_ascii_alphabetic());
    let run = runs
        .map(without_escape)
        .filter(|run| says_something(run))
        .max_by_key(|run| run.len())?;
    let mut narrow = String::new();
    let mut wide = String::new();
    for letter in run.chars() {
        let (lower, upper) = (letter.to_ascii_lowercase(), letter.to_ascii_uppercase());
        // Writing to a string cannot fail. Two letters have a third form beyond ASCII.
        let _written = match (match_case, lower) {
            (true, _) => write!(narrow, "{letter}").and(write!(wide, r"{letter}\x00")),
            (false, 's') => write!(narrow, r"(?:[sS]|\xc5\xbf)").and(write!(wide, r"(?:[sS]\x00|\x7f\x01)")),
            (false, 'k') => {
                write!(narrow, r"(?:[kK]|\xe2\x84\xaa)").and(write!(wide, r"(?:[kK]\x00|\x2a\x21)"))
            }
            (false, _) => write!(narrow, "[{lower}{upper}]").and(write!(wide, r"[{lower}{upper}]\x00")),
        };
    }
    Regex::new(&format!("(?-u){narrow}|{wide}")).ok()
}

/// The run without the letters that an escape before it may end with: `\n`, `\u00ff`.
fn without_escape(run: &str) -> &str {
    let is_hex = |char: &char| matches!(char.to_ascii_lowercase(), 'a'..='f');
    let most = if run.starts_with(['u', 'U']) {
        1 + run.chars().skip(1).take(4).take_while(is_hex).count()
    } else {
        let hex = run.chars().take(4).take_while(is_hex).count();
        let simple = usize::from(run.starts_with(['n', 'r', 't', 'b', 'f', 'N', 'R', 'T', 'B', 'F']));
        hex.max(simple)
    };
    run.get(most..).unwrap_or_default()
}

/// Whether the run can only come from a string.
fn says_something(run: &str) -> bool {
    let lower = run.to_ascii_lowercase();
    lower.len() >= SHORTEST_RUN
        && !WORDS.iter().any(|word| word.contains(&lower))
        && !lower.chars().all(|letter| FLAGS.contains(letter))
}
