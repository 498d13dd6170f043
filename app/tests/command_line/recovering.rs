//! What is left of a damaged Deno file becomes a new database.

use std::fs;

use crate::desk::{A, Desk, text};

const PAGE: usize = 4096;

/// A desk with a copy of the shop of which some pages, counted from 1, are nothing but zeros.
fn desk(pages: &[usize]) -> (Desk, Vec<u8>) {
    let desk = Desk::new();
    let shop = desk.shop();
    let mut bytes = fs::read(shop).unwrap();
    for page in pages {
        bytes[(page - 1) * PAGE..page * PAGE].fill(0);
    }
    fs::write(desk.path("damaged.sqlite3"), &bytes).unwrap();
    (desk, bytes)
}

#[test]
fn what_is_left_is_exactly_what_was_there_and_the_rest_is_named() {
    // Two leaves of the table of entries.
    let (desk, damaged) = desk(&[30, 31]);
    let output = desk.run(&["recover", "damaged.sqlite3", "new.kg"]);
    assert_eq!(output.status.code(), Some(1));
    let report = text(&output.stdout);
    let missing = report.lines().filter(|line| line.starts_with("    ")).count();
    assert!(missing > 0, "{report}");
    assert!(report.starts_with(&format!(
        "Recovered {} entries\nRecovered 4 queued messages\nMissing: ",
        1946 - missing
    )));
    assert!(
        text(&output.stderr)
            .ends_with("Not everything could be read; the report on stdout tells what is missing\n")
    );
    let differences = desk.run(&["diff", "shop.sqlite3", "new.kg"]);
    let counted = format!(
        "0 added, {missing} removed, 0 changed, {} the same\n",
        1946 - missing
    );
    let told = text(&differences.stdout);
    assert!(told.starts_with(&counted), "{told}");
    let removed = told.lines().filter_map(|line| line.strip_prefix("- "));
    let named = report.lines().filter_map(|line| line.strip_prefix("    "));
    assert!(removed.eq(named), "{report}");
    // Nothing was written, or left beside it.
    assert!(fs::read(desk.path("damaged.sqlite3")).unwrap() == damaged);
    assert_eq!(fs::read_dir(desk.path("")).unwrap().count(), 3);
}

#[test]
fn a_file_that_lost_nothing_but_what_it_can_do_without_is_whole_again() {
    // The index of expiries, and what the queue is found by.
    let (desk, _) = desk(&[6, 9]);
    let report = desk.stdout(&["recover", "damaged.sqlite3", "new.sqlite3"]);
    assert_eq!(
        report,
        "Recovered 1946 entries\nRecovered 4 queued messages\nNothing is missing\n"
    );
    assert_eq!(
        desk.stdout(&["diff", "shop.sqlite3", "new.sqlite3"]),
        "The same: 1946 entries\n"
    );
    let report = desk.json(&["recover", "damaged.sqlite3", "other.kg", "--json"]);
    assert_eq!(
        (&report["entries"], &report["missing"]),
        (&1946.into(), &serde_json::json!([]))
    );
}

#[test]
fn whoever_opens_or_reads_a_damaged_file_is_led_here() {
    // Its beginning, a page in the middle, its end.
    let leads = "keyglass recover reads what is left of it into a new database: damaged.sqlite3";
    let (desk, _) = desk(&[1]);
    let told = desk.failure(&["ls", "damaged.sqlite3"]);
    assert_eq!(
        told,
        format!("This file is damaged (its beginning is lost); {leads}")
    );
    assert_eq!(
        desk.stdout(&["recover", "damaged.sqlite3", "new.kg"]),
        "Recovered 1946 entries\nRecovered 4 queued messages\nNothing is missing\n"
    );
    let (desk, bytes) = self::desk(&[40]);
    let told = desk.failure(&["export", "damaged.sqlite3", "-o", "all.ndjson"]);
    assert_eq!(
        told,
        format!(
            "This file is damaged, which showed while reading a range (database disk image is malformed); {leads}"
        )
    );
    fs::write(desk.path("damaged.sqlite3"), &bytes[..100 * PAGE]).unwrap();
    let told = desk.failure(&["get", "damaged.sqlite3", A]);
    assert_eq!(
        told,
        format!("This file is damaged (database disk image is malformed); {leads}")
    );
}

#[test]
fn a_new_database_is_needed_and_a_file_of_denos() {
    let (desk, _) = desk(&[40]);
    fs::write(desk.path("text"), "text").unwrap();
    let refused = desk.failure(&["recover", "text", "new.kg"]);
    assert_eq!(
        refused,
        "Nothing in this file looks like the entries of a Deno KV database, so nothing can be recovered: text"
    );
    assert!(!desk.path("new.kg").exists());
    desk.stdout(&["set", "there.kg", A, "1"]);
    let refused = desk.failure(&["recover", "damaged.sqlite3", "there.kg"]);
    assert!(refused.ends_with(": there.kg"), "{refused}");
    assert_eq!(desk.stdout(&["get", "there.kg", A]), "1\n");
    let refused = desk.failure(&["recover", "damaged.sqlite3", "shop.sqlite3"]);
    assert!(refused.ends_with(": shop.sqlite3"), "{refused}");
}
