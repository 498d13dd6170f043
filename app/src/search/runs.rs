//! The runs of characters that everything has in which an expression matches.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A class of more characters says too little.
const MOST_CHARS: usize = 16;
/// What repeats more often is followed so far only.
const MOST_REPEATS: u32 = 8;
/// Of as many alternatives together each says too little.
const MOST_ALTERNATIVES: usize = 16;

/// Characters that stand one after the other, each one of a few.
pub(super) type Run = Vec<Vec<char>>;

/// What stands in a match, from its beginning to its end.
enum Piece {
    /// One of these characters.
    Char(Vec<char>),
    /// One of these runs, among what is not known, and what they are worth.
    OneOf(usize, Vec<Run>),
    /// What is not known.
    Gap,
}

/// What a run is worth, where more is better, and what of it; nothing if it says nothing.
pub(super) trait Worth: Fn(Run) -> Option<(usize, Run)> {}

impl<F: Fn(Run) -> Option<(usize, Run)>> Worth for F {}

/// The best runs of which each match of the expression has at least one, and what the worst of them is worth.
pub(super) fn needed_runs(hir: &Hir, worth: &impl Worth) -> Option<(usize, Vec<Run>)> {
    let mut pieces = Vec::new();
    add(hir, worth, &mut pieces);
    pieces.push(Piece::Gap);
    let mut best: Option<(usize, Vec<Run>)> = None;
    let mut offer = |offered: Option<(usize, Vec<Run>)>| {
        if let Some((value, runs)) = offered
            && best.as_ref().is_none_or(|(least, _)| value > *least)
        {
            best = Some((value, runs));
        }
    };
    let mut run = Run::new();
    for piece in pieces {
        if let Piece::Char(chars) = piece {
            run.push(chars);
            continue;
        }
        offer(worth(std::mem::take(&mut run)).map(|(value, run)| (value, vec![run])));
        if let Piece::OneOf(value, runs) = piece {
            offer(Some((value, runs)));
        }
    }
    best
}

fn add(hir: &Hir, worth: &impl Worth, pieces: &mut Vec<Piece>) {
    match hir.kind() {
        // What only looks around takes no characters, so that its neighbours stand side by side.
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => pieces.extend(text.chars().map(|char| Piece::Char(vec![char]))),
            Err(_not_text) => pieces.push(Piece::Gap),
        },
        HirKind::Class(class) => pieces.push(chars_of(class).map_or(Piece::Gap, Piece::Char)),
        HirKind::Repetition(repetition) => {
            let times = repetition.min.min(MOST_REPEATS);
            for _ in 0..times {
                add(&repetition.sub, worth, pieces);
            }
            if repetition.max != Some(times) {
                pieces.push(Piece::Gap);
            }
        }
        HirKind::Capture(capture) => add(&capture.sub, worth, pieces),
        HirKind::Concat(parts) => parts.iter().for_each(|part| add(part, worth, pieces)),
        HirKind::Alternation(parts) => {
            let needed: Option<Vec<(usize, Vec<Run>)>> =
                parts.iter().map(|part| needed_runs(part, worth)).collect();
            let needed = needed.unwrap_or_default();
            let value = needed.iter().map(|(value, _)| *value).min();
            let runs: Vec<Run> = needed.into_iter().flat_map(|(_, runs)| runs).collect();
            pieces.push(match value {
                Some(value) if runs.len() <= MOST_ALTERNATIVES => Piece::OneOf(value, runs),
                _ => Piece::Gap,
            });
        }
    }
}

fn chars_of(class: &Class) -> Option<Vec<char>> {
    let Class::Unicode(class) = class else {
        return None;
    };
    let ranges = class.iter().flat_map(|range| range.start()..=range.end());
    let chars: Vec<char> = ranges.take(MOST_CHARS + 1).collect();
    (1..=MOST_CHARS).contains(&chars.len()).then_some(chars)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs, the longest ones being the best, with the characters of a class in brackets.
    fn runs(expression: &str) -> String {
        let hir = regex_syntax::parse(expression).unwrap();
        let longest = |run: Run| (!run.is_empty()).then_some((run.len(), run));
        let shown = |run: &Run| -> String {
            let chars = run.iter().map(|chars| match &chars[..] {
                [char] => char.to_string(),
                chars => format!("[{}]", chars.iter().collect::<String>()),
            });
            chars.collect()
        };
        let (_, runs) = needed_runs(&hir, &longest).unwrap_or_default();
        runs.iter().map(shown).collect::<Vec<_>>().join(" or ")
    }

    #[test]
    fn the_longest_run_of_known_characters_is_taken() {
        for (expression, expected) in [
            ("abc", "abc"),
            ("a.bcd.*ef", "bcd"),
            ("x*(abc)?de", "de"),
            (r"\bab\b(cd)$", "abcd"),
            ("(?i)k1", "[Kk\u{212a}]1"),
            ("a[bc]d", "a[bc]d"),
            (r"ab\w", "ab"),
            ("(ab){3}c", "abababc"),
            ("(ab){2,}c", "abab"),
            ("x{20}y", "xxxxxxxx"),
            ("(?:abc|defg)h", "abc or defg"),
            ("(?:abc|d*)ef", "ef"),
            ("(?:abc|de)fghi", "fghi"),
            ("(?:ab|(?:cd|ef)+).", "ab or cd or ef"),
            ("a*", ""),
            ("", ""),
            (r"\d+", ""),
        ] {
            assert_eq!(runs(expression), expected, "{expression}");
        }
    }
}
