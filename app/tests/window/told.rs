//! Whether a timeline tells all that happened.

use std::collections::HashMap;

use keyglass::model::watch::TimelineRow;
use keyglass_store::EncodedKey;

use crate::harness::Window;

/// Each of so many changes is shown or counted, each key's in their order, and what stands last in the timeline is what
/// stands in the database.
pub fn all_are_told(window: &Window, changes: u64) {
    let watch = &window.models().watch;
    let timeline = watch.timeline();
    let shown: u64 = timeline.rows().iter().map(TimelineRow::changes).sum();
    assert_eq!(shown + timeline.num_older(), changes);
    let mut last = HashMap::new();
    let mut newest: HashMap<&EncodedKey, _> = HashMap::new();
    for row in timeline.rows() {
        match row {
            TimelineRow::Change(event) => {
                newest.insert(&event.key, event);
                if let Some(before) = last.insert(&event.key, event) {
                    assert!(before.versionstamp < event.versionstamp, "{}", event.key);
                    assert_eq!(event.before_entry(), before.after.as_ref(), "{}", event.key);
                }
            }
            TimelineRow::Missing { uncounted, .. } => {
                assert!(!uncounted, "{row:?}");
                last.clear();
                newest.clear();
            }
            TimelineRow::Bookmark { .. } => {}
        }
    }
    let database = window.database();
    for (key, event) in newest {
        assert_eq!(event.after, database.get(key).unwrap(), "{key}");
    }
}
