//! Small labels: a type's badge, an operation's tag, a count, a state's pill.

use egui::accesskit::Role;
use egui::{Color32, FontId, Rect, Response, Sense, Ui, Widget, WidgetInfo, vec2};

use crate::theme::{self, Tokens};
use crate::widgets::line_text;

/// Paints a type's badge at the left of `rect`, centred in its height. Returns what it covers.
pub fn paint_badge(ui: &Ui, rect: Rect, text: &str) -> Rect {
    let tokens = theme::tokens(ui);
    paint_label(ui, rect, text, &Look::badge(tokens))
}

/// Paints an operation's tag in its colour at the left of `rect`. Returns what it covers.
pub fn paint_tag(ui: &Ui, rect: Rect, text: &str, color: Color32) -> Rect {
    let tokens = theme::tokens(ui);
    paint_label(ui, rect, text, &Look::tag(tokens, color))
}

struct Look {
    font: FontId,
    text: Color32,
    fill: Color32,
    padding: f32,
    height: f32,
    radius: f32,
}

impl Look {
    fn badge(tokens: &Tokens) -> Self {
        Self {
            font: tokens.badge(),
            text: tokens.color.dim,
            fill: tokens.color.raised,
            padding: 6.0,
            height: 16.0,
            radius: tokens.size.radius_small,
        }
    }

    fn count(tokens: &Tokens) -> Self {
        Self {
            padding: 5.0,
            ..Self::badge(tokens)
        }
    }

    fn tag(tokens: &Tokens, color: Color32) -> Self {
        Self {
            font: tokens.mono_small(),
            text: color,
            fill: tokens.tag(color),
            padding: 8.0,
            height: 18.0,
            radius: tokens.size.radius_small,
        }
    }
}

fn paint_label(ui: &Ui, rect: Rect, text: &str, look: &Look) -> Rect {
    let available = (rect.width() - 2.0 * look.padding).max(0.0);
    let job = line_text::job(text, look.font.clone(), look.text);
    let galley = line_text::layout(ui.painter(), job, available);
    let size = vec2(galley.size().x + 2.0 * look.padding, look.height);
    let frame = Rect::from_min_size(rect.left_center() - vec2(0.0, (look.height / 2.0).floor()), size);
    ui.painter().rect_filled(frame, look.radius, look.fill);
    line_text::paint_centered(ui.painter(), frame, galley);
    frame
}

fn add_label(ui: &mut Ui, text: &str, look: &Look) -> Response {
    let job = line_text::job(text, look.font.clone(), look.text);
    let width = line_text::layout(ui.painter(), job, f32::INFINITY).size().x + 2.0 * look.padding;
    let (rect, response) = ui.allocate_exact_size(vec2(width.ceil(), look.height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), text));
    if ui.is_rect_visible(rect) {
        paint_label(ui, rect, text, look);
    }
    response
}

/// A type's badge: `object`, `Map`, `u64`.
pub fn badge(text: &str) -> impl Widget + '_ {
    move |ui: &mut Ui| {
        let look = Look::badge(theme::tokens(ui));
        add_label(ui, text, &look)
    }
}

/// A count beside a name.
pub fn count(text: &str) -> impl Widget + '_ {
    move |ui: &mut Ui| {
        let look = Look::count(theme::tokens(ui));
        add_label(ui, text, &look)
    }
}

/// An operation's tag: `check`, `set`, `sum`, in its colour.
pub fn tag(text: &str, color: Color32) -> impl Widget + '_ {
    move |ui: &mut Ui| {
        let look = Look::tag(theme::tokens(ui), color);
        add_label(ui, text, &look)
    }
}

/// A state in a rounded frame: `● Live`, `Writable`. It can be clicked.
#[must_use = "add it to a Ui"]
pub struct Pill<'a> {
    text: &'a str,
    dot: Option<Color32>,
    icon: Option<&'a str>,
    color: Option<Color32>,
}

impl<'a> Pill<'a> {
    /// A pill that says `text`.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            dot: None,
            icon: None,
            color: None,
        }
    }

    /// A dot before the text.
    pub fn dot(mut self, color: Color32) -> Self {
        self.dot = Some(color);
        self
    }

    /// An icon of [`crate::theme::icons`] before the text.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The text's colour; the theme's dim unless set.
    pub fn color(mut self, color: Color32) -> Self {
        self.color = Some(color);
        self
    }
}

impl Widget for Pill<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let tokens = theme::tokens(ui);
        let color = self.color.unwrap_or(tokens.color.dim);
        let text = line_text::layout(
            ui.painter(),
            line_text::job(self.text, tokens.small(), color),
            f32::INFINITY,
        );
        let icon = self.icon.map(|icon| {
            let font = FontId::new(12.0, theme::icon_family());
            line_text::layout(ui.painter(), line_text::job(icon, font, color), f32::INFINITY)
        });
        let lead = match (&icon, self.dot) {
            (Some(icon), _) => icon.size().x + 4.0,
            (None, Some(_)) => 12.0,
            (None, None) => 0.0,
        };
        let size = vec2((text.size().x + lead + 16.0).ceil(), 18.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.text));
        if ui.is_rect_visible(rect) {
            let fill = if response.hovered() {
                tokens.color.raised.lerp_to_gamma(tokens.color.text, 0.1)
            } else {
                tokens.color.raised
            };
            ui.painter().rect_filled(rect, size.y / 2.0, fill);
            let inner = rect.shrink2(vec2(8.0, 0.0));
            if let Some(icon) = icon {
                line_text::paint(ui.painter(), inner, icon);
            } else if let Some(dot) = self.dot {
                let center = inner.left_center() + vec2(4.0, 0.0);
                ui.painter().circle_filled(center, 4.0, dot);
            }
            line_text::paint(ui.painter(), inner.with_min_x(inner.left() + lead), text);
            super::button::focus_ring(ui, &response, size.y / 2.0);
        }
        response
    }
}
