//! What the threads of one database are asked to do, and what they answer.
//!
//! Models put errands on their lists of wants, the session hands them to the worker, and the worker's answers go back
//! to the models. Each lane of the worker has an enum of its own, which it matches without a wildcard: an errand that
//! nobody does, does not compile.

mod access;
mod answer;
mod backup;
mod change;
mod compare;
mod copy_to;
mod error;
mod find;
mod gather;
mod history;
mod indexes;
mod job;
mod look;
mod notify;
mod queue;
mod read;
mod recording;
mod scan;
mod serve;
mod sift;
mod write;

pub use access::Access;
pub use answer::Answer;
pub use backup::{BackupChoice, RestoreChoice, RestorePreview, Restored};
pub use change::{Changes, Follow, ObservedChange, Untold};
pub use compare::{CompareChoice, ComparedDatabases, KEPT_BYTES, KEPT_DIFFERENCES};
pub use copy_to::{CopyChoice, OpenDatabase};
pub use error::{CopyError, EntriesError, FileTrouble, JobError, ReadError};
pub use find::{Find, FindProgress, HIT_LIMIT, Hit, Place, Search};
pub use gather::{ForEntries, Gather};
pub use history::{ReadVersions, SetRules, SetRulesError, VersionsRead};
pub use indexes::{CheckedIndexes, IndexedSet};
pub use job::{
    DeleteReport, Deletion, DifferenceLine, Fate, ImportChoice, ImportPreview, Imported, Job, PreviewedEntry,
    TakenBack, Work,
};
pub use look::{Compared, Look};
pub use notify::{CommandError, CommandRan, Judged, Notify, Verdict};
pub use queue::{
    MessageState, QUEUE_PAGE, QueueCounts, QueueFilter, QueueFilterError, QueueFound, QueueRead,
    QueueStretch, ReadQueueFilter,
};
pub use read::{Read, Seek};
pub use recording::LoadedTimeline;
pub use scan::{Count, Extent, Scan, ScanTable, Seen};
pub use serve::{Serve, ServeChoice, Served};
pub use sift::{SieveState, SievedNode, Sift};
pub use write::{States, Write};

/// Something to do, for one of the lanes.
#[derive(Debug, Clone)]
pub enum Errand {
    /// For the reader.
    Read(Read),
    /// For the scanner.
    Scan(Scan),
    /// For the writer.
    Write(Write),
    /// For the gatekeeper.
    Access(Access),
    /// For the recogniser.
    Look(Look),
    /// For the finder.
    Find(Find),
    /// For the sifter.
    Sift(Sift),
    /// For the server.
    Serve(Serve),
    /// For what notifies.
    Notify(Notify),
    /// For the follower.
    Follow(Follow),
    /// For a thread of its own.
    Gather(Gather),
    /// A long job, for a thread of its own.
    Job(Job),
}

macro_rules! lanes {
    ($($lane:ident),*) => {
        $(impl From<$lane> for Errand {
            fn from(errand: $lane) -> Self {
                Self::$lane(errand)
            }
        })*
    };
}

lanes!(
    Read, Scan, Write, Access, Look, Find, Sift, Serve, Notify, Follow, Gather, Job
);
