//! The frame of every dialog.

use egui::{Context, Frame, Id, Margin, Modal, ModalResponse, Ui};

use crate::theme;

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
