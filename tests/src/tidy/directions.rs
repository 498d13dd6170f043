//! Rooms use only rooms above them, as the tables of `ARCHITECTURE.md` say.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, sources, text};

/// A room and the rooms that it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// The table of a folder in `ARCHITECTURE.md`, in its order: a line for each room, such as `search: content`.
fn table(folder: &str) -> Vec<(String, BTreeSet<String>)> {
    let page = text("ARCHITECTURE.md");
    let fence = format!("```directions {folder}\n");
    let (_, rest) = page
        .split_once(&fence)
        .unwrap_or_else(|| panic!("no table of {folder}"));
    let (lines, _) = rest.split_once("```").unwrap();
    let line = |line: &str| {
        let (room, uses) = line.split_once(':').unwrap_or_else(|| panic!("no colon: {line}"));
        (
            room.to_owned(),
            uses.split_whitespace().map(str::to_owned).collect(),
        )
    };
    lines.lines().map(line).collect()
}

/// The room of a file; none of the file that only lists the rooms.
fn room<'s>(source: &'s Source, folder: &str) -> Option<&'s str> {
    let inside = source.path.strip_prefix(folder)?.trim_start_matches('/');
    let first = inside.split('/').next()?;
    let room = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "main"].contains(&room)).then_some(room)
}

/// The names that follow `crate::`.
fn named(code: &str) -> impl Iterator<Item = &str> {
    code.split("crate::").skip(1).map(|after| {
        let end = after.find(|char: char| !char.is_alphanumeric() && char != '_');
        &after[..end.unwrap_or(after.len())]
    })
}

/// What each room names of the others in this part of its files; these tests name what they look for.
fn found(folder: &str, part: impl Fn(&Source) -> String) -> Uses {
    let mut uses = Uses::new();
    for source in sources(folder) {
        let Some(own) = room(&source, folder).filter(|room| *room != "tidy") else {
            continue;
        };
        let code = part(&source);
        let room_uses = uses.entry(own.to_owned()).or_default();
        for other in named(&code) {
            assert!(
                !other.is_empty(),
                "crate::{{…}} hides what is used: {}",
                source.path
            );
            // What the crate exports at its top has its room, too.
            let is_room = other
                .chars()
                .all(|char| char.is_lowercase() || char == '_' || char.is_numeric());
            if other != own && is_room {
                room_uses.insert(other.to_owned());
            }
        }
    }
    uses
}

fn check(folder: &str) {
    let (table, found) = (table(folder), found(folder, Source::code));
    let listed: BTreeSet<&String> = table.iter().map(|(room, _)| room).collect();
    assert_eq!(listed, found.keys().collect(), "the rooms of {folder}");
    let mut above: BTreeSet<&String> = BTreeSet::new();
    for (room, allowed) in &table {
        let below: Vec<_> = allowed.iter().filter(|other| !above.contains(other)).collect();
        assert!(below.is_empty(), "{folder}: {room} uses {below:?}, not above it");
        // Neither more nor less: what is allowed and not used would let a circle creep in.
        assert_eq!(
            found[room], *allowed,
            "{folder}: what {room} uses, and what may be used"
        );
        above.insert(room);
    }
}

#[test]
fn rooms_of_the_window_use_only_rooms_above_them() {
    check("app/src");
}

#[test]
fn rooms_of_the_store_use_only_rooms_above_them() {
    check("store/src");
}

/// What tests beside the code use of rooms below theirs, and what for.
const BELOW: [(&str, &str, &str, &str); 5] = [
    (
        "app/src",
        "content",
        "model",
        "keys and values as a person types them",
    ),
    (
        "app/src",
        "search",
        "model",
        "keys and values as a person types them",
    ),
    ("store/src", "entries", "embedded", "a database to page through"),
    ("store/src", "read_only", "embedded", "a database to stand before"),
    ("store/src", "survey", "embedded", "a database to survey"),
];

#[test]
fn tests_beside_the_code_use_only_rooms_above_them_but_for_what_is_listed() {
    let mut below = BTreeSet::new();
    for folder in ["app/src", "store/src"] {
        let rooms: Vec<String> = table(folder).into_iter().map(|(room, _)| room).collect();
        let place = |room: &str| rooms.iter().position(|other| other == room);
        for (room, uses) in found(folder, Source::test_code) {
            for other in uses {
                assert!(place(&other).is_some(), "{folder}: {room} names {other}, no room");
                if place(&other) > place(&room) {
                    below.insert((folder, room.clone(), other));
                }
            }
        }
    }
    let listed = BELOW.map(|(folder, room, other, _)| (folder, room.to_owned(), other.to_owned()));
    assert_eq!(below, listed.into());
}

/// The programs of tests from outside, each with modules of its own.
const TESTS: [&str; 12] = [
    "app/tests/command_line",
    "app/tests/widgets",
    "app/tests/window",
    "store/tests/connect",
    "store/tests/crash_embedded",
    "store/tests/deno_file",
    "store/tests/differential",
    "store/tests/embedded_store",
    "store/tests/model",
    "store/tests/transfer",
    "store/tests/values",
    "tests/src",
];

#[test]
fn modules_of_tests_use_each_other_in_no_circle() {
    for folder in TESTS {
        let mut left = found(folder, Source::test_code);
        // Those that use nothing that is left go, until none does.
        loop {
            let names: BTreeSet<String> = left.keys().cloned().collect();
            left.retain(|_, uses| !uses.is_disjoint(&names));
            if left.len() == names.len() {
                break;
            }
        }
        assert!(left.is_empty(), "{folder}: {left:#?}");
    }
}

/// Rooms that know egui. What is shown is tested without pixels, and what works in the background draws nothing.
const WITH_EGUI: [&str; 8] = [
    "app",
    "command",
    "execute",
    "input_order",
    "panels",
    "theme",
    "widgets",
    "window",
];

#[test]
fn only_what_draws_knows_egui() {
    let mut knows = BTreeSet::new();
    for folder in ["app/src", "store/src"] {
        for source in sources(folder) {
            let code = source.code();
            if code.contains("egui::") || code.contains("eframe::") {
                knows.insert(room(&source, folder).unwrap().to_owned());
            }
        }
    }
    assert_eq!(knows, WITH_EGUI.map(str::to_owned).into());
}
