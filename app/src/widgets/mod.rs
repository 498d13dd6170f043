//! House widgets: they know egui and the theme, and take plain data.

pub mod badge;
pub mod button;
pub mod line_text;
pub mod row_scroller;
