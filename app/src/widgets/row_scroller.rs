//! A scroller of equally high rows that is exact at any number of rows.
//!
//! egui's own scroll areas keep the offset as one `f32`, which stops moving at some millions of rows. Here
//! the position is a whole row and a fraction of it, and only visible rows are visited.

use std::ops::Range;

use egui::accesskit::Role;
use egui::{
    Event, EventFilter, Id, Key, Modifiers, Rect, Response, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use crate::theme;
use crate::widgets::keyboard_use::is_by_keyboard;

/// Where a row should stand after [`ScrollPosition::scroll_to_row`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowAlign {
    /// As little movement as makes it wholly visible.
    Nearest,
    /// At the top.
    Top,
    /// In the middle.
    Center,
}

/// Where a scroller stands. The caller keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ScrollPosition {
    /// The first row that is at least partly visible.
    row: u64,
    /// How many points of that row are above the top.
    offset: f64,
    /// A row to bring into view when next shown.
    wanted: Option<(u64, RowAlign)>,
}

impl ScrollPosition {
    /// The first row that is at least partly visible.
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.row
    }

    /// Brings a row into view when next shown.
    pub fn scroll_to_row(&mut self, row: u64, align: RowAlign) {
        self.wanted = Some((row, align));
    }

    /// Keeps what is on screen where it is after `count` rows were inserted above it.
    pub fn rows_inserted_above(&mut self, count: u64) {
        self.row = self.row.saturating_add(count);
    }

    /// Keeps what is on screen where it is after `count` rows were removed above it.
    pub fn rows_removed_above(&mut self, count: u64) {
        self.row = self.row.saturating_sub(count);
    }

    /// Moves by `delta` points, down if positive, within `rows` rows of `height` and a view of `view` points.
    fn scroll_by(&mut self, delta: f64, rows: u64, height: f64, view: f64) {
        let moved = self.offset + delta;
        let steps = (moved / height).floor();
        self.offset = moved - steps * height;
        if steps < 0.0 {
            let back = (-steps) as u64;
            if back > self.row {
                self.offset = 0.0;
            }
            self.row = self.row.saturating_sub(back);
        } else {
            self.row = self.row.saturating_add(steps as u64);
        }
        self.clamp(rows, height, view);
    }

    fn clamp(&mut self, rows: u64, height: f64, view: f64) {
        let last = last_position(rows, height, view);
        if (self.row, self.offset) > last {
            (self.row, self.offset) = last;
        }
    }

    fn resolve_wanted(&mut self, rows: u64, height: f64, view: f64) {
        let Some((row, align)) = self.wanted.take() else {
            return;
        };
        let row = row.min(rows.saturating_sub(1));
        let above = match align {
            RowAlign::Top => 0.0,
            RowAlign::Center => ((view - height) / 2.0).max(0.0),
            RowAlign::Nearest => {
                if (row, 0.0) < (self.row, self.offset) {
                    0.0
                } else if distance(self.row, row, height) - self.offset + height > view {
                    (view - height).max(0.0)
                } else {
                    return;
                }
            }
        };
        (self.row, self.offset) = (row, 0.0);
        self.scroll_by(-above, rows, height, view);
    }
}

/// From the top of row `from` to the top of row `to`, in points.
fn distance(from: u64, to: u64, height: f64) -> f64 {
    to.saturating_sub(from) as f64 * height
}

/// The position at which the last row ends at the bottom of the view.
fn last_position(rows: u64, height: f64, view: f64) -> (u64, f64) {
    let fitting = (view / height).ceil();
    let row = rows.saturating_sub(fitting as u64);
    if (rows as f64) * height <= view {
        (0, 0.0)
    } else {
        (row, fitting * height - view)
    }
}

/// Shows the visible ones of many equally high rows.
pub struct RowScroller<'a> {
    position: &'a mut ScrollPosition,
    id_salt: Id,
    name: &'a str,
    role: Role,
    rows: u64,
    row_height: f32,
}

/// What a scroller shows.
pub struct RowScrollerOutput {
    /// Rows that are at least partly visible.
    pub visible: Range<u64>,
    /// How many rows fit wholly, at least one: what Page Up and Page Down move by.
    pub page: u64,
    /// The area itself. It can be clicked and hold the keyboard's focus.
    pub response: Response,
}

impl<'a> RowScroller<'a> {
    /// `name` is what a screen reader says, and tells scrollers of the same parent apart.
    #[must_use]
    pub fn new(position: &'a mut ScrollPosition, name: &'a str, rows: u64, row_height: f32) -> Self {
        Self {
            position,
            id_salt: Id::unique(name),
            name,
            role: Role::List,
            rows,
            row_height: row_height.max(1.0),
        }
    }

    /// The role of the whole; a list unless set.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// Fills the available space and calls `add_row` with each visible row and where it lies. Rows may draw
    /// with the painter or place widgets in their rectangle.
    pub fn show(self, ui: &mut Ui, mut add_row: impl FnMut(&mut Ui, u64, Rect)) -> RowScrollerOutput {
        let area = ui.available_rect_before_wrap();
        let id = ui.scope_id().with(self.id_salt);
        let response = ui.allocate_rect(area, Sense::hover());
        let response = ui.interact(response.rect, id, Sense::click());
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_role(self.role);
            node.set_label(self.name);
        });
        let (height, view) = (f64::from(self.row_height), f64::from(area.height()));
        if ui.rect_contains_pointer(area) && ui.is_enabled() {
            let delta = ui.input(|input| input.smooth_scroll_delta().y);
            if delta != 0.0 && self.rows as f64 * height > view {
                self.position
                    .scroll_by(-f64::from(delta), self.rows, height, view);
                ui.input_mut(|input| input.smooth_scroll_delta.y = 0.0);
            }
        }
        self.position.resolve_wanted(self.rows, height, view);
        self.position.clamp(self.rows, height, view);
        let bar = ScrollBar::new(ui, area, self.rows as f64 * height);
        if let Some(bar) = &bar
            && let Some(top) = bar.drag(ui, id, self.position.row as f64 * height + self.position.offset)
        {
            self.position.row = (top / height).floor() as u64;
            self.position.offset = top - self.position.row as f64 * height;
            self.position.clamp(self.rows, height, view);
        }

        let count = ((view + self.position.offset) / height).ceil() as u64;
        let visible = self.position.row..self.position.row.saturating_add(count).min(self.rows);
        let mut rows_ui = ui.new_child(
            UiBuilder::new()
                .scope_id(id.with("rows"))
                .max_rect(area)
                .accessibility_parent(id),
        );
        rows_ui.shrink_clip_rect(area);
        let pixels = ui.pixels_per_point();
        let top = area.top() - ((self.position.offset as f32) * pixels).round() / pixels;
        for row in visible.clone() {
            let above = (row - visible.start) as f32 * self.row_height;
            let rect = Rect::from_min_size(
                pos2(area.left(), top + above),
                vec2(area.width(), self.row_height),
            );
            add_row(&mut rows_ui, row, rect);
        }
        if let Some(bar) = bar {
            let top = self.position.row as f64 * height + self.position.offset;
            bar.show(ui, id, self.name, top);
        }
        RowScrollerOutput {
            visible,
            page: ((view / height).floor() as u64).max(1),
            response,
        }
    }
}

/// A thin bar over the right edge of the rows.
struct ScrollBar {
    track: Rect,
    handle: f32,
    /// How far the content can move, in points.
    range: f64,
}

impl ScrollBar {
    /// `None` if everything fits.
    fn new(ui: &Ui, area: Rect, content: f64) -> Option<Self> {
        let range = content - f64::from(area.height());
        if range <= 0.0 || area.height() <= 0.0 {
            return None;
        }
        let track = area.with_min_x(area.right() - theme::tokens(ui).size.scroll_bar);
        let share = (f64::from(area.height()) / content) as f32;
        let handle = (track.height() * share).max(24.0_f32.min(track.height()));
        Some(Self { track, handle, range })
    }

    fn handle_rect(&self, top: f64) -> Rect {
        let free = self.track.height() - self.handle;
        let y = self.track.top() + (top / self.range) as f32 * free;
        Rect::from_min_size(pos2(self.track.left(), y), vec2(self.track.width(), self.handle))
    }

    /// The new top of the view in points, if the handle is being dragged or the track was pressed.
    fn drag(&self, ui: &Ui, id: Id, top: f64) -> Option<f64> {
        let bar = ui.read_response(id.with("bar"))?;
        let pointer = bar.interact_pointer_pos()?;
        let grab_id = id.with("grab");
        let handle = self.handle_rect(top);
        if ui.input(|input| input.pointer.primary_pressed()) {
            let grab = if handle.contains(pointer) {
                pointer.y - handle.top()
            } else {
                self.handle / 2.0
            };
            ui.data_mut(|data| data.insert_temp(grab_id, grab));
        }
        if !bar.is_pointer_button_down_on() {
            return None;
        }
        let grab: f32 = ui
            .data(|data| data.get_temp(grab_id))
            .unwrap_or(self.handle / 2.0);
        let free = (self.track.height() - self.handle).max(1.0);
        let share = f64::from(((pointer.y - grab - self.track.top()) / free).clamp(0.0, 1.0));
        Some(share * self.range)
    }

    /// Takes the pointer and paints the handle.
    fn show(&self, ui: &Ui, id: Id, name: &str, top: f64) {
        // After the rows, so that the bar lies on them and takes the pointer first.
        let bar = ui.interact(self.track, id.with("bar"), Sense::CLICK | Sense::DRAG);
        bar.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, format!("Scroll bar of {name}")));
        let held = bar.hovered() || bar.is_pointer_button_down_on();
        let opacity = if held {
            0.6
        } else if ui.rect_contains_pointer(self.track.with_min_x(0.0)) {
            0.4
        } else {
            0.25
        };
        let width = if held { 6.0 } else { 4.0 };
        let handle = self.handle_rect(top);
        let handle = handle.with_min_x(handle.right() - width - 2.0);
        let handle = handle.with_max_x(handle.right() - 2.0).shrink2(vec2(0.0, 1.0));
        let color = theme::tokens(ui).color.dim.gamma_multiply(opacity * 1.4);
        ui.painter().rect_filled(handle, width / 2.0, color);
    }
}

/// Tells which row the arrows have come to, since the list as a whole keeps the keyboard's focus: a screen reader always,
/// and the eye where the keyboard is used.
pub fn tell_current_row(ui: &Ui, list: &Response, row: Option<Id>) {
    if list.has_focus() && is_by_keyboard(ui.ctx()) {
        let place = row.and_then(|row| ui.ctx().read_response(row));
        let place = place.map_or(list.rect, |row| row.rect).intersect(list.rect);
        let stroke = Stroke::new(1.0, theme::tokens(ui).color.accent);
        ui.painter()
            .rect_stroke(place.shrink(1.0), 2.0, stroke, StrokeKind::Inside);
    }
    if let Some(row) = row {
        ui.ctx().accesskit_node_builder(list.id, |node| {
            node.set_active_descendant(row.accesskit_id());
        });
    }
}

/// Gives a list's keys to `current`: arrows, Home, End, Page Up, Page Down, while `list` has the focus.
///
/// Returns the row to go to. The keys are consumed, and arrows no longer move the focus away.
#[must_use]
pub fn row_after_keys(ui: &Ui, list: &Response, current: Option<u64>, rows: u64, page: u64) -> Option<u64> {
    if !list.has_focus() {
        return None;
    }
    ui.memory_mut(|memory| {
        let filter = EventFilter {
            vertical_arrows: true,
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        memory.set_focus_lock_filter(list.id, filter);
    });
    let last = rows.checked_sub(1)?;
    let target = ui.input_mut(|input| {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key) as u64;
        let down = count(Key::ArrowDown) + count(Key::PageDown) * page;
        let up = count(Key::ArrowUp) + count(Key::PageUp) * page;
        if count(Key::Home) > 0 {
            Some(0)
        } else if count(Key::End) > 0 {
            Some(last)
        } else if down == 0 && up == 0 {
            None
        } else {
            Some(current.map_or(0, |row| row.saturating_add(down).saturating_sub(up)))
        }
    });
    target.map(|row| row.min(last))
}

/// Whether Shift, and Ctrl with it, was held for the last key that moves.
#[must_use]
pub fn modifiers_of_moves(ui: &Ui) -> (bool, bool) {
    ui.input(|input| {
        let mut moves = input.events.iter().filter_map(|event| match event {
            Event::Key {
                key: Key::ArrowDown | Key::ArrowUp | Key::PageDown | Key::PageUp | Key::Home | Key::End,
                pressed: true,
                modifiers,
                ..
            } => Some((modifiers.shift, modifiers.command)),
            _ => None,
        });
        moves.next_back().unwrap_or_default()
    })
}

/// The row from which a key goes to a neighbour of one that is gone, and that stood at `row`.
#[must_use]
pub fn beside_gone_row(ui: &Ui, row: Option<u64>) -> Option<u64> {
    // What came after it has moved up to its place.
    let goes_down =
        |input: &egui::InputState| input.key_pressed(Key::ArrowDown) || input.key_pressed(Key::PageDown);
    if ui.input(goes_down) {
        row?.checked_sub(1)
    } else {
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIGHT: f64 = 24.0;
    const VIEW: f64 = 500.0;

    #[test]
    fn small_steps_add_up_exactly_a_billion_rows_down() {
        let rows = 1_000_000_000;
        let mut position = ScrollPosition::default();
        position.scroll_to_row(900_000_000, RowAlign::Top);
        position.resolve_wanted(rows, HEIGHT, VIEW);
        for _ in 0..64 {
            position.scroll_by(3.0, rows, HEIGHT, VIEW);
        }
        assert_eq!((position.row, position.offset), (900_000_008, 0.0));
        for _ in 0..192 {
            position.scroll_by(-1.0, rows, HEIGHT, VIEW);
        }
        assert_eq!((position.row, position.offset), (900_000_000, 0.0));
    }

    #[test]
    fn the_ends_are_reached_exactly_and_not_passed() {
        let rows = 10_000_000;
        let mut position = ScrollPosition::default();
        position.scroll_by(-100.0, rows, HEIGHT, VIEW);
        assert_eq!((position.row, position.offset), (0, 0.0));
        position.scroll_by(1e12, rows, HEIGHT, VIEW);
        let bottom = position.row as f64 * HEIGHT + position.offset + VIEW;
        assert_eq!(bottom, rows as f64 * HEIGHT);
        position.clamp(3, HEIGHT, VIEW);
        assert_eq!((position.row, position.offset), (0, 0.0));
    }

    #[test]
    fn a_row_in_view_is_not_moved_and_another_moves_as_little_as_possible() {
        let mut position = ScrollPosition::default();
        position.scroll_to_row(5, RowAlign::Nearest);
        position.resolve_wanted(1000, HEIGHT, VIEW);
        assert_eq!((position.row, position.offset), (0, 0.0));
        position.scroll_to_row(30, RowAlign::Nearest);
        position.resolve_wanted(1000, HEIGHT, VIEW);
        assert_eq!(
            position.row as f64 * HEIGHT + position.offset,
            31.0 * HEIGHT - VIEW
        );
        position.scroll_to_row(3, RowAlign::Nearest);
        position.resolve_wanted(1000, HEIGHT, VIEW);
        assert_eq!((position.row, position.offset), (3, 0.0));
    }

    #[test]
    fn rows_inserted_above_do_not_move_what_is_seen() {
        let mut position = ScrollPosition {
            row: 40,
            offset: 7.0,
            wanted: None,
        };
        position.rows_inserted_above(3);
        assert_eq!((position.row, position.offset), (43, 7.0));
        position.rows_removed_above(50);
        assert_eq!(position.row, 0);
    }
}
