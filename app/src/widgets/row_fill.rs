//! The ground of a row in a list.

use egui::{Rect, Response, Ui};

use crate::theme;

/// Paints the ground of a row: selected, under the pointer, or every other one striped.
pub fn row_fill(ui: &Ui, rect: Rect, is_odd: bool, is_selected: bool, response: &Response) {
    let tokens = theme::tokens(ui);
    let fill = if is_selected {
        Some(tokens.color.selection)
    } else if response.hovered() {
        Some(tokens.hover())
    } else {
        is_odd.then(|| tokens.stripe())
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, 0.0, fill);
    }
}
