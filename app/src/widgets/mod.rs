//! House widgets: they know egui and the theme, and take plain data.
