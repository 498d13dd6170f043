//! A plot that nobody moves: what it shows is chosen by the panel, not by the pointer.

use egui::{AsIdSalt, Sense, Ui, Vec2};
use egui_plot::Plot;

use crate::theme;

/// A plot of this size without axes, grid and ground, which the pointer only points at.
pub fn still_plot<'a>(ui: &Ui, name: impl AsIdSalt, size: Vec2, sense: Sense) -> Plot<'a> {
    Plot::new(name)
        .width(size.x)
        .height(size.y)
        .show_axes(false)
        .show_grid(false)
        .show_background(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .sense(sense)
        .show_y(false)
        .label_formatter(|_position| None)
        .cursor_color(theme::tokens(ui).color.line)
}
