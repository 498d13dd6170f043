//! A path that is being asked for, on systems without a dialog of their own.
//!
//! It reads no files: the caller hands in the contents of the folder that is being typed, and checks what is
//! chosen.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

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
    pub(crate) listed: Option<PathBuf>,
    pub(crate) listing: Vec<PathEntry>,
    pub(crate) selected: Option<usize>,
    /// What was clicked last, and whether a second click opens it.
    pub(crate) clicked: Option<(PathBuf, bool)>,
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
        }
    }

    /// Hands in what a folder holds: folders first, each in the order to show.
    pub fn set_listing(&mut self, folder: PathBuf, entries: Vec<PathEntry>) {
        self.listed = Some(folder);
        self.listing = entries;
        self.selected = None;
    }

    /// The folder part of what was typed, and the beginning of a name after it.
    pub(crate) fn split(&self) -> (&str, &str) {
        match self.text.rfind(MAIN_SEPARATOR) {
            Some(index) => self.text.split_at(index + MAIN_SEPARATOR.len_utf8()),
            None => ("", &self.text),
        }
    }

    /// What the listing offers for the typed beginning. Hidden entries are offered once a dot was typed.
    pub(crate) fn offers(&self) -> Vec<&PathEntry> {
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
    pub(crate) fn take(&mut self, entry: &PathEntry) {
        let (folder, _) = self.split();
        self.text = format!("{folder}{}", entry.name);
        if entry.is_folder {
            self.text.push(MAIN_SEPARATOR);
        }
        self.selected = None;
        self.error = None;
    }

    /// Whether the path is the one that was clicked.
    pub(crate) fn is_clicked(&self) -> bool {
        let clicked = self.clicked.as_ref();
        clicked.is_some_and(|(path, _)| path.as_os_str() == &*self.text)
    }

    /// Takes a click on an offer. The path, if it was the second one on what can be opened.
    pub(crate) fn click(&mut self, entry: &PathEntry, is_second: bool) -> Option<PathBuf> {
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
    pub(crate) fn go_up(&mut self) {
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
