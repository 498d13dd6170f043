//! The frame of every dialog.

use egui::{Align, Context, Frame, Id, Layout, Margin, Modal, ModalResponse, RichText, Ui};

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
