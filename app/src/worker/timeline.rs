//! Reads a timeline from a file.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

use keyglass_store::Database;

use super::Answers;
use super::job::{self, JobProgress};
use crate::content::change_line::{ChangeLine, parse_change_line};
use crate::deletion::Step;
use crate::errand::{Answer, FileTrouble, LoadedTimeline};
use crate::model::watch::{TIMELINE_BYTES, TIMELINE_ROWS};

/// Lines between two looks at whether it shall stop.
const STRETCH: usize = 100;
/// Bytes of a line at most: more than an entry before and after takes in any form.
const LONGEST_LINE: u64 = 4 << 20;

pub(super) fn load(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    path: PathBuf,
) -> Arc<JobProgress> {
    job::spawn(
        "load changes",
        database,
        answers,
        move |_database, step| {
            let failed = || FileTrouble::Read.at(&path);
            let file = std::fs::File::open(&path).map_err(failed())?;
            let name = path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned();
            read(&mut BufReader::new(file), name, step).map_err(failed())
        },
        move |loaded| Answer::TimelineLoaded { job, loaded },
    )
}

/// Reads the newest rows, as many as a timeline keeps.
fn read(reader: &mut dyn BufRead, name: String, step: Step<'_>) -> io::Result<Option<Box<LoadedTimeline>>> {
    let mut lines: VecDeque<(ChangeLine, usize)> = VecDeque::new();
    let (mut number, mut kept_bytes) = (0, 0);
    let mut loaded = Box::new(LoadedTimeline {
        name,
        lines: Vec::new(),
        older: 0,
        unread: 0,
        first_unread: None,
    });
    loop {
        let mut bytes = Vec::new();
        let read = io::Read::take(&mut *reader, LONGEST_LINE).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            break;
        }
        number += 1;
        let line = std::str::from_utf8(&bytes)
            .map_err(|error| error.to_string())
            .and_then(|text| match text.trim() {
                "" => Ok(ChangeLine::Other),
                text => parse_change_line(text).map_err(|error| error.to_string()),
            });
        match line {
            Ok(ChangeLine::Other) => {}
            Ok(line) => {
                kept_bytes += read;
                lines.push_back((line, read));
            }
            Err(reason) => {
                loaded.unread += 1;
                loaded.first_unread.get_or_insert((number, reason));
            }
        }
        while lines.len() > TIMELINE_ROWS || kept_bytes > TIMELINE_BYTES {
            let Some((line, bytes)) = lines.pop_front() else {
                break;
            };
            kept_bytes -= bytes;
            loaded.older += match line {
                ChangeLine::Change { .. } => 1,
                ChangeLine::Missed { changes, .. } => changes.unwrap_or(0),
                ChangeLine::Bookmark { .. } | ChangeLine::Other => 0,
            };
        }
        if number.is_multiple_of(STRETCH as u64) && step(number).is_break() {
            return Ok(None);
        }
    }
    loaded.lines = lines.into_iter().map(|(line, _)| line).collect();
    Ok(Some(loaded))
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::content::change_line::line_text;

    fn read_text(text: &str) -> LoadedTimeline {
        let mut goes_on = |_number| ControlFlow::Continue(());
        let loaded = read(&mut text.as_bytes(), "a".to_owned(), &mut goes_on).unwrap();
        *loaded.unwrap()
    }

    #[test]
    fn the_newest_rows_of_a_file_are_read_and_the_others_counted() {
        let missed = |changes| ChangeLine::Missed { at: 1, changes };
        let lines: Vec<ChangeLine> = (0..TIMELINE_ROWS as u64 + 2)
            .map(|number| missed(Some(number)))
            .collect();
        let text: Vec<String> = lines.iter().filter_map(line_text).collect();
        let loaded = read_text(&text.join("\n"));
        assert_eq!(loaded.lines.len(), TIMELINE_ROWS);
        assert_eq!(loaded.lines.first(), Some(&missed(Some(2))));
        assert_eq!((loaded.older, loaded.unread), (1, 0));
    }

    #[test]
    fn lines_that_are_no_changes_are_counted_and_the_first_is_told() {
        let loaded = read_text("\n{\"type\":\"gone\"}\nnothing\n{}\n{\"type\":\"missed\"}\n");
        assert_eq!((loaded.lines.len(), loaded.unread), (1, 2));
        assert_eq!(loaded.first_unread.unwrap().0, 3);
    }
}
