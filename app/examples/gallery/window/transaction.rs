//! The transaction of the sample window.

use eframe::egui;
use egui::{Rect, RichText, Sense, Stroke, Ui, pos2, vec2};
use keyglass::theme::{icons, tokens};
use keyglass::widgets::badge::paint_tag;
use keyglass::widgets::button::{IconButton, primary_button, quiet_button};
use keyglass::widgets::panel_frame::panel_header;
use keyglass::widgets::{key_text, line_text};
use keyglass_store::Key;

use super::text;

pub(super) fn transaction(ui: &mut Ui) {
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
