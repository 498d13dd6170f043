//! A field to filter or search with: a hint, an optional shortcut, and × or Escape to clear it.

use egui::{EventFilter, Id, Key, Modifiers, Response, Stroke, StrokeKind, TextEdit, Ui, Vec2, vec2};

use crate::theme::{self, icons};
use crate::widgets::button::IconButton;
use crate::widgets::line_text;

/// A search field. Its hint is its accessible name.
#[must_use = "show it"]
pub struct SearchField<'a> {
    text: &'a mut String,
    hint: &'a str,
    shortcut: Option<&'a str>,
    width: Option<f32>,
    id: Option<Id>,
    icon: bool,
}

impl<'a> SearchField<'a> {
    /// A field for `text`; `hint` says what it searches.
    pub fn new(text: &'a mut String, hint: &'a str) -> Self {
        Self {
            text,
            hint,
            shortcut: None,
            width: None,
            id: None,
            icon: false,
        }
    }

    /// The keys that lead here, shown at the right while the field is empty.
    pub fn shortcut(mut self, shortcut: &'a str) -> Self {
        self.shortcut = Some(shortcut);
        self
    }

    /// Its width in points; what is available unless set.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Its id, to request the focus from elsewhere.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// With a magnifying glass.
    pub fn icon(mut self) -> Self {
        self.icon = true;
        self
    }

    /// Adds it to `ui`. The response is changed when the text was.
    pub fn show(self, ui: &mut Ui) -> Response {
        let tokens = theme::tokens(ui);
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let (id, rect) = ui.allocate_space(vec2(width, tokens.size.control));
        let id = self.id.unwrap_or(id);
        let had_text = !self.text.is_empty();
        ui.painter()
            .rect_filled(rect, tokens.size.radius, tokens.color.field);
        let mut inner = rect.shrink2(vec2(8.0, 0.0));
        if self.icon {
            let icon = line_text::job(icons::SEARCH, tokens.icon(), tokens.color.dim);
            let galley = line_text::layout(ui.painter(), icon, f32::INFINITY);
            inner.min.x = line_text::paint(ui.painter(), inner, galley).right() + 6.0;
        }
        if had_text {
            inner.max.x -= 16.0;
        }
        let edit = TextEdit::singleline(self.text)
            .id(id)
            .frame(egui::Frame::NONE)
            .font(tokens.body())
            .hint_text(egui::RichText::new(self.hint).color(tokens.color.dim))
            .min_size(vec2(0.0, rect.height()))
            .align(egui::Align2::LEFT_CENTER)
            .event_filter(EventFilter {
                horizontal_arrows: true,
                // The first Escape clears, the next one leaves.
                escape: had_text,
                ..EventFilter::default()
            })
            .desired_width(inner.width());
        let mut response = ui.place(inner, edit).accessible_name(self.hint);
        let focused = response.has_focus();
        if !had_text
            && !focused
            && let Some(shortcut) = self.shortcut
        {
            let job = line_text::job(shortcut, tokens.small(), tokens.color.dim);
            let galley = line_text::layout(ui.painter(), job, f32::INFINITY);
            line_text::paint_right(ui.painter(), inner, galley);
        }
        let mut clear =
            focused && had_text && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if had_text {
            let cross =
                egui::Rect::from_center_size(rect.right_center() - vec2(13.0, 0.0), Vec2::splat(18.0));
            clear |= ui
                .place(
                    cross,
                    IconButton::new(icons::CLOSE, "Clear").size(18.0).icon_size(10.0),
                )
                .clicked();
        }
        if clear {
            self.text.clear();
            response.mark_changed();
            response.request_focus();
        }
        let stroke = if focused {
            Stroke::new(1.0, tokens.color.accent)
        } else if response.hovered() {
            ui.visuals().widgets.hovered.bg_stroke
        } else {
            Stroke::new(1.0, tokens.color.line)
        };
        ui.painter()
            .rect_stroke(rect, tokens.size.radius, stroke, StrokeKind::Inside);
        response
    }
}
