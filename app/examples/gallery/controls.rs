//! Every control in its states.

use eframe::egui;
use egui::{RichText, Ui};
use keyglass::theme::{icons, tokens};
use keyglass::widgets::badge::{Pill, badge, count, tag};
use keyglass::widgets::button::{
    IconButton, danger_button, link_button, plain_button, primary_button, quiet_button,
};
use keyglass::widgets::chip::FilterChip;
use keyglass::widgets::choice::{Tab, segmented, tabs};
use keyglass::widgets::line_text;
use keyglass::widgets::menu::{MenuEntry, menu_heading, menu_separator};
use keyglass::widgets::search_field::SearchField;

/// What the controls of this page hold.
pub struct Controls {
    segment: usize,
    tab: usize,
    search: String,
    empty: String,
    line: String,
    number: f64,
    on: bool,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            segment: 0,
            tab: 1,
            search: "orders".to_owned(),
            empty: String::new(),
            line: "An ordinary field".to_owned(),
            number: 100.0,
            on: true,
        }
    }
}

impl Controls {
    /// Draws them.
    pub fn ui(&mut self, ui: &mut Ui) {
        egui::CentralPanel::default().show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            self.buttons(ui);
            self.labels(ui);
            self.choices(ui);
            self.fields(ui);
            ui.horizontal_top(|ui| {
                plain(ui, self);
                menu(ui);
            });
        });
    }

    fn buttons(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.add(primary_button("Save"));
            ui.add(plain_button("Revert"));
            ui.add(quiet_button("+ Transaction"));
            ui.add(danger_button("Delete 12 keys"));
            ui.add(link_button("change"));
            ui.add(quiet_button("Export…").icon(icons::EXPORT));
            ui.add(primary_button("Commit").small());
            ui.add(quiet_button("Copy as code").small());
            ui.add_enabled(false, primary_button("Commit"));
            ui.add_enabled(false, quiet_button("Undo").icon(icons::UNDO));
        });
        ui.horizontal_wrapped(|ui| {
            let all = [
                (icons::REFRESH, "Refresh"),
                (icons::PLUS, "New entry"),
                (icons::SEARCH, "Find"),
                (icons::FILTER, "Filter"),
                (icons::LOCK, "Read-only"),
                (icons::LOCK_OPEN, "Writable"),
                (icons::TRASH, "Delete"),
                (icons::PENCIL, "Edit"),
                (icons::COPY, "Copy"),
                (icons::EYE, "Watch"),
                (icons::CLOCK, "Expiry"),
                (icons::HOURGLASS, "Waiting"),
                (icons::WARNING, "Warning"),
                (icons::INFO, "About"),
                (icons::BELL, "Notices"),
                (icons::UNDO, "Undo"),
                (icons::REDO, "Redo"),
                (icons::GEAR, "Settings"),
                (icons::SUN, "Light"),
                (icons::MOON, "Dark"),
                (icons::DATABASE, "Database"),
                (icons::FOLDER_OPEN, "Open folder"),
                (icons::PAUSE, "Pause"),
                (icons::PLAY, "Play"),
                (icons::DOTS, "More"),
                (icons::GRIP, "Move"),
                (icons::TREE, "Tree"),
                (icons::BRACES, "JSON"),
                (icons::BINARY, "Hex"),
                (icons::CODE, "Code"),
            ];
            for (icon, name) in all {
                ui.add(IconButton::new(icon, name).selected(icon == icons::TREE));
            }
        });
    }

    fn labels(&mut self, ui: &mut Ui) {
        let tokens = tokens(ui);
        ui.horizontal(|ui| {
            for kind in ["object", "Map", "string", "bytes", "u64", "Date"] {
                ui.add(badge(kind));
            }
            ui.add(count("21,000"));
            let color = &tokens.color;
            for (name, color) in [
                ("check", color.check),
                ("set", color.set),
                ("sum", color.arithmetic),
                ("delete", color.delete),
                ("enqueue", color.enqueue),
            ] {
                ui.add(tag(name, color));
            }
            ui.add(Pill::new("Live").dot(color.good).color(color.good));
            ui.add(Pill::new("Writable"));
            ui.add(Pill::new("Read-only").icon(icons::LOCK).color(color.warning));
        });
    }

    fn choices(&mut self, ui: &mut Ui) {
        let views = [(0, "Tree"), (1, "Code"), (2, "Hex"), (3, "JSON")];
        segmented(ui, "View", &mut self.segment, &views);
        tabs(ui, "Panels", &mut self.tab, &panel_tabs());
        ui.horizontal(|ui| {
            let tokens = tokens(ui);
            let value = line_text::job("\"orders\"", tokens.mono(), tokens.color.string);
            FilterChip::new("in").value(value).show(ui);
            for name in ["start", "end", "limit", "reverse"] {
                FilterChip::ghost(name).show(ui);
            }
        });
    }

    fn fields(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            SearchField::new(&mut self.empty, "Filter").width(180.0).show(ui);
            SearchField::new(&mut self.search, "Find in keys")
                .icon()
                .width(180.0)
                .show(ui);
            let mut palette = String::new();
            SearchField::new(&mut palette, "Go to key or command")
                .shortcut("Ctrl+P")
                .width(230.0)
                .show(ui);
            ui.text_edit_singleline(&mut self.line)
                .accessible_name("Ordinary field");
        });
    }
}

/// egui's own widgets in the theme.
fn plain(ui: &mut Ui, page: &mut Controls) {
    ui.vertical(|ui| {
        ui.set_width(420.0);
        ui.heading("A heading");
        ui.label("Text, and");
        ui.weak("quieter text");
        ui.monospace("data {total: 9.75} → ≥ 12 k · é Ж λ ∑ ─┼─");
        ui.label(RichText::new("Semi-bold").font(tokens(ui).strong()));
        ui.horizontal(|ui| {
            ui.checkbox(&mut page.on, "Checkbox");
            ui.radio_value(&mut page.on, true, "On");
            ui.radio_value(&mut page.on, false, "Off");
            ui.add(egui::DragValue::new(&mut page.number).suffix(" s"))
                .accessible_name("Seconds");
            let _ = ui.button("egui button");
            ui.selectable_value(&mut page.on, true, "Selectable");
        });
        ui.horizontal(|ui| {
            egui::ComboBox::from_id_salt("unit")
                .selected_text("minutes")
                .show_ui(ui, |ui| ui.label("hours"))
                .response
                .accessible_name("Unit");
            ui.add(egui::Slider::new(&mut page.number, 0.0..=200.0).text("Slider"));
            ui.hyperlink_to("hyperlink", "https://deno.com");
        });
        ui.add(egui::ProgressBar::new(0.4).desired_width(200.0).text("40 %"));
        ui.separator();
        ui.collapsing("Collapsing", |ui| ui.label("Inside"));
    });
}

fn menu(ui: &mut Ui) {
    egui::Frame::menu(ui.style()).show(ui, |ui| {
        ui.set_width(230.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.vertical(|ui| {
            menu_heading(ui, "Key");
            ui.add(MenuEntry::new("List from here").icon(icons::LIST));
            ui.add(MenuEntry::new("Watch").icon(icons::EYE).shortcut("Ctrl+W"));
            ui.add(
                MenuEntry::new("Copy as JavaScript")
                    .icon(icons::COPY)
                    .shortcut("Ctrl+C"),
            );
            ui.add(MenuEntry::new("Show hidden").checked(true));
            ui.add_enabled(false, MenuEntry::new("New entry here…").icon(icons::PLUS));
            menu_separator(ui);
            ui.add(MenuEntry::new("Delete prefix…").icon(icons::TRASH).danger());
        });
    });
}

/// The tabs of the middle panel.
pub fn panel_tabs() -> [Tab<'static, usize>; 4] {
    let titles = [
        ("Entries", None),
        ("Watch", Some("3")),
        ("Queue", Some("4")),
        ("Statistics", None),
    ];
    let mut value = 0..;
    titles.map(|(title, count)| Tab {
        value: value.next().unwrap_or_default(),
        title,
        count: count.map(str::to_owned),
    })
}
