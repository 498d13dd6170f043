//! A dialog that asks for a path, for systems without one of their own.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{
    Context, Frame, Key, Margin, Modifiers, Rect, Response, RichText, Sense, TextEdit, Ui, WidgetInfo,
};

use crate::dialog::path::{PathDialog, PathEntry, PathEvent, PathKind};
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, plain_button, primary_button};
use crate::widgets::dialog_frame::{button_row, dialog};
use crate::widgets::line_text;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition};

/// Where the offers are scrolled to, while the dialog is open.
#[derive(Debug, Default)]
pub struct PathView {
    scroll: ScrollPosition,
    /// The folder that they are of.
    listed: Option<PathBuf>,
}

/// Shows the dialog.
pub fn show(ctx: &Context, asked: &mut PathDialog, view: &mut PathView) -> Vec<PathEvent> {
    Drawn { asked, view }.show(ctx)
}

struct Drawn<'a> {
    asked: &'a mut PathDialog,
    view: &'a mut PathView,
}

impl Drawn<'_> {
    fn show(&mut self, ctx: &Context) -> Vec<PathEvent> {
        if self.view.listed != self.asked.listed {
            self.view.listed.clone_from(&self.asked.listed);
            self.view.scroll = ScrollPosition::default();
        }
        let mut events = Vec::new();
        let title = self.asked.title.clone();
        let modal = dialog(ctx, &title, 560.0, |ui| self.contents(ui, &mut events));
        if modal.should_close() {
            events.push(PathEvent::Cancelled);
        }
        let folder = PathBuf::from(self.asked.split().0);
        if self.asked.listed.as_ref() != Some(&folder) && !folder.as_os_str().is_empty() {
            // Asked for once: until the answer comes, the folder counts as empty.
            self.asked.set_listing(folder.clone(), Vec::new());
            events.push(PathEvent::List(folder));
        }
        events
    }

    fn contents(&mut self, ui: &mut Ui, events: &mut Vec<PathEvent>) {
        let tokens = theme::tokens(ui);
        ui.label(RichText::new(&self.asked.title).font(tokens.heading()));
        let offers: Vec<PathEntry> = self.asked.offers().into_iter().cloned().collect();
        let keys = ui.input_mut(|input| {
            let down = input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown) as i64
                - input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp) as i64;
            (
                down,
                input.consume_key(Modifiers::NONE, Key::Tab),
                input.consume_key(Modifiers::NONE, Key::Enter),
            )
        });
        let (down, mut complete, enter) = keys;
        if down != 0 && !offers.is_empty() {
            let next = self.asked.selected.map_or(-1, |index| index as i64) + down;
            let next = next.clamp(0, offers.len() as i64 - 1) as usize;
            self.asked.selected = Some(next);
            self.view.scroll.scroll_to_row(next as u64, RowAlign::Nearest);
        }
        let (path, up) = ui
            .horizontal(|ui| {
                let up = ui.add(IconButton::new(icons::ARROW_UP, "Folder above"));
                let path = TextEdit::singleline(&mut self.asked.text)
                    .font(tokens.mono())
                    .desired_width(f32::INFINITY)
                    .hint_text("Path")
                    .show(ui);
                (path, up)
            })
            .inner;
        let field = path.response.response.accessible_name("Path");
        if up.clicked() {
            self.asked.go_up();
            set_cursor_to_end(ui, field.id, &self.asked.text);
        }
        if ui.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
        if field.changed() {
            self.asked.error = None;
            self.asked.selected = None;
        }
        self.error_ui(ui);
        let mut chosen = enter && self.asked.selected.is_none();
        complete |= enter && self.asked.selected.is_some();
        if offers.is_empty() && self.asked.split().1.is_empty() && !self.asked.recent.is_empty() {
            self.recent_ui(ui);
        } else if let Some((index, is_second)) = self.offers_ui(ui, &offers)
            && let Some(entry) = offers.get(index)
        {
            if let Some(path) = self.asked.click(entry, is_second) {
                events.push(PathEvent::Chosen(path));
            }
            set_cursor_to_end(ui, field.id, &self.asked.text);
        }
        if complete && let Some(entry) = offers.get(self.asked.selected.unwrap_or(0)) {
            self.asked.take(entry);
            set_cursor_to_end(ui, field.id, &self.asked.text);
        }
        button_row(ui, |ui| {
            let action = match self.asked.kind {
                PathKind::OpenFile | PathKind::OpenFolder => "Open",
                PathKind::Save => "Save",
            };
            let ready = !self.asked.text.trim().is_empty();
            chosen |= ui.add_enabled(ready, primary_button(action)).clicked();
            if ui.add(plain_button("Cancel")).clicked() {
                events.push(PathEvent::Cancelled);
            }
            if chosen && ready {
                events.push(PathEvent::Chosen(PathBuf::from(self.asked.text.trim())));
            }
        });
    }

    fn error_ui(&self, ui: &mut Ui) {
        if let Some(error) = &self.asked.error {
            let tokens = theme::tokens(ui);
            ui.add(egui::Label::new(RichText::new(error).color(tokens.color.bad)).wrap());
        }
    }

    fn recent_ui(&mut self, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        list_frame(ui, |ui| {
            for path in self.asked.recent.clone() {
                let text = path.display().to_string();
                if row_ui(ui, None, icons::CLOCK, &text, "", false).clicked() {
                    self.asked.text = text;
                    self.asked.error = None;
                }
            }
            if self.asked.recent.is_empty() {
                ui.colored_label(tokens.color.dim, "Nothing here");
            }
        });
    }

    /// Returns the offer that was clicked, and whether it was the second click of a double one.
    fn offers_ui(&mut self, ui: &mut Ui, offers: &[PathEntry]) -> Option<(usize, bool)> {
        let mut clicked = None;
        let selected = self.asked.selected;
        let clicked_name = self.asked.is_clicked().then(|| self.asked.split().1.to_owned());
        list_frame(ui, |ui| {
            let height = theme::tokens(ui).size.tree_row;
            RowScroller::new(&mut self.view.scroll, "Offers", offers.len() as u64, height).show(
                ui,
                |ui, row, rect| {
                    if let Some(entry) = offers.get(row as usize) {
                        let icon = if entry.is_folder {
                            icons::FOLDER
                        } else {
                            icons::FILE
                        };
                        let is_selected = match selected {
                            Some(index) => index == row as usize,
                            None => clicked_name.as_deref() == Some(&*entry.name),
                        };
                        let response = row_ui(ui, Some(rect), icon, &entry.name, &entry.note, is_selected);
                        if response.clicked() {
                            clicked = Some((row as usize, response.double_clicked()));
                        }
                    }
                },
            );
        });
        clicked
    }
}

fn list_frame(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let tokens = theme::tokens(ui);
    Frame::NONE
        .fill(tokens.color.field)
        .stroke((1.0, tokens.color.line))
        .corner_radius(tokens.size.radius)
        .inner_margin(Margin::same(4))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.allocate_ui(egui::vec2(ui.available_width(), 220.0), |ui| {
                ui.set_min_size(egui::vec2(ui.available_width(), 220.0));
                contents(ui);
            });
        });
}

fn row_ui(ui: &mut Ui, rect: Option<Rect>, icon: &str, name: &str, note: &str, selected: bool) -> Response {
    let tokens = theme::tokens(ui);
    let response = match rect {
        Some(rect) => ui.interact(rect, ui.scope_id().with(name), Sense::click()),
        None => {
            let size = egui::vec2(ui.available_width(), tokens.size.tree_row);
            ui.allocate_exact_size(size, Sense::click()).1
        }
    };
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), selected, name));
    let rect = response.rect;
    if selected || response.hovered() {
        let fill = if selected {
            tokens.color.selection
        } else {
            tokens.color.raised
        };
        ui.painter().rect_filled(rect, tokens.size.radius_small, fill);
    }
    let layout = |job, width| line_text::layout(ui.painter(), job, width);
    let icon = layout(line_text::job(icon, tokens.icon(), tokens.color.dim), 20.0);
    line_text::paint(ui.painter(), rect.with_min_x(rect.left() + 8.0), icon);
    let note = layout(line_text::job(note, tokens.small(), tokens.color.dim), 200.0);
    let covered = line_text::paint_right(ui.painter(), rect.with_max_x(rect.right() - 10.0), note);
    let inner = rect
        .with_min_x(rect.left() + 30.0)
        .with_max_x(covered.left() - 8.0);
    let name = layout(
        line_text::job(name, tokens.mono(), tokens.color.text),
        inner.width(),
    );
    line_text::paint(ui.painter(), inner, name);
    response
}

fn set_cursor_to_end(ui: &Ui, id: egui::Id, text: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    let end = egui::text::CCursor::end_of_str(text);
    state
        .cursor
        .set_char_range(Some(egui::text::CCursorRange::one(end)));
    state.store(ui.ctx(), id);
    ui.memory_mut(|memory| memory.request_focus(id));
}
