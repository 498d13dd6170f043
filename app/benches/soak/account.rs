//! What a window has told, and what memory it takes.

use std::collections::HashMap;

use keyglass::app::App;
use keyglass::model::watch::TimelineRow;

/// What was shown or counted.
pub struct Told {
    pub changes: u64,
    pub requests: u64,
    /// Whether each key's changes follow each other, and requests their numbers.
    pub is_in_order: bool,
}

/// What the window has told since it was opened.
pub fn told(app: &App) -> Result<Told, String> {
    let models = &app.session().ok_or("No database")?.models;
    let timeline = models.watch.timeline();
    let shown: u64 = timeline.rows().iter().map(TimelineRow::changes).sum();
    let mut last = HashMap::new();
    let mut is_in_order = true;
    for row in timeline.rows() {
        match row {
            TimelineRow::Change(event) => {
                if let Some(before) = last.insert(&event.key, event) {
                    is_in_order &= event.before_entry() == before.after.as_ref()
                        && before.versionstamp < event.versionstamp;
                }
            }
            TimelineRow::Missing { .. } => last.clear(),
            TimelineRow::Bookmark { .. } => {}
        }
    }
    let requests = &models.requests;
    let numbers = (0..requests.num_shown()).filter_map(|row| Some(requests.newest(row)?.1.number));
    is_in_order &= numbers.is_sorted_by(|newer, older| newer > older);
    Ok(Told {
        changes: shown + timeline.num_older(),
        requests: requests.num_come() + requests.missed(),
        is_in_order,
    })
}

/// Bytes of this process that are in memory, where the system tells.
pub fn memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024.0)
}
