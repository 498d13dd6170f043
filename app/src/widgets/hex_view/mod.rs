//! Bytes as hexadecimal digits and as text, any number of them, to look at or to edit.

mod columns;
mod cursor;

use egui::accesskit::Role;
use egui::text_edit::TextEditState;
use egui::{Event, EventFilter, FocusDirection, Key, Modifiers, Response, Ui, UiBuilder};

use crate::theme;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition};
use columns::{Columns, Mark, status_line};
pub use cursor::{HexColumn, HexCursor, HexEdit};
use cursor::{bytes_from_hex, hex_text};

/// Height of the line below the bytes, in points.
const STATUS_HEIGHT: f32 = 24.0;

/// What a person did to a hexadecimal view. The caller keeps it.
#[derive(Debug, Clone, Default)]
pub struct HexViewState {
    cursor: HexCursor,
    /// Whether the cursor was put anywhere.
    is_placed: bool,
    /// Whether the cursor must be brought into view.
    reveal: bool,
    scroll: ScrollPosition,
    /// The pointer was pressed on a byte and is still down.
    is_dragging: bool,
}

impl HexViewState {
    /// The selected byte, or the last one of several.
    #[must_use]
    pub fn selected(&self) -> Option<usize> {
        self.is_placed.then(|| self.cursor.at())
    }

    /// Selects a byte and brings it into view.
    pub fn select(&mut self, offset: usize) {
        self.go(offset, false);
    }

    fn go(&mut self, offset: usize, extend: bool) {
        self.cursor.go(offset, extend && self.is_placed);
        self.is_placed = true;
        self.reveal = true;
    }
}

/// Shows bytes.
#[must_use = "show it"]
pub struct HexView<'a> {
    state: &'a mut HexViewState,
    name: &'a str,
    bytes: &'a [u8],
    editable: bool,
}

/// What a hexadecimal view did.
pub struct HexViewOutput {
    /// The area.
    pub response: Response,
    /// What to do to the bytes; the view shows it in the next frame.
    pub edit: Option<HexEdit>,
    /// Why something could not be pasted.
    pub complaint: Option<String>,
}

impl<'a> HexView<'a> {
    /// Shows `bytes`; `name` is what a screen reader says.
    pub fn new(state: &'a mut HexViewState, name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            state,
            name,
            bytes,
            editable: false,
        }
    }

    /// Whether bytes can be typed, pasted and removed.
    pub fn editable(mut self, editable: bool) -> Self {
        self.editable = editable;
        self
    }

    /// Fills the available space.
    pub fn show(self, ui: &mut Ui) -> HexViewOutput {
        let Self {
            state,
            name,
            bytes,
            editable,
        } = self;
        let area = ui.available_rect_before_wrap();
        let status = if editable { STATUS_HEIGHT } else { 0.0 };
        let rows = area.with_max_y((area.bottom() - status).max(area.top() + 40.0));
        let (response, page) = ui
            .scope_builder(UiBuilder::new().max_rect(rows), |ui| {
                rows_ui(ui, state, name, bytes, editable)
            })
            .inner;
        let mut output = HexViewOutput {
            response,
            edit: None,
            complaint: None,
        };
        if output.response.has_focus() {
            keys(ui, state, bytes, editable, page, &mut output);
        }
        if editable && status_line(ui, &mark(state, bytes, false), bytes.len()) {
            state.cursor.inserting = !state.cursor.inserting;
            output.response.request_focus();
        }
        output
    }
}

fn mark(state: &HexViewState, bytes: &[u8], is_active: bool) -> Mark {
    Mark {
        at: state.cursor.at(),
        selection: state.cursor.selection(bytes.len()),
        column: state.cursor.column,
        second_digit: state.cursor.is_at_second_digit(),
        inserting: state.cursor.inserting,
        is_active,
    }
}

/// How far the keys go: bytes in a row, and rows on a page.
#[derive(Clone, Copy)]
struct Page {
    per_row: usize,
    rows: usize,
}

fn rows_ui(
    ui: &mut Ui,
    state: &mut HexViewState,
    name: &str,
    bytes: &[u8],
    editable: bool,
) -> (Response, Page) {
    let tokens = theme::tokens(ui);
    let columns = Columns::fit(ui, tokens, bytes.len());
    let per_row = columns.per_row;
    // Typing goes on after the last byte.
    let rows = (bytes.len() + usize::from(editable)).div_ceil(per_row) as u64;
    // Something else may have made the bytes fewer.
    let last = bytes.len().saturating_sub(usize::from(!editable));
    if state.cursor.at() > last {
        state.cursor.go(last, false);
    }
    if std::mem::take(&mut state.reveal) {
        let row = (state.cursor.at() / per_row) as u64;
        state.scroll.scroll_to_row(row, RowAlign::Nearest);
    }
    let id = ui.make_persistent_id(name);
    let is_active = editable && ui.data(|data| data.get_temp(id).unwrap_or(false));
    let shown = state.is_placed.then(|| mark(state, bytes, is_active));
    let mut pointed = None;
    let mut is_dragging = state.is_dragging && ui.input(|input| input.pointer.primary_down());
    let scroller = RowScroller::new(&mut state.scroll, name, rows, tokens.size.value_row).role(Role::Grid);
    let output = scroller.show(ui, |ui, row, rect| {
        let start = row as usize * per_row;
        let rest = bytes.get(start..).unwrap_or_default();
        let here = rest.get(..per_row.min(rest.len())).unwrap_or_default();
        let response = columns.draw_row(ui, tokens, rect, start, here, shown.as_ref());
        let (pointer, is_pressed, shift) = ui.input(|input| {
            let pointer = input.pointer.latest_pos();
            (pointer, input.pointer.primary_pressed(), input.modifiers.shift)
        });
        if let Some(pointer) = pointer {
            let (place, column) = columns.place(rect, pointer);
            if is_pressed && response.contains_pointer() {
                is_dragging = true;
                pointed = Some((start + place, column, shift));
            } else if is_dragging && rect.y_range().contains(pointer.y) {
                pointed = Some((start + place, column, true));
            }
        }
    });
    state.is_dragging = is_dragging;
    if let Some((at, column, extend)) = pointed {
        let at = at.min(last);
        if !extend {
            state.cursor.column = column;
        }
        if at != state.cursor.at() || !extend || !state.is_placed {
            state.cursor.go(at, extend && state.is_placed);
            state.is_placed = true;
        }
        output.response.request_focus();
    }
    let has_focus = output.response.has_focus();
    ui.data_mut(|data| data.insert_temp(id, has_focus));
    let page = Page {
        per_row,
        rows: usize::try_from(output.page).unwrap_or(1).max(1),
    };
    (output.response, page)
}

fn keys(
    ui: &Ui,
    state: &mut HexViewState,
    bytes: &[u8],
    editable: bool,
    page: Page,
    output: &mut HexViewOutput,
) {
    let id = output.response.id;
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        tab: editable,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    if editable {
        // So that shortcuts of the window leave the keys of an editor, such as Ctrl+Z, alone.
        TextEditState::default().store(ui.ctx(), id);
    }
    if !state.is_placed {
        state.is_placed = true;
        state.cursor.go(0, false);
    }
    moves(ui, state, bytes, editable, page);
    let events = ui.input(|input| input.events.clone());
    for event in &events {
        let before = output.edit.is_some();
        match event {
            Event::Copy | Event::Cut => {
                let selected = bytes.get(state.cursor.selection(bytes.len())).unwrap_or_default();
                let text = match state.cursor.column {
                    HexColumn::Digits => hex_text(selected),
                    HexColumn::Text => String::from_utf8_lossy(selected).into_owned(),
                };
                ui.ctx().copy_text(text);
                if editable && *event == Event::Cut && !before {
                    output.edit = state.cursor.remove(false, bytes);
                }
            }
            // One edit a frame: the bytes change only after it.
            _ if !editable || before => {}
            Event::Text(text) => {
                output.edit = text
                    .chars()
                    .next()
                    .and_then(|char| state.cursor.type_char(char, bytes));
            }
            Event::Paste(text) => match state.cursor.column {
                HexColumn::Text => output.edit = Some(state.cursor.put(text.clone().into_bytes(), bytes)),
                HexColumn::Digits => match bytes_from_hex(text) {
                    Some(pasted) => output.edit = Some(state.cursor.put(pasted, bytes)),
                    None => {
                        let reason =
                            "Not pasted: these are no hexadecimal digits. The text column takes text";
                        output.complaint = Some(reason.to_owned());
                    }
                },
            },
            _ => {}
        }
    }
    if editable && output.edit.is_none() {
        output.edit = edit_keys(ui, &mut state.cursor, bytes);
    }
    if output.edit.is_some() {
        state.reveal = true;
        ui.ctx().request_repaint();
    }
}

fn edit_keys(ui: &Ui, cursor: &mut HexCursor, bytes: &[u8]) -> Option<HexEdit> {
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let redo = Modifiers::COMMAND | Modifiers::SHIFT;
    if pressed(Modifiers::NONE, Key::Delete) {
        cursor.remove(false, bytes)
    } else if pressed(Modifiers::NONE, Key::Backspace) {
        cursor.remove(true, bytes)
    } else if pressed(redo, Key::Z) || pressed(Modifiers::COMMAND, Key::Y) {
        cursor.step_back(true, bytes)
    } else if pressed(Modifiers::COMMAND, Key::Z) {
        cursor.step_back(false, bytes)
    } else {
        if pressed(Modifiers::NONE, Key::Insert) {
            cursor.inserting = !cursor.inserting;
        }
        None
    }
}

/// Keys that move the cursor, change its column, or select.
fn moves(ui: &Ui, state: &mut HexViewState, bytes: &[u8], editable: bool, page: Page) {
    let last = bytes.len().saturating_sub(usize::from(!editable));
    let at = state.cursor.at();
    let row = at - at % page.per_row;
    let steps = [
        (Modifiers::NONE, Key::ArrowLeft, at.saturating_sub(1)),
        (Modifiers::NONE, Key::ArrowRight, at + 1),
        (
            Modifiers::NONE,
            Key::ArrowUp,
            at.checked_sub(page.per_row).unwrap_or(at),
        ),
        (
            Modifiers::NONE,
            Key::ArrowDown,
            if at + page.per_row <= last {
                at + page.per_row
            } else {
                at
            },
        ),
        (
            Modifiers::NONE,
            Key::PageUp,
            at.saturating_sub(page.per_row * page.rows),
        ),
        (Modifiers::NONE, Key::PageDown, at + page.per_row * page.rows),
        (Modifiers::NONE, Key::Home, row),
        (Modifiers::NONE, Key::End, row + page.per_row - 1),
        (Modifiers::COMMAND, Key::Home, 0),
        (Modifiers::COMMAND, Key::End, last),
    ];
    for (modifiers, key, target) in steps {
        // With further modifiers first, since fewer match, too.
        let extend = ui.input_mut(|input| input.consume_key(modifiers | Modifiers::SHIFT, key));
        if extend || ui.input_mut(|input| input.consume_key(modifiers, key)) {
            state.go(target.min(last), extend);
        }
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
        state.cursor.select_all(bytes.len());
    }
    if !editable {
        return;
    }
    let back = ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::Tab));
    let on = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab));
    match state.cursor.column {
        HexColumn::Digits if on => state.cursor.column = HexColumn::Text,
        HexColumn::Text if back => state.cursor.column = HexColumn::Digits,
        _ if on => ui.memory_mut(|memory| memory.move_focus(FocusDirection::Next)),
        _ if back => ui.memory_mut(|memory| memory.move_focus(FocusDirection::Previous)),
        _ => {}
    }
}
