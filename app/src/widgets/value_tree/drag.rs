//! Dragging a part to another place among its siblings.

use egui::{CursorIcon, Rect, Response, Stroke, Ui};
use keyglass_store::value::Value;

use super::order::place_of;
use super::{ValuePath, ValueTreeEvent};
use crate::theme;

/// What is dragged, and over which row.
#[derive(Default)]
pub(super) struct Drag {
    dragged: Option<(ValuePath, bool)>,
    over: Option<ValuePath>,
    rows: Vec<(ValuePath, Rect)>,
}

impl Drag {
    /// Takes a row that was drawn.
    pub fn row(&mut self, ui: &Ui, path: &ValuePath, rect: Rect, response: &Response) {
        if response.dragged() || response.drag_stopped() {
            self.dragged = Some((path.clone(), response.drag_stopped()));
        }
        let (pointer, is_dragging) = ui.input(|input| {
            let pointer = &input.pointer;
            (pointer.latest_pos(), pointer.is_decidedly_dragging())
        });
        if is_dragging {
            self.rows.push((path.clone(), rect));
        }
        if pointer.is_some_and(|pointer| rect.y_range().contains(pointer.y)) {
            self.over = Some(path.clone());
        }
    }

    /// The rows of a part and all that is in it, which stand below each other.
    fn rect_of(&self, part: &ValuePath) -> Option<Rect> {
        let rows = self.rows.iter().filter(|(path, _)| path.0.starts_with(&part.0));
        rows.map(|(_, rect)| *rect).reduce(Rect::union)
    }

    /// Marks where the part would go, and puts it there when it is let go.
    pub fn end(&self, ui: &Ui, value: &Value) -> Option<ValueTreeEvent> {
        let (path, is_dropped) = self.dragged.as_ref()?;
        let (from, _) = place_of(value, path)?;
        // Over a part of a sibling, the sibling is meant.
        let sibling = ValuePath(self.over.as_ref()?.0.get(..path.0.len())?.to_vec());
        if sibling.parent() != path.parent() {
            return None;
        }
        let (to, _) = place_of(value, &sibling)?;
        if to == from {
            return None;
        }
        if *is_dropped {
            return Some(ValueTreeEvent::Move(path.clone(), to));
        }
        let rect = self.rect_of(&sibling)?;
        let y = if to > from { rect.bottom() } else { rect.top() };
        let stroke = Stroke::new(2.0, theme::tokens(ui).color.accent);
        ui.painter().hline(rect.x_range(), y, stroke);
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        None
    }
}
