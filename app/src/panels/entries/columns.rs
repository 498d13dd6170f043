//! Where the table's columns are, and their titles.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::session::Session;
use crate::theme;
use crate::widgets::line_text;

/// Narrowest and widest key column, in points; the widest also as a share of what keys and values have together.
const KEY_WIDTHS: (f32, f32, f32) = (84.0, 420.0, 0.55);
/// Widths of the columns for type, size and expiry, in points.
const TYPE_WIDTH: f32 = 84.0;
const SIZE_WIDTH: f32 = 58.0;
const EXPIRY_WIDTH: f32 = 52.0;
/// Where the columns of a row are.
pub(super) struct Columns {
    pub key: Rect,
    pub value: Rect,
    pub kind: Rect,
    pub size: Rect,
    pub expiry: Rect,
}

impl Columns {
    pub fn of(rect: Rect, key_width: f32, padding: f32, gap: f32) -> Self {
        let inner = rect.shrink2(vec2(padding, 0.0));
        let expiry = inner.with_min_x(inner.right() - EXPIRY_WIDTH);
        let size = inner.with_max_x(expiry.left() - gap);
        let size = size.with_min_x(size.right() - SIZE_WIDTH);
        let kind = inner.with_max_x(size.left() - gap);
        let kind = kind.with_min_x(kind.right() - TYPE_WIDTH);
        let key = inner.with_max_x(inner.left() + key_width);
        let value = Rect::from_min_max(
            pos2(key.right() + gap, inner.top()),
            pos2((kind.left() - gap).max(key.right() + gap), inner.bottom()),
        );
        Self {
            key,
            value,
            kind,
            size,
            expiry,
        }
    }
}

/// How wide the key column is, in points.
pub(super) fn key_width(ui: &Ui, session: &Session) -> f32 {
    let tokens = theme::tokens(ui);
    let gaps = 4.0 * tokens.size.gap + 2.0 * tokens.size.padding;
    let fixed = TYPE_WIDTH + SIZE_WIDTH + EXPIRY_WIDTH + gaps;
    let fitting = (session.view.widest_key + 2.0).clamp(KEY_WIDTHS.0, KEY_WIDTHS.1);
    session
        .view
        .key_width
        .unwrap_or(fitting)
        .min((ui.available_width() - fixed) * KEY_WIDTHS.2)
        .max(KEY_WIDTHS.0)
}

/// The titles.
pub(super) fn header(ui: &mut Ui, session: &mut Session, key_width: f32) {
    let tokens = theme::tokens(ui);
    let size = vec2(ui.available_width(), tokens.size.table_header);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    let columns = Columns::of(rect, key_width, tokens.size.padding, tokens.size.gap);
    let title = |rect: Rect, text: &str, right: bool| {
        let job = line_text::job(text, tokens.small(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, rect.width());
        if right {
            line_text::paint_right(ui.painter(), rect, galley);
        } else {
            line_text::paint(ui.painter(), rect, galley);
        }
    };
    title(columns.key, "Key", false);
    title(columns.value, "Value", false);
    title(columns.kind, "Type", false);
    title(columns.size, "Size", true);
    title(columns.expiry, "Expires", true);
    // The border between key and value can be dragged; a double click lets the width fit the keys again.
    let edge = Rect::from_center_size(
        pos2(columns.key.right() + tokens.size.gap / 2.0, rect.center().y),
        vec2(8.0, rect.height()),
    );
    let handle = ui.interact(edge, ui.scope_id().with("key width"), Sense::click_and_drag());
    handle.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, "Width of the key column"));
    let handle = handle.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    if handle.dragged() {
        session.view.key_width = Some((key_width + handle.drag_delta().x).max(KEY_WIDTHS.0));
    }
    if handle.double_clicked() {
        session.view.key_width = None;
    }
    if handle.hovered() || handle.dragged() {
        ui.painter().vline(
            edge.center().x,
            rect.y_range(),
            egui::Stroke::new(1.0, tokens.color.accent),
        );
    }
}
