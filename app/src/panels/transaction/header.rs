//! The line above the rows: which draft it is, what became of it, and what can be done with it.

use egui::{Color32, RichText, TextEdit, Ui};

use super::super::{PanelContext, mark};
use crate::action::{TransactionAction, TransactionPath};
use crate::command::Command;
use crate::content::copy::DraftForm;
use crate::format;
use crate::model::mark::Mark;
use crate::model::transaction::TransactionDraft;
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, link_button, primary_button, quiet_button};
use crate::widgets::menu::{MenuEntry, fit_menu, menu_heading, menu_separator, submenu};
use crate::widgets::panel_frame::panel_header;

/// The widest menu of drafts, in points.
const MENU_WIDTH: f32 = 260.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &TransactionDraft,
    mark: Option<&Mark>,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let dim = |ui: &mut Ui, text: String, color: Color32| {
        let label = egui::Label::new(RichText::new(text).font(tokens.body()).color(color));
        ui.add(label.truncate());
    };
    let obstacle = draft
        .committed()
        .is_none()
        .then(|| draft.obstacle(context.now))
        .flatten();
    let mut asked = None;
    panel_header(
        ui,
        "Transaction",
        |ui| {
            asked = drafts(ui, draft);
            let rows = draft.rows.len() as u64;
            if let Some(stamp) = draft.committed() {
                dim(
                    ui,
                    format!("Committed with versionstamp {stamp}"),
                    tokens.color.good,
                );
            } else if !draft.failed.is_empty() {
                let text = match draft.failed.len() {
                    1 => "Not committed: one check failed".to_owned(),
                    several => format!("Not committed: {several} checks failed"),
                };
                dim(ui, text, tokens.color.bad);
            } else if rows > 0 {
                let text = format::counted(rows, "operation", "operations");
                dim(ui, text, tokens.color.dim);
            }
        },
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let close = IconButton::new(icons::CHEVRON_DOWN, "Hide the transaction");
            if ui.add(close).clicked() {
                context.ask(Command::ToggleTransaction);
            }
            if draft.committed().is_none() {
                let commit =
                    context.command(ui, Command::CommitTransaction, primary_button("Commit").small());
                if let Some(obstacle) = &obstacle {
                    commit.on_hover_text(format!("Cannot be committed: {obstacle}"));
                }
            } else {
                let again = primary_button("Use again").small();
                context.command(ui, Command::ReuseTransaction, again);
            }
            mark.and_then(|mark| mark::label(ui, mark));
            context.command(ui, Command::ClearTransaction, quiet_button("Clear").small());
            if !draft.failed.is_empty() {
                let rebase = quiet_button("Rebase checks…").small();
                context.command(ui, Command::RebaseTransaction, rebase);
            }
            let (undo, redo) = draft.can_step();
            for (icon, name, can, forth) in [
                (icons::REDO, "Do the edit of the rows again", redo, true),
                (icons::UNDO, "Undo the last edit of the rows", undo, false),
            ] {
                if ui.add_enabled(can, IconButton::new(icon, name)).clicked() {
                    context.ask(TransactionAction::StepBack { forth });
                }
            }
            if let Some(obstacle) = obstacle {
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    dim(ui, obstacle, tokens.color.bad);
                });
            }
        },
    );
    if let Some(action) = asked {
        context.ask(action);
    }
}

/// The name of the draft, with a menu of what can be done with drafts.
fn drafts(ui: &mut Ui, draft: &TransactionDraft) -> Option<TransactionAction> {
    let mut asked = None;
    let button = ui.add(link_button(&format!("{} ▾", draft.name())).small());
    let button = button.on_hover_text("Drafts of this database, files, and code");
    egui::Popup::menu(&button)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            fit_menu(ui, 220.0, MENU_WIDTH);
            asked = name(ui, draft);
            menu_separator(ui);
            let mut chosen = None;
            let mut entry = |ui: &mut Ui, text: &str, icon: &str, action: TransactionAction| {
                if ui.add(MenuEntry::new(text).icon(icon)).clicked() {
                    chosen = Some(action);
                }
            };
            entry(ui, "New draft", icons::PLUS, TransactionAction::Begin);
            entry(
                ui,
                "Delete this draft",
                icons::TRASH,
                TransactionAction::RemoveDraft,
            );
            menu_separator(ui);
            let others: Vec<(&str, usize)> = draft.others().collect();
            if !others.is_empty() {
                menu_heading(ui, "Other drafts");
                for (other, rows) in others {
                    let text = format!("{other} · {}", format::counted(rows as u64, "row", "rows"));
                    entry(
                        ui,
                        &text,
                        icons::STACK,
                        TransactionAction::ShowDraft(other.to_owned()),
                    );
                }
                menu_separator(ui);
            }
            entry(
                ui,
                "Load from a file…",
                icons::FOLDER_OPEN,
                TransactionAction::AskPath(TransactionPath::Load),
            );
            entry(
                ui,
                "Save to a file…",
                icons::SAVE,
                TransactionAction::AskPath(TransactionPath::Save),
            );
            entry(ui, "Paste Deno code…", icons::CODE, TransactionAction::AskCode);
            submenu(ui, "Copy as", icons::COPY, |ui| {
                for (form, name) in DraftForm::ALL {
                    if ui.add(MenuEntry::new(name).icon(icons::COPY)).clicked() {
                        chosen = Some(TransactionAction::Copy(form));
                    }
                }
            });
            if chosen.is_some() {
                asked = chosen;
                ui.close();
            }
        });
    asked
}

/// A field for the name of the draft.
fn name(ui: &mut Ui, draft: &TransactionDraft) -> Option<TransactionAction> {
    let memory = egui::Id::unique("name of the draft");
    let mut text: String = ui
        .data(|data| data.get_temp(memory))
        .unwrap_or_else(|| draft.name().to_owned());
    let field = TextEdit::singleline(&mut text)
        .id(memory.with("field"))
        .margin(egui::Margin::symmetric(8, 5))
        .desired_width(MENU_WIDTH - 40.0);
    let response = ui.add(field).accessible_name("Name of the draft");
    if response.changed() {
        ui.data_mut(|data| data.insert_temp(memory, text.clone()));
    }
    if !response.lost_focus() {
        return None;
    }
    ui.data_mut(|data| data.remove::<String>(memory));
    let is_another = text != draft.name() && !text.trim().is_empty();
    is_another.then_some(TransactionAction::Rename(text))
}
