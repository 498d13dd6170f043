//! The line below the rows: what can be added, and what the transaction takes of what its database takes.

use egui::{Align, Layout, RichText, Sense, Stroke, Ui, vec2};
use keyglass_store::limits::LimitError;

use super::super::PanelContext;
use crate::action::DatabaseAction;
use crate::format;
use crate::model::transaction::{Meter, OperationKind, TransactionDraft};
use crate::theme;
use crate::widgets::button::link_button;
use crate::widgets::line_text;

pub(super) fn show(ui: &mut Ui, draft: &TransactionDraft, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let rect = ui.max_rect();
    let line = Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, line);
    let inner = rect.shrink2(vec2(tokens.size.padding, 0.0));
    let layout = Layout::right_to_left(Align::Center);
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        if !draft.rows.is_empty() {
            for told in told(draft.meter()) {
                meter(ui, &told);
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            for kind in OperationKind::ALL {
                let text = format!("+ {}", kind.name());
                let has_place = kind != OperationKind::Enqueue || context.environment.queue;
                let reason = if context.environment.writable {
                    "This database has no queue"
                } else {
                    "The database is read-only"
                };
                if ui
                    .add_enabled(context.environment.writable && has_place, link_button(&text))
                    .on_disabled_hover_text(reason)
                    .clicked()
                {
                    context.ask(DatabaseAction::AddOperation(kind));
                }
            }
        });
    });
}

/// How much is taken of a limit.
struct Told {
    text: String,
    /// Of the limit, from 0 on; more than 1 is too much.
    share: f32,
    /// What Deno says where it is too much.
    refusal: LimitError,
}

/// What a transaction takes of what its database takes, from right to left.
fn told(meter: Meter) -> [Told; 4] {
    let limits = meter.limits;
    let bytes = |bytes: usize| format::bytes(bytes as u64);
    let count = |number: usize| format::count(number as u64);
    let of = |name: &str, taken: usize, limit: usize, say: fn(usize) -> String, refusal: LimitError| {
        #[expect(clippy::cast_precision_loss, reason = "it is drawn")]
        let share = if limit == 0 {
            0.0
        } else {
            taken as f32 / limit as f32
        };
        Told {
            text: format!("{name}{} / {}", say(taken), say(limit)),
            share,
            refusal,
        }
    };
    [
        of(
            "",
            meter.bytes,
            limits.commit_bytes,
            bytes,
            LimitError::CommitBytes(limits.commit_bytes),
        ),
        of(
            "keys ",
            meter.key_bytes,
            limits.commit_key_bytes,
            bytes,
            LimitError::CommitKeyBytes(limits.commit_key_bytes),
        ),
        of(
            "mutations ",
            meter.mutations,
            limits.mutations,
            count,
            LimitError::Mutations(limits.mutations),
        ),
        of(
            "checks ",
            meter.checks,
            limits.checks,
            count,
            LimitError::Checks(limits.checks),
        ),
    ]
}

/// The numbers, above a bar that is as full as the limit.
fn meter(ui: &mut Ui, told: &Told) {
    let tokens = theme::tokens(ui);
    let is_too_much = told.share > 1.0;
    let color = if is_too_much {
        tokens.color.bad
    } else {
        tokens.color.dim
    };
    let job = line_text::job(&told.text, tokens.small(), color);
    let galley = line_text::layout(ui.painter(), job, f32::INFINITY);
    let size = vec2(galley.size().x, tokens.size.operation_row);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response
        .widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, told.text.as_str()));
    line_text::paint(ui.painter(), rect, galley);
    let y = rect.bottom() - 4.0;
    let full = Stroke::new(2.0, tokens.soft_line());
    ui.painter().hline(rect.x_range(), y, full);
    let end = rect.left() + rect.width() * told.share.min(1.0);
    let taken = if is_too_much {
        tokens.color.bad
    } else {
        tokens.color.accent
    };
    ui.painter().hline(rect.left()..=end, y, Stroke::new(2.0, taken));
    if is_too_much {
        response.on_hover_text(told.refusal.to_string());
    } else {
        response.on_hover_text(
            RichText::new("What a commit takes of what this database takes").color(tokens.color.text),
        );
    }
}
