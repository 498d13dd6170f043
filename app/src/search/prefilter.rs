//! Tells from stored bytes that an expression cannot match in what they stand for.
//!
//! A run of letters in a match that no literal has but in its strings must stand in the stored bytes, too, with what
//! touches it there: in strings of one byte a letter (Latin-1), of two (UTF-16), or in UTF-8, as keys and texts in
//! bytes have them.

use regex_automata::meta::{Config, Regex};
use regex_syntax::hir::Hir;

use super::runs::{Run, needed_runs};

/// Shorter runs of ASCII letters say too little.
const SHORTEST_RUN: usize = 3;
/// Of longer runs the beginning says enough.
const LONGEST_RUN: usize = 64;

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

/// What may stand beside a letter of a string only if it is in that string, too; beside letters and digits. Strings
/// and names of properties are between other characters, and escapes begin with another one.
const INNER: &str = "-_@.#+=~%&|!?;<>^*$";

/// The bytes that a match needs; nothing if nothing can be told.
pub(super) fn prefilter(hir: &Hir) -> Option<Regex> {
    let (_, runs) = needed_runs(hir, &best_segment)?;
    let encoded = runs.iter().flat_map(|run| encodings(run)).collect();
    // Most keys and values are short, and looking for literals first takes longer to begin.
    let config = Config::new().auto_prefilter(false);
    Regex::builder()
        .configure(config)
        .build_from_hir(&Hir::alternation(encoded))
        .ok()
}

/// The longest piece of a run that can only come from one string.
fn best_segment(run: Run) -> Option<(usize, Run)> {
    let segments = run.split(|chars| !chars.iter().copied().all(is_inner));
    let segments = segments.map(without_escape).filter(|segment| {
        let mut words = segment.split(|chars| !chars.iter().copied().all(is_letter));
        words.any(says_something)
    });
    let longest = segments.max_by_key(|segment| segment.len())?;
    let longest: Run = longest.iter().take(LONGEST_RUN).cloned().collect();
    Some((longest.len(), longest))
}

fn is_letter(char: char) -> bool {
    // What is no text is shown with the replacement character, which is not stored.
    char.is_ascii_alphabetic() || (!char.is_ascii() && char != char::REPLACEMENT_CHARACTER)
}

fn is_inner(char: char) -> bool {
    is_letter(char) || char.is_ascii_digit() || INNER.contains(char)
}

/// The run without what an escape before it may end with: `\n`, `\u00ff`.
fn without_escape(run: &[Vec<char>]) -> &[Vec<char>] {
    let may_be = |chars: &[char], wanted: &str| {
        let mut chars = chars.iter().map(char::to_ascii_lowercase);
        chars.any(|char| wanted.contains(char))
    };
    let hex = |run: &[Vec<char>]| {
        let hex = run.iter().take(4);
        hex.take_while(|chars| may_be(chars, "0123456789abcdef")).count()
    };
    let first = run.first().map_or(&[][..], |chars| chars);
    let rest = run.get(1..).unwrap_or_default();
    let unicode = if may_be(first, "ux") { 1 + hex(rest) } else { 0 };
    let simple = usize::from(may_be(first, "nrtbfv"));
    let most = unicode.max(hex(run)).max(simple);
    run.get(most..).unwrap_or_default()
}

/// Whether a run of letters can only come from a string.
fn says_something(run: &[Vec<char>]) -> bool {
    if run.iter().any(|chars| !chars.iter().any(char::is_ascii)) {
        return true;
    }
    let may_be = |chars: &[char], wanted: u8| {
        let mut chars = chars.iter().map(char::to_ascii_lowercase);
        chars.any(|char| char == char::from(wanted))
    };
    let is_in = |word: &str| {
        let mut places = word.as_bytes().windows(run.len());
        places.any(|place| {
            run.iter()
                .zip(place)
                .all(|(chars, letter)| may_be(chars, *letter))
        })
    };
    run.len() >= SHORTEST_RUN
        && !WORDS.iter().any(|word| is_in(word))
        && !run
            .iter()
            .all(|chars| FLAGS.bytes().any(|letter| may_be(chars, letter)))
}

/// Expressions for the bytes of a run, in each way in which strings are stored.
fn encodings(run: &[Vec<char>]) -> Vec<Hir> {
    let utf8 = |char: char| Some(char.to_string().into_bytes());
    let utf16 = |char: char| {
        let mut units = [0; 2];
        let units = char.encode_utf16(&mut units);
        Some(units.iter().flat_map(|unit| unit.to_le_bytes()).collect())
    };
    let latin = |char: char| u8::try_from(char).ok().map(|byte| vec![byte]);
    let mut encodings = vec![encoding(run, utf8), encoding(run, utf16)];
    // ASCII is the same in UTF-8.
    if run
        .iter()
        .flatten()
        .any(|char| ('\u{80}'..='\u{ff}').contains(char))
    {
        encodings.push(encoding(run, latin));
    }
    encodings.into_iter().flatten().collect()
}

/// Nothing if characters cannot be written so.
fn encoding(run: &[Vec<char>], encode: impl Fn(char) -> Option<Vec<u8>>) -> Option<Hir> {
    let chars = run.iter().map(|chars| {
        let forms = chars.iter().filter_map(|char| encode(*char));
        let forms: Vec<Hir> = forms.map(Hir::literal).collect();
        (!forms.is_empty()).then(|| Hir::alternation(forms))
    });
    chars.collect::<Option<Vec<Hir>>>().map(Hir::concat)
}
