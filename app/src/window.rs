//! Opens the window.

use std::sync::Arc;

use eframe::{CreationContext, NativeOptions, Renderer};
use egui::{IconData, ViewportBuilder};
use jiff::tz::TimeZone;
use keyglass_store::Clock;

use crate::app::{App, Options};
use crate::chooser::SystemChooser;
use crate::desktop::SystemDesktop;
use crate::model::sizes::SMALLEST_WINDOW;
use crate::state::Folders;
use crate::state_file;
use crate::tokens::{self, SystemKeychain, Tokens};

/// The window's icon, 256 x 256 points.
const ICON: &[u8] = include_bytes!("../assets/icon.png");

/// No window was opened.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// There is nothing to draw on.
    #[error(
        "There is no display to open a window on; use keyglass ls, get, set, delete, commit, export, import, copy, diff, recover, watch or info instead"
    )]
    NoDisplay,
    /// The display refused it.
    #[error(
        "The window could not be opened ({0}); keyglass ls, get, set, delete, commit, export, import, copy, diff, recover, watch and info work without one"
    )]
    Refused(#[from] eframe::Error),
}

/// Shows the window until it is closed.
///
/// # Errors
/// If there is no display or it refuses a window.
pub fn run(location: Option<String>) -> Result<(), WindowError> {
    if !has_display() {
        return Err(WindowError::NoDisplay);
    }
    // Without a home folder nothing is kept, and the window works all the same.
    let folders = Folders::of_person().ok();
    // Read here as well as by the app, because a window that is made and then grows would be seen to.
    let sizes = folders
        .as_ref()
        .map(|folders| state_file::look(&folders.state_file).sizes)
        .unwrap_or_default();
    let mut viewport = ViewportBuilder::default()
        .with_title("Keyglass")
        .with_app_id("keyglass")
        .with_inner_size(sizes.window())
        .with_maximized(sizes.maximized)
        .with_min_inner_size(SMALLEST_WINDOW)
        .with_drag_and_drop(true);
    if let Some(icon) = icon() {
        viewport = viewport.with_icon(icon);
    }
    let native = NativeOptions {
        viewport,
        renderer: Renderer::Glow,
        ..NativeOptions::default()
    };
    let options = Options {
        clock: Clock::system(),
        zone: system_zone(),
        folders,
        chooser: Box::new(SystemChooser),
        desktop: Arc::new(SystemDesktop),
        // One that is none is told as wrong by the server.
        tokens: Tokens::new(Arc::new(SystemKeychain), tokens::of_variable().ok().flatten()),
        location,
        restore: true,
    };
    let app = Box::new(|creation: &CreationContext<'_>| {
        let app = App::new(&creation.egui_ctx, options);
        // Where the signals cannot be heard, the program ends as any other.
        let _handled = ctrlc::set_handler(app.closer());
        let app: Box<dyn eframe::App> = Box::new(app);
        Ok(app)
    });
    Ok(eframe::run_native("Keyglass", native, app)?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the window asks for the system's zone"
)]
fn system_zone() -> TimeZone {
    TimeZone::system()
}

/// Whether a window can be expected to open. Elsewhere than on Linux and its like there is always a display.
fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos"))
        || set("DISPLAY")
        || set("WAYLAND_DISPLAY")
        || set("WAYLAND_SOCKET")
}

fn icon() -> Option<IconData> {
    eframe::icon_data::from_png_bytes(ICON).ok()
}
