//! Every command of the window can be found: it is in the list that the palette, the menus and the sheet of shortcuts go
//! through.

use std::collections::BTreeSet;

use super::source::text;

/// The names between two marks, one a line.
fn names<'t>(text: &'t str, from: &str, to: &str) -> BTreeSet<&'t str> {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    let (lines, _) = rest.split_once(to).unwrap();
    let lines = lines.lines().map(|line| line.trim().trim_end_matches(','));
    lines
        .map(|line| line.strip_prefix("Self::").unwrap_or(line))
        .filter(|line| line.starts_with(char::is_uppercase))
        .collect()
}

#[test]
fn every_command_is_in_the_list_of_all() {
    let module = text("app/src/command/mod.rs");
    let commands = names(&module, "pub enum Command {", "\n}");
    assert!(commands.len() > 50, "{commands:?}");
    assert_eq!(commands, names(&module, "pub const ALL:", "];"));
}

#[test]
fn palette_sheet_and_shortcuts_go_through_all_commands() {
    for path in [
        "app/src/panels/palette.rs",
        "app/src/panels/dialog.rs",
        "app/src/app/shortcuts.rs",
    ] {
        let text = text(path);
        assert!(text.contains("Command::ALL"), "{path} has a list of its own");
    }
    // All but the palette itself, and what the database does not offer.
    let palette = text("app/src/panels/palette.rs");
    assert_eq!(palette.matches("Command::ALL").count(), 1);
    assert!(palette.contains("*command != Command::Palette && command.is_offered(environment)"));
}
