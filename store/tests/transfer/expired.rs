//! Entries that have expired and were not swept are left out of transfers, counted, and taken in when asked for.

use std::path::Path;

use crate::fixture::{contents, empty, everything, go_on, key};
use keyglass_store::deno_file::DenoFile;
use keyglass_store::transfer::{
    CopyOptions, Existing, ExportOptions, Format, ImportOptions, copy, export, import,
};
use keyglass_store::{Clock, KeyRange};
use tempfile::TempDir;

const EXPIRED: u64 = 17;

/// A copy of the shop of which 17 sessions have expired.
fn shop() -> (TempDir, DenoFile) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("shop.sqlite3");
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/shop.sqlite3");
    std::fs::copy(original, &path).unwrap();
    let sessions = KeyRange::below(&key(r#"["sessions"]"#));
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute(
            "UPDATE kv SET expiration_ms = 1000 WHERE k IN \
             (SELECT k FROM kv WHERE k >= ?1 AND k < ?2 ORDER BY k LIMIT 17)",
            (sessions.start.as_bytes(), sessions.end.as_bytes()),
        )
        .unwrap();
    let database = DenoFile::open_with_clock(&path, Clock::from_fn(|| 1000)).unwrap();
    (folder, database)
}

#[test]
fn an_export_leaves_them_out_in_every_format_unless_asked_for() {
    let (_folder, database) = shop();
    for format in [Format::Ndjson, Format::Json, Format::Js] {
        for expired in [false, true] {
            let options = ExportOptions {
                format,
                ranges: vec![KeyRange::everything()],
                expired,
            };
            let mut text = Vec::new();
            let report = export(&database, &options, &mut text, &mut go_on).unwrap();
            let text = String::from_utf8(text).unwrap();
            let lines = text.lines().filter(|line| line.starts_with('{')).count() as u64;
            let left_out = if expired { 0 } else { EXPIRED };
            assert_eq!((lines, report.entries), (1946 - left_out, 1946 - left_out));
            assert_eq!((report.expired, report.complete), (left_out, true));
        }
    }
}

#[test]
fn a_copy_leaves_them_out_and_if_asked_for_keeps_them_without_their_expiry() {
    let (_from_folder, from) = shop();
    for expired in [false, true] {
        let (_to_folder, to) = empty();
        let options = CopyOptions {
            range: KeyRange::everything(),
            existing: Existing::Skip,
            expired,
            ..CopyOptions::default()
        };
        let report = copy(&from, &to, &options, &mut go_on).unwrap();
        assert_eq!(report.expired, EXPIRED);
        let left_out = if expired { 0 } else { EXPIRED };
        let entries = everything(&to);
        assert_eq!(
            (report.stored, entries.len() as u64),
            (1946 - left_out, 1946 - left_out)
        );
        let expiring = entries.iter().filter(|entry| entry.expires_at.is_some()).count() as u64;
        assert_eq!(expiring, 62 - EXPIRED);
    }
}

#[test]
fn what_has_expired_is_imported_as_it_was_where_that_is_asked_for() {
    let (_folder, file) = shop();
    let options = ExportOptions {
        ranges: vec![KeyRange::everything()],
        format: Format::Ndjson,
        expired: true,
    };
    let mut lines = Vec::new();
    export(&file, &options, &mut lines, &mut go_on).unwrap();
    for expired in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let to = DenoFile::create_with_clock(&folder.path().join("kv"), Clock::from_fn(|| 1000)).unwrap();
        let options = ImportOptions {
            expired,
            ..ImportOptions::default()
        };
        let report = import(&to, &mut lines.as_slice(), &options, &mut go_on).unwrap();
        let left_out = if expired { 0 } else { EXPIRED };
        assert_eq!((report.expired, report.stored), (left_out, 1946 - left_out));
        if expired {
            let keys_and_expiries = |database| {
                let contents = contents(database).into_iter();
                contents.map(|(key, _, expiry)| (key, expiry)).collect::<Vec<_>>()
            };
            assert!(keys_and_expiries(&to) == keys_and_expiries(&file));
        }
    }
}
