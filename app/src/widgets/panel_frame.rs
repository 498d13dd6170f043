//! What panels are made of: a header, bars with a line below, and rows of names and values.

use egui::{Align, InnerResponse, Layout, Rect, Sense, Stroke, Ui, UiBuilder, pos2, vec2};

use crate::theme;
use crate::widgets::line_text;

/// A panel's header: its title, what stands beside it, and what stands at the right end (from right to left).
pub fn panel_header(ui: &mut Ui, title: &str, left: impl FnOnce(&mut Ui), right: impl FnOnce(&mut Ui)) {
    let height = theme::tokens(ui).size.header;
    bar(ui, height, |ui| {
        let tokens = theme::tokens(ui);
        let job = line_text::job(title, tokens.strong(), tokens.color.text);
        ui.label(job);
        left(ui);
        ui.with_layout(Layout::right_to_left(Align::Center), right);
    });
}

/// A bar over the whole width with a line below: a filter bar, a footer of actions.
pub fn bar<R>(ui: &mut Ui, height: f32, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let line = Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    let inner = Rect::from_min_max(
        pos2(rect.left() + tokens.size.padding, rect.top()),
        pos2(rect.right() - tokens.size.padding, rect.bottom() - 1.0),
    );
    let builder = UiBuilder::new()
        .max_rect(inner)
        .layout(Layout::left_to_right(Align::Center));
    let mut inner_ui = ui.new_child(builder);
    inner_ui.shrink_clip_rect(rect);
    let inner = contents(&mut inner_ui);
    InnerResponse::new(inner, response)
}

/// The titles of a list's columns, over the whole width with a line below. `columns` says where they lie in it.
pub fn column_titles<'t>(
    ui: &mut Ui,
    titles: impl IntoIterator<Item = &'t str>,
    columns: impl FnOnce(Rect) -> Vec<Rect>,
) {
    let tokens = theme::tokens(ui);
    let size = vec2(ui.available_width(), tokens.size.table_header);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let line = Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    for (column, title) in columns(rect).into_iter().zip(titles) {
        let job = line_text::job(title, tokens.small(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, column.width());
        line_text::paint(ui.painter(), column, galley);
    }
}

/// A name in `name_width` points and what it names.
pub fn key_value_row<R>(
    ui: &mut Ui,
    name: &str,
    name_width: f32,
    value: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), 20.0), layout, |ui| {
        let tokens = theme::tokens(ui);
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().interact_size.y = 20.0;
        let (rect, response) = ui.allocate_exact_size(vec2(name_width, 20.0), Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, name));
        let job = line_text::job(name, tokens.body(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, name_width);
        line_text::paint(ui.painter(), rect, galley);
        value(ui)
    })
}
