//! What is wrong with a text, below its editor: all of it can be read, and copied.

use std::sync::Arc;

use egui::{Galley, Label, Rect, RichText, ScrollArea, Ui, UiBuilder, pos2, vec2};

use super::CodeError;
use crate::theme::{Tokens, icons};
use crate::widgets::button::IconButton;
use crate::widgets::line_text;

/// A message of more lines than this is scrolled.
const MOST_LINES: f32 = 4.0;
/// Height of a message of one line with the space around it, in points.
const ONE_LINE: f32 = 26.0;
/// What an editor keeps of its height, in points.
const LEAST_EDITOR: f32 = 40.0;
/// Width of the icon before the text and of the button behind it, each with its space, in points.
const BESIDE: f32 = 22.0;

/// The message below an editor.
pub(super) struct ErrorMessage;

impl ErrorMessage {
    /// How high the message is at the foot of `area`, in points.
    pub(super) fn height(ui: &Ui, tokens: &Tokens, error: &CodeError, area: Rect) -> f32 {
        let galley = Self::galley(ui, tokens, error, area.width());
        let line = galley.size().y / galley.rows.len().max(1) as f32;
        let most = (area.height() - LEAST_EDITOR).max(ONE_LINE);
        let lines = galley.size().y.min(MOST_LINES * line);
        (lines + ONE_LINE - line).ceil().min(most)
    }

    fn galley(ui: &Ui, tokens: &Tokens, error: &CodeError, width: f32) -> Arc<Galley> {
        let mut job = line_text::job(&error.message, tokens.body(), tokens.color.bad);
        job.wrap.max_width = (width - 2.0 * BESIDE).max(0.0);
        ui.painter().layout_job(job)
    }

    /// Shows it; `name` is that of the editor.
    pub(super) fn show(ui: &mut Ui, tokens: &Tokens, error: &CodeError, name: &str, place: Rect) {
        let icon = line_text::job(icons::ERROR, tokens.icon(), tokens.color.bad);
        let icon = line_text::layout(ui.painter(), icon, f32::INFINITY);
        line_text::paint(ui.painter(), place.with_max_y(place.top() + ONE_LINE), icon);
        let galley = Self::galley(ui, tokens, error, place.width());
        let text = Rect::from_min_max(
            pos2(place.left() + BESIDE, place.top() + 4.0),
            pos2(place.right() - BESIDE, place.bottom()),
        );
        let is_scrolled = galley.size().y > text.height();
        ui.scope_builder(UiBuilder::new().max_rect(text), |ui| {
            ScrollArea::vertical()
                .id_salt((name, "error"))
                .max_height(text.height())
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    let message = RichText::new(&error.message)
                        .font(tokens.body())
                        .color(tokens.color.bad);
                    let label = ui.add(Label::new(message).wrap());
                    if is_scrolled {
                        label.on_hover_text(&error.message);
                    }
                });
        });
        let button = Rect::from_min_size(pos2(place.right() - 18.0, place.top() + 4.0), vec2(18.0, 18.0));
        let copy = IconButton::new(icons::COPY, "Copy the error")
            .size(18.0)
            .icon_size(11.0);
        if ui.put(button, copy).clicked() {
            ui.ctx().copy_text(error.message.clone());
        }
    }
}
