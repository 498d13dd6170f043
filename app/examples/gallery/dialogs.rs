//! Dialogs and toasts.

use std::path::{Path, PathBuf};

use eframe::egui;
use egui::Ui;
use keyglass::dialog::path::{PathDialog, PathEntry, PathEvent, PathKind};
use keyglass::dialog::question::Confirm;
use keyglass::panels::path_dialog::{self, PathView};
use keyglass::panels::question::{self, Answer};
use keyglass::widgets::button::quiet_button;
use keyglass::widgets::toasts::{Toast, ToastEvent, ToastKind, show_toasts};

/// What is open.
pub struct Dialogs {
    /// Toasts in sight.
    pub toasts: Vec<Toast>,
    /// What happened to toasts.
    pub events: Vec<ToastEvent>,
    /// Whether the question is asked.
    pub asking: bool,
    /// What was answered last.
    pub answer: Option<Answer>,
    /// The path being asked for.
    pub path: Option<PathDialog>,
    /// How it is looked at.
    pub path_view: PathView,
    /// The path that was chosen last.
    pub chosen: Option<PathBuf>,
}

impl Default for Dialogs {
    fn default() -> Self {
        Self {
            toasts: vec![
                Toast::new(1, ToastKind::Info, "3 keys changed by another program"),
                Toast::new(2, ToastKind::Good, "Committed")
                    .details("version 00000000000001a40000")
                    .action("Undo"),
                Toast::new(
                    3,
                    ToastKind::Warning,
                    "The feed was behind; the tree was read again",
                ),
                Toast::new(4, ToastKind::Error, "The entry was not saved").details(
                    "The versionstamp of the key has changed since it was read. Compare and save again.",
                ),
            ],
            events: Vec::new(),
            asking: false,
            answer: None,
            path: None,
            path_view: PathView::default(),
            chosen: None,
        }
    }
}

fn listing(folder: &Path) -> Vec<PathEntry> {
    let entry = |name: &str, is_folder, note: &str| PathEntry {
        name: name.to_owned(),
        is_folder,
        note: note.to_owned(),
    };
    if folder == Path::new("/data/") {
        vec![
            entry("archive", true, ""),
            entry("shop.kg", true, "Keyglass"),
            entry("kv.sqlite3", false, "Deno, 1.2 MB"),
            entry("notes.txt", false, "2 KB"),
        ]
    } else {
        Vec::new()
    }
}

impl Dialogs {
    /// Begins asking for a path.
    pub fn ask_path(&mut self) {
        let mut dialog = PathDialog::new(PathKind::OpenFile, "Open a database", Path::new("/data"));
        dialog.recent = vec![PathBuf::from("/data/shop.kg")];
        self.path = Some(dialog);
    }

    /// Draws them.
    pub fn ui(&mut self, ui: &mut Ui) {
        egui::CentralPanel::default().show(ui, |ui| {
            ui.horizontal(|ui| {
                if ui.add(quiet_button("Ask…")).clicked() {
                    self.asking = true;
                }
                if ui.add(quiet_button("Path…")).clicked() {
                    self.ask_path();
                }
                if let Some(path) = &self.chosen {
                    ui.label(format!("Chosen: {}", path.display()));
                }
            });
        });
        if self.asking {
            let mut question = Confirm {
                title: "Delete 1,204 entries?".to_owned(),
                body: "Everything under this prefix goes in batches. An undo file is written first."
                    .to_owned(),
                items: vec!["[\"orders\"]".to_owned()],
                action: "Delete".to_owned(),
                danger: true,
                typed: None,
                within: None,
            };
            self.answer = question::show(ui.ctx(), &mut question, None);
            self.asking = self.answer.is_none();
        }
        if let Some(dialog) = &mut self.path {
            for event in path_dialog::show(ui.ctx(), dialog, &mut self.path_view) {
                match event {
                    PathEvent::List(folder) => {
                        let entries = listing(&folder);
                        dialog.set_listing(folder, entries);
                    }
                    PathEvent::Chosen(path) if path.extension().is_none() => {
                        dialog.error = Some(format!("There is no database at {}", path.display()));
                    }
                    PathEvent::Chosen(path) => {
                        self.chosen = Some(path);
                        self.path = None;
                        break;
                    }
                    PathEvent::Cancelled => {
                        self.path = None;
                        break;
                    }
                }
            }
        }
        self.events
            .extend(show_toasts(ui.ctx(), &mut self.toasts, ui.max_rect()));
    }
}
