//! The same cases put to the official server: where it does otherwise, that is known, and stands in COMPATIBILITY.md.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::cases::Case;
use crate::exchange::{TOKEN, no_exchanges, strangers, versions};
use crate::official::{Official, is_installed};
use crate::operations;
use crate::reading::ranges;
use crate::refusals::{bodies, reads_and_watches, writes};

/// Cases that the official server answers otherwise.
const DIFFERENCES: &[&str] = &[
    // It takes less, or falls over what it takes.
    "100 checks",
    "watching a key of 2049 bytes",
    "the last expiry",
    "a message due at the end of time",
    "a KvU64 of 7 bytes",
    "a KvU64 of 9 bytes, summed",
    "a KvU64 of no bytes, the least",
    "encoding -1",
    "encoding 0",
    "encoding 4",
    // It takes what Deno itself does not, or does half of it.
    "a refused sum leaves what came before it",
    "limits of a KvU64",
    "checking a key of 2049 bytes",
    "checking the empty key",
    "deleting the empty key",
    "writing the empty key",
    "81920 bytes of keys and more",
    "6 intervals, which the database does not take",
    // Versions, and whose database it is.
    "no versions at all are version 1",
    "version 1 alone",
    "reading in version 1",
    "naming another database in version 1",
    "naming another database",
    // Who is answered, and what is looked at first.
    "reading without a token",
    "writing without a token",
    "watching without a token",
    "reading by GET",
    "PUT",
    "a preflight",
    "from a page",
    "from a page of this machine",
    "from a file",
    "a name bound to us",
    "a name that begins like ours",
    "another address",
    "no host",
    "two hosts",
];

/// All suites of cases; each is put to a server that has nothing yet.
fn suites() -> Vec<Vec<Case>> {
    vec![
        operations::cases(),
        writes(),
        reads_and_watches(),
        bodies(),
        ranges(),
        versions(),
        no_exchanges(),
        strangers(),
    ]
}

#[test]
fn there_are_many_cases_and_each_has_a_name_of_its_own() {
    let names: Vec<String> = suites().into_iter().flatten().map(|case| case.name).collect();
    assert!(names.len() >= 150, "{}", names.len());
    let mut distinct = BTreeSet::new();
    for name in &names {
        assert!(distinct.insert(name), "two cases are called {name}");
    }
    for name in DIFFERENCES {
        assert!(names.iter().any(|other| other == name), "{name}");
    }
}

#[test]
fn each_difference_from_the_official_server_is_told() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("COMPATIBILITY.md");
    let page = std::fs::read_to_string(page).unwrap();
    for name in DIFFERENCES {
        assert!(page.contains(&format!("\"{name}\"")), "{name}");
    }
}

#[test]
fn the_official_server_does_the_same_but_for_what_is_known() {
    if !is_installed() {
        return;
    }
    let mut found = BTreeSet::new();
    for suite in suites() {
        let mut official = Official::start(TOKEN);
        for case in suite {
            let held = catch_unwind(AssertUnwindSafe(|| (case.run)(&official.peer)));
            if held.is_err() {
                found.insert(case.name);
                // What it did may have ended one of its threads.
                official = Official::start(TOKEN);
            }
        }
    }
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    let mut known = DIFFERENCES.to_vec();
    known.sort_unstable();
    assert_eq!(found, known);
}
