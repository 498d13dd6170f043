//! A question before something that cannot be taken back, and the frame of every other dialog.

use egui::{
    Align, Context, Frame, Id, Key, Layout, Margin, Modal, ModalResponse, Modifiers, RichText, ScrollArea, Ui,
};

use crate::theme;
use crate::widgets::button::{danger_button, plain_button, primary_button};

/// Shows a dialog of `width` points in the middle of the window. It asks to be closed by Escape or a click
/// beside it ([`ModalResponse::should_close`]).
pub fn dialog<R>(
    ctx: &Context,
    name: &str,
    width: f32,
    contents: impl FnOnce(&mut Ui) -> R,
) -> ModalResponse<R> {
    let tokens = theme::tokens_of(ctx);
    let frame = Frame::popup(&ctx.style_of(ctx.theme()))
        .fill(tokens.color.panel)
        .inner_margin(Margin::same(16));
    Modal::new(Id::unique(name)).frame(frame).show(ctx, |ui| {
        ui.set_width(width.min(ctx.content_rect().width() - 64.0));
        ui.spacing_mut().item_spacing.y = 8.0;
        contents(ui)
    })
}

/// What a person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Do it.
    Confirmed,
    /// Do not.
    Cancelled,
}

/// A question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Confirm {
    /// What is asked: `Delete 1,204 entries?`
    pub title: String,
    /// What it means.
    pub body: String,
    /// What it concerns, one a line, in the font of data.
    pub items: Vec<String>,
    /// The text of the button that does it: `Delete`.
    pub action: String,
    /// Whether it destroys something.
    pub danger: bool,
}

impl Confirm {
    /// Shows the question until it is answered. Enter confirms unless it destroys something, Escape cancels. `place`
    /// names what it is about, where that is not plain.
    #[must_use]
    pub fn show(&self, ctx: &Context, place: Option<&str>) -> Option<Answer> {
        let modal = dialog(ctx, &self.title, 420.0, |ui| {
            let tokens = theme::tokens(ui);
            ui.label(RichText::new(&self.title).font(tokens.heading()));
            if let Some(place) = place {
                ui.label(RichText::new(format!("In {place}")).color(tokens.color.dim));
            }
            if !self.body.is_empty() {
                ui.add(egui::Label::new(RichText::new(&self.body).color(tokens.color.dim)).wrap());
            }
            self.items_ui(ui);
            ui.add_space(4.0);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| self.buttons(ui))
                .inner
        });
        if modal.should_close() {
            return Some(Answer::Cancelled);
        }
        modal.inner
    }

    fn items_ui(&self, ui: &mut Ui) {
        if self.items.is_empty() {
            return;
        }
        let tokens = theme::tokens(ui);
        Frame::NONE
            .fill(tokens.color.field)
            .corner_radius(tokens.size.radius)
            .inner_margin(Margin::symmetric(8, 6))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 2.0;
                ScrollArea::vertical().max_height(140.0).show(ui, |ui| {
                    for item in &self.items {
                        ui.add(egui::Label::new(RichText::new(item).font(tokens.mono())).truncate());
                    }
                });
            });
    }

    fn buttons(&self, ui: &mut Ui) -> Option<Answer> {
        let action = if self.danger {
            danger_button(&self.action)
        } else {
            primary_button(&self.action)
        };
        let action = ui.add(action);
        let cancel = ui.add(plain_button("Cancel"));
        // The keyboard starts on what does no harm.
        if ui.memory(|memory| memory.focused().is_none()) {
            if self.danger { &cancel } else { &action }.request_focus();
        }
        let enter = !self.danger
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
}
