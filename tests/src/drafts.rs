//! Transactions beside real Deno: the code that is copied runs there, and a transaction that is composed in a real window
//! meets what Deno changes meanwhile.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use keyglass_store::entry::json::parse_entry_line;

use crate::data::Desk;
use crate::deno;
use crate::program::{at_home, keyglass, stdout_of};

/// The code that the window copies, as its own tests keep it.
fn copied(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../app/tests/window/copied")
        .join(name)
}

/// A database on which the draft does something, in a folder of its own.
fn standing(desk: &Desk, folder: &str) -> PathBuf {
    let folder = desk.path(folder);
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("shop.sqlite3");
    for (key, value) in [
        (r#"["gone"]"#, "1"),
        (r#"["visits"]"#, "new Deno.KvU64(40n)"),
        (r#"["balance"]"#, "12n"),
        (r#"["least"]"#, "new Deno.KvU64(9n)"),
        (r#"["most"]"#, "new Deno.KvU64(9n)"),
    ] {
        let set = ["set", &*file.to_string_lossy(), key, value, "--write"];
        stdout_of(keyglass(desk).args(set));
    }
    file
}

/// Keys, values, and whether they expire; but for the key that ends in a versionstamp, which is another one everywhere.
fn entries(desk: &Desk, file: &Path) -> Vec<String> {
    let export = stdout_of(
        keyglass(desk)
            .arg("export")
            .arg(file)
            .args(["--format", "ndjson"]),
    );
    let entries = export.lines().map(|line| parse_entry_line(line).unwrap());
    let told = entries.map(|entry| {
        let (value, expires) = (entry.value.decode().unwrap(), entry.expires_at.is_some());
        format!("{} {value} {expires}", entry.key)
    });
    told.filter(|line| !line.starts_with(r#"["log""#)).collect()
}

fn committed(desk: &Desk) -> Vec<String> {
    let file = standing(desk, "by the command line");
    stdout_of(
        keyglass(desk)
            .arg("commit")
            .arg(&file)
            .arg(copied("draft.ndjson"))
            .arg("--write"),
    );
    let told = entries(desk, &file);
    assert!(told.contains(&r#"["balance"] 7n false"#.to_owned()), "{told:?}");
    told
}

#[test]
fn copied_code_for_deno_passes_its_types_and_does_what_the_draft_does() {
    let desk = Desk::new();
    let file = standing(&desk, "by Deno");
    let mut run = deno::run(&desk, &copied("draft.deno.ts"), &["--allow-all", "--check"]);
    stdout_of(run.current_dir(file.parent().unwrap()));
    assert_eq!(entries(&desk, &file), committed(&desk));
}

#[test]
fn copied_code_for_node_does_what_the_draft_does() {
    let desk = Desk::new();
    let file = standing(&desk, "by Node");
    let folder = file.parent().unwrap();
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.peers/node_modules");
    std::os::unix::fs::symlink(modules, folder.join("node_modules")).unwrap();
    let script = folder.join("draft.mjs");
    // A connection that is left open keeps Node alive.
    let code = std::fs::read_to_string(copied("draft.node.mjs")).unwrap();
    std::fs::write(&script, format!("{code}kv.close();\nprocess.exit(0);\n")).unwrap();
    let mut node = Command::new("node");
    at_home(&mut node, &desk);
    stdout_of(node.arg(&script).current_dir(folder));
    assert_eq!(entries(&desk, &file), committed(&desk));
}

#[test]
fn the_copied_command_does_what_the_draft_does() {
    let desk = Desk::new();
    let file = standing(&desk, "by a shell");
    let command = std::fs::read_to_string(copied("draft.sh")).unwrap();
    let program = keyglass(&desk);
    let program = program.get_program().to_string_lossy().into_owned();
    // One of Deno's files is written only on request, which a copied command does not make.
    let command = command.replace("keyglass commit", &format!("'{program}' commit --write"));
    let mut shell = Command::new("sh");
    at_home(&mut shell, &desk);
    stdout_of(shell.arg("-c").arg(command).current_dir(file.parent().unwrap()));
    assert_eq!(entries(&desk, &file), committed(&desk));
}

#[cfg(target_os = "linux")]
mod in_a_window {
    use serde_json::Value;

    use super::*;
    use crate::hands::Hands;
    use crate::program::{Running, wait_for};
    use crate::screen::Screen;
    use crate::story::Settings;

    const PATIENCE: Duration = Duration::from_secs(60);
    /// In the year 2100.
    const EXPIRES_AT: i64 = 4_102_444_800_000;

    /// Real Deno does something with the file, and prints a line.
    fn by_deno(desk: &Desk, file: &Path, what: &str) -> String {
        let script = desk.path("script.ts");
        let open = format!("const kv = await Deno.openKv({:?});\n", file.to_string_lossy());
        std::fs::write(&script, format!("{open}{what}\nkv.close();\n")).unwrap();
        stdout_of(&mut deno::run(desk, &script, &["--allow-all"]))
    }

    /// The value and the expiry of the entry, as an export has them.
    fn entry(desk: &Desk, file: &Path) -> (String, Option<i64>) {
        let line = stdout_of(
            keyglass(desk)
                .arg("export")
                .arg(file)
                .args(["--format", "ndjson"]),
        );
        let entry = parse_entry_line(line.lines().next().unwrap()).unwrap();
        (entry.value.decode().unwrap().to_string(), entry.expires_at)
    }

    #[test]
    fn a_transaction_conflicts_with_what_deno_changes_is_rebased_committed_and_undone() {
        let desk = Desk::new();
        let file = desk.path("kv.sqlite3");
        by_deno(&desk, &file, "await kv.set([\"plum\"], 7n);");
        let location = file.to_string_lossy().into_owned();
        let settings = Settings::of_somebody(&desk);
        settings.unlock(&file);
        let screen = Screen::start(&desk);
        let mut window = Running::start(keyglass(&desk).arg(&file).env("DISPLAY", &screen.display));
        let hands = Hands::on(&screen);
        settings.until("the database to be open", &file, |kept| {
            kept["listed"].is_string()
        });

        // Compose: a check of the entry, and a set of what is typed.
        hands.press_and_see("ctrl+g");
        hands.type_text("[\"plum\"]");
        hands.press("Return");
        settings.until("the entry to be shown", &file, |kept| {
            kept["shown"] == r#"["plum"]"#
        });
        hands.press_and_see("F2");
        hands.replace_text("42n");
        settings.until("the edit", &file, |kept| kept["drafts"][0]["text"] == "42n");
        hands.press("ctrl+shift+t");
        let rows = |kept: &Value| kept["transaction"].as_array().map_or(0, Vec::len);
        settings.until("the rows", &file, |kept| rows(kept) == 2);
        let stamp = settings.of(&location, |kept| kept["transaction"][0]["versionstamp"].clone());

        // Deno is faster, and gives the entry an expiry.
        let set = format!("await kv.set([\"plum\"], 8n, {{ expireIn: {EXPIRES_AT} - Date.now() }});");
        by_deno(&desk, &file, &set);
        let theirs = entry(&desk, &file);
        assert_eq!(theirs.0, "8n");
        hands.press_and_see("ctrl+Return");
        assert_eq!(entry(&desk, &file), theirs, "a check that fails stores nothing");

        // What changed is shown, and taken.
        hands.press_and_see("ctrl+p");
        hands.type_text("Rebase");
        hands.press_and_see("Return");
        hands.press("Return");
        settings.until("the new versionstamp", &file, |kept| {
            rows(kept) == 2 && kept["transaction"][0]["versionstamp"] != stamp
        });
        hands.press("ctrl+Return");
        settings.until("the commit", &file, |kept| kept["committed"].is_string());
        let seen = by_deno(&desk, &file, "console.log((await kv.get([\"plum\"])).value);");
        assert_eq!(seen.trim(), "42n");
        let (_, expiry) = entry(&desk, &file);
        assert_eq!(expiry, theirs.1, "a set keeps the expiry");

        // Undo brings back what Deno stored, its expiry with it. The keyboard is outside of texts after Escape.
        hands.press("Escape");
        hands.press("ctrl+z");
        wait_for("the undo", PATIENCE, || {
            (entry(&desk, &file) == theirs).then_some(())
        });
        hands.press("ctrl+q");
        wait_for("the window to close", PATIENCE, || {
            window.has_ended().then_some(())
        });
        let seen = by_deno(&desk, &file, "console.log((await kv.get([\"plum\"])).value);");
        assert_eq!(seen.trim(), "8n");
    }
}
