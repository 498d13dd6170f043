//! Choosing one of a few: segments in a frame, colours, or tabs with an underline.
//!
//! Segments and colours are radio buttons of one group: Tab stops once at the group, at what is chosen; arrows, Home and End
//! go to the others, and Space or Enter chooses.

use egui::accesskit::Role;
use egui::{
    Color32, CornerRadius, EventFilter, Id, Key, Modifiers, Rect, Response, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::theme;
use crate::widgets::{badge, button, line_text};

/// A choice among a few ways to see the same thing, in one frame. The response is changed when another was
/// chosen. `name` tells a screen reader what is chosen.
pub fn segmented<T: PartialEq + Copy>(
    ui: &mut Ui,
    name: &str,
    chosen: &mut T,
    choices: &[(T, &str)],
) -> Response {
    let tokens = theme::tokens(ui);
    let padding = 12.0;
    let galleys: Vec<_> = choices
        .iter()
        .map(|(value, text)| {
            let color = if value == chosen {
                tokens.color.text
            } else {
                tokens.color.dim
            };
            line_text::layout(
                ui.painter(),
                line_text::job(text, tokens.body(), color),
                f32::INFINITY,
            )
        })
        .collect();
    let width: f32 = galleys
        .iter()
        .map(|galley| (galley.size().x + 2.0 * padding).ceil())
        .sum();
    let (frame, mut response) = ui.allocate_exact_size(vec2(width, tokens.size.control), Sense::hover());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::RadioGroup);
        node.set_label(name);
    });
    let chosen_place = choices.iter().position(|(value, _)| value == chosen);
    let stop = tab_stop(ui, response.id, chosen_place, choices.len());
    let mut left = frame.left();
    let last = choices.len().saturating_sub(1);
    for (index, ((value, text), galley)) in choices.iter().zip(galleys).enumerate() {
        let right = left + (galley.size().x + 2.0 * padding).ceil();
        let rect = Rect::from_x_y_ranges(left..=right, frame.y_range());
        let segment = ui.interact(rect, response.id.with(index), sense_at(index, stop));
        let is_chosen = value == chosen;
        segment.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_chosen, text));
        let radius = tokens.size.radius as u8;
        let corners = CornerRadius {
            nw: if index == 0 { radius } else { 0 },
            sw: if index == 0 { radius } else { 0 },
            ne: if index == last { radius } else { 0 },
            se: if index == last { radius } else { 0 },
        };
        if is_chosen {
            ui.painter().rect_filled(rect, corners, tokens.color.raised);
        } else if segment.hovered() {
            ui.painter().rect_filled(rect, corners, tokens.color.field);
        }
        line_text::paint_centered(ui.painter(), rect, galley);
        button::focus_ring(ui, &segment, 2.0);
        if segment.clicked() && !is_chosen {
            *chosen = *value;
            response.mark_changed();
        }
        left = right;
    }
    let stroke = Stroke::new(1.0, tokens.color.line);
    ui.painter()
        .rect_stroke(frame, tokens.size.radius, stroke, StrokeKind::Inside);
    response
}

/// Which of a group's `number` choices Tab stops at: the one that has the keyboard, which the keys of this frame have moved
/// to, or else the one that is chosen. From the last one it goes on to the first, and back.
fn tab_stop(ui: &Ui, group: Id, chosen: Option<usize>, number: usize) -> usize {
    let rest = chosen.unwrap_or(0);
    let Some(focused) = ui.memory(egui::Memory::focused) else {
        return rest;
    };
    let Some(at) = (0..number).find(|index| group.with(index) == focused) else {
        return rest;
    };
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(focused, filter));
    let to = ui.input_mut(|input| {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key);
        let on = count(Key::ArrowRight) + count(Key::ArrowDown);
        let back = count(Key::ArrowLeft) + count(Key::ArrowUp);
        if count(Key::Home) > 0 {
            0
        } else if count(Key::End) > 0 {
            number - 1
        } else {
            (at + on + (number - 1) * back) % number
        }
    });
    if to != at {
        ui.memory_mut(|memory| memory.request_focus(group.with(to)));
    }
    to
}

/// What a choice senses: the keyboard, too, where Tab stops.
fn sense_at(index: usize, stop: usize) -> Sense {
    match index == stop {
        true => Sense::click(),
        false => Sense::CLICK,
    }
}

/// Side of a swatch, in points.
const SWATCH: f32 = 18.0;

/// A choice among colours, each with its name. The response is changed when another was chosen. `name` tells a screen
/// reader what is chosen.
pub fn swatches<T: PartialEq + Copy>(
    ui: &mut Ui,
    name: &str,
    chosen: &mut T,
    colors: &[(T, &str, Color32)],
) -> Response {
    let tokens = theme::tokens(ui);
    let step = SWATCH + tokens.size.gap;
    let size = vec2(colors.len() as f32 * step, tokens.size.control);
    let (frame, mut response) = ui.allocate_exact_size(size, Sense::hover());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::RadioGroup);
        node.set_label(name);
    });
    let chosen_place = colors.iter().position(|(value, ..)| value == chosen);
    let stop = tab_stop(ui, response.id, chosen_place, colors.len());
    for (index, (value, name, color)) in colors.iter().enumerate() {
        let center = pos2(
            frame.left() + index as f32 * step + SWATCH / 2.0,
            frame.center().y,
        );
        let rect = Rect::from_center_size(center, vec2(SWATCH, SWATCH));
        let swatch = ui.interact(rect, response.id.with(index), sense_at(index, stop));
        let is_chosen = value == chosen;
        swatch.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_chosen, name));
        let radius = SWATCH / 2.0 - 3.0;
        ui.painter().circle_filled(center, radius, *color);
        if is_chosen {
            let stroke = Stroke::new(1.5, tokens.color.text);
            ui.painter().circle_stroke(center, SWATCH / 2.0, stroke);
        }
        button::focus_ring(ui, &swatch, SWATCH / 2.0);
        let swatch = swatch.on_hover_text(*name);
        if swatch.clicked() && !is_chosen {
            *chosen = *value;
            response.mark_changed();
        }
    }
    response
}

/// One tab of [`tabs`].
#[derive(Debug, Clone, PartialEq)]
pub struct Tab<'a, T> {
    /// What it stands for.
    pub value: T,
    /// Its title.
    pub title: &'a str,
    /// A count beside the title.
    pub count: Option<String>,
}

/// A row of tabs over the whole width, with a line below. The response is changed when another was chosen.
pub fn tabs<T: PartialEq + Copy>(ui: &mut Ui, name: &str, chosen: &mut T, tabs: &[Tab<'_, T>]) -> Response {
    let tokens = theme::tokens(ui);
    let size = vec2(ui.available_width(), tokens.size.header);
    let (bar, mut response) = ui.allocate_exact_size(size, Sense::hover());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::TabList);
        node.set_label(name);
    });
    let line = Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(bar.x_range(), bar.bottom() - 0.5, line);
    let mut left = bar.left() + 6.0;
    for (index, tab) in tabs.iter().enumerate() {
        let is_chosen = tab.value == *chosen;
        let id: Id = response.id.with(index);
        let hovered = ui.read_response(id).is_some_and(|tab| tab.hovered());
        let color = if is_chosen || hovered {
            tokens.color.text
        } else {
            tokens.color.dim
        };
        let job = line_text::job(tab.title, tokens.body(), color);
        let title = line_text::layout(ui.painter(), job, f32::INFINITY);
        let count = tab.count.as_deref().map(|count| {
            let job = line_text::job(count, tokens.badge(), color);
            line_text::layout(ui.painter(), job, f32::INFINITY).size().x + 18.0
        });
        let width = (title.size().x + 24.0 + count.unwrap_or(0.0)).ceil();
        let rect = Rect::from_min_size(pos2(left, bar.top()), vec2(width, bar.height()));
        let response_of_tab = ui.interact(rect, id, Sense::click());
        tell_tab(ui, &response_of_tab, tab.title, is_chosen);
        let inner = rect.shrink2(vec2(12.0, 0.0)).translate(vec2(0.0, -0.5));
        let covered = line_text::paint(ui.painter(), inner, title);
        if let Some(count) = tab.count.as_deref() {
            let rest = rect.with_min_x(covered.right() + 6.0).translate(vec2(0.0, -0.5));
            badge::paint_badge(ui, rest, count);
        }
        if is_chosen {
            let underline = rect.with_min_y(rect.bottom() - 2.0);
            ui.painter().rect_filled(underline, 0.0, tokens.color.accent);
        }
        focus_inside(ui, &response_of_tab, rect);
        if response_of_tab.clicked() && !is_chosen {
            *chosen = tab.value;
            response.mark_changed();
        }
        left = rect.right() + 2.0;
    }
    response
}

/// Tells a screen reader of a tab. egui alone would tell of a button that is held down.
fn tell_tab(ui: &Ui, tab: &Response, title: &str, is_chosen: bool) {
    tab.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), is_chosen, title));
    ui.ctx().accesskit_node_builder(tab.id, |node| {
        node.clear_toggled();
        node.set_selected(is_chosen);
    });
}

/// What happened to a document's tab.
pub struct DocumentTabResponse {
    /// The tab; a click means to show its document.
    pub response: Response,
    /// Its × was clicked, or the tab was clicked with the middle button.
    pub closed: bool,
}

/// What a document's tab shows beside its title: a stripe, and a label if that is not empty.
#[derive(Debug, Clone, Copy)]
pub struct TabMark<'a> {
    /// The colour of both.
    pub color: Color32,
    /// What stands after the title.
    pub label: &'a str,
}

/// Height of the stripe of a tab, in points.
const TAB_STRIPE: f32 = 3.0;
/// The widest label of a tab, in points.
const TAB_LABEL_WIDTH: f32 = 130.0;

/// The tab of an open database in the menu bar.
pub fn document_tab(
    ui: &mut Ui,
    title: &str,
    active: bool,
    mark: Option<TabMark<'_>>,
) -> DocumentTabResponse {
    let tokens = theme::tokens(ui);
    let color = if active {
        tokens.color.text
    } else {
        tokens.color.dim
    };
    let galley = line_text::layout(ui.painter(), line_text::job(title, tokens.menu(), color), 220.0);
    let label = mark.map(|mark| mark.label).filter(|label| !label.is_empty());
    let label_width = label.map_or(0.0, |label| {
        let job = line_text::job(label, tokens.mono_small(), color);
        let width = line_text::layout(ui.painter(), job, f32::INFINITY).size().x;
        (width + 24.0).min(TAB_LABEL_WIDTH)
    });
    let width = galley.size().x + label_width + 46.0;
    let size = vec2(width.ceil(), tokens.size.menu_bar);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let told = label.map_or_else(|| title.to_owned(), |label| format!("{title}, {label}"));
    tell_tab(ui, &response, &told, active);
    if active {
        ui.painter().rect_filled(rect, 0.0, tokens.color.window);
        let line = Stroke::new(1.0, tokens.color.line);
        ui.painter().vline(rect.left() + 0.5, rect.y_range(), line);
        ui.painter().vline(rect.right() - 0.5, rect.y_range(), line);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.hover());
    }
    let covered = line_text::paint(ui.painter(), rect.shrink2(vec2(12.0, 0.0)), galley);
    if let Some(mark) = mark {
        let stripe = rect.with_max_y(rect.top() + TAB_STRIPE);
        ui.painter().rect_filled(stripe, 0.0, mark.color);
    }
    if let (Some(label), Some(mark)) = (label, mark) {
        let left = covered.right() + 8.0;
        let place = rect.with_min_x(left).with_max_x(left + label_width - 8.0);
        badge::paint_tag(ui, place, label, mark.color);
    }
    let close = Rect::from_center_size(rect.right_center() - vec2(17.0, 0.0), vec2(18.0, 18.0));
    let name = format!("Close {title}");
    let cross = ui.place(
        close,
        button::IconButton::new(theme::icons::CLOSE, &name)
            .size(18.0)
            .icon_size(10.0),
    );
    focus_inside(ui, &response, rect);
    let closed = cross.clicked() || response.middle_clicked();
    DocumentTabResponse { response, closed }
}

/// Outlines a tab that has the keyboard's focus, within its rectangle.
fn focus_inside(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        let tokens = theme::tokens(ui);
        let stroke = Stroke::new(1.5, tokens.color.accent);
        let radius = tokens.size.radius_small;
        ui.painter()
            .rect_stroke(rect.shrink(3.0), radius, stroke, StrokeKind::Inside);
    }
}
