//! Reads entries as the rows of the table: all entries of a blob of kv-toolbox are one row.

use keyglass_store::database::{ReadRange, Snapshot};
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::{DatabaseError, Entry};

use crate::content::blob::BlobKey;

/// Entries that are read at once after a blob, since more parts of blobs are likely to follow: a part may be
/// 64 KB long, and all but the first one of each are read in vain.
const AFTER_BLOB: usize = 8;

/// Where a row begins.
pub(super) struct RowStart {
    /// No key between the row before and this one is less. It stays the beginning if parts of a blob are added
    /// before its first one.
    pub start: EncodedKey,
    /// The row's first entry.
    pub entry: Entry,
    /// The blob that the row stands for.
    pub blob: Option<BlobKey>,
}

/// Reads a range in batches.
pub(super) struct RowReader<'p> {
    prefix: &'p EncodedKey,
    left: KeyRange,
    /// The blob that the last entry belonged to.
    blob: Option<BlobKey>,
    limit: usize,
    most: usize,
}

impl<'p> RowReader<'p> {
    /// Reads a range of what is listed at and below a prefix; `first` entries at first, and at most `most` at once.
    pub fn new(prefix: &'p EncodedKey, range: KeyRange, first: usize, most: usize) -> Self {
        Self {
            prefix,
            left: range,
            blob: None,
            limit: first,
            most,
        }
    }

    /// The first key that was not read yet.
    pub fn reached(&self) -> &EncodedKey {
        &self.left.start
    }

    /// The next rows, perhaps none, and whether these were the last ones.
    pub fn read(&mut self, snapshot: &dyn Snapshot) -> Result<(Vec<RowStart>, bool), DatabaseError> {
        let entries = snapshot.read(&ReadRange {
            range: self.left.clone(),
            limit: self.limit,
            reverse: false,
        })?;
        let is_end = entries.len() < self.limit;
        let mut rows = Vec::with_capacity(entries.len());
        let mut has_blobs = false;
        let mut before = std::mem::take(&mut self.left.start);
        for entry in entries {
            let after = entry.key.with_suffix(&[0]);
            if self.blob.as_ref().is_none_or(|blob| !blob.covers(&entry.key)) {
                self.blob = BlobKey::listed(&entry.key, self.prefix);
                let start = match &self.blob {
                    Some(blob) => before.max(blob.parts().start),
                    None => entry.key.clone(),
                };
                rows.push(RowStart {
                    start,
                    entry,
                    blob: self.blob.clone(),
                });
            }
            has_blobs |= self.blob.is_some();
            before = after;
        }
        self.left.start = before;
        // The rest of its parts need not be read.
        if let Some(parts) = self.blob.as_ref().map(BlobKey::parts)
            && parts.contains(&self.left.start)
        {
            self.left.start = parts.end;
        }
        self.limit = if has_blobs {
            AFTER_BLOB.min(self.most)
        } else {
            (2 * self.limit).min(self.most)
        };
        Ok((rows, is_end))
    }
}

/// Rows of a page at least, unless the range ends: blobs are read a few entries at a time.
const PAGE_ROWS: usize = 16;

/// The first rows that a reader finds, and the key that reading goes on from unless it has come to the end.
pub(super) fn read_page(
    mut reader: RowReader<'_>,
    snapshot: &dyn Snapshot,
) -> Result<(Vec<RowStart>, Option<EncodedKey>), DatabaseError> {
    let mut found = Vec::new();
    loop {
        let (rows, is_end) = reader.read(snapshot)?;
        found.extend(rows);
        if is_end {
            return Ok((found, None));
        }
        if found.len() >= PAGE_ROWS {
            // More of the last blob may follow, so the next page begins with it.
            let last = found.pop_if(|last| last.blob.is_some());
            let reached = last.map_or_else(|| reader.reached().clone(), |last| last.start);
            return Ok((found, Some(reached)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::seek::tests::{database, key};
    use keyglass_store::database::Database as _;
    use keyglass_store::embedded::Store;

    /// The rows of a range, by the keys of their first entries, and where they begin.
    fn rows(
        database: &Store,
        prefix: &EncodedKey,
        range: KeyRange,
        sizes: (usize, usize),
    ) -> Vec<(EncodedKey, EncodedKey, bool)> {
        let snapshot = database.snapshot().unwrap();
        let mut reader = RowReader::new(prefix, range, sizes.0, sizes.1);
        let mut found = Vec::new();
        loop {
            let (rows, is_end) = reader.read(&*snapshot).unwrap();
            found.extend(
                rows.into_iter()
                    .map(|row| (row.entry.key, row.start, row.blob.is_some())),
            );
            if is_end {
                return found;
            }
        }
    }

    fn names(rows: &[(EncodedKey, EncodedKey, bool)]) -> Vec<String> {
        rows.iter().map(|(key, _, _)| key.to_string()).collect()
    }

    fn blob(under: &str, parts: std::ops::RangeInclusive<u32>, facts: bool) -> Vec<String> {
        let facts = facts.then(|| format!(r#"[{under}, "__kv_toolbox_meta__"]"#));
        parts
            .map(|part| format!(r#"[{under}, "__kv_toolbox_blob__", {part}]"#))
            .chain(facts)
            .collect()
    }

    #[test]
    fn all_entries_of_a_blob_are_one_row_and_a_list_of_its_parts_has_one_for_each() {
        let mut keys = vec![r#"["a"]"#.to_owned(), r#"["a", "x"]"#.to_owned()];
        keys.extend(blob(r#""a""#, 1..=40, true));
        keys.extend(blob(r#""b""#, 1..=1, false));
        keys.extend(blob(r#""c""#, 1..=1, true).pop());
        let (_folder, database) = database(&keys);
        let all = EncodedKey::default();
        for sizes in [(1, 1), (3, 5), (256, 1024)] {
            let listed = rows(&database, &all, KeyRange::at_and_below(&all), sizes);
            assert_eq!(
                names(&listed),
                [
                    r#"["a"]"#,
                    r#"["a", "__kv_toolbox_blob__", 1]"#,
                    r#"["a", "x"]"#,
                    r#"["b", "__kv_toolbox_blob__", 1]"#,
                    r#"["c", "__kv_toolbox_meta__"]"#,
                ],
                "{sizes:?}"
            );
            let parts = key(r#"["a", "__kv_toolbox_blob__"]"#);
            assert_eq!(
                rows(&database, &parts, KeyRange::at_and_below(&parts), sizes).len(),
                40
            );
        }
    }

    #[test]
    fn rows_are_the_same_whatever_is_read_at_once_and_wherever_reading_begins_anew() {
        // Blobs with gaps, with foreign keys before, between and behind their parts, and nested in each other.
        let mut keys = Vec::new();
        for number in 0..30 {
            let under = format!("{number}");
            keys.extend(blob(&under, 1 + number % 3..=number, number % 2 == 0));
            for other in [
                r#""__kv_toolbox_blob__", "before""#,
                r#""__kv_toolbox_blob__", 3.5"#,
                r#""__kv_toolbox_c""#,
            ] {
                if number % 4 == 0 {
                    keys.push(format!("[{under}, {other}]"));
                }
            }
            if number % 5 == 0 {
                keys.extend(blob(
                    &format!(r#"{under}, "__kv_toolbox_blob__", 2"#),
                    1..=3,
                    true,
                ));
            }
        }
        keys.sort();
        keys.dedup();
        let (_folder, database) = database(&keys);
        let all = EncodedKey::default();
        let everything = KeyRange::at_and_below(&all);
        let once = rows(&database, &all, everything.clone(), (4096, 4096));
        assert!(once.len() < keys.len() && once.iter().any(|(_, _, is_blob)| *is_blob));
        for sizes in [(1, 1), (2, 7), (9, 64)] {
            assert_eq!(rows(&database, &all, everything.clone(), sizes), once);
        }
        let snapshot = database.snapshot().unwrap();
        let mut by_pages = Vec::new();
        let mut from = Some(everything.start.clone());
        while let Some(start) = from {
            let end = everything.end.clone();
            let reader = RowReader::new(&all, KeyRange { start, end }, 9, 64);
            let (page, reached) = read_page(reader, &*snapshot).unwrap();
            assert!(reached.is_none() || !page.is_empty());
            by_pages.extend(page.into_iter().map(|row| row.entry.key));
            from = reached;
        }
        let keys: Vec<_> = once.iter().map(|(key, ..)| key.clone()).collect();
        assert_eq!(by_pages, keys);
        for at in 0..once.len() {
            let start = once[at].1.clone();
            assert!(at == 0 || once[at - 1].0 < start && start <= once[at].0);
            let range = KeyRange {
                start,
                end: everything.end.clone(),
            };
            assert_eq!(
                rows(&database, &all, range, (5, 50)),
                once[at..],
                "{}",
                once[at].0
            );
        }
    }
}
