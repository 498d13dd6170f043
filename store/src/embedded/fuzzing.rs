//! What reads the bytes of a store folder, for the fuzz target `store_rows`.

use bytes::Bytes;

use super::damage::Journals;
use super::history::is_row;
use super::layout::{Record, expiry_row, parse_expiry_row};
use super::queue::parse_message;

/// Reads bytes as a record, as a row of the index, as a message, as rows of the history and as a journal.
///
/// # Panics
/// If what was read is not written as it was.
pub fn read_as_anything(bytes: &[u8]) {
    let whole = Bytes::copy_from_slice(bytes);
    if let Ok(record) = Record::decode(whole.clone()) {
        let written = record.encode();
        assert!(written == bytes, "a record changed");
        assert_eq!(
            Record::decode(written.into()),
            Ok(record),
            "a record changed when written"
        );
    }
    if let Some((expires_at, key)) = parse_expiry_row(&whole) {
        assert!(
            expiry_row(expires_at, key.as_bytes()) == bytes,
            "a row of the index changed"
        );
    }
    let (row, value) = bytes.split_at_checked(19).unwrap_or_default();
    if let Some(message) = parse_message(row, Bytes::copy_from_slice(value)) {
        assert!(message.payload.len() <= value.len(), "a payload grew");
    }
    for length in [1, 9, 17, 24, 32] {
        let (row, value) = bytes.split_at_checked(length).unwrap_or_default();
        let _is_one = is_row(row, Bytes::copy_from_slice(value));
    }
    let mut journals = Journals::default();
    let (end, first_unsound) = journals.look_through(bytes);
    assert!(end <= bytes.len() && first_unsound.is_none_or(|offset| offset < end));
}
