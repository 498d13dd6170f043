//! Views of values: code, bytes, differences.

use eframe::egui;
use egui::{Rect, Ui, UiBuilder};
use keyglass::theme::tokens;
use keyglass::widgets::code_editor::{CodeEditor, CodeError};
use keyglass::widgets::diff::{Diff, DiffLayout, diff_summary, show_diff};
use keyglass::widgets::hex_view::{HexView, HexViewState};
use keyglass::widgets::row_scroller::ScrollPosition;
use keyglass::widgets::value_tree::{ValueTree, ValueTreeState};
use keyglass_store::value::Value;
use keyglass_store::value::literal::parse;

const LITERAL: &str = r#"{
  total: 9.75,
  items: ["magnet", "anvil"],
  paid: false,
  at: new Date("2026-01-05T09:14:02.000Z"),
  big: 18446744073709551615n, // exact
  note: "a long text that does not fit on one line of this tree editor and wraps"
  holes: [1, , 3],
}"#;

const VALUE: &str = r#"{
  total: -0, big: 18446744073709551615n, "a key": NaN, none: null, missing: undefined, yes: true,
  items: [1, , , "four"],
  at: new Date("2026-01-05T09:14:02.000Z"),
  bytes: new Uint8Array([137, 80, 78, 71]),
  map: new Map([["anvil", 1], [{x: 1}, new Set([1, 2])]]),
  pattern: /a+b/gi,
  error: new RangeError("out of range"),
  deep: {a: {b: {c: {d: 1}}}},
}"#;

/// What the views hold.
pub struct Views {
    text: String,
    error: CodeError,
    bytes: Vec<u8>,
    hex: HexViewState,
    value: Value,
    tree: ValueTreeState,
    diff: Diff,
    beside: ScrollPosition,
    inline: ScrollPosition,
}

impl Default for Views {
    fn default() -> Self {
        let mut hex = HexViewState::default();
        hex.select(0x53);
        let new = LITERAL
            .replace("9.75", "10")
            .replace("  paid: false,\n", "")
            .replace("// exact", "");
        let at = LITERAL.find("holes").unwrap_or(0);
        Self {
            text: LITERAL.to_owned(),
            error: CodeError {
                at: at..at + 5,
                message: "Expected `,` or `}` after a property, at line 8, column 3".to_owned(),
            },
            bytes: (0..=255).chain(*b"Keyglass\0\0 shows bytes").collect(),
            hex,
            value: parse(VALUE).unwrap_or_default(),
            tree: ValueTreeState::default(),
            diff: Diff::between(LITERAL, &new),
            beside: ScrollPosition::default(),
            inline: ScrollPosition::default(),
        }
    }
}

impl Views {
    /// Draws them.
    pub fn ui(&mut self, ui: &mut Ui) {
        egui::CentralPanel::default().show(ui, |ui| {
            let area = ui.max_rect();
            let (left, right) = area.split_left_right_at_fraction(0.42);
            let (editor, hex) = left.shrink(6.0).split_top_bottom_at_fraction(0.5);
            let (beside, rest) = right.shrink(6.0).split_top_bottom_at_fraction(0.4);
            let (inline, tree) = rest.split_left_right_at_fraction(0.5);
            let at = |ui: &mut Ui, rect: Rect, draw: &mut dyn FnMut(&mut Ui)| {
                ui.scope_builder(UiBuilder::new().max_rect(rect.shrink(4.0)), draw);
            };
            at(ui, editor, &mut |ui| {
                CodeEditor::new(&mut self.text, "Value as code")
                    .error(Some(&self.error))
                    .show(ui);
            });
            at(ui, hex, &mut |ui| {
                let output = HexView::new(&mut self.hex, "Stored bytes", &self.bytes)
                    .editable(true)
                    .show(ui);
                if let Some(edit) = output.edit {
                    edit.apply(&mut self.bytes);
                }
            });
            at(ui, beside, &mut |ui| {
                ui.horizontal(|ui| {
                    ui.colored_label(tokens(ui).color.dim, "Saved, and here");
                    diff_summary(ui, &self.diff);
                });
                show_diff(ui, &mut self.beside, "Beside", &self.diff, DiffLayout::Beside);
            });
            at(ui, inline, &mut |ui| {
                show_diff(ui, &mut self.inline, "Inline", &self.diff, DiffLayout::Inline);
            });
            at(ui, tree, &mut |ui| {
                ValueTree::new(&mut self.tree, &self.value, 0)
                    .editable(true)
                    .show(ui);
            });
        });
    }
}
