//! The house widgets on sample data: `cargo run --example gallery`.

mod controls;
mod dialogs;
mod views;
mod window;

use eframe::egui;
use keyglass::theme::{self, ThemeChoice};
use keyglass::widgets::choice::segmented;

#[derive(Clone, Copy, PartialEq)]
enum Page {
    Window,
    Controls,
    Views,
    Dialogs,
}

struct Gallery {
    page: Page,
    choice: ThemeChoice,
    window: window::Window,
    controls: controls::Controls,
    views: views::Views,
    dialogs: dialogs::Dialogs,
}

impl eframe::App for Gallery {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        egui::Panel::bottom("pages").show(ui, |ui| {
            ui.horizontal(|ui| {
                let pages = [
                    (Page::Window, "Window"),
                    (Page::Controls, "Controls"),
                    (Page::Views, "Views"),
                    (Page::Dialogs, "Dialogs"),
                ];
                segmented(ui, "Page", &mut self.page, &pages);
                let choices = [
                    (ThemeChoice::System, "System"),
                    (ThemeChoice::Light, "Light"),
                    (ThemeChoice::Dark, "Dark"),
                ];
                if segmented(ui, "Theme", &mut self.choice, &choices).changed() {
                    theme::apply(ui.ctx(), self.choice, 1.0);
                }
            });
        });
        match self.page {
            Page::Window => self.window.ui(ui),
            Page::Controls => self.controls.ui(ui),
            Page::Views => self.views.ui(ui),
            Page::Dialogs => self.dialogs.ui(ui),
        }
    }
}

fn main() -> eframe::Result {
    let options = eframe::NativeOptions {
        renderer: eframe::Renderer::Glow,
        viewport: egui::ViewportBuilder::default().with_inner_size([1280.0, 840.0]),
        ..Default::default()
    };
    let create = |creation: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        theme::install_fonts(&creation.egui_ctx);
        theme::apply(&creation.egui_ctx, ThemeChoice::System, 1.0);
        Ok(Box::new(Gallery {
            page: Page::Window,
            choice: ThemeChoice::System,
            window: window::Window::default(),
            controls: controls::Controls::default(),
            views: views::Views::default(),
            dialogs: dialogs::Dialogs::default(),
        }))
    };
    eframe::run_native("Keyglass widgets", options, Box::new(create))
}
