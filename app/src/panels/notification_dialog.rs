//! The dialog in which a person chooses what a watch does when something changes.

use egui::{Key, Label, Modifiers, RichText, TextEdit, Ui};

use super::PanelContext;
use super::mark::Place;
use super::mark_dialog::row;
use crate::action::{AppAction, DatabaseAction};
use crate::exec::TIME_LIMIT;
use crate::model::notification::NotificationDraft;
use crate::theme;
use crate::widgets::button::{plain_button, primary_button};
use crate::widgets::choice::segmented;
use crate::widgets::dialog_frame::{button_row, dialog};

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut NotificationDraft,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Notify of changes", 520.0, |ui| {
        super::dialog::heading(ui, "Notify of changes", place);
        let tokens = theme::tokens(ui);
        let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
        row(ui, "Watched", |ui| {
            ui.add(Label::new(RichText::new(&draft.name).font(tokens.mono())).truncate());
        });
        row(ui, "When", |ui| {
            let choices = [(false, "Anything changes"), (true, "A condition becomes true")];
            segmented(ui, "When", &mut draft.waits, &choices);
        });
        if draft.waits {
            row(ui, "Condition", |ui| {
                let field = TextEdit::singleline(&mut draft.choice.condition)
                    .font(tokens.mono())
                    .hint_text(dim("value.stock < 5"))
                    .desired_width(f32::INFINITY);
                ui.add(field).accessible_name("Condition").on_hover_text(
                    "Such as value.stock < 5, value.status changed, before.stock > value.stock, size > 100",
                );
            });
        }
        row(ui, "Then", |ui| {
            ui.checkbox(&mut draft.choice.notice, "Tell it in this window");
        });
        row(ui, "", |ui| {
            let text = "Tell it by the system, while the window is not in front";
            ui.checkbox(&mut draft.choice.system, text);
        });
        row(ui, "", |ui| ui.checkbox(&mut draft.runs, "Run a command line"));
        if draft.runs {
            command(ui, draft);
        }
        let chosen = draft.chosen();
        ui.add_space(4.0);
        if let Err(reason) = &chosen {
            ui.add(Label::new(RichText::new(reason.to_string()).color(tokens.color.warning)).wrap());
        }
        button_row(ui, |ui| {
            let set = ui.add_enabled(chosen.is_ok(), primary_button("Notify")).clicked();
            if ui.add(plain_button("Cancel")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
            let about = (draft.target.clone(), draft.entries);
            if draft.has_one && ui.add(plain_button("Do not notify")).clicked() {
                context.ask(DatabaseAction::Notify(about.0, about.1, None));
                return;
            }
            let enter = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
            if let Ok(choice) = chosen
                && (set || enter)
            {
                context.ask(DatabaseAction::Notify(about.0, about.1, Some(choice)));
            }
        });
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

/// The command line, and what it gets.
fn command(ui: &mut Ui, draft: &mut NotificationDraft) {
    let tokens = theme::tokens(ui);
    let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
    row(ui, "Command", |ui| {
        let field = TextEdit::singleline(&mut draft.choice.command)
            .font(tokens.mono())
            .hint_text(dim("curl --data @- https://…"))
            .desired_width(f32::INFINITY);
        ui.add(field).accessible_name("Command line");
    });
    let shell = if cfg!(windows) { "PowerShell" } else { "sh" };
    let text = format!(
        "Run by {shell}, once for what changes within a second, at most every 10 seconds, and ended after {} seconds. It gets the last change as JSON on its standard input, and KEYGLASS_KEY, KEYGLASS_KIND, KEYGLASS_VERSIONSTAMP, KEYGLASS_CHANGES and KEYGLASS_DATABASE in its environment. It runs while this database is open.",
        TIME_LIMIT.as_secs()
    );
    ui.add(Label::new(dim(&text)).wrap());
    if let Some(ran) = &draft.last_run {
        ui.add(Label::new(dim(&format!("Last run: {ran}"))).wrap());
    }
}
