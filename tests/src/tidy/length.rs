//! Files have one idea and are not too long for it.

use super::source::sources;

/// Lines that a file has at most, with comments and empty ones.
const MOST_LINES: usize = 500;

#[test]
fn no_file_is_too_long() {
    let all = ["app", "store", "tests"].into_iter().flat_map(sources);
    let lengths = all.map(|source| (source.text.lines().count(), source.path));
    let long: Vec<String> = lengths
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}
