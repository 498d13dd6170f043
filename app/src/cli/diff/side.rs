//! The two sides of a comparison, opened.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::Progress;
use keyglass_store::transfer::compare::{self, ExportEntries, SortedExport, is_export, side_of};
use keyglass_store::{Database, KeyRange};

use crate::cli::access::Access;
use crate::cli::error::CommandError;
use crate::cli::interrupt::Interrupt;

/// Two sides.
pub(super) struct Sides {
    before: Side,
    after: Side,
}

enum Side {
    Database(Arc<dyn Database>),
    /// An export by its path; `-` is stdin.
    Export(String),
    Sorted(SortedExport),
}

impl Sides {
    /// Opens both. What is one and the same database is opened once.
    pub(super) fn open(
        (before, of_before): (&str, &Access),
        (after, of_after): (&str, &Access),
    ) -> Result<Self, CommandError> {
        // Both are looked at before anything is opened: to look into a file drops the locks of its other readers here.
        let exports = [is_export_at(before)?, is_export_at(after)?];
        let open = |location: &str, access: &Access, is_export: bool| {
            Ok::<_, CommandError>(if is_export {
                Side::Export(location.to_owned())
            } else {
                Side::Database(access.open(OpenOptions::new(), location)?)
            })
        };
        let [first, second] = exports;
        let left = open(before, of_before, first)?;
        let right = match &left {
            Side::Database(database) if !second && is_same_place(before, after) => {
                Side::Database(Arc::clone(database))
            }
            _ => open(after, of_after, second)?,
        };
        Ok(Self {
            before: left,
            after: right,
        })
    }

    /// What time it is for the databases; `None` if there are only exports.
    pub(super) fn now(&self) -> Option<i64> {
        [&self.before, &self.after]
            .into_iter()
            .find_map(|side| match side {
                Side::Database(database) => Some(database.clock().now()),
                Side::Export(_) | Side::Sorted(_) => None,
            })
    }

    pub(super) fn has_export(&self) -> bool {
        [&self.before, &self.after]
            .into_iter()
            .any(|side| !matches!(side, Side::Database(_)))
    }

    /// How many of the two do not tell when entries expire.
    pub(super) fn num_hiding_expiry(&self) -> usize {
        let hides = |side: &&Side| match side {
            Side::Database(database) => !database.capabilities().expiry,
            Side::Export(_) | Side::Sorted(_) => false,
        };
        [&self.before, &self.after].into_iter().filter(hides).count()
    }

    /// The entries of both in key order.
    pub(super) fn entries(
        &self,
        range: &KeyRange,
        interrupt: &Interrupt,
    ) -> Result<(Box<compare::Side<'_>>, Box<compare::Side<'_>>), CommandError> {
        Ok((
            self.before.entries(range, interrupt)?,
            self.after.entries(range, interrupt)?,
        ))
    }

    /// Whether the export of this name can be read twice.
    pub(super) fn can_sort(&self, name: &str) -> bool {
        Path::new(name).is_file()
    }

    /// Puts the export of this name in order. False if that was stopped.
    pub(super) fn sort(
        &mut self,
        name: &str,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<bool, CommandError> {
        for side in [&mut self.before, &mut self.after] {
            if !matches!(side, Side::Export(path) if path == name) {
                continue;
            }
            match SortedExport::read(reader(name)?.as_mut(), name, progress)? {
                Some(sorted) => *side = Side::Sorted(sorted),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

impl Side {
    fn entries(
        &self,
        range: &KeyRange,
        interrupt: &Interrupt,
    ) -> Result<Box<compare::Side<'_>>, CommandError> {
        Ok(match self {
            Self::Database(database) => side_of(database.as_ref(), range.clone())?,
            Self::Sorted(sorted) => sorted.entries(range.clone())?,
            Self::Export(path) => {
                let reader: Box<dyn BufRead> = if path == "-" {
                    Box::new(interrupt.stdin().map_err(CommandError::Stdin)?)
                } else {
                    reader(path)?
                };
                Box::new(ExportEntries::new(reader, path, range.clone()))
            }
        })
    }
}

fn reader(path: &str) -> Result<Box<dyn BufRead>, CommandError> {
    let file = File::open(path).map_err(|source| input_error(source, path))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
}

fn is_export_at(location: &str) -> Result<bool, CommandError> {
    if location == "-" {
        return Ok(true);
    }
    is_export(Path::new(location)).map_err(|source| input_error(source, location))
}

fn input_error(source: io::Error, name: &str) -> CommandError {
    CommandError::Input {
        source,
        name: name.to_owned(),
    }
}

fn is_same_place(one: &str, other: &str) -> bool {
    let place = |location: &str| std::fs::canonicalize(location).ok();
    place(one).is_some_and(|one| Some(one) == place(other))
}
