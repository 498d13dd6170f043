//! Keyglass: a native inspector for Deno KV databases.

pub mod action;
pub mod app;
pub mod chooser;
pub mod cli;
pub mod command;
pub mod discovery;
pub mod execute;
pub mod input_order;
pub mod model;
pub mod moment;
mod outstanding;
pub mod panels;
pub mod recognise;
pub mod sample;
pub mod search;
pub mod session;
pub mod state;
pub mod state_file;
pub mod state_merge;
pub mod state_writer;
pub mod theme;
pub mod undo_files;
pub mod widgets;
pub mod window;
pub mod window_lock;
pub mod worker;
