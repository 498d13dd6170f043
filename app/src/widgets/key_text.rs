//! Keys: every type of part in its own colour and form, as text or as chips.

use egui::accesskit::Role;
use egui::text::LayoutJob;
use egui::{Color32, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use keyglass_store::{Key, KeyPart};

use crate::theme::{self, Tokens};
use crate::widgets::{button, line_text};

/// The colour of a part's type.
#[must_use]
pub fn part_color(tokens: &Tokens, part: &KeyPart) -> Color32 {
    match part {
        KeyPart::Bytes(_) => tokens.color.bytes,
        KeyPart::String(_) => tokens.color.string,
        KeyPart::BigInt(_) => tokens.color.bigint,
        KeyPart::Number(_) => tokens.color.number,
        KeyPart::Boolean(_) => tokens.color.boolean,
    }
}

/// One part: `"users"`, `42n`, `42`, `true`, `u8[01 ff]`.
#[must_use]
pub fn part_job(tokens: &Tokens, part: &KeyPart) -> LayoutJob {
    line_text::job(&part.to_string(), tokens.mono(), part_color(tokens, part))
}

/// A whole key as an array: `["users", 42n]`.
#[must_use]
pub fn key_job(tokens: &Tokens, key: &Key) -> LayoutJob {
    let font = tokens.mono();
    let mut job = LayoutJob::default();
    line_text::append(&mut job, "[", &font, tokens.color.dim);
    for (index, part) in key.0.iter().enumerate() {
        if index > 0 {
            line_text::append(&mut job, ", ", &font, tokens.color.dim);
        }
        line_text::append(&mut job, &part.to_string(), &font, part_color(tokens, part));
    }
    line_text::append(&mut job, "]", &font, tokens.color.dim);
    job
}

/// A key below a prefix of `skip` parts: `… 42n "note"`.
#[must_use]
pub fn rest_job(tokens: &Tokens, key: &Key, skip: usize) -> LayoutJob {
    let font = tokens.mono();
    let mut job = LayoutJob::default();
    if skip > 0 {
        line_text::append(&mut job, "…", &font, tokens.color.dim);
    }
    for part in key.0.iter().skip(skip) {
        let space = if job.text.is_empty() { "" } else { " " };
        line_text::append(&mut job, space, &font, tokens.color.dim);
        line_text::append(&mut job, &part.to_string(), &font, part_color(tokens, part));
    }
    job
}

/// A key as chips, one a part, wrapping. Returns the index of a part that was clicked.
///
/// A part wider than the available width is cut; its tooltip has it whole.
pub fn key_chips(ui: &mut Ui, key: &Key) -> Option<usize> {
    let mut clicked = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        for (index, part) in key.0.iter().enumerate() {
            if part_chip(ui, part).clicked() {
                clicked = Some(index);
            }
        }
    });
    clicked
}

/// One part as a chip.
pub fn part_chip(ui: &mut Ui, part: &KeyPart) -> Response {
    let tokens = theme::tokens(ui);
    let max_width = (ui.max_rect().width() - 16.0).max(24.0);
    let galley = line_text::layout(ui.painter(), part_job(tokens, part), max_width);
    let cut = galley.elided;
    let size = vec2((galley.size().x + 16.0).ceil(), tokens.size.control - 2.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let text = part.to_string();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &text));
    if ui.is_rect_visible(rect) {
        let stroke = if response.hovered() {
            ui.visuals().widgets.hovered.bg_stroke
        } else {
            Stroke::new(1.0, tokens.color.line)
        };
        let fill = tokens.color.field;
        ui.painter()
            .rect(rect, tokens.size.radius, fill, stroke, StrokeKind::Inside);
        line_text::paint_centered(ui.painter(), rect, galley);
        button::focus_ring(ui, &response, tokens.size.radius);
    }
    if cut {
        response.on_hover_text(text)
    } else {
        response
    }
}
