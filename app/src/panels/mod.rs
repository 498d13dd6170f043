//! The panels: each draws a model and returns what was asked for. They know nothing of threads or files.

mod backup_dialog;
mod blob;
mod code_dialog;
mod compare_dialog;
mod comparison;
mod connect_dialog;
mod copy_dialog;
mod copy_menu;
mod copy_server_dialog;
pub mod dialog;
mod dry_run;
mod entries;
mod entry;
mod entry_bytes;
mod entry_history;
mod entry_preview;
mod entry_value;
mod entry_view;
mod expiry;
mod filter_bar;
mod filters_dialog;
mod find;
mod folder;
mod history_rule_dialog;
mod import_dialog;
mod index_dialog;
mod key_editor;
mod key_part;
mod keys;
mod keys_menu;
pub mod layout;
pub(crate) mod mark;
mod mark_dialog;
mod menu_bar;
mod message_dialog;
pub(crate) mod notices;
mod notification_dialog;
mod operation;
mod palette;
pub mod path_dialog;
mod place_menu;
pub mod question;
mod queue;
mod queue_counts;
mod queue_detail;
mod recover_dialog;
mod rename;
mod request_detail;
mod request_prefixes;
mod request_rates;
mod request_table;
mod requests;
mod restore_dialog;
mod row_anchor;
mod serve_dialog;
mod shared_parts;
mod status;
mod transaction;
mod typed_name;
mod undo_list;
mod unlock;
mod unseen_expiries;
pub mod views;
mod watch;
mod watch_detail;
mod watch_rates;
mod watch_rows;
mod welcome;

use egui::{Response, Ui};

use crate::action::{Action, Asked};
use crate::command::{Command, Environment};
use crate::model::database_id::DatabaseId;

/// What a panel needs besides its model.
pub struct PanelContext<'a> {
    /// Milliseconds since the Unix epoch.
    pub now: i64,
    /// What the window's state allows.
    pub environment: &'a Environment,
    /// The database that is drawn, which everything is stamped with that is asked of a database.
    pub database: Option<DatabaseId>,
    /// What was asked for.
    pub actions: &'a mut Vec<Action>,
}

impl PanelContext<'_> {
    /// Asks for something, of the database that is drawn if it is about one.
    pub fn ask(&mut self, asked: impl Into<Asked>) {
        self.actions.extend(asked.into().stamped(self.database));
    }

    /// Adds a widget that does a command: disabled with the reason where it cannot be done, with its tooltip
    /// and shortcut otherwise.
    pub fn command(&mut self, ui: &mut Ui, command: Command, widget: impl egui::Widget) -> Response {
        let allowed = command.enabled(self.environment);
        let mut tooltip = command.tooltip_now(self.environment).into_owned();
        if let Some(shortcut) = command.shortcut() {
            tooltip = format!("{tooltip} ({})", ui.ctx().format_shortcut(&shortcut));
        }
        let response = ui
            .add_enabled(allowed.is_ok(), widget)
            .on_hover_text(tooltip)
            .on_disabled_hover_text(allowed.err().unwrap_or_default());
        if response.clicked() {
            self.ask(command);
        }
        response
    }
}

/// Draws again after some milliseconds, for texts that tell the time.
fn repaint_after(ui: &Ui, milliseconds: i64) {
    let milliseconds = u64::try_from(milliseconds.max(1)).unwrap_or(1);
    ui.ctx()
        .request_repaint_after(std::time::Duration::from_millis(milliseconds));
}
