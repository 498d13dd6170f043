//! Looks into bytes for the entry panel: the newest that were asked for, because the earlier ones are not on
//! screen any more.

use crossbeam_channel::Receiver;

use super::{Replies, Reply, Request};
use crate::recognise::recognise;

pub(super) fn spawn(requests: Receiver<Request>, replies: Replies) -> Result<(), String> {
    super::spawn("recogniser", move || {
        while let Ok(request) = requests.recv() {
            let newest = requests.try_iter().last().unwrap_or(request);
            if let Request::Recognise { identity, bytes } = newest {
                // Decoders of pictures are the work of others: if one panics, there is just no preview.
                let found = std::panic::catch_unwind(|| recognise(&bytes)).unwrap_or(None);
                replies.answer(Reply::Recognised {
                    identity,
                    found: found.map(Box::new),
                });
            }
        }
    })
}
