//! Files have one idea and are not too long for it.

use super::source::sources;

/// Lines of code that a file has at most; comments and empty lines are none.
const MOST_LINES: usize = 500;

#[test]
fn no_file_is_too_long() {
    let all = ["app", "store", "tests"].into_iter().flat_map(sources);
    let long = all.filter(|source| source.num_lines() > MOST_LINES);
    let long: Vec<String> = long
        .map(|source| format!("{}: {} lines", source.path, source.num_lines()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}
