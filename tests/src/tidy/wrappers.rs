//! Who stands before a database hands on all that it can do: a function that is forgotten would fall back to what the
//! trait does of itself.

use std::collections::BTreeSet;

use super::source::text;

/// The functions of an item that begins so.
fn functions<'t>(text: &'t str, item: &str) -> BTreeSet<&'t str> {
    let (_, rest) = text.split_once(item).unwrap_or_else(|| panic!("no {item}"));
    let (body, _) = rest.split_once("\n}\n").unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    fn "));
    lines.map(|line| line.split(['(', '<']).next().unwrap()).collect()
}

#[test]
fn wrappers_hand_on_every_function_of_a_database() {
    let door = text("store/src/database.rs");
    let all = functions(&door, "pub trait Database");
    assert!(all.len() > 15, "{all:?}");
    for (path, item, of_itself) in [
        // Pages of the queue are all that this one goes by.
        (
            "store/src/read_only.rs",
            "Database for ReadOnly<D> {",
            &["queue"][..],
        ),
        // A test alters the snapshot that these go by.
        (
            "store/tests/pass_through/mod.rs",
            "Database for Altered<A> {",
            &["get", "get_many", "queue", "read"],
        ),
    ] {
        let wrapper = text(path);
        let handed_on = functions(&wrapper, item);
        let missing: Vec<_> = all.difference(&handed_on).copied().collect();
        assert_eq!(missing, of_itself, "{path}");
    }
}
