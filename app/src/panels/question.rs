//! A question before something that cannot be taken back.

use egui::{Context, Key, Modifiers, RichText, ScrollArea, Ui};

use super::dry_run::prefix_field;
use super::mark::Place;
use super::typed_name;
use crate::dialog::question::Confirm;
use crate::model::typed_name::is_given;
use crate::theme;
use crate::widgets::button::{danger_button, plain_button, primary_button};
use crate::widgets::dialog_frame::{button_row, dialog, well};

/// What a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Do it.
    Confirmed,
    /// Do not.
    Cancelled,
}

/// Shows the question until it is answered. Enter confirms unless it destroys something and no name was
/// typed for it, Escape cancels. `place`
/// names what it is about, where that is not plain.
#[must_use]
pub fn show(ctx: &Context, asked: &mut Confirm, place: Option<Place<'_>>) -> Option<Answer> {
    let title = asked.title.clone();
    let modal = dialog(ctx, &title, 420.0, |ui| {
        let tokens = theme::tokens(ui);
        ui.label(RichText::new(&asked.title).font(tokens.heading()));
        if let Some(place) = place {
            place.show(ui);
        }
        if !asked.body.is_empty() {
            ui.add(egui::Label::new(RichText::new(&asked.body).color(tokens.color.dim)).wrap());
        }
        items_ui(ui, &asked.items);
        if let Some(within) = &mut asked.within {
            let hint = "Everything, or a key such as [\"users\"]";
            prefix_field(ui, "Only at and below", hint, within);
            if let Err(reason) = asked.prefix() {
                ui.add(egui::Label::new(RichText::new(reason.to_string()).color(tokens.color.bad)).wrap());
            }
        }
        typed_name::show(ui, asked.typed.as_mut());
        ui.add_space(4.0);
        button_row(ui, |ui| buttons(ui, asked))
    });
    if modal.should_close() {
        return Some(Answer::Cancelled);
    }
    modal.inner
}

fn items_ui(ui: &mut Ui, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let tokens = theme::tokens(ui);
    well(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ScrollArea::vertical().max_height(140.0).show(ui, |ui| {
            for item in items {
                ui.add(egui::Label::new(RichText::new(item).font(tokens.mono())).truncate());
            }
        });
    });
}

fn buttons(ui: &mut Ui, asked: &Confirm) -> Option<Answer> {
    let action = if asked.danger {
        danger_button(&asked.action)
    } else {
        primary_button(&asked.action)
    };
    let can_do = is_given(asked.typed.as_ref()) && asked.prefix().is_ok();
    let action = ui.add_enabled(can_do, action);
    let cancel = ui.add(plain_button("Cancel"));
    // The keyboard starts on what does no harm.
    if asked.typed.is_none() && ui.memory(|memory| memory.focused().is_none()) {
        if asked.danger { &cancel } else { &action }.request_focus();
    }
    // Whoever has typed a name means it.
    let enter = can_do
        && (!asked.danger || asked.typed.is_some())
        && !cancel.has_focus()
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    if action.clicked() || enter {
        Some(Answer::Confirmed)
    } else if cancel.clicked() {
        Some(Answer::Cancelled)
    } else {
        None
    }
}
