//! Writes the text of selected entries, to paste elsewhere.

use std::sync::Arc;

use keyglass_store::Database;
use keyglass_store::database::ReadRange;
use keyglass_store::key::KeyRange;

use super::job::answer_from_thread;
use super::{Replies, Reply};
use crate::model::copy::{Copied, CopyForm, CopyWriter};

/// Entries read at once: with values of the greatest length a page takes 16 MiB.
const PAGE: usize = 256;

pub(super) fn spawn(
    database: &Arc<dyn Database>,
    replies: &Replies,
    ranges: Vec<KeyRange>,
    form: CopyForm,
    expired: bool,
) {
    let database = Arc::clone(database);
    answer_from_thread(
        "copy",
        replies,
        move |_| copy(&*database, ranges, form, expired),
        move |copied| Reply::Copied { form, copied },
    );
}

fn copy(
    database: &dyn Database,
    ranges: Vec<KeyRange>,
    form: CopyForm,
    expired: bool,
) -> Result<Copied, String> {
    let now = database.clock().now();
    let snapshot = database.snapshot().map_err(|error| error.to_string())?;
    let mut writer = CopyWriter::new(form, database.location(), now);
    let mut ranges = ranges.into_iter();
    let mut left = ranges.next();
    while let Some(range) = left.take() {
        let read = ReadRange {
            range,
            limit: PAGE,
            reverse: false,
        };
        let entries = snapshot.read(&read).map_err(|error| error.to_string())?;
        for entry in &entries {
            if entry.has_expired(now) && !expired {
                writer.leave_out_expired();
            } else {
                writer.add(entry).map_err(|error| error.to_string())?;
            }
        }
        left = match entries.last() {
            Some(last) => Some(read.range.after(&last.key, false)),
            None => ranges.next(),
        };
    }
    Ok(writer.finish())
}
