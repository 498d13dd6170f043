//! Drives the window's state in tests.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotOptions};
use jiff::tz::{Offset, TimeZone};
use keyglass::app::{App, Options};
use keyglass::chooser::{Choice, Chosen, FileChooser};
use keyglass::desktop::{Desktop, NoNotifications};
use keyglass::discovery::Places;
use keyglass::model::draft::{parse_key, parse_value};
use keyglass::model::models::Models;
use keyglass::session::Session;
use keyglass::state::Folders;
use keyglass::tokens::{Keychain, NoKeychain, Tokens};
use keyglass_store::connect::Token;
use keyglass_store::database::Database;
use keyglass_store::embedded::{OpenOptions, Store};
use keyglass_store::{AtomicOperation, Clock, CommitOutcome, EncodedKey};
use tempfile::TempDir;

use crate::troubled::{Trouble, Troubled};

/// 2026-11-23 12:00:00 UTC: the moment at which every test stands still.
pub const NOW: i64 = 1_795_435_200_000;
/// How long a test waits for a background thread before it fails.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long threads are left alone until a test looks again whether they are done.
const A_MOMENT: Duration = Duration::from_millis(1);

/// The zone of every test's window, five hours before UTC, wherever the test runs.
fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(5))
}

/// A chooser that answers at once with the path given.
struct PreparedChooser(PathBuf);

impl FileChooser for PreparedChooser {
    fn is_available(&self) -> bool {
        true
    }

    fn choose(&self, _title: &str, _choice: Choice, file_name: &str, chosen: Chosen) {
        chosen(Some(self.0.join(file_name)));
    }
}

/// A keychain that lasts as long as the process, and that a test can take away.
#[derive(Default)]
pub struct MemoryKeychain {
    kept: Mutex<HashMap<String, Token>>,
    is_missing: AtomicBool,
}

impl MemoryKeychain {
    /// From now on the system has none.
    pub fn go_missing(&self) {
        self.is_missing.store(true, Ordering::Relaxed);
    }

    fn there(&self) -> Result<MutexGuard<'_, HashMap<String, Token>>, NoKeychain> {
        match self.is_missing.load(Ordering::Relaxed) {
            true => Err(NoKeychain("a test took it away".to_owned())),
            false => Ok(self.kept.lock().unwrap()),
        }
    }
}

impl Keychain for MemoryKeychain {
    fn look(&self, url: &str) -> Result<Option<Token>, NoKeychain> {
        Ok(self.there()?.get(url).cloned())
    }

    fn keep(&self, url: &str, token: &Token) -> Result<(), NoKeychain> {
        self.there()?.insert(url.to_owned(), token.clone());
        Ok(())
    }
}

/// A desktop that remembers what it was told, and that a test can take away.
#[derive(Default)]
pub struct MemoryDesktop {
    told: Mutex<Vec<(String, String)>>,
    is_missing: AtomicBool,
}

impl MemoryDesktop {
    /// From now on the system shows nothing.
    pub fn go_missing(&self) {
        self.is_missing.store(true, Ordering::Relaxed);
    }

    /// The titles and texts of all that it was told.
    pub fn told(&self) -> Vec<(String, String)> {
        self.told.lock().unwrap().clone()
    }
}

impl Desktop for MemoryDesktop {
    fn notify(&self, title: &str, text: &str) -> Result<(), NoNotifications> {
        if self.is_missing.load(Ordering::Relaxed) {
            return Err(NoNotifications("a test took them away".to_owned()));
        }
        self.told
            .lock()
            .unwrap()
            .push((title.to_owned(), text.to_owned()));
        Ok(())
    }
}

/// A window with its own folder, clock and settings.
pub struct Window {
    /// The window.
    pub harness: Harness<'static, App>,
    /// Its files.
    pub folder: TempDir,
    /// Where it keeps tokens.
    pub keychain: Arc<MemoryKeychain>,
    /// What the system was to tell.
    pub desktop: Arc<MemoryDesktop>,
    time: Arc<AtomicI64>,
    clock: Clock,
}

impl Window {
    /// The active database.
    pub fn session(&self) -> &Session {
        self.harness.state().session().unwrap()
    }

    /// The same, to change it.
    pub fn session_mut(&mut self) -> &mut Session {
        self.harness.state_mut().session_mut().unwrap()
    }

    /// What the panels of the active database show.
    pub fn models(&self) -> &Models {
        &self.session().models
    }

    /// A window of `size` points that opens `location`.
    pub fn sized(size: [f32; 2], theme: egui::Theme, location: Option<String>, folder: TempDir) -> Self {
        Self::start(size, theme, location, false, folder)
    }

    /// The first window of somebody who has never used Keyglass.
    pub fn first() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start([1280.0, 800.0], egui::Theme::Dark, None, true, folder)
    }

    fn start(
        size: [f32; 2],
        theme: egui::Theme,
        location: Option<String>,
        restore: bool,
        folder: TempDir,
    ) -> Self {
        Self::start_with(size, theme, location, restore, (folder, Arc::default()))
    }

    fn start_with(
        size: [f32; 2],
        theme: egui::Theme,
        location: Option<String>,
        restore: bool,
        (folder, keychain): (TempDir, Arc<MemoryKeychain>),
    ) -> Self {
        let time = Arc::new(AtomicI64::new(NOW));
        let clock = Clock::from_fn({
            let time = Arc::clone(&time);
            move || time.load(Ordering::Relaxed)
        });
        let folders = Folders {
            state_file: folder.path().join("settings").join("state.json"),
            sample: folder.path().join("sample.kg"),
            places: Places {
                deno: Some(folder.path().join("deno")),
                projects: vec![folder.path().join("projects")],
            },
        };
        let chooser = Box::new(PreparedChooser(folder.path().to_owned()));
        let desktop: Arc<MemoryDesktop> = Arc::default();
        let options = Options {
            desktop: desktop.clone(),
            clock: clock.clone(),
            zone: zone(),
            folders: Some(folders),
            chooser,
            tokens: Tokens::new(keychain.clone(), None),
            location,
            restore,
        };
        let harness = Harness::builder()
            .with_size(size)
            .with_theme(theme)
            .allow_missing_glyphs()
            // Time goes slowly, so that toasts stay while a test waits for a thread.
            .with_step_dt(1.0 / 240.0)
            .with_options(SnapshotOptions::new().output_path(screenshots()))
            .build_eframe(move |creation| App::new(&creation.egui_ctx, options));
        let mut window = Self {
            harness,
            folder,
            keychain,
            desktop,
            time,
            clock,
        };
        window.harness.step();
        window
    }

    /// A window on a fresh Keyglass folder with a few entries, and its database.
    pub fn on_folder(entries: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.kg");
        let store = new_store(&path);
        for (key, value) in entries {
            commit(&store, set(key, value));
        }
        drop(store);
        let location = path.to_string_lossy().into_owned();
        let mut window = Self::sized([1280.0, 800.0], egui::Theme::Dark, Some(location), folder);
        window.until_loaded();
        window
    }

    /// The same with a database that has trouble when the test wants it to.
    pub fn on_troubled(entries: &[(&str, &str)]) -> (Self, Arc<Trouble>) {
        let operations = entries.iter().map(|(key, value)| set(key, value));
        Self::on_troubled_after(operations, |_| {})
    }

    /// The same with what these operations write, and with trouble from the beginning on.
    pub fn on_troubled_after(
        operations: impl Iterator<Item = AtomicOperation>,
        begins: impl FnOnce(&Trouble),
    ) -> (Self, Arc<Trouble>) {
        let folder = tempfile::tempdir().unwrap();
        let mut window = Self::sized([1280.0, 800.0], egui::Theme::Dark, None, folder);
        let store = window.new_store("test.kg");
        operations.for_each(|operation| commit(&store, operation));
        let database = Troubled::new(store);
        begins(&database.0.trouble);
        let trouble = Arc::clone(&database.0.trouble);
        let app = window.harness.state_mut();
        app.show_database(Arc::new(database)).unwrap();
        window.until_loaded();
        (window, trouble)
    }

    /// A window on a copy of the shop database that Deno wrote.
    pub fn on_shop(size: [f32; 2], theme: egui::Theme) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.sqlite3");
        std::fs::copy(data("shop.sqlite3"), &path).unwrap();
        let location = path.to_string_lossy().into_owned();
        let mut window = Self::sized(size, theme, Some(location), folder);
        window.until_loaded();
        window
    }

    /// Starts anew with the files of this window, as after a crash: nothing is told to the old one.
    pub fn after_crash(self) -> Self {
        let state = self.harness.state();
        let location = state.session().unwrap().models.facts.location.clone();
        let settings = self.folder.path().join("settings");
        let kept = std::fs::read(settings.join("state.json")).unwrap();
        let Self { harness, folder, .. } = self;
        drop(harness);
        std::fs::write(settings.join("state.json"), kept).unwrap();
        let mut window = Self::sized([1280.0, 800.0], egui::Theme::Dark, Some(location), folder);
        window.until_loaded();
        window
    }

    /// Closes the window and starts it again as a person does who names no database.
    pub fn after_restart(self) -> Self {
        let Self {
            harness,
            folder,
            keychain,
            ..
        } = self;
        drop(harness);
        let kept = (folder, keychain);
        Self::start_with([1280.0, 800.0], egui::Theme::Dark, None, true, kept)
    }

    pub fn until_loaded(&mut self) {
        self.until("the first rows", |app| {
            app.session().is_some_and(|session| {
                let entries = &session.models.entries;
                (entries.is_complete() || entries.reads_by_pages())
                    && (session.models.entries.num_rows() == 0 || session.models.entries.row(0).is_some())
                    && session.models.tree.is_loaded()
            })
        });
        self.settle();
    }

    /// Draws frames until `holds`, while background threads work.
    pub fn until(&mut self, what: &str, holds: impl Fn(&App) -> bool) {
        self.draw_until(what, holds);
        self.settle();
    }

    /// The same where the window does not come to rest.
    pub fn draw_until(&mut self, what: &str, holds: impl Fn(&App) -> bool) {
        let begun = Instant::now();
        loop {
            self.harness.step();
            if holds(self.harness.state()) {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
            std::thread::sleep(A_MOMENT);
        }
    }

    /// Draws frames until a widget with this name is there.
    pub fn until_shown(&mut self, name: &str) {
        let begun = Instant::now();
        while !self.shows(name) {
            assert!(begun.elapsed() < PATIENCE, "waited too long for {name}");
            self.harness.step();
            std::thread::sleep(A_MOMENT);
        }
    }

    /// Draws frames until the window waits for nothing: all that it asked its threads for is answered and drawn, and so
    /// are all changes that were committed before.
    pub fn settle(&mut self) {
        let begun = Instant::now();
        loop {
            self.harness.run_ok();
            if self.harness.state().is_idle() {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "the window did not come to rest");
            std::thread::sleep(A_MOMENT);
        }
        self.harness.run_ok();
    }

    /// Lets time go on.
    pub fn pass(&mut self, milliseconds: i64) {
        self.time.fetch_add(milliseconds, Ordering::Relaxed);
        self.harness.run_ok();
        self.until("the settings to be written", App::is_written);
    }

    /// Lets time go on without waiting for anything, as where changes do not cease.
    pub fn let_go_on(&mut self, milliseconds: i64) {
        self.time.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// Clicks what has this role and name.
    pub fn click(&mut self, role: Role, name: &str) {
        self.harness.get_by_role_and_label(role, name).click();
        self.settle();
    }

    /// Chooses an entry of a menu.
    pub fn choose(&mut self, menu: &str, entry: &str) {
        self.click(Role::Button, menu);
        self.click(Role::MenuItem, entry);
    }

    /// Clicks the entry of an open menu whose text begins so, and gives the whole text.
    pub fn choose_beginning(&mut self, beginning: &str) -> String {
        let entries = self.harness.query_all_by_role(Role::MenuItem);
        let mut names = entries.filter_map(|entry| entry.accesskit_node().label());
        let name = names.find(|name| name.starts_with(beginning)).unwrap();
        drop(names);
        self.click(Role::MenuItem, &name);
        name
    }

    /// Presses keys together.
    pub fn press(&mut self, modifiers: egui::Modifiers, key: egui::Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Puts a text into the field with this name.
    pub fn enter(&mut self, role: Role, name: &str, text: &str) {
        self.harness.get_by_role_and_label(role, name).click();
        self.settle();
        self.press(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.get_by_role_and_label(role, name).type_text(text);
        self.settle();
    }

    /// Writes the key of a new entry as a JavaScript array.
    pub fn enter_key(&mut self, text: &str) {
        self.click(Role::Link, "As text");
        self.enter(Role::TextInput, "Key", text);
    }

    /// The database that is shown, as another thread of the program would use it.
    pub fn database(&self) -> Arc<dyn Database> {
        Arc::clone(self.session().database())
    }

    /// What this window goes by.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Makes a database that goes by this window's clock.
    pub fn new_store(&self, name: &str) -> Store {
        let options = OpenOptions::new().clock(self.clock.clone());
        options.create(self.folder.path().join(name)).unwrap()
    }

    /// The summaries of all notices, oldest first.
    pub fn notices(&self) -> Vec<String> {
        self.harness
            .state()
            .notices()
            .log()
            .iter()
            .map(|notice| notice.summary.clone())
            .collect()
    }

    /// Whether a widget with this name is there.
    pub fn shows(&self, name: &str) -> bool {
        self.harness.query_all_by_label(name).next().is_some()
    }
}

/// Makes a database for which time stands still as it does for a window that has just started.
pub fn new_store(path: &Path) -> Store {
    let options = OpenOptions::new().clock(Clock::from_fn(|| NOW));
    options.create(path).unwrap()
}

/// The encoded form of a key's text.
pub fn key(text: &str) -> EncodedKey {
    parse_key(text).unwrap()
}

/// A set of one key.
pub fn set(key_text: &str, value: &str) -> AtomicOperation {
    AtomicOperation::new().set(key(key_text), parse_value(value).unwrap())
}

/// Commits and expects success.
pub fn commit(database: &dyn Database, operation: AtomicOperation) {
    assert!(matches!(
        database.commit(operation).unwrap(),
        CommitOutcome::Committed(_)
    ));
}

/// A file of the tests' data.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data")
        .join(name)
}

/// Where pictures are kept, also for the README.
pub fn screenshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../screenshots")
}

/// Saves what a window shows if a folder for pictures is given.
pub fn look(window: &mut Window, name: &str) {
    if let Some(folder) = std::env::var_os("KEYGLASS_PICTURES") {
        let picture = window.harness.render().unwrap();
        let path = Path::new(&folder).join(format!("{name}.png"));
        picture.save(path).unwrap();
    }
}
