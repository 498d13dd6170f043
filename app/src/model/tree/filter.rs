//! The rows that a filter leaves of what is loaded.

use keyglass_store::key::EncodedKey;

use super::forest::Forest;
use super::{TreeRow, TreeRowKind};

/// The rows that match the filter, those above them, and those below them.
pub(super) fn matching_rows(forest: &Forest, filter: &str) -> Vec<TreeRow> {
    let rows: Vec<TreeRow> = (0..forest.num_rows()).filter_map(|row| forest.row(row)).collect();
    let mut keep = vec![false; rows.len()];
    let mut matching_depth: Option<usize> = None;
    let mut above: Vec<usize> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        above.truncate(row.depth);
        if matching_depth.is_some_and(|depth| row.depth <= depth) {
            matching_depth = None;
        }
        let part = EncodedKey::from_bytes(row.prefix.to_shared().slice(row.part_start..));
        let matches = row.kind != TreeRowKind::More && part.to_string().to_lowercase().contains(filter);
        if matches || matching_depth.is_some() {
            for kept in above.iter().chain([&index]) {
                if let Some(keep) = keep.get_mut(*kept) {
                    *keep = true;
                }
            }
            matching_depth = matching_depth.or(matches.then_some(row.depth));
        }
        above.push(index);
    }
    let rows = rows.into_iter().zip(keep);
    rows.filter(|(_, keep)| *keep).map(|(row, _)| row).collect()
}

/// The row of a node among rows in key order.
pub(super) fn row_of(rows: &[TreeRow], prefix: &EncodedKey) -> Option<u64> {
    // The row for further children stands behind its level.
    let found = rows.binary_search_by(|row| match row.kind {
        TreeRowKind::Node { .. } => row.prefix.cmp(prefix),
        TreeRowKind::More => row.prefix.with_suffix(&[0xff]).cmp(prefix),
    });
    found.ok().map(|row| row as u64)
}
