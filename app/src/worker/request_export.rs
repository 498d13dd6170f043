//! Writes the requests of clients to a file.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::Database;
use keyglass_store::new_file::NewFile;
use keyglass_store::requests::LoggedRequest;

use super::Answers;
use super::job::{self, JobProgress};
use crate::content::request_line::request_line;
use crate::deletion::Step;
use crate::errand::{Answer, FileTrouble, JobError};

/// Requests between two looks at whether it shall stop.
const STRETCH: usize = 100;

pub(super) fn export(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    requests: Vec<Arc<LoggedRequest>>,
    path: PathBuf,
) -> Arc<JobProgress> {
    let target = path.clone();
    job::spawn(
        "export requests",
        database,
        answers,
        move |_database, step| write(&requests, &target, step),
        move |written| Answer::RequestsExported { job, path, written },
    )
}

fn write(requests: &[Arc<LoggedRequest>], path: &Path, step: Step<'_>) -> Result<Option<u64>, JobError> {
    let failed = || FileTrouble::Write.at(path);
    let mut file = NewFile::create(path).map_err(failed())?;
    let mut lines = BufWriter::new(&mut file);
    let mut written = 0;
    for some in requests.chunks(STRETCH) {
        for request in some {
            writeln!(lines, "{}", request_line(request)).map_err(failed())?;
        }
        written += some.len() as u64;
        if step(written).is_break() {
            return Ok(None);
        }
    }
    lines.flush().map_err(failed())?;
    drop(lines);
    file.finish().map_err(failed())?;
    Ok(Some(written))
}
