//! The menu of a node of the tree.

use egui::Ui;
use keyglass_store::key::EncodedKey;

use super::{PanelContext, copy_menu};
use crate::action::{AppAction, Asked, DatabaseAction, HistoryAction, TransactionAction};
use crate::command::Command;
use crate::content::copy::{self, CopyForm};
use crate::errand::ForEntries;
use crate::model::query::Query;
use crate::model::subject::Subject;
use crate::model::target::Target;
use crate::theme::icons;
use crate::widgets::menu::{MenuEntry, fit_menu, menu_separator};

/// The widest menu, in points: what names a long key fits.
pub(super) const MENU_WIDTH: f32 = 340.0;

/// The menu of a node, which is about what the node stands for, whatever is selected.
/// `counts` offers to count what is below.
pub(super) fn show(
    ui: &mut Ui,
    prefix: &EncodedKey,
    subject: &Subject,
    counts: bool,
    context: &mut PanelContext<'_>,
) {
    fit_menu(ui, 190.0, MENU_WIDTH);
    let writable = context.environment.writable;
    let entry = |ui: &mut Ui,
                 context: &mut PanelContext<'_>,
                 enabled: bool,
                 (text, icon): (&str, &str),
                 action: Asked| {
        let response = ui
            .add_enabled(enabled, MenuEntry::new(text).icon(icon))
            .on_disabled_hover_text("The database is read-only");
        if response.clicked() {
            context.ask(action);
            ui.close();
        }
    };
    let list = DatabaseAction::List(Query::prefix(prefix.clone())).into();
    entry(ui, context, true, ("List from here", icons::TABLE), list);
    if counts {
        let count = DatabaseAction::Count(prefix.clone()).into();
        entry(ui, context, true, ("Count entries", icons::LIST), count);
    }
    let watch = DatabaseAction::Watch(prefix.clone()).into();
    let text = format!("Watch {}", subject.place());
    entry(ui, context, true, (&text, icons::EYE), watch);
    let copy = AppAction::Copy(copy::key_text(CopyForm::Key, prefix)).into();
    entry(ui, context, true, ("Copy key", icons::KEY), copy);
    copy_menu::below(ui, prefix, context);
    menu_separator(ui);
    let new = DatabaseAction::NewEntryBelow(prefix.clone()).into();
    entry(ui, context, writable, ("New entry here", icons::PLUS), new);
    let rows = TransactionAction::AddAll(Target::Below(prefix.clone()), ForEntries::Set).into();
    entry(ui, context, writable, ("Add to transaction", icons::STACK), rows);
    let export = DatabaseAction::AskExport(Target::Below(prefix.clone())).into();
    let text = format!("Export {}…", subject.name());
    entry(ui, context, true, (&text, icons::EXPORT), export);
    if context.environment.past_versions {
        let keep = HistoryAction::AskRule(prefix.clone()).into();
        let text = Command::KeepHistory.text_about(subject);
        entry(ui, context, true, (&text, icons::CLOCK), keep);
    }
    menu_separator(ui);
    let text = format!("Delete {}…", subject.name());
    let delete = MenuEntry::new(&text).icon(icons::TRASH).danger();
    let response = ui
        .add_enabled(writable, delete)
        .on_disabled_hover_text("The database is read-only");
    if response.clicked() {
        context.ask(DatabaseAction::AskDeleteAll(Target::Below(prefix.clone())));
        ui.close();
    }
}
