//! The table of the sample window.

use eframe::egui;
use egui::{Rect, Sense, Stroke, Ui, vec2};
use keyglass::theme::{Tokens, tokens};
use keyglass::widgets::badge::paint_badge;
use keyglass::widgets::key_text;
use keyglass::widgets::line_text;
use keyglass::widgets::preview_text::{SpanKind, preview_job};
use keyglass_store::{Key, KeyPart};

use super::{Spans, spans, text};

pub(super) struct Entry {
    key: Key,
    value: Spans,
    kind: &'static str,
    size: &'static str,
    expires: &'static str,
}

pub(super) fn table_rows() -> Vec<Entry> {
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

pub(super) fn table_header(ui: &mut Ui, tokens: &Tokens) {
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

pub(super) fn table_row(ui: &mut Ui, row: u64, rect: Rect, entry: &Entry) {
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
