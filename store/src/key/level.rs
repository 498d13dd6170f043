//! Where the keys of one level of the key space end.

use super::{EncodedKey, first_part_length};

/// The first key behind everything below `prefix`; `None` if there is none.
pub(crate) fn end_of_level(prefix: &EncodedKey) -> Option<Vec<u8>> {
    let part_ends = prefix.part_ends();
    let parent_length = part_ends
        .len()
        .checked_sub(2)
        .and_then(|index| part_ends.get(index));
    end_of_child(&prefix.truncated(parent_length.copied().unwrap_or(0)), prefix)
}

/// The first key that may belong to the next child; `None` if no key can.
pub(crate) fn end_of_child(prefix: &EncodedKey, child: &EncodedKey) -> Option<Vec<u8>> {
    if child == prefix {
        return None;
    }
    let mut end = child.as_bytes().to_vec();
    let tail = child
        .as_bytes()
        .strip_prefix(prefix.as_bytes())
        .unwrap_or_default();
    match tail.first() {
        // The child is itself one broken key; longer keys are other children.
        _ if first_part_length(tail).ok() != Some(tail.len()) => end.push(0),
        // Strings and byte arrays end with 00, and 00 ff is a longer one: a sibling that sorts behind all
        // keys below the child.
        Some(0x01 | 0x02) => end.push(0xff),
        // Everything that begins with the child's bytes is below it.
        _ => {
            while end.last() == Some(&0xff) {
                end.pop();
            }
            *end.last_mut()? += 1;
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(prefix: &[u8], child: &[u8]) -> Option<Vec<u8>> {
        let key = |bytes: &[u8]| EncodedKey::from_bytes(bytes.to_vec());
        end_of_child(&key(prefix), &key(child))
    }

    #[test]
    fn a_string_child_ends_before_the_longer_string_that_begins_with_its_bytes() {
        assert_eq!(end(b"", b"\x02a\0"), Some(b"\x02a\0\xff".to_vec()));
        assert_eq!(
            end(b"\x02a\0", b"\x02a\0\x01\0"),
            Some(b"\x02a\0\x01\0\xff".to_vec())
        );
    }

    #[test]
    fn a_child_of_fixed_length_ends_where_its_bytes_do() {
        assert_eq!(end(b"", b"\x27"), Some(b"\x28".to_vec()));
        assert_eq!(end(b"", b"\x15\xff"), Some(b"\x16".to_vec()));
    }

    #[test]
    fn a_level_ends_where_its_prefix_does() {
        let end = |bytes: &[u8]| end_of_level(&EncodedKey::from_bytes(bytes.to_vec()));
        assert_eq!(end(b""), None);
        assert_eq!(end(b"\x27\x02a\0"), Some(b"\x27\x02a\0\xff".to_vec()));
        assert_eq!(end(b"\x02a\0\x27"), Some(b"\x02a\0\x28".to_vec()));
        assert_eq!(end(b"\x02a"), Some(b"\x02a\0".to_vec()));
    }

    #[test]
    fn a_broken_child_is_only_itself() {
        assert_eq!(end(b"", b"\x02a"), Some(b"\x02a\0".to_vec()));
        assert_eq!(end(b"\x27", b"\x27\xff"), Some(b"\x27\xff\0".to_vec()));
    }
}
