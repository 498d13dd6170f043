//! Any text is a literal or refused at a place in it; a literal prints as text that reads as the same value.
#![no_main]

use keyglass_store::value::literal::{highlight, parse, print, print_marked};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let highlighted: String = highlight(text)
        .into_iter()
        .map(|span| &text[span.range])
        .collect();
    assert_eq!(highlighted, text);
    match parse(text) {
        Err(error) => assert!(error.offset + error.length <= text.len(), "{error}"),
        Ok(value) => {
            for width in [0, 60, usize::MAX] {
                let printed = print_marked(&value, width);
                let read = parse(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}"));
                assert!(read == value, "{printed}");
                assert_eq!(print_marked(&read, width), printed);
                let shown = print(&value, width);
                let read = parse(&shown).unwrap_or_else(|error| panic!("{error}\n{shown}"));
                assert_eq!(print(&read, width), shown);
            }
        }
    }
});
