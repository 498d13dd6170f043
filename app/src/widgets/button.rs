//! Buttons: the main action, ordinary ones, quiet ones, links and icons.

use egui::accesskit::Role;
use egui::{
    Color32, CursorIcon, FontId, Response, Sense, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo, pos2,
    vec2,
};

use crate::theme::{self, Tokens};
use crate::widgets::line_text;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    Danger,
    Plain,
    Quiet,
    Link,
}

/// A button with text. Made by [`primary_button`] and its siblings.
#[must_use = "add it to a Ui"]
pub struct ActionButton<'a> {
    text: &'a str,
    icon: Option<&'a str>,
    kind: Kind,
    small: bool,
    width: Option<f32>,
}

/// The one main action of a place.
pub fn primary_button(text: &str) -> ActionButton<'_> {
    ActionButton::new(text, Kind::Primary)
}

/// A main action that destroys something.
pub fn danger_button(text: &str) -> ActionButton<'_> {
    ActionButton::new(text, Kind::Danger)
}

/// An ordinary action.
pub fn plain_button(text: &str) -> ActionButton<'_> {
    ActionButton::new(text, Kind::Plain)
}

/// A secondary action: outlined.
pub fn quiet_button(text: &str) -> ActionButton<'_> {
    ActionButton::new(text, Kind::Quiet)
}

/// An action that looks like a link.
pub fn link_button(text: &str) -> ActionButton<'_> {
    ActionButton::new(text, Kind::Link)
}

impl<'a> ActionButton<'a> {
    fn new(text: &'a str, kind: Kind) -> Self {
        Self {
            text,
            icon: None,
            kind,
            small: false,
            width: None,
        }
    }

    /// An icon of [`crate::theme::icons`] before the text.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Less high, for headers and rows.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// At least this wide, in points.
    pub fn min_width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    fn text_color(&self, tokens: &Tokens, enabled: bool) -> Color32 {
        match self.kind {
            _ if !enabled => tokens.color.dim,
            Kind::Primary => tokens.color.on_accent,
            Kind::Danger => tokens.color.window,
            Kind::Plain | Kind::Quiet => tokens.color.text,
            Kind::Link => tokens.color.accent,
        }
    }

    /// Fill and outline.
    fn frame(&self, ui: &Ui, tokens: &Tokens, response: &Response) -> (Color32, Stroke) {
        let color = &tokens.color;
        let hovered = response.hovered() && !response.is_pointer_button_down_on();
        let lift = |fill: Color32| {
            if hovered {
                fill.lerp_to_gamma(color.text, 0.12)
            } else {
                fill
            }
        };
        match self.kind {
            Kind::Link => (Color32::TRANSPARENT, Stroke::NONE),
            _ if !ui.is_enabled() => (color.field, Stroke::new(1.0, tokens.soft_line())),
            Kind::Primary => (lift(color.accent), Stroke::NONE),
            Kind::Danger => (lift(color.bad), Stroke::NONE),
            Kind::Plain => (lift(color.raised), Stroke::NONE),
            Kind::Quiet if hovered => (color.field, ui.visuals().widgets.hovered.bg_stroke),
            Kind::Quiet => (Color32::TRANSPARENT, Stroke::new(1.0, color.line)),
        }
    }
}

impl Widget for ActionButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let tokens = theme::tokens(ui);
        let color = self.text_color(tokens, ui.is_enabled());
        let strong = matches!(self.kind, Kind::Primary | Kind::Danger);
        let font = if strong { tokens.strong() } else { tokens.body() };
        let text = line_text::layout(
            ui.painter(),
            line_text::job(self.text, font, color),
            f32::INFINITY,
        );
        let icon = self.icon.map(|icon| {
            line_text::layout(
                ui.painter(),
                line_text::job(icon, tokens.icon(), color),
                f32::INFINITY,
            )
        });
        let padding = match (self.kind, self.small) {
            (Kind::Link, _) => 0.0,
            (_, true) => 10.0,
            (_, false) => 12.0,
        };
        let height = match (self.kind, self.small) {
            (Kind::Link, _) => 20.0,
            (_, true) => tokens.size.control - 1.0,
            (_, false) => tokens.size.control + 2.0,
        };
        let gap = if self.text.is_empty() { 0.0 } else { 6.0 };
        let icon_width = icon.as_ref().map_or(0.0, |icon| icon.size().x + gap);
        let content = icon_width + text.size().x;
        let width = (content + 2.0 * padding).max(self.width.unwrap_or(0.0));
        let (rect, response) = ui.allocate_exact_size(vec2(width.ceil(), height), Sense::click());
        response.widget_info(|| {
            let role = if self.kind == Kind::Link {
                Role::Link
            } else {
                Role::Button
            };
            WidgetInfo::labeled(role, ui.is_enabled(), self.text)
        });
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let (fill, stroke) = self.frame(ui, tokens, &response);
        // What cannot be done is told by quieter colours and can still be read, so it is not faded as well.
        let mut painter = ui.painter().clone();
        if !ui.is_enabled() {
            painter.set_opacity(1.0);
        }
        painter.rect(rect, tokens.size.radius, fill, stroke, StrokeKind::Inside);
        let left = rect.center().x - content / 2.0;
        if let Some(icon) = icon {
            line_text::paint(&painter, rect.with_min_x(left), icon);
        }
        let covered = line_text::paint(&painter, rect.with_min_x(left + icon_width), text);
        if self.kind == Kind::Link && response.hovered() && ui.is_enabled() {
            let y = covered.bottom() - 1.0;
            painter.hline(covered.x_range(), y, Stroke::new(1.0, tokens.color.accent));
        }
        focus_ring(ui, &response, tokens.size.radius);
        if self.kind == Kind::Link {
            response.on_hover_cursor(CursorIcon::PointingHand)
        } else {
            response
        }
    }
}

/// Outlines what has the keyboard's focus.
pub fn focus_ring(ui: &Ui, response: &Response, radius: f32) {
    if response.has_focus() {
        let stroke = Stroke::new(1.5, theme::tokens(ui).color.accent);
        ui.painter().rect_stroke(
            response.rect.expand(2.0),
            radius + 2.0,
            stroke,
            StrokeKind::Inside,
        );
    }
}

/// A button of an icon alone; `name` is its tooltip and its accessible name.
#[must_use = "add it to a Ui"]
pub struct IconButton<'a> {
    icon: &'a str,
    name: &'a str,
    size: f32,
    icon_size: f32,
    selected: bool,
    color: Option<Color32>,
}

impl<'a> IconButton<'a> {
    /// `icon` is one of [`crate::theme::icons`].
    pub fn new(icon: &'a str, name: &'a str) -> Self {
        Self {
            icon,
            name,
            size: 22.0,
            icon_size: 14.0,
            selected: false,
            color: None,
        }
    }

    /// Width and height in points; 22 unless set.
    pub fn size(mut self, size: f32) -> Self {
        self.size = size;
        self
    }

    /// The icon's size in points; 14 unless set.
    pub fn icon_size(mut self, size: f32) -> Self {
        self.icon_size = size;
        self
    }

    /// Drawn as switched on.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// The icon's colour; the theme's dim unless set.
    pub fn color(mut self, color: Color32) -> Self {
        self.color = Some(color);
        self
    }
}

impl Widget for IconButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let tokens = theme::tokens(ui);
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(self.size), Sense::click());
        response.widget_info(|| {
            if self.selected {
                WidgetInfo::selected(Role::Button, ui.is_enabled(), true, self.name)
            } else {
                WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.name)
            }
        });
        if ui.is_rect_visible(rect) {
            let fill = if self.selected || response.hovered() {
                tokens.color.raised
            } else {
                Color32::TRANSPARENT
            };
            ui.painter().rect_filled(rect, tokens.size.radius_small, fill);
            let color = match self.color {
                Some(color) => color,
                None if self.selected || response.hovered() => tokens.color.text,
                None => tokens.color.dim,
            };
            let font = FontId::new(self.icon_size, theme::icon_family());
            let icon = line_text::layout(
                ui.painter(),
                line_text::job(self.icon, font, color),
                f32::INFINITY,
            );
            line_text::paint_centered(ui.painter(), rect, icon);
            focus_ring(ui, &response, tokens.size.radius_small);
        }
        response.on_hover_text(self.name)
    }
}

/// A triangle that points right, or down if `open`, about a centre.
pub fn paint_disclosure(ui: &Ui, center: egui::Pos2, open: bool, color: Color32) {
    let at = |x: f32, y: f32| pos2(center.x + x, center.y + y);
    let points = if open {
        vec![at(-3.5, -2.0), at(3.5, -2.0), at(0.0, 3.0)]
    } else {
        vec![at(-2.0, -3.5), at(3.0, 0.0), at(-2.0, 3.5)]
    };
    ui.painter()
        .add(egui::Shape::convex_polygon(points, color, Stroke::NONE));
}
