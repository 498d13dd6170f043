//! Finds the nodes of the tree that a filter leaves, from keys in their order.

use keyglass_store::key::EncodedKey;

use crate::errand::{SieveState, SievedNode};
use crate::search::Pattern;

/// A part of the last key that does not match.
#[derive(Debug)]
struct PathPart {
    end: usize,
    /// An entry stands there, and nobody was told.
    is_untold_entry: bool,
}

/// Goes through all keys, each once. Of a key only its first part that matches is told: the node that ends with it,
/// and what is below is shown with it.
#[derive(Debug)]
pub struct Sieve {
    pattern: Pattern,
    last: EncodedKey,
    path: Vec<PathPart>,
    matched: Option<SievedNode>,
    state: SieveState,
}

impl Sieve {
    /// A sieve that has seen nothing.
    #[must_use]
    pub fn new(pattern: Pattern) -> Self {
        Self {
            pattern,
            last: EncodedKey::default(),
            path: Vec::new(),
            matched: None,
            state: SieveState::default(),
        }
    }

    /// Takes the next key. Nodes may be told more than once, as more becomes known of them.
    pub fn take(&mut self, key: &EncodedKey, found: &mut Vec<SievedNode>) {
        self.state.looked_at += 1;
        if let Some(matched) = &mut self.matched {
            if is_below(key, &matched.prefix) {
                if !matched.has_children {
                    matched.has_children = true;
                    found.push(matched.clone());
                }
                return;
            }
            self.matched = None;
        }
        let ends = key.part_ends();
        let bytes = key.as_bytes();
        let shared = self.path.iter().zip(&ends).take_while(|(part, end)| {
            part.end == **end && self.last.as_bytes().get(..**end) == bytes.get(..**end)
        });
        let shared = shared.count();
        self.path.truncate(shared);
        let mut start = self.path.last().map_or(0, |part| part.end);
        for end in ends.iter().skip(shared) {
            let is_last = *end == bytes.len();
            if self
                .pattern
                .is_in_part(bytes.get(start..*end).unwrap_or_default())
            {
                let above = self.path.iter_mut().filter(|part| part.is_untold_entry);
                found.extend(above.map(|part| {
                    part.is_untold_entry = false;
                    SievedNode {
                        prefix: own(key, part.end),
                        is_entry: true,
                        has_children: true,
                        matches: false,
                    }
                }));
                let node = SievedNode {
                    prefix: own(key, *end),
                    is_entry: is_last,
                    has_children: !is_last,
                    matches: true,
                };
                found.push(node.clone());
                self.state.found += 1;
                self.matched = Some(node);
                break;
            }
            self.path.push(PathPart {
                end: *end,
                is_untold_entry: is_last,
            });
            start = *end;
        }
        self.last = own(key, bytes.len());
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> SieveState {
        self.state
    }

    /// Where to go on, if all that lies before tells nothing new.
    #[must_use]
    pub fn resume(&self) -> Option<EncodedKey> {
        let settled = self.matched.as_ref().filter(|matched| matched.has_children);
        settled.map(|matched| matched.prefix.with_suffix(&[0xff]))
    }
}

/// The beginning of a key, in bytes of its own.
fn own(key: &EncodedKey, length: usize) -> EncodedKey {
    EncodedKey::from_bytes(key.as_bytes().get(..length).unwrap_or_default().to_vec())
}

/// Whether a key is longer than a prefix and one of those that its folder holds: behind a string, a byte ff makes
/// another, longer string.
fn is_below(key: &EncodedKey, prefix: &EncodedKey) -> bool {
    let rest = key.as_bytes().strip_prefix(prefix.as_bytes());
    rest.and_then(<[u8]>::first).is_some_and(|byte| *byte != 0xff)
}
