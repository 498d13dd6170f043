//! Copies a database to another place.

use std::sync::Arc;

use keyglass_store::open::OpenOptions;
use keyglass_store::{Database, transfer};

use super::Answers;
use super::job::{JobProgress, spawn};
use crate::errand::{Answer, CopyChoice, OpenDatabase};

pub(super) fn copy(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    choice: CopyChoice,
    open: Option<OpenDatabase>,
) -> Arc<JobProgress> {
    let path = choice.path.clone();
    spawn(
        "copy to",
        database,
        answers,
        move |database, step| {
            let to = match open {
                Some(OpenDatabase(open)) => open,
                None => {
                    // Whoever chose a file of Deno's in the dialog has been told that it is written.
                    let options = OpenOptions::new().clock(database.clock()).write_files(true);
                    options.open_or_create(&choice.path.to_string_lossy())?.0
                }
            };
            let report = transfer::copy(database, &*to, &choice.options(), &mut |at| step(at.entries))?;
            Ok(Box::new(report))
        },
        move |report| Answer::CopiedTo { job, path, report },
    )
}
