//! An export whose lines are not in key order, put in order.

use std::io::BufRead;
use std::ops::ControlFlow;

use tempfile::TempDir;

use super::{Side, side_of};
use crate::clock::Clock;
use crate::embedded::{Durability, OpenOptions, Store};
use crate::error::DatabaseError;
use crate::key::KeyRange;
use crate::transfer::{ImportOptions, Progress, TransferError, import};

/// The entries of an export in key order, in a private temporary folder that goes with it: however large the export is,
/// the disk holds it. Of a key that comes again the first entry counts, as an import takes it.
pub struct SortedExport {
    store: Store,
    _folder: TempDir,
}

impl SortedExport {
    /// Reads an export; `name` is what errors call it. `None` if `progress` broke.
    ///
    /// # Errors
    /// If the export cannot be read, a line is no entry that a database takes, or the folder cannot be written.
    pub fn read(
        reader: &mut dyn BufRead,
        name: &str,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Self>, TransferError> {
        let folder = tempfile::tempdir().map_err(TransferError::Temporary)?;
        let store = OpenOptions::new()
            // Before all expiries, so that every entry is taken.
            .clock(Clock::from_fn(|| i64::MIN))
            .durability(Durability::Relaxed)
            .create(folder.path().join("sorted"))
            .map_err(|error| TransferError::Temporary(std::io::Error::other(error)))?;
        let report = import(&store, reader, &ImportOptions::default(), progress)?;
        if let Some(remark) = report.errors.named.into_iter().next() {
            return Err(TransferError::Line {
                line: remark.line.unwrap_or(0),
                reason: remark.reason,
                name: name.to_owned(),
            });
        }
        Ok(report.complete.then_some(Self {
            store,
            _folder: folder,
        }))
    }

    /// Its entries in a range.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn entries(&self, range: KeyRange) -> Result<Box<Side<'static>>, DatabaseError> {
        side_of(&self.store, range)
    }
}
