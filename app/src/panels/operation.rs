//! A row of the transaction beside it, in the place of the entry: with the editors of an entry.

use egui::{Id, RichText, TextEdit, Ui, vec2};
use keyglass_store::limits::Limits;

use super::key_editor::KeyPurpose;
use super::{PanelContext, expiry, key_editor};
use crate::action::{AppAction, TransactionAction};
use crate::format;
use crate::model::draft::{ExpiryDraft, ParseFailure};
use crate::model::transaction::{OperationKind, OperationRow, TransactionDraft};
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, link_button, primary_button};
use crate::widgets::choice::segmented;
use crate::widgets::code_editor::{CodeEditor, CodeError};
use crate::widgets::panel_frame::{key_value_row, panel_header};
use crate::widgets::value_tree::{self, ValueTree, ValueTreeEvent, ValueTreeState};

/// Width of the names of facts, in points.
const NAME_WIDTH: f32 = 84.0;
/// Height of what is below the editors, in points.
const FOOTER: f32 = 48.0;

/// The ways to edit the value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum OperationView {
    #[default]
    Code,
    Tree,
}

/// How a row beside the transaction is looked at.
#[derive(Debug, Default)]
pub struct OpenedView {
    /// Which row.
    of: Option<u64>,
    view: OperationView,
    value_tree: ValueTreeState,
}

/// What is edited beside the transaction, which is one of its rows.
pub(super) fn show(
    ui: &mut Ui,
    draft: &mut TransactionDraft,
    view: &mut OpenedView,
    limits: &Limits,
    context: &mut PanelContext<'_>,
) {
    let Some((row, index)) = opened(draft) else { return };
    let tokens = theme::tokens(ui);
    if view.of != Some(row.id) {
        *view = OpenedView {
            of: Some(row.id),
            view: view.view,
            value_tree: ValueTreeState::default(),
        };
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let title = format!("Row {} · {}", index + 1, row.kind.name());
    panel_header(
        ui,
        &title,
        |_| {},
        |ui| {
            if ui
                .add(IconButton::new(icons::CLOSE, "Back to the entry"))
                .clicked()
            {
                context.ask(TransactionAction::CloseRow);
            }
        },
    );
    let area = ui.available_rect_before_wrap();
    let (body, footer) = area.split_top_bottom_at_y(area.bottom() - FOOTER);
    let inner = |rect: egui::Rect| rect.shrink2(vec2(tokens.size.padding, 0.0));
    ui.scope_builder(
        egui::UiBuilder::new().max_rect(inner(body)).id_salt("body"),
        |ui| {
            ui.add_space(tokens.size.padding);
            ui.spacing_mut().item_spacing.y = 4.0;
            if row.kind.has_key()
                && let Some(opened) = &mut draft.opened
            {
                let id = Id::unique("key of the row").with(row.id);
                key_editor::show(ui, &mut opened.draft.key_draft, KeyPurpose::NewEntry, limits, id);
            }
            facts(ui, draft, &row, context);
            ui.add_space(6.0);
            if row.kind.has_value() {
                value(ui, draft, view, context);
            }
        },
    );
    ui.scope_builder(
        egui::UiBuilder::new().max_rect(inner(footer)).id_salt("footer"),
        |ui| {
            let line = egui::Stroke::new(1.0, tokens.color.line);
            ui.painter().hline(footer.x_range(), footer.top() + 0.5, line);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                if ui.add(primary_button("Done")).clicked() {
                    context.ask(TransactionAction::CloseRow);
                }
                if let Some(problem) = row.problem() {
                    let problem = problem.to_string();
                    let text = RichText::new(&problem).color(tokens.color.bad);
                    ui.add(egui::Label::new(text).truncate()).on_hover_text(problem);
                }
            });
        },
    );
    draft.take_opened();
}

fn opened(draft: &TransactionDraft) -> Option<(OperationRow, usize)> {
    let id = draft.opened.as_ref()?.id;
    let index = draft.rows.iter().position(|row| row.id == id)?;
    Some((draft.rows.get(index)?.clone(), index))
}

/// What there is beside a key and a value.
fn facts(ui: &mut Ui, draft: &mut TransactionDraft, row: &OperationRow, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let mut texts = row.texts.clone();
    let mut choices = row.choices;
    match row.kind {
        OperationKind::Check => {
            key_value_row(ui, "Expected", NAME_WIDTH, |ui| {
                let text = row.choices.versionstamp;
                let text = text.map_or_else(|| "absent".to_owned(), |stamp| stamp.to_string());
                ui.label(RichText::new(text).font(tokens.mono()));
            });
            key_value_row(ui, "There now", NAME_WIDTH, |ui| {
                let text = match draft.state(row) {
                    None => "…".to_owned(),
                    Some(None) => "absent".to_owned(),
                    Some(Some(entry)) => entry.versionstamp.to_string(),
                };
                ui.label(RichText::new(text).font(tokens.mono()));
                if ui.add(link_button("expect this").small()).clicked() {
                    context.ask(TransactionAction::CheckAnew(row.id));
                }
            });
        }
        OperationKind::Set => {
            key_value_row(ui, "Expires", NAME_WIDTH, |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let standing = draft.state(row).flatten().and_then(|entry| entry.expires_at);
                let id = row.id;
                let is_new = draft.state(row) == Some(None);
                let standing = (standing, is_new || !draft.hides_expiry());
                expiry::text(ui, standing, choices.expiry, context);
                let choose = |expiry: ExpiryDraft| TransactionAction::SetExpiry(id, expiry).into();
                expiry::menu(ui, standing, choices.expiry, &choose, context);
            });
            let text = "The key ends in the commit's versionstamp";
            ui.checkbox(&mut choices.is_versionstamped, text);
        }
        OperationKind::Sum => {
            line(ui, "At least", "no limit", &mut texts.min);
            line(ui, "At most", "no limit", &mut texts.max);
            ui.checkbox(
                &mut choices.clamp,
                "Clip a result outside the limits instead of refusing it",
            );
        }
        OperationKind::Enqueue => {
            line(ui, "Due", "at once, or 90 s, or 2027-01-31 14:30", &mut texts.due);
            line(
                ui,
                "Retries",
                "100 ms, 1 s, 5 s, 30 s, 1 min; or none",
                &mut texts.retries,
            );
            let mut keys = texts.undelivered.replace('\n', "; ");
            line(ui, "Undelivered", "keys, such as [\"dead\"]", &mut keys);
            texts.undelivered = keys.replace("; ", "\n");
        }
        OperationKind::Delete | OperationKind::Min | OperationKind::Max => {}
    }
    if let Some(value) = row.value().filter(|_| row.kind.has_value()) {
        key_value_row(ui, "Size", NAME_WIDTH, |ui| {
            ui.label(format::bytes(value.bytes.len() as u64));
        });
    }
    if choices != row.choices {
        context.ask(TransactionAction::Choose(row.id, choices));
    }
    if texts != row.texts {
        draft.type_in(row.id, texts);
    }
}

fn line(ui: &mut Ui, name: &str, hint: &str, text: &mut String) {
    let tokens = theme::tokens(ui);
    key_value_row(ui, name, NAME_WIDTH, |ui| {
        let field = TextEdit::singleline(text)
            .font(tokens.mono())
            .hint_text(RichText::new(hint).color(tokens.color.dim))
            .desired_width(ui.available_width() - 12.0);
        ui.add(field).accessible_name(name);
    });
}

fn value(ui: &mut Ui, draft: &mut TransactionDraft, view: &mut OpenedView, context: &mut PanelContext<'_>) {
    let Some(opened) = &mut draft.opened else { return };
    let choices = [(OperationView::Code, "Code"), (OperationView::Tree, "Tree")];
    segmented(ui, "How the value of the row is shown", &mut view.view, &choices);
    ui.add_space(6.0);
    let tokens = theme::tokens(ui);
    if view.view == OperationView::Code {
        let error = match opened.draft.problem() {
            Some(ParseFailure::Literal(_)) if opened.draft.text.trim().is_empty() => None,
            Some(ParseFailure::Literal(error)) => Some(CodeError::from(error)),
            Some(ParseFailure::Value(message)) => Some(CodeError {
                at: 0..0,
                message: message.clone(),
            }),
            None => None,
        };
        let id = Id::unique("code of the row");
        let editor = CodeEditor::new(&mut opened.draft.text, "Value of the row as JavaScript").id(id);
        if editor.error(error.as_ref()).show(ui).changed() {
            opened.draft.parse();
        }
        return;
    }
    let Some(value) = opened.draft.value() else {
        ui.label(RichText::new("The text under Code is no value yet").color(tokens.color.warning));
        return;
    };
    let output = ValueTree::new(&mut view.value_tree, value, opened.draft.revision())
        .editable(true)
        .now(context.now)
        .show(ui);
    let mut edited = None;
    for event in output.events {
        match &event {
            ValueTreeEvent::Copy(text) => context.ask(AppAction::Copy(text.clone())),
            ValueTreeEvent::EditCode => view.view = OperationView::Code,
            _ => match value_tree::apply(value, &event) {
                Ok(change) => edited = Some((change, matches!(event, ValueTreeEvent::Add(_)))),
                Err(error) => context.ask(AppAction::Complain(error.to_string())),
            },
        }
    }
    let Some((change, is_new)) = edited else { return };
    match opened.draft.set_value(&change.value) {
        Ok(()) if is_new => view.value_tree.begin_added(&change.value, change.path),
        Ok(()) => view.value_tree.select(change.path),
        Err(failure) => context.ask(AppAction::Complain(format!("Not changed: {failure}"))),
    }
}
