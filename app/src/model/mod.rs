//! What the panels show: derived, plain and without egui, so that it is tested without pixels.

pub mod copy;
pub mod draft;
pub mod entries;
pub mod entry_panel;
pub mod expiry;
pub mod flash;
pub mod format;
pub mod index;
pub mod notices;
pub mod row;
pub mod saved_session;
pub mod transaction;
pub mod tree;
pub mod undo;
pub mod watch;
pub mod welcome;
