//! A dialog that asks for a path, for systems without one of their own.
//!
//! It reads no files: the caller hands in the contents of the folder that is being typed, and checks what is
//! chosen.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use egui::accesskit::Role;
use egui::{
    Align, Context, Frame, Key, Layout, Margin, Modifiers, Rect, Response, RichText, Sense, TextEdit, Ui,
    WidgetInfo,
};

use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, plain_button, primary_button};
use crate::widgets::confirm::dialog;
use crate::widgets::line_text;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// A file that exists.
    OpenFile,
    /// A folder that exists.
    OpenFolder,
    /// A file to write.
    Save,
}

/// One thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathEntry {
    /// Its name.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// A note beside it: its size, or what kind of database it is.
    pub note: String,
}

/// A path being asked for. The caller keeps it while the dialog is open.
#[derive(Debug, Clone)]
pub struct PathDialog {
    /// What is asked for.
    pub kind: PathKind,
    /// The title.
    pub title: String,
    /// The path as typed.
    pub text: String,
    /// Paths used before, offered while the folder has not been listed.
    pub recent: Vec<PathBuf>,
    /// What is wrong with the chosen path. It goes when the path changes.
    pub error: Option<String>,
    /// The folder that [`Self::listing`] lists.
    listed: Option<PathBuf>,
    listing: Vec<PathEntry>,
    selected: Option<usize>,
    /// What was clicked last, and whether a second click opens it.
    clicked: Option<(PathBuf, bool)>,
    scroll: ScrollPosition,
}

/// What a dialog asks of its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathEvent {
    /// List this folder and call [`PathDialog::set_listing`].
    List(PathBuf),
    /// This was chosen. Close the dialog, or set [`PathDialog::error`].
    Chosen(PathBuf),
    /// Close the dialog.
    Cancelled,
}

impl PathDialog {
    /// Asks for a path, beginning in `folder`.
    #[must_use]
    pub fn new(kind: PathKind, title: impl Into<String>, folder: &Path) -> Self {
        let mut text = folder.display().to_string();
        if !text.is_empty() && !text.ends_with(MAIN_SEPARATOR) {
            text.push(MAIN_SEPARATOR);
        }
        Self {
            kind,
            title: title.into(),
            text,
            recent: Vec::new(),
            error: None,
            listed: None,
            listing: Vec::new(),
            selected: None,
            clicked: None,
            scroll: ScrollPosition::default(),
        }
    }

    /// Hands in what a folder holds: folders first, each in the order to show.
    pub fn set_listing(&mut self, folder: PathBuf, entries: Vec<PathEntry>) {
        self.listed = Some(folder);
        self.listing = entries;
        self.selected = None;
        self.scroll = ScrollPosition::default();
    }

    /// The folder part of what was typed, and the beginning of a name after it.
    fn split(&self) -> (&str, &str) {
        match self.text.rfind(MAIN_SEPARATOR) {
            Some(index) => self.text.split_at(index + MAIN_SEPARATOR.len_utf8()),
            None => ("", &self.text),
        }
    }

    /// What the listing offers for the typed beginning. Hidden entries are offered once a dot was typed.
    fn offers(&self) -> Vec<&PathEntry> {
        let (folder, beginning) = self.split();
        if self.listed.as_deref() != Some(Path::new(folder)) {
            return Vec::new();
        }
        // The one that was clicked does not hide the others.
        let beginning = if self.is_clicked() { "" } else { beginning };
        let beginning = beginning.to_lowercase();
        let offered = |entry: &&PathEntry| {
            let hidden = entry.name.starts_with('.') && !beginning.starts_with('.');
            !hidden
                && entry.name.to_lowercase().starts_with(&beginning)
                && (entry.is_folder || self.kind != PathKind::OpenFolder)
        };
        self.listing.iter().filter(offered).collect()
    }

    /// Completes the typed path with an offered entry; a folder is entered.
    fn take(&mut self, entry: &PathEntry) {
        let (folder, _) = self.split();
        self.text = format!("{folder}{}", entry.name);
        if entry.is_folder {
            self.text.push(MAIN_SEPARATOR);
        }
        self.selected = None;
        self.error = None;
    }

    /// Whether the path is the one that was clicked.
    fn is_clicked(&self) -> bool {
        let clicked = self.clicked.as_ref();
        clicked.is_some_and(|(path, _)| path.as_os_str() == &*self.text)
    }

    /// Takes a click on an offer. The path, if it was the second one on what can be opened.
    fn click(&mut self, entry: &PathEntry, is_second: bool) -> Option<PathBuf> {
        // After the first click something else may stand under the pointer. Both may come at once, too.
        if !(is_second && self.is_clicked()) {
            self.take(entry);
            let is_database = entry.is_folder && !entry.note.is_empty();
            let opens = self.kind != PathKind::Save && (is_database || !entry.is_folder);
            self.clicked = Some((PathBuf::from(&self.text), opens));
        }
        let (path, opens) = self.clicked.as_ref()?;
        (is_second && *opens).then(|| path.clone())
    }

    /// Goes to the folder above.
    fn go_up(&mut self) {
        let folder = PathBuf::from(self.split().0);
        if let Some(parent) = folder.parent() {
            self.text = parent.display().to_string();
            if !self.text.is_empty() && !self.text.ends_with(MAIN_SEPARATOR) {
                self.text.push(MAIN_SEPARATOR);
            }
            self.selected = None;
            self.error = None;
        }
    }

    /// Shows the dialog.
    pub fn show(&mut self, ctx: &Context) -> Vec<PathEvent> {
        let mut events = Vec::new();
        let title = self.title.clone();
        let modal = dialog(ctx, &title, 560.0, |ui| self.contents(ui, &mut events));
        if modal.should_close() {
            events.push(PathEvent::Cancelled);
        }
        let folder = PathBuf::from(self.split().0);
        if self.listed.as_ref() != Some(&folder) && !folder.as_os_str().is_empty() {
            // Asked for once: until the answer comes, the folder counts as empty.
            self.set_listing(folder.clone(), Vec::new());
            events.push(PathEvent::List(folder));
        }
        events
    }

    fn contents(&mut self, ui: &mut Ui, events: &mut Vec<PathEvent>) {
        let tokens = theme::tokens(ui);
        ui.label(RichText::new(&self.title).font(tokens.heading()));
        let offers: Vec<PathEntry> = self.offers().into_iter().cloned().collect();
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
            let next = self.selected.map_or(-1, |index| index as i64) + down;
            let next = next.clamp(0, offers.len() as i64 - 1) as usize;
            self.selected = Some(next);
            self.scroll.scroll_to_row(next as u64, RowAlign::Nearest);
        }
        let (path, up) = ui
            .horizontal(|ui| {
                let up = ui.add(IconButton::new(icons::ARROW_UP, "Folder above"));
                let path = TextEdit::singleline(&mut self.text)
                    .font(tokens.mono())
                    .desired_width(f32::INFINITY)
                    .hint_text("Path")
                    .show(ui);
                (path, up)
            })
            .inner;
        let field = path.response.response.accessible_name("Path");
        if up.clicked() {
            self.go_up();
            set_cursor_to_end(ui, field.id, &self.text);
        }
        if ui.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
        if field.changed() {
            self.error = None;
            self.selected = None;
        }
        self.error_ui(ui);
        let mut chosen = enter && self.selected.is_none();
        complete |= enter && self.selected.is_some();
        if offers.is_empty() && self.split().1.is_empty() && !self.recent.is_empty() {
            self.recent_ui(ui);
        } else if let Some((index, is_second)) = self.offers_ui(ui, &offers)
            && let Some(entry) = offers.get(index)
        {
            if let Some(path) = self.click(entry, is_second) {
                events.push(PathEvent::Chosen(path));
            }
            set_cursor_to_end(ui, field.id, &self.text);
        }
        if complete && let Some(entry) = offers.get(self.selected.unwrap_or(0)) {
            self.take(entry);
            set_cursor_to_end(ui, field.id, &self.text);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let action = match self.kind {
                PathKind::OpenFile | PathKind::OpenFolder => "Open",
                PathKind::Save => "Save",
            };
            let ready = !self.text.trim().is_empty();
            chosen |= ui.add_enabled(ready, primary_button(action)).clicked();
            if ui.add(plain_button("Cancel")).clicked() {
                events.push(PathEvent::Cancelled);
            }
            if chosen && ready {
                events.push(PathEvent::Chosen(PathBuf::from(self.text.trim())));
            }
        });
    }

    fn error_ui(&self, ui: &mut Ui) {
        if let Some(error) = &self.error {
            let tokens = theme::tokens(ui);
            ui.add(egui::Label::new(RichText::new(error).color(tokens.color.bad)).wrap());
        }
    }

    fn recent_ui(&mut self, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        list_frame(ui, |ui| {
            for path in self.recent.clone() {
                let text = path.display().to_string();
                if row_ui(ui, None, icons::CLOCK, &text, "", false).clicked() {
                    self.text = text;
                    self.error = None;
                }
            }
            if self.recent.is_empty() {
                ui.colored_label(tokens.color.dim, "Nothing here");
            }
        });
    }

    /// Returns the offer that was clicked, and whether it was the second click of a double one.
    fn offers_ui(&mut self, ui: &mut Ui, offers: &[PathEntry]) -> Option<(usize, bool)> {
        let mut clicked = None;
        let selected = self.selected;
        let clicked_name = self.is_clicked().then(|| self.split().1.to_owned());
        list_frame(ui, |ui| {
            let height = theme::tokens(ui).size.tree_row;
            RowScroller::new(&mut self.scroll, "Offers", offers.len() as u64, height).show(
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, is_folder: bool) -> PathEntry {
        PathEntry {
            name: name.to_owned(),
            is_folder,
            note: String::new(),
        }
    }

    fn dialog(kind: PathKind) -> PathDialog {
        let mut dialog = PathDialog::new(kind, "Open", Path::new("data"));
        let entries = vec![
            entry("Shop", true),
            entry(".git", true),
            entry("shop.sqlite3", false),
        ];
        dialog.set_listing(PathBuf::from(format!("data{MAIN_SEPARATOR}")), entries);
        dialog
    }

    #[test]
    fn what_begins_like_the_typed_name_is_offered_and_hidden_things_only_on_request() {
        let mut dialog = dialog(PathKind::OpenFile);
        let names = |dialog: &PathDialog| -> Vec<String> {
            dialog.offers().iter().map(|entry| entry.name.clone()).collect()
        };
        assert_eq!(names(&dialog), ["Shop", "shop.sqlite3"]);
        dialog.text.push_str("shop.");
        assert_eq!(names(&dialog), ["shop.sqlite3"]);
        dialog.text = format!("data{MAIN_SEPARATOR}.");
        assert_eq!(names(&dialog), [".git"]);
        dialog.text = format!("other{MAIN_SEPARATOR}");
        assert!(names(&dialog).is_empty());
    }

    #[test]
    fn only_folders_are_offered_when_a_folder_is_asked_for() {
        let dialog = dialog(PathKind::OpenFolder);
        assert_eq!(dialog.offers(), [&entry("Shop", true)]);
    }

    #[test]
    fn a_folder_that_is_taken_is_entered() {
        let mut dialog = dialog(PathKind::OpenFile);
        dialog.text.push('s');
        dialog.take(&entry("Shop", true));
        assert_eq!(dialog.text, format!("data{MAIN_SEPARATOR}Shop{MAIN_SEPARATOR}"));
        dialog.go_up();
        assert_eq!(dialog.text, format!("data{MAIN_SEPARATOR}"));
    }

    #[test]
    fn a_second_click_opens_what_the_first_one_was_on() {
        let mut dialog = dialog(PathKind::OpenFile);
        let file = entry("shop.sqlite3", false);
        assert_eq!(dialog.click(&file, false), None);
        // It does not hide the others.
        assert_eq!(dialog.offers().len(), 2);
        let path = format!("data{MAIN_SEPARATOR}shop.sqlite3");
        assert_eq!(dialog.click(&file, true), Some(PathBuf::from(path)));
        // A folder was entered by the first click, so the second one is on something in it.
        assert_eq!(dialog.click(&entry("Shop", true), false), None);
        assert_eq!(dialog.click(&file, true), None);
        // Two clicks that come at once open it, too.
        dialog.text = format!("data{MAIN_SEPARATOR}");
        assert!(dialog.click(&file, true).is_some());
    }
}
