//! Any text is a draft file or refused in one of its lines, and a program that is read as far as it goes; a draft that was
//! read prints as a file that reads as the same draft.
#![no_main]

use keyglass_store::draft::{Draft, code, file};
use libfuzzer_sys::fuzz_target;

fn prints_and_reads(draft: &Draft) {
    let text = file::print(draft);
    let again = file::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(file::print(&again), text);
}

fuzz_target!(|text: &str| {
    match file::parse(text) {
        Ok(draft) => prints_and_reads(&draft),
        Err(error) => assert!(error.line >= 1 && error.line <= text.lines().count(), "{error}"),
    }
    let read = code::read(text);
    for unread in &read.unread {
        assert!(unread.line >= 1 && !unread.reason.is_empty());
    }
    prints_and_reads(&Draft {
        name: None,
        rows: read.rows,
    });
});
