//! Every panel is pictured in both themes.

use std::collections::BTreeSet;
use std::fs;

use super::source::{sources, text, top};

/// Pictures in `screenshots/`, and the modules of `app/src/panels` that are drawn in them.
const PICTURES: &[(&str, &[&str])] = &[
    (
        "browse",
        &[
            "menu_bar",
            "status",
            "keys",
            "entries",
            "filter_bar",
            "entry",
            "entry_value",
            "layout",
            "expiry",
        ],
    ),
    ("change", &["watch_detail", "watch_rates", "watch_rows"]),
    ("back-up", &["backup_dialog"]),
    ("compare-with", &["compare_dialog"]),
    ("comparison", &["comparison"]),
    ("conflict", &["transaction"]),
    ("connect", &["connect_dialog"]),
    ("copy", &["copy_menu"]),
    ("copy-server", &["copy_server_dialog"]),
    ("copy-to", &["copy_dialog"]),
    ("draft", &["operation"]),
    ("draft-code", &["code_dialog"]),
    ("expired", &[]),
    ("export", &["dialog", "blob"]),
    ("filters", &["filters_dialog", "folder"]),
    ("find", &["find"]),
    ("found-menu", &["place_menu"]),
    ("history", &["undo_list"]),
    ("import", &["import_dialog", "dry_run"]),
    ("indexes", &["index_dialog"]),
    ("keep-history", &["history_rule_dialog"]),
    ("keys-menu", &["keys_menu"]),
    ("mark", &["mark_dialog"]),
    ("message", &["message_dialog"]),
    ("notify", &["notification_dialog"]),
    ("palette", &["palette"]),
    ("path", &["path_dialog", "key_editor", "key_part"]),
    ("preview", &["entry_preview"]),
    ("production", &["mark", "typed_name"]),
    ("queue", &["queue", "queue_detail"]),
    ("queue-counts", &["queue_counts"]),
    ("rebase", &[]),
    ("recovered", &["recover_dialog"]),
    ("rename", &["question", "rename", "shared_parts"]),
    (
        "requests",
        &[
            "requests",
            "request_detail",
            "request_prefixes",
            "request_rates",
            "request_table",
        ],
    ),
    ("save-expiry", &["unseen_expiries"]),
    ("restore", &["restore_dialog"]),
    ("serve", &["serve_dialog"]),
    ("unlock", &["unlock"]),
    ("versions", &["entry_history"]),
    ("watch", &["watch", "notices", "entry_bytes"]),
    ("welcome", &["welcome"]),
];

/// Modules of the panels that draw nothing themselves.
const NO_PANELS: &[&str] = &["mod", "entry_view", "row_anchor", "views"];

#[test]
fn every_panel_is_pictured_in_both_themes() {
    let files = sources("app/src/panels");
    let modules = files.iter().map(|source| {
        let inside = source.path.strip_prefix("app/src/panels/").unwrap();
        let first = inside.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    });
    let modules: BTreeSet<&str> = modules.collect();
    let pictured = PICTURES.iter().flat_map(|(_, panels)| panels.iter().copied());
    let known: BTreeSet<&str> = pictured.chain(NO_PANELS.iter().copied()).collect();
    assert_eq!(
        modules, known,
        "the modules of the panels, and those that are pictured"
    );
    let tests = [
        text("app/tests/window/pictures.rs"),
        text("app/tests/window/panel_pictures.rs"),
        text("app/tests/window/dialog_pictures.rs"),
        text("app/tests/window/import.rs"),
        text("app/tests/window/by_protocol.rs"),
        text("app/tests/window/connect.rs"),
        text("app/tests/window/comparison.rs"),
        text("app/tests/window/copy_to.rs"),
        text("app/tests/window/copy_to_server.rs"),
        text("app/tests/window/backup.rs"),
        text("app/tests/window/at_work.rs"),
        text("app/tests/window/expired.rs"),
        text("app/tests/window/history.rs"),
        text("app/tests/window/keep_history.rs"),
        text("app/tests/window/recover.rs"),
        text("app/tests/window/marks.rs"),
        text("app/tests/window/messages.rs"),
        text("app/tests/window/drafts.rs"),
        text("app/tests/window/indexes.rs"),
        text("app/tests/window/notify.rs"),
        text("app/tests/window/queue_counts.rs"),
        text("app/tests/window/requests.rs"),
        text("app/tests/window/serve.rs"),
        text("app/tests/window/timeline.rs"),
        text("app/tests/window/transact.rs"),
    ];
    for &(name, _) in PICTURES {
        // The dark theme goes without saying where it was there first.
        let dark = [format!("{name}-dark"), name.to_owned()];
        for names in [&dark[..], &[format!("{name}-light")]] {
            let exists = |name: &&String| top().join(format!("screenshots/{name}.png")).is_file();
            let name = names
                .iter()
                .find(exists)
                .unwrap_or_else(|| panic!("no picture {names:?}"));
            let quoted = format!("\"{name}\"");
            let is_compared = tests.iter().any(|test| test.contains(&quoted));
            assert!(is_compared, "no test compares {name}");
        }
    }
    let kept = fs::read_dir(top().join("screenshots")).unwrap().count();
    assert!(kept >= 2 * PICTURES.len());
}
