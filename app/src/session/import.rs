//! Imports: what one would do, and what it did.

use std::path::{Path, PathBuf};

use super::Session;
use super::jobs::import_summary;
use crate::errand::{ImportChoice, Imported, JobError, Work};
use crate::format;
use crate::model::notices::{NoticeKind, Notices};
use crate::undo_files;

impl Session {
    /// Begins an import. What it replaces is written to a file before. `expires_at` is for what takes the place of an entry
    /// and has no expiry of its own.
    pub fn start_import(&mut self, choice: ImportChoice, undo_file: PathBuf, expires_at: Option<i64>) {
        let label = format!("Importing {}", choice.path.display());
        let work = Work::Import {
            choice,
            undo_file,
            expires_at,
        };
        self.start_job(label, work);
    }

    /// One notice on an import, with Undo where anything is stored.
    pub(super) fn apply_imported(
        &mut self,
        path: &Path,
        imported: Result<Box<Imported>, JobError>,
        notices: &mut Notices,
        now: i64,
    ) {
        let imported = match imported {
            Ok(imported) => imported,
            Err(error) => {
                notices.error(format!("Nothing was imported: {error}"), now);
                return;
            }
        };
        let Imported {
            report,
            undo_file,
            result,
        } = *imported;
        let (mut kind, mut summary, mut details) = import_summary(&report, &path.display().to_string());
        let stored = format::counted(report.stored, "entry", "entries");
        if let Err(error) = result {
            kind = NoticeKind::Error;
            summary = match (report.stored, report.unknown) {
                (0, 0) => format!("Nothing was imported: {error}"),
                _ => format!("Imported {stored}, then failed: {error}"),
            };
        }
        let mut undo = None;
        if let Some(undo_file) = undo_file {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            let sentence = format!("Imported {stored} from {name}");
            details.push(format!(
                "What they replaced is kept in {}",
                undo_file.path().display()
            ));
            details.push(undo_files::POLICY.to_owned());
            undo = Some(
                self.models
                    .undo
                    .imported(sentence, undo_file, report.overwritten > 0, now),
            );
        }
        notices.put(kind, summary, details, undo, now);
    }
}
