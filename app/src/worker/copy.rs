//! Writes the text of selected entries, to paste elsewhere.

use std::sync::Arc;

use keyglass_store::key::KeyRange;
use keyglass_store::{Database, Entries};

use super::Answers;
use super::job::answer_from_thread;
use crate::content::copy::{Copied, CopyForm, CopyWriter};
use crate::errand::{Answer, CopyError};

pub(super) fn spawn(
    database: &Arc<dyn Database>,
    answers: &Answers,
    ranges: Vec<KeyRange>,
    form: CopyForm,
    expired: bool,
) {
    let database = Arc::clone(database);
    answer_from_thread(
        "copy",
        answers,
        move |_| copy(&*database, ranges, form, expired),
        move |copied| Answer::Copied { form, copied },
    );
}

fn copy(
    database: &dyn Database,
    ranges: Vec<KeyRange>,
    form: CopyForm,
    expired: bool,
) -> Result<Copied, CopyError> {
    let now = database.clock().now();
    let snapshot = database.snapshot()?;
    let mut writer = CopyWriter::new(form, database.location(), now);
    for entry in Entries::of_snapshot(&*snapshot, ranges) {
        let entry = entry?;
        if entry.has_expired(now) && !expired {
            writer.leave_out_expired();
        } else {
            writer.add(&entry)?;
        }
    }
    Ok(writer.finish())
}
