//! Looks into bytes for the entry panel: the newest that were asked for, because the earlier ones are not on
//! screen any more. And finds what differs in changes.

use std::sync::Arc;

use crossbeam_channel::Receiver;
use keyglass_store::Database;

use super::{Answers, Asked, blob};
use crate::errand::{Answer, Compared, Look};
use crate::recognise::{Recognised, recognise};
use crate::threads::NoThread;

pub(super) fn spawn(
    database: Arc<dyn Database>,
    asked: Receiver<Asked<Look>>,
    answers: Answers,
) -> Result<(), NoThread> {
    answers
        .clone()
        .spawn("recogniser", move || {
            while let Ok(first) = asked.recv() {
                let mut newest = None;
                for Asked { errand, under_way } in [first].into_iter().chain(asked.try_iter()) {
                    match errand {
                        // Nobody asks for more before these are answered.
                        Look::Differences(compared) => {
                            let differences = compared.iter().map(Compared::differences).collect();
                            answers.answer(Answer::Differences(differences));
                        }
                        Look::Difference { ticket, compared } => {
                            let differences = compared.differences();
                            answers.answer(Answer::Difference { ticket, differences });
                        }
                        Look::Bytes { .. } | Look::Blob { .. } => newest = Some(Asked { errand, under_way }),
                    }
                }
                let Some(Asked { errand, under_way }) = newest else {
                    continue;
                };
                match errand {
                    Look::Differences(_) | Look::Difference { .. } => {}
                    Look::Bytes { identity, bytes } => {
                        let found = recognise_safely(&bytes);
                        answers.answer(Answer::Recognised { identity, found });
                    }
                    Look::Blob { identity, key } => {
                        let blob = blob::read(&*database, &key).map(Box::new).map_err(Into::into);
                        answers.answer(Answer::Blob { identity, blob });
                    }
                }
                drop(under_way);
            }
        })
        .map(drop)
}

/// Decoders of pictures are the work of others: if one panics, there is just no preview.
pub(super) fn recognise_safely(bytes: &[u8]) -> Option<Box<Recognised>> {
    let found = std::panic::catch_unwind(|| recognise(bytes)).unwrap_or(None);
    found.map(Box::new)
}
