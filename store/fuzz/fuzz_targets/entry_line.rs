//! Any text is a line of an export or refused; an entry that was read is written so that it reads as the same entry.
#![no_main]

use keyglass_store::entry::json::{entry_line, parse_entry_line};
use keyglass_store::{Entry, Versionstamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(parsed) = parse_entry_line(text) else {
        return;
    };
    let entry = Entry {
        key: parsed.key.clone(),
        value: parsed.value.clone(),
        versionstamp: parsed.versionstamp.unwrap_or(Versionstamp::from_counter(1)),
        expires_at: parsed.expires_at,
    };
    let line = entry_line(&entry);
    let again = parse_entry_line(&line.text).unwrap_or_else(|error| panic!("{error}\n{}", line.text));
    assert_eq!(again.key, parsed.key);
    assert_eq!(again.expires_at, parsed.expires_at);
    assert_eq!(again.versionstamp, Some(entry.versionstamp));
    assert!(again.value == entry.value, "{}", line.text);
});
