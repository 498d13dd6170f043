//! The dialog of a message: new, edited, put off, or queued again.

use egui::{Key, Modifiers, RichText, TextEdit, Ui, vec2};

use super::PanelContext;
use super::dialog::heading;
use super::mark::Place;
use crate::action::DatabaseAction;
use crate::format;
use crate::model::draft::ParseFailure;
use crate::model::messages::{MessageDraft, MessagePurpose};
use crate::theme;
use crate::widgets::button::{plain_button, primary_button};
use crate::widgets::code_editor::{CodeEditor, CodeError};
use crate::widgets::dialog_frame::{button_row, dialog, field_label};

/// Points that the labels of the fields take.
const LABEL_WIDTH: f32 = 96.0;
/// Height of the text of the message, in points.
const TEXT_HEIGHT: f32 = 150.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut MessageDraft,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let (title, verb) = match &draft.purpose {
        MessagePurpose::New => ("New message".to_owned(), "Queue"),
        MessagePurpose::Edit(_) => ("Edit message".to_owned(), "Save"),
        MessagePurpose::PutOff(messages) => {
            let number = messages.len() as u64;
            let title = match number {
                1 => "Put off the message".to_owned(),
                _ => format!("Put off {}", format::counted(number, "message", "messages")),
            };
            (title, "Put off")
        }
        MessagePurpose::Again(entry) => (format!("Queue {} again", entry.key), "Queue again"),
    };
    let modal = dialog(ui.ctx(), &title, 520.0, |ui| {
        heading(ui, &title, place);
        let is_text = !matches!(draft.purpose, MessagePurpose::PutOff(_));
        if is_text {
            text(ui, draft);
        }
        due(ui, draft, context.now);
        if is_text {
            retries(ui, draft);
            undelivered(ui, draft);
        }
        let tokens = theme::tokens(ui);
        let dim = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).color(tokens.color.dim));
        match &draft.purpose {
            MessagePurpose::Again(_) => {
                dim(
                    ui,
                    "The entry goes in the same commit, if it is still as it was shown.",
                );
            }
            MessagePurpose::Edit(_) | MessagePurpose::PutOff(_) => {
                dim(
                    ui,
                    "Nothing happens to a message that is delivered or changed before.",
                );
            }
            MessagePurpose::New => {}
        }
        if let Some(refused) = &draft.refused {
            ui.label(RichText::new(refused).color(tokens.color.bad));
        }
        ui.add_space(4.0);
        button_row(ui, |ui| {
            let operation = draft.operation(context.now);
            let button = ui.add_enabled(operation.is_ok(), primary_button(verb));
            let refusal = operation.as_ref().err().map(ToString::to_string);
            let button = button.on_disabled_hover_text(refusal.unwrap_or_default());
            if ui.add(plain_button("Cancel")).clicked() {
                context.ask(DatabaseAction::KeepMessage(Box::new(draft.clone())));
            }
            let is_asked = ui.input_mut(|input| {
                input.consume_key(Modifiers::COMMAND, Key::Enter)
                    || !is_text && input.consume_key(Modifiers::NONE, Key::Enter)
            });
            if button.clicked() || is_asked && operation.is_ok() {
                context.ask(DatabaseAction::CommitMessage(Box::new(draft.clone())));
            }
        });
    });
    if modal.should_close() {
        context.ask(DatabaseAction::KeepMessage(Box::new(draft.clone())));
    }
}

fn text(ui: &mut Ui, draft: &mut MessageDraft) {
    let tokens = theme::tokens(ui);
    let problem = match draft.problem() {
        Some(ParseFailure::Literal(error)) => Some(CodeError::from(error)),
        Some(ParseFailure::Value(message)) => Some(CodeError {
            at: 0..0,
            message: message.clone(),
        }),
        None => None,
    };
    let is_empty = draft.text.as_ref().is_ok_and(|text| text.trim().is_empty());
    let changed = match &mut draft.text {
        Ok(text) => {
            let editor =
                CodeEditor::new(text, "Message as JavaScript").error(problem.as_ref().filter(|_| !is_empty));
            let size = vec2(ui.available_width(), TEXT_HEIGHT);
            ui.allocate_ui(size, |ui| {
                ui.set_min_size(size);
                let response = editor.show(ui);
                if ui.memory(|memory| memory.focused().is_none()) {
                    response.request_focus();
                }
                response.changed()
            })
            .inner
        }
        Err(reason) => {
            let told = format!("The message cannot be read and stays as it is: {reason}");
            ui.label(RichText::new(told).color(tokens.color.warning));
            false
        }
    };
    if changed {
        draft.parse();
        draft.refused = None;
    }
}

fn due(ui: &mut Ui, draft: &mut MessageDraft, now: i64) {
    let hint = match &draft.purpose {
        MessagePurpose::New | MessagePurpose::Again(_) => "at once; or 90 min, or 2027-01-31 14:30",
        MessagePurpose::Edit(_) => "as it is; or 90 min, or 2027-01-31 14:30",
        MessagePurpose::PutOff(_) => "90 min, or 2027-01-31 14:30",
    };
    let told = match draft.due_at(now) {
        Err(_) if draft.due.trim().is_empty() => Ok(String::new()),
        Ok(_) if draft.due.trim().is_empty() && !matches!(draft.purpose, MessagePurpose::Edit(_)) => {
            Ok(String::new())
        }
        Ok(at) if at > now => Ok(format!("= in {}, {}", format::span(at - now), format::utc(at))),
        Ok(at) => Ok(format!("= {}, {}", format::ago(at, now), format::utc(at))),
        Err(error) => Err(error.to_string()),
    };
    let focus = matches!(draft.purpose, MessagePurpose::PutOff(_));
    if field(ui, ("Due", hint, focus), &mut draft.due, told) {
        draft.refused = None;
    }
}

fn retries(ui: &mut Ui, draft: &mut MessageDraft) {
    let told = draft.intervals().map_err(|error| error.to_string());
    let told = told.map(|intervals| match intervals.len() {
        0 => "It is delivered once".to_owned(),
        retries => format!("Up to {} deliveries", retries + 1),
    });
    if field(ui, ("Retries after", "none", false), &mut draft.retries, told) {
        draft.refused = None;
    }
}

fn undelivered(ui: &mut Ui, draft: &mut MessageDraft) {
    let told = draft.undelivered().map_err(|error| error.to_string());
    let told = told.map(|keys| match keys.len() {
        0 => "Dropped when every delivery failed".to_owned(),
        1 => "Stored there when every delivery failed".to_owned(),
        keys => format!("Stored under {keys} keys when every delivery failed"),
    });
    let rows = draft.keys.lines().count().clamp(1, 4);
    let hint = "[\"undelivered\", 1], a key a line";
    let mut changed = false;
    labelled(ui, "If undelivered", |ui| {
        let tokens = theme::tokens(ui);
        let edit = TextEdit::multiline(&mut draft.keys)
            .font(tokens.mono())
            .hint_text(RichText::new(hint).font(tokens.mono()).color(tokens.color.dim))
            .desired_rows(rows)
            .desired_width(f32::INFINITY);
        changed = ui.add(edit).accessible_name("Keys if undelivered").changed();
    });
    remark(ui, told);
    if changed {
        draft.refused = None;
    }
}

/// A field with its label before it and what it comes to below; true if it was edited.
fn field(
    ui: &mut Ui,
    (name, hint, focus): (&str, &str, bool),
    text: &mut String,
    told: Result<String, String>,
) -> bool {
    let mut changed = false;
    labelled(ui, name, |ui| {
        let tokens = theme::tokens(ui);
        let edit = TextEdit::singleline(text)
            .font(tokens.mono())
            .hint_text(RichText::new(hint).font(tokens.mono()).color(tokens.color.dim))
            .desired_width(f32::INFINITY);
        let response = ui.add(edit).accessible_name(name);
        if focus && ui.memory(|memory| memory.focused().is_none()) {
            response.request_focus();
        }
        changed = response.changed();
    });
    remark(ui, told);
    changed
}

fn labelled(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        field_label(ui, name, LABEL_WIDTH);
        contents(ui);
    });
}

fn remark(ui: &mut Ui, told: Result<String, String>) {
    let tokens = theme::tokens(ui);
    let (text, color) = match told {
        Ok(text) => (text, tokens.color.dim),
        Err(reason) => (reason, tokens.color.warning),
    };
    if text.is_empty() {
        return;
    }
    // Close to its field.
    ui.add_space(-4.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.add_space(LABEL_WIDTH + ui.spacing().item_spacing.x);
        ui.label(RichText::new(text).font(tokens.small()).color(color));
    });
}
