//! Tests wait for a condition, and never for a time.

use super::source::sources;

/// Where a test may sleep, and why: each asks again and again for what another thread or program does, until it is done
/// or has taken far too long.
const POLLS: [(&str, &str); 10] = [
    ("app/tests/window/harness.rs", "frames until something holds"),
    (
        "app/tests/window/live.rs",
        "commits of another program, one after the other, until two are told",
    ),
    (
        "app/tests/window/copy.rs",
        "frames until something is on the clipboard",
    ),
    (
        "app/tests/window/soak.rs",
        "so many commits and frames a second, for a time, of which as many as there are are held against what is told",
    ),
    (
        "store/tests/crash_embedded/rounds.rs",
        "how long a program lives that is killed",
    ),
    ("store/tests/embedded_store/fixture.rs", "until something holds"),
    (
        "tests/src/hands.rs",
        "what a hand on a real keyboard and mouse takes",
    ),
    ("tests/src/program.rs", "until a program has ended"),
    ("tests/src/screen.rs", "until a picture stays the same"),
    (
        "tests/src/window.rs",
        "how often a window at rest wakes in some time",
    ),
];

#[test]
fn tests_sleep_only_to_ask_again() {
    let mut sleeping = Vec::new();
    for source in ["app", "store", "tests"].into_iter().flat_map(sources) {
        let code = source.test_code();
        // This file names what it looks for.
        if source.path.starts_with("tests/src/tidy/") {
            continue;
        }
        if code.contains("sleep(") && !POLLS.iter().any(|(path, _)| *path == source.path) {
            sleeping.push(source.path);
        }
    }
    assert!(sleeping.is_empty(), "{sleeping:#?}");
}

#[test]
fn no_poll_is_listed_that_is_none() {
    let all: Vec<_> = ["app", "store", "tests"].into_iter().flat_map(sources).collect();
    for (path, _) in POLLS {
        let source = all.iter().find(|source| source.path == path);
        assert!(
            source.is_some_and(|source| source.test_code().contains("sleep(")),
            "{path}"
        );
    }
}

#[test]
fn no_test_asks_the_system_for_the_time() {
    let mut asking = Vec::new();
    for source in ["app", "store", "tests"].into_iter().flat_map(sources) {
        let is_own = source.path.starts_with("tests/src/tidy/");
        // Rust code that is copied out of the window, and compiled by a test.
        let is_copied = source.path.starts_with("app/tests/window/copied/");
        let code = source.test_code();
        let asks = ["SystemTime::now", "Timestamp::now", "Zoned::now"];
        if !is_own && !is_copied && asks.iter().any(|call| code.contains(call)) {
            asking.push(source.path);
        }
    }
    assert!(asking.is_empty(), "{asking:#?}");
}
