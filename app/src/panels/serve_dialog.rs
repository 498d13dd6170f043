//! The dialog in which a database is served to programs, and that ends.

use egui::{Align, Key, Label, Layout, Modifiers, RichText, TextEdit, Ui};

use super::PanelContext;
use super::dialog::{buttons, heading};
use super::mark::Place;
use crate::action::{AppAction, DatabaseAction};
use crate::errand::{ServeChoice, Served};
use crate::format;
use crate::model::serving::{ServeDraft, Serving, ServingModel};
use crate::serving::{deno_line, node_lines, shell_line};
use crate::theme::{self, icons};
use crate::widgets::button::{link_button, plain_button, primary_button};
use crate::widgets::dialog_frame::{button_row, dialog, field_label};
use crate::widgets::waiting::waiting;

/// Points that the labels take.
const LABEL_WIDTH: f32 = 76.0;
/// Points that the buttons beside a line take.
const BUTTONS_WIDTH: f32 = 96.0;
/// What stands for a token that is not shown.
const HIDDEN: &str = "••••••••••••••••";

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut ServeDraft,
    serving: &ServingModel,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Serve", 600.0, |ui| {
        heading(ui, "Serve", place);
        match serving.state() {
            Serving::On(served) => running(ui, served, draft, context),
            Serving::Starting => {
                waiting(ui, "Starting…");
                close_button(ui, context);
            }
            Serving::Ending => {
                waiting(ui, "Streams end, and what is in flight is done or refused…");
                close_button(ui, context);
            }
            Serving::Off => options(ui, draft, None, context),
            Serving::Failed(why) => options(ui, draft, Some(why), context),
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

/// What is chosen before it begins.
fn options(ui: &mut Ui, draft: &mut ServeDraft, failed: Option<&str>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
    ui.add(
        Label::new(dim(
            "Deno, and Node with @deno/kv, use this database while it is open here, and each sees the other's commits at once. Only programs of this machine that have the token are answered.",
        ))
        .wrap(),
    );
    ui.horizontal(|ui| {
        label(ui, "Port");
        let hint = format!("{}, or a free one", ServeChoice::USUAL_PORT);
        let field = TextEdit::singleline(&mut draft.port)
            .font(tokens.mono())
            .hint_text(RichText::new(hint).font(tokens.mono()))
            .desired_width(180.0);
        ui.add(field).accessible_name("Port");
    });
    if context.environment.writable {
        ui.checkbox(&mut draft.read_only, "Programs may only read")
            .on_hover_text("Their writes are refused; this window goes on writing");
    } else {
        ui.label(dim(
            "Programs may only read, because the database is read-only here",
        ));
    }
    let choice = draft.choice();
    let trouble = choice.as_ref().err().copied().or(failed);
    if let Some(trouble) = trouble {
        ui.add(Label::new(RichText::new(trouble).color(tokens.color.bad)).wrap());
    }
    if buttons(ui, "Serve", context)
        && let Ok(choice) = choice
    {
        context.ask(DatabaseAction::StartServing(choice));
    }
}

/// What a program needs, while it is served.
fn running(ui: &mut Ui, served: &Served, draft: &mut ServeDraft, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
    if served.is_other_port {
        let text = format!(
            "Port {} is taken by something else, so it is served at another one",
            ServeChoice::USUAL_PORT
        );
        ui.label(RichText::new(text).color(tokens.color.warning));
    }
    line(ui, "Address", &served.url, context);
    token(ui, served, draft, context);
    if let Some(file) = &served.token_file {
        ui.add(Label::new(dim(&format!("Kept, for you alone, in {}", file.display()))).wrap());
        let shell = shell_line(file);
        line(ui, "Shell", &shell, context);
    }
    let deno = deno_line(&served.url);
    line(ui, "Deno", &deno, context);
    let node = node_lines(&served.url);
    line(ui, "Node", &node, context);
    let connections = format::counted(
        served.monitor.num_connections() as u64,
        "connection",
        "connections",
    );
    let watches = format::counted(served.monitor.num_watches() as u64, "watch", "watches");
    let rights = match served.read_only {
        true => ", for reading only",
        false => "",
    };
    ui.label(dim(&format!("{connections} and {watches} now{rights}")));
    button_row(ui, |ui| {
        let close = ui.add(primary_button("Close")).clicked();
        if ui
            .add(plain_button("Stop serving"))
            .on_hover_text("Streams end, and what is in flight is done or refused")
            .clicked()
        {
            context.ask(DatabaseAction::StopServing);
        }
        if close || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
            context.ask(AppAction::CloseDialog);
        }
    });
}

/// The token, hidden until it is asked for.
fn token(ui: &mut Ui, served: &Served, draft: &mut ServeDraft, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        label(ui, "Token");
        let shown = match draft.reveals {
            true => served.token.reveal(),
            false => HIDDEN,
        };
        let text = RichText::new(shown).font(tokens.mono());
        ui.add(Label::new(text).selectable(draft.reveals));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            copy_button(ui, "Token", served.token.reveal(), context);
            let (text, icon) = match draft.reveals {
                true => ("Hide token", icons::EYE_OFF),
                false => ("Show token", icons::EYE),
            };
            if ui.add(link_button(text).icon(icon)).clicked() {
                draft.reveals = !draft.reveals;
            }
        });
    });
}

/// A line to be copied.
fn line(ui: &mut Ui, name: &str, text: &str, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        label(ui, name);
        let width = (ui.available_width() - BUTTONS_WIDTH).max(0.0);
        ui.scope(|ui| {
            ui.set_max_width(width);
            ui.add(Label::new(RichText::new(text).font(tokens.mono())).wrap());
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            copy_button(ui, name, text, context);
        });
    });
}

fn copy_button(ui: &mut Ui, name: &str, text: &str, context: &mut PanelContext<'_>) {
    let button = ui.add(link_button("Copy").icon(icons::COPY));
    let told = format!("Copy {name}");
    button.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &told));
    if button.clicked() {
        context.ask(AppAction::Copy(text.to_owned()));
    }
}

fn close_button(ui: &mut Ui, context: &mut PanelContext<'_>) {
    button_row(ui, |ui| {
        if ui.add(primary_button("Close")).clicked() {
            context.ask(AppAction::CloseDialog);
        }
    });
}

fn label(ui: &mut Ui, text: &str) {
    field_label(ui, text, LABEL_WIDTH);
}
