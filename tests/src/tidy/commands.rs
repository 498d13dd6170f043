//! Every command of the window can be found: the palette, the sheet and the search for shortcuts go through the list of all.

use super::source::text;

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
