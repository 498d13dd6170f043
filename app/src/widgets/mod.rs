//! House widgets: they know egui and the theme, and take plain data.

pub mod badge;
pub mod button;
pub mod chip;
pub mod choice;
pub mod code_editor;
pub mod context_menu;
pub mod date_picker;
pub mod dialog_frame;
pub mod diff;
pub mod hex_view;
pub mod key_text;
pub mod keyboard_use;
pub mod line_text;
pub mod local_zone;
pub mod marked_text;
pub mod menu;
pub mod panel_frame;
pub mod picture;
pub mod preview_text;
pub mod row_fill;
pub mod row_scroller;
pub mod search_field;
pub mod still_plot;
pub mod toasts;
pub mod value_tree;
pub mod waiting;
