//! What a row comes to: whether a check holds, and what a mutation makes of what stands under its key.

use egui::text::LayoutJob;
use egui::{Color32, Ui};
use keyglass_store::value::literal::Preview;

use super::row::DrawnRow;
use crate::format;
use crate::model::draft::ExpiryDraft;
use crate::model::transaction::{OperationKind, RowEffect, RowOutlook};
use crate::theme::{self, Tokens};
use crate::widgets::line_text;
use crate::widgets::preview_text::preview_job;

/// A line for the row, and all of it for a tooltip.
pub(super) struct Told {
    pub job: LayoutJob,
    pub text: String,
    pub tooltip: Option<String>,
}

fn plain(tokens: &Tokens, text: String, color: Color32) -> Told {
    Told {
        job: line_text::job(&text, tokens.body(), color),
        text,
        tooltip: None,
    }
}

pub(super) fn tell(ui: &Ui, drawn: &DrawnRow<'_>, now: i64) -> Told {
    let tokens = theme::tokens(ui);
    let color = &tokens.color;
    let row = drawn.row;
    if drawn.is_committed {
        let text = if row.kind == OperationKind::Check {
            "passed"
        } else {
            "done"
        };
        return plain(tokens, text.to_owned(), color.good);
    }
    match drawn.outlook {
        RowOutlook::Off => plain(tokens, "switched off".to_owned(), color.dim),
        RowOutlook::Problem(problem) => plain(tokens, problem.to_string(), color.bad),
        RowOutlook::Unknown => plain(tokens, "…".to_owned(), color.dim),
        RowOutlook::Passes => plain(tokens, "passes now".to_owned(), color.good),
        RowOutlook::Fails(stands) => {
            let word = if drawn.has_failed { "failed" } else { "fails now" };
            let stands = stands.map_or_else(
                || "the key is absent".to_owned(),
                |stamp| format!("it is {}", format::short_versionstamp(stamp)),
            );
            plain(tokens, format!("{word}: {stands}"), color.bad)
        }
        RowOutlook::Message => {
            let due = match row.texts.due.trim() {
                "" => "due at once".to_owned(),
                text => format!("due: {text}"),
            };
            plain(tokens, due, color.dim)
        }
        RowOutlook::Effect(effect) => {
            let kind = (row.kind, drawn.hides_expiry);
            tell_effect(tokens, kind, row.choices.expiry, effect, now)
        }
    }
}

fn tell_effect(
    tokens: &Tokens,
    (kind, hides_expiry): (OperationKind, bool),
    chosen: ExpiryDraft,
    effect: &RowEffect,
    now: i64,
) -> Told {
    let dim = tokens.color.dim;
    let mut job = LayoutJob::default();
    let append = |job: &mut LayoutJob, text: &str| line_text::append(job, text, &tokens.body(), dim);
    let value = |job: &mut LayoutJob, state: Option<&Option<Preview>>| match state {
        None => line_text::append(job, "?", &tokens.mono(), dim),
        Some(None) => line_text::append(job, "absent", &tokens.mono(), dim),
        Some(Some(preview)) => {
            let spans = preview_job(tokens, &preview.spans);
            for section in &spans.sections {
                let range = section.byte_range.clone();
                let text = spans.text.get(range.start.0..range.end.0).unwrap_or_default();
                line_text::append(job, text, &section.format.font_id, section.format.color);
            }
        }
    };
    let mut notes = Vec::new();
    if let (turn, number @ 2..) = effect.turn {
        notes.push(format!("{turn} of {number} on this key"));
    }
    match (effect.expired_before, effect.expires_at) {
        (None, None)
            if hides_expiry
                && kind.is_mutation()
                && matches!((&effect.before, &effect.after), (Some(Some(_)), Some(Some(_)))) =>
        {
            notes.push("ends any expiry".to_owned());
        }
        (None, None) => {}
        (Some(_), None) if effect.after == Some(None) => {}
        (Some(_), None) => notes.push("no longer expires".to_owned()),
        (_, Some(_)) if chosen == ExpiryDraft::Keep && kind == OperationKind::Set => {
            notes.push("keeps expiry".to_owned());
        }
        (_, Some(moment)) => notes.push(match chosen {
            ExpiryDraft::After(span) => format!("expires {} after the commit", format::span(span)),
            _ if moment <= now => "expires at once".to_owned(),
            _ => format!("expires {}", format::utc_near(moment, now)),
        }),
    }
    for note in &notes {
        append(&mut job, &format!("{note} · "));
    }
    let is_same = effect.before == effect.after && effect.num_fields == 0;
    match (&effect.before, &effect.after) {
        (Some(None), Some(None)) => append(&mut job, "is absent already"),
        (Some(None), Some(Some(_))) if kind == OperationKind::Set => append(&mut job, "new key"),
        _ if effect.num_fields > 0 => {
            let fields = effect.fields.join(", ");
            line_text::append(&mut job, &fields, &tokens.mono(), tokens.color.text);
            let more = effect.num_fields.saturating_sub(effect.fields.len());
            if more > 0 {
                append(&mut job, &format!(" and {} more", format::count(more as u64)));
            }
        }
        _ if is_same => append(&mut job, "as it is"),
        _ => {
            value(&mut job, effect.before.as_ref());
            line_text::append(&mut job, " → ", &tokens.mono(), dim);
            value(&mut job, effect.after.as_ref());
        }
    }
    let text_of = |state: &Option<Option<Preview>>| match state {
        None => "?".to_owned(),
        Some(None) => "absent".to_owned(),
        Some(Some(preview)) => preview
            .spans
            .iter()
            .map(|(_, text)| text.as_str())
            .collect::<String>(),
    };
    let mut tooltip = format!("{} → {}", text_of(&effect.before), text_of(&effect.after));
    for field in &effect.fields {
        tooltip.push_str(&format!("\n{field}"));
    }
    if let Some(moment) = effect.expires_at {
        tooltip.push_str(&format!("\nexpires {}", format::utc(moment)));
    }
    Told {
        text: job.text.clone(),
        job,
        tooltip: Some(tooltip),
    }
}
