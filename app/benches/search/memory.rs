//! How much memory results take.

use std::time::{Duration, Instant};

use keyglass::errand::{Hit, Place};

use crate::Outcome;
use crate::asker::Asker;

/// Results that are held.
pub struct Held {
    pub results: usize,
    /// How much memory they take, without what the allocator adds.
    pub bytes: usize,
    /// How long it takes to let go of them.
    pub dropped: Duration,
}

/// Searches for what very many values hold.
pub fn held(asker: &mut Asker) -> Outcome<Held> {
    let mut held = Vec::new();
    asker.find_hits("SKU-", false, Place::Both, |hits| held.extend(hits))?;
    let (results, bytes) = (held.len(), held.iter().map(size).sum());
    let begun = Instant::now();
    drop(held);
    Ok(Held {
        results,
        bytes,
        dropped: begun.elapsed(),
    })
}

fn size(hit: &Hit) -> usize {
    let excerpt = hit.in_value.as_ref().map_or(0, |excerpt| excerpt.text.capacity());
    let spans = &hit.preview.spans;
    let texts: usize = spans.iter().map(|(_, text)| text.capacity()).sum();
    size_of::<Hit>() + hit.key.as_bytes().len() + excerpt + size_of_val(spans.as_slice()) + texts
}
