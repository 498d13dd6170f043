//! The menu of a row that names a key but is not the entry: one that was found, or a change.

use egui::Ui;
use keyglass_store::Versionstamp;
use keyglass_store::key::EncodedKey;

use super::PanelContext;
use super::keys_menu::MENU_WIDTH;
use crate::action::{AppAction, Asked, DatabaseAction, TransactionAction};
use crate::command::Command;
use crate::model::subject::Subject;
use crate::model::watch::Replay;
use crate::theme::icons;
use crate::widgets::menu::{MenuEntry, fit_menu};

/// Where the row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Found,
    /// In the timeline of what is watched.
    Change {
        /// The number of the row.
        row: u64,
        /// What it left there, or nothing.
        left: Option<Versionstamp>,
        /// Whether it is known what stood there before.
        knows_before: bool,
    },
}

pub(super) fn show(ui: &mut Ui, key: &EncodedKey, place: Place, context: &mut PanelContext<'_>) {
    fit_menu(ui, 190.0, MENU_WIDTH);
    let mut entry = |ui: &mut Ui, text: &str, icon: &str, action: Asked| {
        if ui.add(MenuEntry::new(text).icon(icon)).clicked() {
            context.ask(action);
            ui.close();
        }
    };
    let subject = Subject::Entry(key.clone());
    let text = format!("Show {}", subject.name());
    entry(ui, &text, icons::TABLE, DatabaseAction::GoTo(key.clone()).into());
    if place == Place::Found {
        let text = Command::WatchSelection.text_about(&subject);
        entry(ui, &text, icons::EYE, DatabaseAction::Watch(key.clone()).into());
    }
    if let Place::Change {
        row,
        left,
        knows_before,
    } = place
    {
        let check = TransactionAction::AddChange(key.clone(), left);
        entry(ui, "Check this in the transaction", icons::STACK, check.into());
        if knows_before {
            let inverse = TransactionAction::AddReplay(Replay::Inverse(row));
            entry(ui, "Its inverse in the transaction", icons::UNDO, inverse.into());
        }
        let again = TransactionAction::AddReplay(Replay::Again(row));
        entry(ui, "The same in the transaction", icons::REDO, again.into());
    }
    let copy = AppAction::Copy(key.to_string());
    entry(ui, "Copy key", icons::KEY, copy.into());
}
