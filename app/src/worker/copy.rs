//! Writes the text of selected entries, to paste elsewhere.

use std::sync::Arc;

use keyglass_store::key::KeyRange;
use keyglass_store::{Database, Entries};

use super::job::answer_from_thread;
use super::{Replies, Reply};
use crate::model::copy::{Copied, CopyForm, CopyWriter};

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
    for entry in Entries::of_snapshot(&*snapshot, ranges) {
        let entry = entry.map_err(|error| error.to_string())?;
        if entry.has_expired(now) && !expired {
            writer.leave_out_expired();
        } else {
            writer.add(&entry).map_err(|error| error.to_string())?;
        }
    }
    Ok(writer.finish())
}
