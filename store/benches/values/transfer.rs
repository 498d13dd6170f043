//! Exports and imports of many small entries, from and into an embedded store.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::time::Instant;

use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::transfer::{Existing, ExportOptions, Format, ImportOptions, export, import};
use keyglass_store::value::literal::parse;
use keyglass_store::{AtomicOperation, Database as _, Key, KeyPart, KeyRange, StoredValue};

use crate::Settings;

/// Entries of one commit when the store is filled.
const BATCH: u64 = 500;

pub fn run(settings: &Settings) {
    let folder = tempfile::tempdir().expect("there is room");
    let open = |name: &str| {
        OpenOptions::new()
            .durability(Durability::Sync)
            .open_or_create(folder.path().join(name))
            .expect("it opens")
    };
    let store = open("full");
    fill(&store, settings.entries);
    println!(
        "\n| {} small entries | entries/s | MB/s |\n|---|---|---|",
        settings.entries
    );

    let mut file = Vec::new();
    for (name, format) in [
        ("json", Format::Json),
        ("js", Format::Js),
        ("ndjson", Format::Ndjson),
    ] {
        file.clear();
        let options = ExportOptions {
            format,
            ranges: vec![KeyRange::everything()],
            expired: false,
        };
        let start = Instant::now();
        let report = export(&store, &options, &mut file, &mut |_| ControlFlow::Continue(()));
        let seconds = start.elapsed().as_secs_f64();
        let report = report.expect("it exports");
        assert_eq!(report.entries, settings.entries);
        row(&format!("export-{name}"), settings.entries, file.len(), seconds);
    }

    for (name, existing) in [("skip", Existing::Skip), ("overwrite", Existing::Overwrite)] {
        let target = open(name);
        for (suffix, dry_run) in [("-dry", true), ("", false), ("-again", false)] {
            let options = ImportOptions {
                existing,
                dry_run,
                ..ImportOptions::default()
            };
            let start = Instant::now();
            let report = import(&target, &mut Cursor::new(&file), &options, &mut |_| {
                ControlFlow::Continue(())
            });
            let seconds = start.elapsed().as_secs_f64();
            let report = report.expect("it imports");
            assert_eq!(report.stored + report.skipped, settings.entries);
            row(
                &format!("import-{name}{suffix}"),
                settings.entries,
                file.len(),
                seconds,
            );
        }
    }
}

fn row(name: &str, entries: u64, bytes: usize, seconds: f64) {
    let rate = entries as f64 / seconds;
    println!("| {name} | {rate:.0} | {:.0} |", bytes as f64 / 1e6 / seconds);
    println!("figure {name} {rate:.0}");
}

fn fill(store: &Store, entries: u64) {
    for first in (0..entries).step_by(BATCH as usize) {
        let mut operation = AtomicOperation::new();
        for number in first..(first + BATCH).min(entries) {
            let key = Key(vec![
                KeyPart::from("users"),
                KeyPart::Number(number as f64),
                KeyPart::from("profile"),
            ]);
            let value =
                parse(&format!("{{id: {number}, name: 'user {number}', ok: true}}")).expect("a literal");
            let value = StoredValue::from_value(&value).expect("it can be stored");
            operation = operation.set(key.encode().expect("it encodes"), value);
        }
        store.commit(operation).expect("it commits");
    }
}
