//! The widgets put together as the window shows them.

use eframe::egui;
use egui::{Align, Frame, Layout, Panel, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};
use keyglass::theme::{Tokens, icons, tokens};
use keyglass::widgets::badge::{Pill, paint_badge, paint_tag};
use keyglass::widgets::button::{
    IconButton, link_button, paint_disclosure, plain_button, primary_button, quiet_button,
};
use keyglass::widgets::chip::FilterChip;
use keyglass::widgets::choice::{Tab, document_tab, segmented, tabs};
use keyglass::widgets::key_text;
use keyglass::widgets::line_text;
use keyglass::widgets::menu::{MenuEntry, menu_bar, menu_button};
use keyglass::widgets::panel_frame::{bar, key_value_row, panel_header};
use keyglass::widgets::preview_text::{SpanKind, preview_job};
use keyglass::widgets::row_scroller::{RowScroller, ScrollPosition};
use keyglass::widgets::search_field::SearchField;
use keyglass::widgets::value_tree::{Step, ValuePath, ValueTree, ValueTreeState};
use keyglass_store::value::Value;
use keyglass_store::value::literal::parse;
use keyglass_store::{Key, KeyPart};

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
            document_tab(ui, "shop", true);
            document_tab(ui, "staging", false);
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
        let all = [
            Tab {
                value: 0,
                title: "Entries",
                count: None,
            },
            Tab {
                value: 1,
                title: "Watch",
                count: Some("3".to_owned()),
            },
            Tab {
                value: 2,
                title: "Queue",
                count: Some("4".to_owned()),
            },
            Tab {
                value: 3,
                title: "Statistics",
                count: None,
            },
        ];
        tabs(ui, "Panels", &mut self.tab, &all);
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
            let changes = [(ValuePath(vec![Step::Property("total".into())]), "9".to_owned())];
            ui.allocate_ui(vec2(ui.available_width(), 176.0), |ui| {
                ValueTree::new(&mut self.value_state, &self.value, 0)
                    .editable(true)
                    .changes(&changes)
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

struct Entry {
    key: Key,
    value: Spans,
    kind: &'static str,
    size: &'static str,
    expires: &'static str,
}

fn table_rows() -> Vec<Entry> {
    use SpanKind::{Bytes, Class, Date, Dim, Number, Property, Punctuation, String};
    let key = |number: i32| Key(vec![text("orders"), KeyPart::BigInt(number.into())]);
    let object = spans(&[
        (Punctuation, "{"),
        (Property, "total"),
        (Punctuation, ": "),
        (Number, "99.5"),
        (Punctuation, ", "),
        (Property, "items"),
        (Punctuation, ": ["),
        (String, "\"anvil\""),
        (Punctuation, "], "),
        (Property, "at"),
        (Punctuation, ": "),
        (Date, "2026-01-05T09:14:02.000Z"),
        (Punctuation, "}"),
    ]);
    let entry = |number, value, kind, size, expires| Entry {
        key: key(number),
        value,
        kind,
        size,
        expires,
    };
    vec![
        entry(40, object.clone(), "object", "212 B", "–"),
        entry(41, object.clone(), "object", "198 B", "–"),
        entry(42, object.clone(), "object", "240 B", "4 m"),
        entry(
            43,
            spans(&[
                (Class, "Map"),
                (Punctuation, "(2) {"),
                (String, "\"anvil\""),
                (Dim, " → "),
                (Number, "1"),
                (Punctuation, "}"),
            ]),
            "Map",
            "88 B",
            "–",
        ),
        entry(44, object, "object", "1.1 KB", "–"),
        entry(
            45,
            spans(&[(String, "\"gift wrap, please — läuft \"")]),
            "string",
            "39 B",
            "–",
        ),
        entry(
            46,
            spans(&[(Bytes, "Uint8Array(1024) 89 50 4e 47 0d 0a 1a 0a …")]),
            "bytes",
            "1.0 KB",
            "–",
        ),
        entry(
            47,
            spans(&[(Number, "18446744073709551615"), (Dim, " KvU64")]),
            "u64",
            "8 B",
            "–",
        ),
        entry(
            48,
            spans(&[(Date, "2026-11-22T10:31:07.120Z")]),
            "Date",
            "11 B",
            "–",
        ),
    ]
}

/// Key, value, type, size, expires.
fn columns(rect: Rect) -> [Rect; 5] {
    let inner = rect.shrink2(vec2(10.0, 0.0));
    let right = |from_right: f32, width: f32| {
        let max = inner.right() - from_right;
        inner.with_min_x(max - width).with_max_x(max)
    };
    [
        inner.with_max_x(inner.left() + 104.0),
        inner
            .with_min_x(inner.left() + 112.0)
            .with_max_x(inner.right() - 204.0),
        right(130.0, 66.0),
        right(64.0, 58.0),
        right(0.0, 56.0),
    ]
}

fn table_header(ui: &mut Ui, tokens: &Tokens) {
    let size = vec2(ui.available_width(), tokens.size.table_header);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let line = Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    for (index, (rect, title)) in columns(rect)
        .into_iter()
        .zip(["Key", "Value", "Type", "Size", "Expires"])
        .enumerate()
    {
        let job = line_text::job(title, tokens.small(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, rect.width());
        if index < 3 {
            line_text::paint(ui.painter(), rect, galley);
        } else {
            line_text::paint_right(ui.painter(), rect, galley);
        }
    }
}

fn table_row(ui: &mut Ui, row: u64, rect: Rect, entry: &Entry) {
    let tokens = tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(row), Sense::click());
    let fill = match row {
        2 => tokens.color.selection,
        4 => tokens.color.flash,
        _ if response.hovered() => tokens.hover(),
        _ if row % 2 == 1 => tokens.stripe(),
        _ => tokens.color.panel,
    };
    ui.painter().rect_filled(rect, 0.0, fill);
    let [key, value, kind, size, expires] = columns(rect);
    let mono = |text: &str, color| line_text::job(text, tokens.mono(), color);
    let key_job = key_text::rest_job(tokens, &entry.key, 1);
    line_text::paint(
        ui.painter(),
        key,
        line_text::layout(ui.painter(), key_job, key.width()),
    );
    let preview = preview_job(tokens, &entry.value);
    line_text::paint(
        ui.painter(),
        value,
        line_text::layout(ui.painter(), preview, value.width()),
    );
    paint_badge(ui, kind, entry.kind);
    let job = mono(entry.size, tokens.color.dim);
    line_text::paint_right(
        ui.painter(),
        size,
        line_text::layout(ui.painter(), job, size.width()),
    );
    let color = if entry.expires == "–" {
        tokens.color.dim
    } else {
        tokens.color.warning
    };
    let job = mono(entry.expires, color);
    line_text::paint_right(
        ui.painter(),
        expires,
        line_text::layout(ui.painter(), job, expires.width()),
    );
}

fn transaction(ui: &mut Ui) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let tokens = tokens(ui);
    let note = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).color(tokens.color.dim));
    panel_header(
        ui,
        "Transaction",
        |ui| {
            note(ui, "3 operations");
        },
        |ui| {
            ui.add(primary_button("Commit").small());
            ui.add(quiet_button("Copy as code").small());
            for text in ["1.1 / 800 KB", "mutations 2 / 1,000", "checks 1 / 100"] {
                note(ui, text);
            }
        },
    );
    let users = Key(vec![text("users"), text("ada")]);
    let stock = Key(vec![text("stock"), text("magnet")]);
    let rows = [
        (
            "check",
            tokens.color.check,
            &users,
            "is 00000000000001a10000",
            "passes now",
            tokens.color.good,
        ),
        (
            "set",
            tokens.color.set,
            &users,
            "{credit: 20} → {credit: 10.25}",
            "keeps expiry",
            tokens.color.dim,
        ),
        (
            "sum",
            tokens.color.arithmetic,
            &stock,
            "118 + 18446744073709551615 → 117",
            "wraps as u64",
            tokens.color.dim,
        ),
        (
            "delete",
            tokens.color.delete,
            &stock,
            "118 → nothing",
            "",
            tokens.color.dim,
        ),
        (
            "enqueue",
            tokens.color.enqueue,
            &stock,
            "{mail: \"…\"}",
            "in 5 min",
            tokens.color.dim,
        ),
    ];
    for (name, color, key, what, note, note_color) in rows {
        let size = vec2(ui.available_width(), tokens.size.operation_row);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        ui.painter().hline(
            rect.x_range(),
            rect.bottom() - 0.5,
            Stroke::new(1.0, tokens.soft_line()),
        );
        let at = |x: f32, width: f32| {
            Rect::from_min_size(pos2(rect.left() + x, rect.top()), vec2(width, rect.height()))
        };
        let icon = if name == "check" {
            icons::CHECK
        } else {
            icons::GRIP
        };
        let icon_color = if name == "check" {
            tokens.color.good
        } else {
            tokens.color.faint
        };
        let job = line_text::job(icon, tokens.icon(), icon_color);
        line_text::paint_centered(
            ui.painter(),
            at(8.0, 14.0),
            line_text::layout(ui.painter(), job, 20.0),
        );
        paint_tag(ui, at(40.0, 90.0), name, color);
        let job = key_text::key_job(tokens, key);
        line_text::paint(
            ui.painter(),
            at(124.0, 230.0),
            line_text::layout(ui.painter(), job, 230.0),
        );
        let job = line_text::job(what, tokens.mono(), tokens.color.dim);
        line_text::paint(
            ui.painter(),
            at(362.0, 500.0),
            line_text::layout(ui.painter(), job, 500.0),
        );
        let job = line_text::job(note, tokens.mono(), note_color);
        line_text::paint_right(
            ui.painter(),
            rect.with_max_x(rect.right() - 40.0),
            line_text::layout(ui.painter(), job, 200.0),
        );
        let cross = Rect::from_center_size(rect.right_center() - vec2(20.0, 0.0), vec2(20.0, 20.0));
        let _ = response;
        ui.push_id(name, |ui| {
            ui.place(
                cross,
                IconButton::new(icons::CLOSE, "Remove").size(18.0).icon_size(10.0),
            )
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
