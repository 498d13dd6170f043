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

/// What each room names of the others.
fn found(folder: &str) -> Uses {
    let mut uses = Uses::new();
    for source in sources(folder) {
        let Some(own) = room(&source, folder) else {
            continue;
        };
        let code = source.code();
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
    let (table, found) = (table(folder), found(folder));
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
