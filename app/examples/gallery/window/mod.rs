//! The widgets put together as the window shows them.

mod table;
mod transaction;

use eframe::egui;
use egui::{Align, Frame, Layout, Panel, RichText, Sense, Ui, pos2, vec2};
use keyglass::content::value_changes::ValueChanges;
use keyglass::theme::{icons, tokens};
use keyglass::widgets::badge::Pill;
use keyglass::widgets::button::{
    IconButton, link_button, paint_disclosure, plain_button, primary_button, quiet_button,
};
use keyglass::widgets::chip::FilterChip;
use keyglass::widgets::choice::{document_tab, segmented, tabs};
use keyglass::widgets::key_text;
use keyglass::widgets::line_text;
use keyglass::widgets::menu::{MenuEntry, menu_bar, menu_button};
use keyglass::widgets::panel_frame::{bar, key_value_row, panel_header};
use keyglass::widgets::preview_text::SpanKind;
use keyglass::widgets::row_scroller::{RowScroller, ScrollPosition};
use keyglass::widgets::search_field::SearchField;
use keyglass::widgets::value_tree::{ValueTree, ValueTreeState};
use keyglass_store::value::Value;
use keyglass_store::value::literal::parse;

use crate::controls::panel_tabs;
use keyglass_store::{Key, KeyPart};

use table::{table_header, table_row, table_rows};
use transaction::transaction;

/// A window like Keyglass's.
pub struct Window {
    value: Value,
    value_state: ValueTreeState,
    tab: usize,
    view: usize,
    filter: String,
    palette: String,
    tree: ScrollPosition,
    table: ScrollPosition,
}

impl Default for Window {
    fn default() -> Self {
        let text = r#"{total: 9.75, items: ["magnet"], paid: false, at: new Date("2026-01-05T09:14:02Z")}"#;
        Self {
            value: parse(text).unwrap_or_default(),
            value_state: ValueTreeState::default(),
            tab: 0,
            view: 0,
            filter: String::new(),
            palette: String::new(),
            tree: ScrollPosition::default(),
            table: ScrollPosition::default(),
        }
    }
}

type Spans = Vec<(SpanKind, String)>;

fn text(part: &str) -> KeyPart {
    KeyPart::String(part.to_owned())
}

fn spans(parts: &[(SpanKind, &str)]) -> Spans {
    parts
        .iter()
        .map(|(kind, text)| (*kind, (*text).to_owned()))
        .collect()
}

impl Window {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui) {
        let size = &tokens(ui).size;
        let panel = Frame::NONE.fill(tokens(ui).color.panel);
        Panel::top("menu")
            .exact_size(size.menu_bar)
            .frame(Frame::NONE)
            .show(ui, |ui| self.menu(ui));
        Panel::bottom("status")
            .exact_size(size.status_bar)
            .frame(Frame::NONE.fill(tokens(ui).color.field))
            .show(ui, status);
        Panel::bottom("transaction")
            .exact_size(190.0)
            .frame(panel)
            .show(ui, transaction);
        Panel::left("keys")
            .exact_size(250.0)
            .frame(panel)
            .show(ui, |ui| self.keys(ui));
        Panel::right("entry")
            .exact_size(370.0)
            .frame(panel)
            .show(ui, |ui| self.entry(ui));
        egui::CentralPanel::no_frame()
            .frame(panel)
            .show(ui, |ui| self.entries(ui));
    }

    fn menu(&mut self, ui: &mut Ui) {
        let tokens = tokens(ui);
        ui.painter().rect_filled(ui.max_rect(), 0.0, tokens.color.panel);
        menu_bar(ui, |ui| {
            ui.add_space(4.0);
            for title in ["File", "Edit", "View", "Transaction", "Help"] {
                menu_button(ui, title, |ui| {
                    ui.add(MenuEntry::new("Open folder…").icon(icons::FOLDER))
                });
            }
            ui.add_space(16.0);
            document_tab(ui, "shop", true, None);
            document_tab(ui, "staging", false, None);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 16.0;
                ui.add_space(12.0);
                ui.add(Pill::new("Writable"));
                ui.add(Pill::new("Live").dot(tokens.color.good).color(tokens.color.good));
                SearchField::new(&mut self.palette, "Go to key or command")
                    .shortcut("Ctrl+P")
                    .width(210.0)
                    .show(ui);
            });
        });
    }

    fn keys(&mut self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing.y = 0.0;
        panel_header(
            ui,
            "Keys",
            |_| {},
            |ui| {
                ui.add(IconButton::new(icons::PLUS, "New entry"));
            },
        );
        let height = tokens(ui).size.filter_bar;
        bar(ui, height, |ui| {
            SearchField::new(&mut self.filter, "Filter").show(ui)
        });
        let rows: Vec<(usize, Option<bool>, KeyPart, &str)> = vec![
            (0, Some(false), KeyPart::Bytes(vec![1, 255]), "3"),
            (0, Some(false), text("chat"), "21,000"),
            (0, Some(true), text("orders"), "1,204"),
            (1, None, KeyPart::BigInt(41.into()), ""),
            (1, None, KeyPart::BigInt(42.into()), ""),
            (1, None, KeyPart::BigInt(43.into()), ""),
            (0, Some(false), text("preferences"), "2"),
            (0, Some(false), text("sessions"), "≥ 6,000"),
            (0, Some(true), text("stock"), "96"),
            (1, None, text("anvil"), "changed"),
            (1, None, text("a rope whose name is much too long for here"), "1"),
            (0, Some(false), KeyPart::Number(2026.0), "365"),
            (0, Some(false), KeyPart::Boolean(true), "1"),
        ];
        RowScroller::new(&mut self.tree, "Keys", rows.len() as u64, 24.0).show(ui, |ui, row, rect| {
            let tokens = tokens(ui);
            if let Some((depth, open, part, count)) = rows.get(row as usize) {
                let response = ui.interact(rect, ui.scope_id().with(row), Sense::click());
                let fill = match row {
                    4 => tokens.color.selection,
                    9 => tokens.color.flash,
                    _ if response.hovered() => tokens.hover(),
                    _ => tokens.color.panel,
                };
                ui.painter().rect_filled(rect, 0.0, fill);
                let left = rect.left() + 10.0 + *depth as f32 * 18.0;
                if let Some(open) = open {
                    paint_disclosure(ui, pos2(left + 6.0, rect.center().y), *open, tokens.color.dim);
                }
                let count = line_text::job(count, tokens.mono_small(), tokens.color.dim);
                let count = line_text::layout(ui.painter(), count, 80.0);
                let covered =
                    line_text::paint_right(ui.painter(), rect.with_max_x(rect.right() - 10.0), count);
                let inner = rect.with_min_x(left + 18.0).with_max_x(covered.left() - 8.0);
                let job = key_text::part_job(tokens, part);
                line_text::paint(
                    ui.painter(),
                    inner,
                    line_text::layout(ui.painter(), job, inner.width()),
                );
            }
        });
    }

    fn entries(&mut self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing.y = 0.0;
        tabs(ui, "Panels", &mut self.tab, &panel_tabs());
        let tokens = tokens(ui);
        bar(ui, tokens.size.filter_bar, |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let value = line_text::job("\"orders\"", tokens.mono(), tokens.color.string);
            FilterChip::new("in").value(value).show(ui);
            for name in ["start", "end", "limit", "reverse"] {
                FilterChip::ghost(name).show(ui);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(plain_button("Find").small())
            });
        });
        table_header(ui, tokens);
        let rows = table_rows();
        let height = ui.available_height() - 32.0;
        ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
            RowScroller::new(&mut self.table, "Entries", rows.len() as u64, 26.0).show(
                ui,
                |ui, row, rect| {
                    if let Some(entry) = rows.get(row as usize) {
                        table_row(ui, row, rect, entry);
                    }
                },
            );
        });
        let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
        ui.painter().rect_filled(line, 0.0, tokens.color.line);
        ui.horizontal_centered(|ui| {
            ui.add_space(10.0);
            ui.label("1 of 1,204 selected · 240 B");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(10.0);
                ui.add(link_button("Delete…"));
                ui.add(link_button("Watch"));
                ui.add(link_button("Export…"));
            });
        });
    }

    fn entry(&mut self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing.y = 0.0;
        panel_header(
            ui,
            "Entry",
            |_| {},
            |ui| {
                ui.add(IconButton::new(icons::DOTS, "More"));
                ui.add(link_button("Copy as…"));
            },
        );
        Frame::NONE.inner_margin(10.0).show(ui, |ui| {
            let tokens = tokens(ui);
            ui.spacing_mut().item_spacing.y = 4.0;
            key_text::key_chips(ui, &Key(vec![text("orders"), KeyPart::BigInt(42.into())]));
            ui.add_space(2.0);
            key_value_row(ui, "Versionstamp", 84.0, |ui| {
                ui.label(RichText::new("00000000000001a40000").font(tokens.mono()));
                ui.label(RichText::new("2 s ago").color(tokens.color.dim));
            });
            key_value_row(ui, "Expires", 84.0, |ui| {
                ui.label("in 4 min");
                ui.label(RichText::new("· 14:32:10 today").color(tokens.color.dim));
                ui.add(link_button("change"));
            });
            key_value_row(ui, "Size", 84.0, |ui| {
                ui.label("240 B");
                ui.label(RichText::new("of 64 KB").color(tokens.color.dim));
            });
            ui.add_space(4.0);
            let views = [(0, "Tree"), (1, "Code"), (2, "Hex"), (3, "JSON")];
            segmented(ui, "View", &mut self.view, &views);
            let before = parse("{total: 9, items: ['magnet'], paid: false, at: new Date(1767604442120)}");
            let changes = before.map(|before| ValueChanges::between(&before, &self.value));
            ui.allocate_ui(vec2(ui.available_width(), 176.0), |ui| {
                ValueTree::new(&mut self.value_state, &self.value, 0)
                    .editable(true)
                    .changes(changes.as_ref().ok())
                    .show(ui);
            });
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                ui.add(primary_button("Save"));
                ui.add(plain_button("Revert"));
                ui.add(quiet_button("+ Transaction"));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(
                        RichText::new("1 change")
                            .font(tokens.small())
                            .color(tokens.color.dim),
                    );
                });
            });
        });
    }
}

fn status(ui: &mut Ui) {
    let tokens = tokens(ui);
    ui.style_mut().override_font_id = Some(tokens.status());
    ui.visuals_mut().override_text_color = Some(tokens.color.dim);
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        ui.add_space(12.0);
        for text in ["shop.kg", "1,946 keys", "0.9 MB"] {
            ui.label(text);
        }
        ui.label(RichText::new("version 1a4").font(tokens.mono_small()));
        ui.label("changed 2 s ago");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(12.0);
            ui.label("0 notices");
            ui.label("serving http://127.0.0.1:4512 · 1 client");
        });
    });
}
