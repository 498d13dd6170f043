//! The models of the panels of one database.

use keyglass_store::Database;

use super::backup::RestoreCheck;
use super::comparison::ComparisonModel;
use super::entries::EntriesModel;
use super::entry_panel::EntryPanel;
use super::facts::DatabaseFacts;
use super::find::FindModel;
use super::history_rule::KnownRules;
use super::import::ImportCheck;
use super::jobs::Jobs;
use super::messages::MessagesModel;
use super::middle::Middle;
use super::panel::PanelModel;
use super::past_versions::PastVersions;
use super::queue::QueueModel;
use super::queue_counts::QueueCountsModel;
use super::requests::RequestsModel;
use super::saved_filters::SavedFilters;
use super::serving::ServingModel;
use super::transaction::TransactionDraft;
use super::tree::KeyTree;
use super::undo::UndoList;
use super::value_preview::ValuePreview;
use super::watch::WatchModel;

macro_rules! models {
    ($($(#[$about:meta])* $name:ident: $model:ty,)*) => {
        /// The models of the panels of one database, and what its middle shows.
        #[derive(Debug)]
        pub struct Models {
            $($(#[$about])* pub $name: $model,)*
            shown: Middle,
        }

        impl Models {
            /// Models of a database of which nothing was read yet.
            #[must_use]
            pub fn of(database: &dyn Database) -> Self {
                Self {
                    $($name: PanelModel::of(database),)*
                    shown: Middle::default(),
                }
            }

            /// Each of them.
            pub fn each(&mut self) -> impl Iterator<Item = &mut dyn PanelModel> {
                let all: [&mut dyn PanelModel; models!(@count $($name)*)] = [$(&mut self.$name),*];
                all.into_iter()
            }

            /// The same, to look at.
            pub fn iter(&self) -> impl Iterator<Item = &dyn PanelModel> {
                let all: [&dyn PanelModel; models!(@count $($name)*)] = [$(&self.$name),*];
                all.into_iter()
            }
        }
    };
    (@count) => { 0 };
    (@count $first:ident $($rest:ident)*) => { 1 + models!(@count $($rest)*) };
}

models! {
    /// What there is to know of the database, for the status line and the pills.
    facts: DatabaseFacts,
    /// The tree of keys.
    tree: KeyTree,
    /// The table.
    entries: EntriesModel,
    /// The entry panel.
    panel: EntryPanel,
    /// What the bytes in the entry panel hold.
    preview: ValuePreview,
    /// Earlier versions of what the entry panel shows.
    past: PastVersions,
    /// Which earlier versions are kept.
    history_rules: KnownRules,
    /// Find in keys and values.
    find: FindModel,
    /// The transaction that is being composed.
    transaction: TransactionDraft,
    /// The watch list.
    watch: WatchModel,
    /// Messages of the queue.
    queue: QueueModel,
    /// How many of them were in which state.
    queue_counts: QueueCountsModel,
    /// The selected messages, and what is written for the queue.
    messages: MessagesModel,
    /// What differs between it and another one.
    comparison: ComparisonModel,
    /// Whether it is served to programs.
    serving: ServingModel,
    /// What those programs do.
    requests: RequestsModel,
    /// What was committed here and can be undone or redone.
    undo: UndoList,
    /// What was listed, under names.
    filters: SavedFilters,
    /// Jobs that run.
    jobs: Jobs,
    /// What an import would do whose options are being chosen.
    import_check: ImportCheck,
    /// What restoring would do whose options are being chosen.
    restore_check: RestoreCheck,
}

impl Models {
    /// What the middle shows.
    #[must_use]
    pub fn shown(&self) -> Middle {
        self.shown
    }

    /// Shows something else in the middle.
    pub fn show(&mut self, shown: Middle) {
        self.shown = shown;
        self.each().for_each(|model| model.set_shown(shown));
    }
}
