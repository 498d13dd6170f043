//! Looks into bytes for the entry panel: the newest that were asked for, because the earlier ones are not on
//! screen any more.

use std::sync::Arc;

use crossbeam_channel::Receiver;
use keyglass_store::Database;

use super::{Asked, Replies, Reply, Request, blob};
use crate::recognise::{Recognised, recognise};

pub(super) fn spawn(
    database: Arc<dyn Database>,
    requests: Receiver<Asked>,
    replies: Replies,
) -> Result<(), String> {
    super::spawn("recogniser", move || {
        while let Ok(request) = requests.recv() {
            let Asked { request, under_way } = requests.try_iter().last().unwrap_or(request);
            match request {
                Request::Recognise { identity, bytes } => {
                    let found = recognise_safely(&bytes);
                    replies.answer(Reply::Recognised { identity, found });
                }
                Request::Blob { identity, key } => {
                    let blob = blob::read(&*database, &key).map(Box::new);
                    replies.answer(Reply::Blob { identity, blob });
                }
                _ => {}
            }
            drop(under_way);
        }
    })
}

/// Decoders of pictures are the work of others: if one panics, there is just no preview.
pub(super) fn recognise_safely(bytes: &[u8]) -> Option<Box<Recognised>> {
    let found = std::panic::catch_unwind(|| recognise(bytes)).unwrap_or(None);
    found.map(Box::new)
}
