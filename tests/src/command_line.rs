//! The command line on files that real Deno wrote, or is writing.

use std::time::Duration;

use crate::data::{Desk, folder_of};
use crate::deno;
use crate::program::{Running, error_text, keyglass, stdout_of};

#[test]
fn an_export_of_the_shop_agrees_with_what_deno_reads_and_leaves_the_file_untouched() {
    let desk = Desk::new();
    let shop = desk.shop();
    let before = folder_of(&shop);
    let export = stdout_of(
        keyglass(&desk)
            .arg("export")
            .arg(&shop)
            .args(["--format", "ndjson"]),
    );
    assert_eq!(export.lines().count(), 1946);
    assert!(
        before == folder_of(&shop),
        "the export changed the folder of the file"
    );
    let file = desk.path("export.ndjson");
    std::fs::write(&file, export).unwrap();
    let verdict = deno::compare_export(&desk, &file, "shop.expected.json.gz");
    assert!(
        verdict.starts_with("1946 lines") && verdict.ends_with(" 0 wrong\n"),
        "{verdict}"
    );
}

#[test]
fn a_watch_prints_what_real_deno_writes_to_the_same_file() {
    let desk = Desk::new();
    let shop = desk.shop();
    let watch = Running::start(keyglass(&desk).arg("watch").arg(&shop).arg(r#"["live"]"#));
    let writer = deno::write_live(&desk, &shop, 4);
    watch.line_with("tick", Duration::from_secs(20));
    writer.finish();
}

#[test]
fn a_deno_file_that_was_copied_there_and_back_is_the_same_to_real_deno() {
    let desk = Desk::new();
    let shop = desk.shop();
    let (folder, back) = (desk.path("shop.kg"), desk.path("back.sqlite3"));
    for (from, to) in [(&shop, &folder), (&folder, &back)] {
        let report = stdout_of(keyglass(&desk).arg("copy").args([from, to]).arg("--verify"));
        assert!(
            report.starts_with("Copied 1946 entries\nCopied 4 queued messages\nVerified: 1946 entries, "),
            "{report}"
        );
    }
    let same = stdout_of(keyglass(&desk).arg("diff").args([&shop, &back]));
    assert_eq!(same, "The same: 1946 entries\n");
    // As Deno reads them: keys and values, and not the versionstamps, which every commit gives anew.
    let read = |file| {
        let lines = deno::read_all(&desk, file);
        let entries = lines.lines().map(|line| {
            let mut fields: Vec<serde_json::Value> = serde_json::from_str(line).unwrap();
            fields.pop();
            fields
        });
        entries.collect::<Vec<_>>()
    };
    let (first, second) = (read(&shop), read(&back));
    assert!(first.len() > 1800 && first == second);
}

#[test]
fn without_a_display_the_window_says_so_and_names_the_commands() {
    let desk = Desk::new();
    let output = keyglass(&desk).arg(desk.shop()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    let error = error_text(&output);
    assert_eq!(error.lines().count(), 1, "{error}");
    for command in [
        "ls", "get", "set", "delete", "commit", "export", "import", "copy", "diff", "recover", "watch",
        "info",
    ] {
        assert!(error.contains(command), "{command} is not named: {error}");
    }
}
