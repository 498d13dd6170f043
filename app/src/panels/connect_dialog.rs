//! The dialog in which a database on a server is connected to.

use egui::{Align, Color32, FontId, Key, Label, Layout, Modifiers, RichText, TextEdit, Ui};
use keyglass_store::remote::Stage;

use super::PanelContext;
use super::mark_dialog::{fields, row};
use crate::action::AppAction;
use crate::model::connect::{ConnectDraft, ServerAccess, StageState, Trial};
use crate::theme::{self, icons};
use crate::widgets::button::{link_button, plain_button, primary_button};
use crate::widgets::choice::segmented;
use crate::widgets::dialog_frame::{button_row, dialog, well};
use crate::widgets::waiting::waiting;

/// Points that the button beside the token takes.
const REVEAL_WIDTH: f32 = 104.0;
/// Points that the names of the steps take.
const STEP_WIDTH: f32 = 120.0;

pub(super) fn show(ui: &mut Ui, draft: &mut ConnectDraft, context: &mut PanelContext<'_>) {
    let modal = dialog(ui.ctx(), "Connect", 580.0, |ui| {
        super::dialog::heading(ui, "Connect", None);
        let tokens = theme::tokens(ui);
        let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
        ui.add(
            Label::new(dim(
                "A database on a server: Deno Deploy, denokv, or another Keyglass that serves one.",
            ))
            .wrap(),
        );
        address(ui, draft);
        fields(ui, &mut draft.mark, "as its address ends");
        row(ui, "When opened", |ui| {
            let choices = [
                (ServerAccess::ReadOnly, "Read-only"),
                (ServerAccess::Writable, "Writable"),
                (ServerAccess::Guarded, "Guarded"),
            ];
            segmented(ui, "When opened", &mut draft.access, &choices);
        });
        ui.add(Label::new(dim(meaning(draft.access))).wrap());
        if let Some(trial) = &draft.trial {
            steps(ui, trial);
        }
        if let Some(error) = &draft.error {
            ui.add(Label::new(RichText::new(error).color(tokens.color.bad)).wrap());
        }
        ui.add_space(4.0);
        button_row(ui, |ui| {
            let can_do = !draft.url.trim().is_empty() && !draft.is_connecting;
            let connects = ui.add_enabled(can_do, primary_button("Connect")).clicked();
            if ui.add(plain_button("Cancel")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
            let is_tested = draft.trial.as_ref().is_some_and(|trial| trial.is_running);
            if ui
                .add_enabled(can_do && !is_tested, plain_button("Test"))
                .on_hover_text("Goes each step to the first entry, and tells which one fails")
                .clicked()
            {
                context.ask(AppAction::TestConnection);
            }
            if draft.is_connecting {
                waiting(ui, "Connecting…");
            }
            if connects || can_do && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
                context.ask(AppAction::Connect);
            }
        });
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

/// Where it is, and what opens it.
fn address(ui: &mut Ui, draft: &mut ConnectDraft) {
    let tokens = theme::tokens(ui);
    let hint = |text: &str| RichText::new(text).font(tokens.mono()).color(tokens.color.dim);
    let mut edited = false;
    row(ui, "URL", |ui| {
        let field = TextEdit::singleline(&mut draft.url)
            .font(tokens.mono())
            .hint_text(hint("https://api.deno.com/v2/databases/ID/connect"))
            .desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name("URL");
        edited |= field.changed();
        if draft.url.is_empty() && ui.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
    });
    row(ui, "Token", |ui| {
        let from = match draft.has_variable {
            true => "from DENO_KV_ACCESS_TOKEN, if none is typed",
            false => "the one in the system's keychain, if none is typed",
        };
        let field = TextEdit::singleline(&mut draft.token.0)
            .password(!draft.reveals)
            .font(tokens.mono())
            .hint_text(hint(from))
            .desired_width(ui.available_width() - REVEAL_WIDTH);
        edited |= ui.add(field).accessible_name("Token").changed();
        let (text, icon) = match draft.reveals {
            true => ("Hide token", icons::EYE_OFF),
            false => ("Show token", icons::EYE),
        };
        if ui.add(link_button(text).icon(icon)).clicked() {
            draft.reveals = !draft.reveals;
        }
    });
    row(ui, "", |ui| {
        ui.checkbox(&mut draft.keeps_token, "Keep the token in the system's keychain")
            .on_hover_text("Nowhere else; without a keychain it is asked for each time");
    });
    if edited {
        draft.edited();
    }
}

fn meaning(access: ServerAccess) -> &'static str {
    match access {
        ServerAccess::ReadOnly => "Nothing can be changed until the lock is opened.",
        ServerAccess::Writable => "It can be changed at once, now and the next time it is opened.",
        ServerAccess::Guarded => {
            "It opens locked. Its name has to be typed to unlock it, and before entries are deleted together, imported or copied into it."
        }
    }
}

/// What each step has found.
fn steps(ui: &mut Ui, trial: &Trial) {
    let tokens = theme::tokens(ui);
    well(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        for (stage, state) in trial.stages() {
            let (icon, color, text): (&str, Color32, String) = match &state {
                StageState::Passed(found) => (icons::CHECK, tokens.color.good, (*found).to_owned()),
                StageState::Failed(error) => (icons::ERROR, tokens.color.bad, error.to_string()),
                StageState::Running => (icons::DOTS, tokens.color.text, "…".to_owned()),
                StageState::Waiting => (icons::MINUS, tokens.color.dim, String::new()),
            };
            let is_failed = matches!(state, StageState::Failed(_));
            ui.horizontal_top(|ui| {
                let icon = RichText::new(icon).font(FontId::new(12.0, theme::icon_family()));
                ui.label(icon.color(color));
                let size = egui::vec2(STEP_WIDTH, 16.0);
                ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Min), |ui| {
                    ui.set_min_width(STEP_WIDTH);
                    ui.label(RichText::new(name(stage)).color(color));
                });
                let color = if is_failed {
                    tokens.color.bad
                } else {
                    tokens.color.dim
                };
                ui.add(Label::new(RichText::new(text).color(color)).wrap());
            });
        }
        if trial.is_passed() {
            ui.label(RichText::new("The database can be opened").color(tokens.color.good));
        }
    });
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Name => "Name",
        Stage::Connection => "Connection",
        Stage::Security => "Security",
        Stage::Metadata => "Metadata",
        Stage::Authorization => "Token",
        Stage::Read => "First read",
    }
}
