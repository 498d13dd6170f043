//! Writes rows to a file, a line each.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::Database;
use keyglass_store::new_file::NewFile;

use super::Answers;
use super::job::{self, JobProgress};
use crate::deletion::Step;
use crate::errand::{Answer, FileTrouble, JobError};

/// Rows between two looks at whether it shall stop.
const STRETCH: usize = 100;

/// What is written, and where to.
pub(super) struct Lines<Row> {
    pub rows: Vec<Row>,
    /// The line of a row; rows without one are left out.
    pub line: fn(&Row) -> Option<String>,
    pub path: PathBuf,
}

/// Begins to write; the answer is made from the path and how many rows were written, or nothing if it was stopped.
pub(super) fn export<Row: Send + 'static>(
    name: &str,
    database: &Arc<dyn Database>,
    answers: &Answers,
    lines: Lines<Row>,
    answer: impl FnOnce(PathBuf, Result<Option<u64>, JobError>) -> Answer + Clone + Send + 'static,
) -> Arc<JobProgress> {
    let Lines { rows, line, path } = lines;
    let target = path.clone();
    job::spawn(
        name,
        database,
        answers,
        move |_database, step| write(&rows, line, &target, step),
        move |written| answer(path, written),
    )
}

fn write<Row>(
    rows: &[Row],
    line: fn(&Row) -> Option<String>,
    path: &Path,
    step: Step<'_>,
) -> Result<Option<u64>, JobError> {
    let failed = || FileTrouble::Write.at(path);
    let mut file = NewFile::create(path).map_err(failed())?;
    let mut lines = BufWriter::new(&mut file);
    let mut written = 0;
    for some in rows.chunks(STRETCH) {
        for line in some.iter().filter_map(line) {
            writeln!(lines, "{line}").map_err(failed())?;
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
