//! The window as a person uses it: the real state, threads and databases, without a display.

// The lints that allow a test to panic look for this attribute.
#[cfg(test)]
mod at_work;
#[cfg(test)]
mod attached;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod beside;
#[cfg(test)]
mod blobs;
#[cfg(test)]
mod browse;
#[cfg(test)]
mod by_protocol;
#[cfg(test)]
mod bytes;
#[cfg(test)]
mod client;
#[cfg(test)]
mod columns;
#[cfg(test)]
mod comparison;
#[cfg(test)]
mod comparison_ways;
#[cfg(test)]
mod connect;
#[cfg(test)]
mod context_menus;
#[cfg(test)]
mod copied;
#[cfg(test)]
mod copied_drafts;
#[cfg(test)]
mod copy;
#[cfg(test)]
mod copy_to;
#[cfg(test)]
mod copy_to_server;
#[cfg(test)]
mod damaged;
#[cfg(test)]
mod databases;
#[cfg(test)]
mod dates;
#[cfg(test)]
mod deno_file;
#[cfg(test)]
mod dialog_pictures;
#[cfg(test)]
mod drafts;
#[cfg(test)]
mod edit;
#[cfg(test)]
mod expired;
#[cfg(test)]
mod failing;
#[cfg(test)]
mod filters;
#[cfg(test)]
mod find;
#[cfg(test)]
mod frame;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod full_disk;
#[cfg(test)]
mod gone;
#[cfg(test)]
mod guarded;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod history;
#[cfg(test)]
mod import;
#[cfg(test)]
mod indexes;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod keep_history;
#[cfg(test)]
mod key_editor;
#[cfg(test)]
mod keyboard;
#[cfg(test)]
mod layout;
#[cfg(test)]
mod live;
#[cfg(test)]
mod marks;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod metered;
#[cfg(test)]
mod names;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod notify;
#[cfg(test)]
mod options;
#[cfg(test)]
mod palette;
#[cfg(test)]
mod panel_pictures;
#[cfg(test)]
mod parting;
// Of the store's tests, because a database that only tests have is no part of what it offers.
#[cfg(test)]
#[path = "../../../store/tests/pass_through/mod.rs"]
mod pass_through;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod preview;
#[cfg(test)]
mod queue_counts;
#[cfg(test)]
mod queue_pages;
#[cfg(test)]
mod recover;
#[cfg(test)]
mod relocked;
#[cfg(test)]
mod rename;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod select;
#[cfg(test)]
mod selected;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod shared;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "../../../store/tests/small_disk/mod.rs"]
mod small_disk;
#[cfg(test)]
mod small_limits;
#[cfg(test)]
mod soak;
#[cfg(test)]
mod still;
#[cfg(test)]
mod stuck;
#[cfg(test)]
mod subject;
#[cfg(test)]
mod targets;
#[cfg(test)]
mod timeline;
#[cfg(test)]
mod told;
#[cfg(test)]
mod transact;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod troubled;
#[cfg(test)]
mod unanswered;
#[cfg(test)]
mod undo;
#[cfg(test)]
mod unseen_expiry;
#[cfg(test)]
mod value_tree;
#[cfg(test)]
mod welcome;
