//! Chips of a filter bar: what filters now, which can be closed, and ghosts of what could.

use std::f32::consts::TAU;

use egui::accesskit::Role;
use egui::text::LayoutJob;
use egui::{
    Color32, FontId, Pos2, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use crate::theme::{self, icons};
use crate::widgets::{button, line_text};

/// An active filter, or with [`Self::ghost`] one that could be added.
#[must_use = "show it"]
pub struct FilterChip<'a> {
    name: &'a str,
    value: Option<LayoutJob>,
    ghost: bool,
    closable: bool,
    max_width: f32,
    mark: Option<&'a str>,
}

/// What happened to a chip.
pub struct FilterChipResponse {
    /// The whole chip; a click means to edit, or to add a ghost.
    pub response: Response,
    /// Its × was clicked.
    pub closed: bool,
}

impl<'a> FilterChip<'a> {
    /// An active filter called `name`: `in`, `start`, `limit`.
    pub fn new(name: &'a str) -> Self {
        Self {
            name,
            value: None,
            ghost: false,
            closable: true,
            max_width: f32::INFINITY,
            mark: None,
        }
    }

    /// A filter that is not active: dashed.
    pub fn ghost(name: &'a str) -> Self {
        Self {
            name,
            value: None,
            ghost: true,
            closable: false,
            max_width: f32::INFINITY,
            mark: None,
        }
    }

    /// What it filters by, in the font of data.
    pub fn value(mut self, value: LayoutJob) -> Self {
        self.value = Some(value);
        self
    }

    /// At most so wide, in points.
    pub fn max_width(mut self, width: f32) -> Self {
        self.max_width = width;
        self
    }

    /// With a quiet icon at its end.
    pub fn mark(mut self, icon: &'a str) -> Self {
        self.mark = Some(icon);
        self
    }

    /// Without ×.
    pub fn permanent(mut self) -> Self {
        self.closable = false;
        self
    }

    /// Adds it to `ui`.
    pub fn show(self, ui: &mut Ui) -> FilterChipResponse {
        let tokens = theme::tokens(ui);
        let color = if self.ghost {
            tokens.color.dim
        } else {
            tokens.color.text
        };
        let font = if self.ghost || self.value.is_none() {
            tokens.body()
        } else {
            tokens.mono()
        };
        let mut job = line_text::job(self.name, font, color);
        let mut spoken = self.name.to_owned();
        if let Some(value) = self.value {
            if !self.name.is_empty() {
                line_text::append(&mut job, " ", &tokens.mono(), color);
                spoken.push(' ');
            }
            spoken.push_str(&value.text);
            for section in &value.sections {
                let text = value
                    .text
                    .get(section.byte_range.start.0..section.byte_range.end.0)
                    .unwrap_or_default();
                job.append(text, section.leading_space, section.format.clone());
            }
        }
        let cross = if self.closable { 20.0 } else { 0.0 };
        let mark = self.mark.map(|icon| {
            let job = line_text::job(icon, tokens.icon(), tokens.color.dim);
            line_text::layout(ui.painter(), job, f32::INFINITY)
        });
        let mark_width = mark.as_ref().map_or(0.0, |mark| mark.size().x + 6.0);
        let beside = 16.0 + cross + mark_width;
        let galley = line_text::layout(
            ui.painter(),
            job,
            (ui.max_rect().width().min(self.max_width) - beside).max(40.0),
        );
        let size = vec2((galley.size().x + beside).ceil(), tokens.size.control);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &spoken));
        let name = if self.name.is_empty() { &spoken } else { self.name };
        let closed = self.closable && close_cross(ui, &response, &format!("Remove {name}")).clicked();
        if ui.is_rect_visible(rect) {
            paint_frame(ui, &response, self.ghost);
            let inner = rect.shrink2(vec2(8.0, 0.0));
            line_text::paint(ui.painter(), inner, galley);
            if let Some(mark) = mark {
                let right = inner.with_max_x(inner.right() - cross);
                line_text::paint_right(ui.painter(), right, mark);
            }
            if self.closable {
                paint_cross(ui, &response);
            }
            button::focus_ring(ui, &response, tokens.size.radius);
        }
        FilterChipResponse { response, closed }
    }
}

fn cross_rect(chip: Rect) -> Rect {
    Rect::from_center_size(chip.right_center() - vec2(12.0, 0.0), Vec2::splat(18.0))
}

fn close_cross(ui: &Ui, chip: &Response, name: &str) -> Response {
    let response = ui.interact(cross_rect(chip.rect), chip.id.with("close"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    response
}

fn paint_cross(ui: &Ui, chip: &Response) {
    let tokens = theme::tokens(ui);
    let rect = cross_rect(chip.rect);
    let hovered = ui.rect_contains_pointer(rect);
    if hovered {
        ui.painter()
            .rect_filled(rect.shrink(1.0), tokens.size.radius_small, tokens.color.raised);
    }
    let color = if hovered {
        tokens.color.text
    } else {
        tokens.color.dim
    };
    let font = FontId::new(10.0, theme::icon_family());
    let icon = line_text::layout(
        ui.painter(),
        line_text::job(icons::CLOSE, font, color),
        f32::INFINITY,
    );
    line_text::paint_centered(ui.painter(), rect, icon);
}

fn paint_frame(ui: &Ui, response: &Response, ghost: bool) {
    let tokens = theme::tokens(ui);
    let stroke = if response.hovered() {
        ui.visuals().widgets.hovered.bg_stroke
    } else {
        Stroke::new(1.0, tokens.color.line)
    };
    if ghost {
        let fill = if response.hovered() {
            tokens.color.field
        } else {
            Color32::TRANSPARENT
        };
        ui.painter().rect_filled(response.rect, tokens.size.radius, fill);
        ui.painter()
            .extend(dashed_frame(response.rect, tokens.size.radius, stroke));
    } else {
        ui.painter().rect(
            response.rect,
            tokens.size.radius,
            tokens.color.field,
            stroke,
            StrokeKind::Inside,
        );
    }
}

/// A dashed rounded rectangle.
fn dashed_frame(rect: Rect, radius: f32, stroke: Stroke) -> Vec<Shape> {
    let rect = rect.shrink(0.5);
    let corners = [
        (pos2(rect.right() - radius, rect.top() + radius), -0.25),
        (pos2(rect.right() - radius, rect.bottom() - radius), 0.0),
        (pos2(rect.left() + radius, rect.bottom() - radius), 0.25),
        (pos2(rect.left() + radius, rect.top() + radius), 0.5),
    ];
    let mut path: Vec<Pos2> = Vec::new();
    for (center, start) in corners {
        for step in 0_u8..=4 {
            let angle = (start + f32::from(step) / 16.0) * TAU;
            path.push(center + radius * Vec2::angled(angle));
        }
    }
    path.extend(path.first().copied());
    Shape::dashed_line(&path, stroke, 3.0, 2.0)
}
