//! What the panels show: derived, plain and without egui, so that it is tested without pixels.

pub mod columns;
pub mod copy;
pub mod draft;
pub mod entries;
pub mod entry_panel;
pub mod expiry;
pub mod flash;
pub mod format;
pub mod index;
pub mod key_draft;
pub mod key_set;
pub mod notices;
pub mod rename;
pub mod row;
pub mod saved_filters;
pub mod saved_session;
pub mod selection;
pub mod tally;
pub mod target;
pub mod transaction;
pub mod tree;
pub mod type_ahead;
pub mod undo;
pub mod value_preview;
pub mod watch;
pub mod welcome;
