//! The house widgets, seen and used.

#[path = "../examples/gallery/controls.rs"]
mod controls;
#[path = "../examples/gallery/dialogs.rs"]
mod dialogs;
#[path = "../examples/gallery/views.rs"]
mod views;
#[path = "../examples/gallery/window.rs"]
mod window;

use egui_kittest::Harness;
use keyglass::theme::{self, ThemeChoice};

const THEMES: [(egui::Theme, &str); 2] = [(egui::Theme::Dark, "dark"), (egui::Theme::Light, "light")];

/// Draws one page without a margin.
struct Shown(Box<dyn FnMut(&mut egui::Ui)>);

impl eframe::App for Shown {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        (self.0)(ui);
    }
}

/// A window of `size` that shows `page` in a theme.
fn harness(
    size: [f32; 2],
    shown: egui::Theme,
    page: impl FnMut(&mut egui::Ui) + 'static,
) -> Harness<'static, Shown> {
    Harness::builder()
        .with_size(size)
        .with_theme(shown)
        .with_context_setup(move |ctx| {
            let choice = match shown {
                egui::Theme::Dark => ThemeChoice::Dark,
                egui::Theme::Light => ThemeChoice::Light,
            };
            theme::install_fonts(ctx);
            theme::apply(ctx, choice, 1.0);
        })
        .build_eframe(|_| Shown(Box::new(page)))
}

/// Saves what a harness shows if a folder for pictures is given.
#[expect(clippy::unwrap_used, reason = "a test that cannot save its picture fails")]
fn picture<S>(harness: &mut Harness<'_, S>, name: &str) {
    if let Some(folder) = std::env::var_os("KEYGLASS_PICTURES") {
        let picture = harness.render().unwrap();
        picture.save(std::path::Path::new(&folder).join(name)).unwrap();
    }
}

#[test]
fn the_controls_settle_and_are_named() {
    for (theme, name) in THEMES {
        let mut page = controls::Controls::default();
        let mut harness = harness([900.0, 620.0], theme, move |ui| page.ui(ui));
        harness.run();
        picture(&mut harness, &format!("controls-{name}.png"));
    }
}

fn highlight(_text: &str) -> Vec<(keyglass::widgets::preview_text::SpanKind, std::ops::Range<usize>)> {
    Vec::new()
}

#[test]
fn the_views_settle_and_are_named() {
    for (theme, name) in THEMES {
        let mut page = views::Views::default();
        let mut harness = harness([1100.0, 620.0], theme, move |ui| page.ui(ui));
        harness.run();
        picture(&mut harness, &format!("views-{name}.png"));
    }
}

#[test]
fn dialogs() {
    for (theme, name) in THEMES {
        for (which, suffix) in [(0, "toasts"), (1, "confirm"), (2, "path")] {
            let mut page = dialogs::Dialogs {
                asking: which == 1,
                ..Default::default()
            };
            if which == 2 {
                page.ask_path();
            }
            let mut harness = harness([900.0, 480.0], theme, move |ui| page.ui(ui));
            harness.run_steps(4);
            picture(&mut harness, &format!("{suffix}-{name}.png"));
        }
    }
}

#[test]
fn the_window_settles_and_is_named() {
    for (theme, name) in THEMES {
        let mut page = window::Window::default();
        let mut harness = harness([1280.0, 800.0], theme, move |ui| page.ui(ui));
        harness.run();
        picture(&mut harness, &format!("window-{name}.png"));
    }
}
