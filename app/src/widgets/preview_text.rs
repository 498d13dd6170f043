//! Previews of values: spans of text, coloured by what they are.

use egui::Color32;
use egui::text::LayoutJob;

pub use keyglass_store::value::literal::SpanKind;

use crate::theme::Tokens;
use crate::widgets::line_text;

/// The colour of a kind of span.
#[must_use]
pub fn span_color(tokens: &Tokens, kind: SpanKind) -> Color32 {
    let color = &tokens.color;
    match kind {
        SpanKind::Plain | SpanKind::Punctuation => color.text,
        SpanKind::String => color.string,
        SpanKind::Number => color.number,
        SpanKind::BigInt => color.bigint,
        SpanKind::Boolean => color.boolean,
        SpanKind::Null | SpanKind::Dim | SpanKind::Comment => color.dim,
        SpanKind::Date => color.date,
        SpanKind::Bytes => color.bytes,
        SpanKind::Property | SpanKind::Class => color.property,
        SpanKind::Error => color.bad,
    }
}

/// The spans as one line in the font of data.
#[must_use]
pub fn preview_job(tokens: &Tokens, spans: &[(SpanKind, String)]) -> LayoutJob {
    let mut job = LayoutJob::default();
    let font = tokens.mono();
    for (kind, text) in spans {
        line_text::append(&mut job, text, &font, span_color(tokens, *kind));
    }
    job
}
