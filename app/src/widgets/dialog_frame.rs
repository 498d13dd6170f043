//! The frame of every dialog.

use egui::{Align, Context, Frame, Id, InputState, Key, Layout, Margin, Modal, Modifiers, RichText, Ui};

use crate::theme;

/// What a field of a dialog is called, before it in a column of `width` points.
pub fn field_label(ui: &mut Ui, text: &str, width: f32) {
    let tokens = theme::tokens(ui);
    let size = egui::vec2(width, tokens.size.control);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(width);
        ui.label(RichText::new(text).color(tokens.color.dim));
    });
}

/// A field in a dialog, over its whole width, that holds what is told in lines.
pub fn well(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let tokens = theme::tokens(ui);
    let frame = Frame::NONE
        .fill(tokens.color.field)
        .corner_radius(tokens.size.radius)
        .inner_margin(Margin::symmetric(8, 6));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        contents(ui);
    });
}

/// A row of buttons at the end of a dialog, from the right. It is as high as they are, so that a dialog whose contents
/// have become fewer gets smaller.
pub fn button_row<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let row = |ui: &mut Ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), contents)
            .inner
    };
    ui.horizontal(row).inner
}

/// A dialog that is shown, and what its contents came to.
pub struct DialogResponse<R> {
    /// What the contents came to.
    pub inner: R,
    ctx: Context,
    is_on_top: bool,
    is_left: bool,
}

impl<R> DialogResponse<R> {
    /// Whether Escape asks to close it. A click beside it does not: what was typed would be gone by a slip.
    pub fn should_close(&self) -> bool {
        let escape = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Escape);
        self.is_on_top && self.ctx.input_mut(escape)
    }

    /// Whether Escape or a click beside it asks to close it, for one in which nothing of weight is typed.
    pub fn is_left(&self) -> bool {
        self.is_left || self.should_close()
    }
}

/// Shows a dialog of `width` points in the middle of the window.
pub fn dialog<R>(
    ctx: &Context,
    name: &str,
    width: f32,
    contents: impl FnOnce(&mut Ui) -> R,
) -> DialogResponse<R> {
    let tokens = theme::tokens_of(ctx);
    let frame = Frame::popup(&ctx.style_of(ctx.theme()))
        .fill(tokens.color.panel)
        .inner_margin(Margin::same(16));
    let modal = Modal::new(Id::unique(name)).frame(frame).show(ctx, |ui| {
        ui.set_width(width.min(ctx.content_rect().width() - 64.0));
        ui.spacing_mut().item_spacing.y = 8.0;
        contents(ui)
    });
    DialogResponse {
        ctx: ctx.clone(),
        is_on_top: modal.is_top_modal && !modal.any_popup_open,
        is_left: modal.backdrop_response.clicked(),
        inner: modal.inner,
    }
}
