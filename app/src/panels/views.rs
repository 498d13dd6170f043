//! What the panels of one database remember of how they are looked at: where they are scrolled to, and what is open.

use super::comparison::ComparisonView;
use super::entries::EntriesView;
use super::entry_view::EntryView;
use super::find::FindView;
use super::keys::KeysView;
use super::operation::OpenedView;
use super::queue::QueueView;
use super::requests::RequestsView;
use super::watch::WatchView;

/// How the panels of one database are looked at. Nothing of it is kept between runs.
#[derive(Debug, Default)]
pub struct Views {
    /// The tree.
    pub keys: KeysView,
    /// The table.
    pub entries: EntriesView,
    /// The entry panel.
    pub entry: EntryView,
    /// A row of the transaction beside it.
    pub operation: OpenedView,
    /// What was found.
    pub find: FindView,
    /// What differs from another database.
    pub comparison: ComparisonView,
    /// The timeline.
    pub watch: WatchView,
    /// The requests of programs.
    pub requests: RequestsView,
    /// The queue.
    pub queue: QueueView,
}
