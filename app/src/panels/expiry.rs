//! When an entry expires: as a countdown and as a time, and what can be chosen instead.

use egui::{RichText, Ui, vec2};

use super::{PanelContext, repaint_after};
use crate::action::{AppAction, DatabaseAction};
use crate::format;
use crate::model::draft::ExpiryDraft;
use crate::moment::told_in_full;
use crate::theme;
use crate::widgets::button::link_button;
use crate::widgets::choice::segmented;
use crate::widgets::date_picker::{DatePickerState, WIDTH, date_picker, moment_field};
use crate::widgets::line_text;
use crate::widgets::local_zone;
use crate::widgets::menu::{MenuEntry, menu_separator};

/// Expiries that are offered, in milliseconds.
const EXPIRIES: [(&str, i64); 7] = [
    ("in 1 minute", 60_000),
    ("in 10 minutes", 600_000),
    ("in 1 hour", 3_600_000),
    ("in 1 day", 86_400_000),
    ("in 7 days", 604_800_000),
    ("in 30 days", 2_592_000_000),
    ("in 365 days", 31_536_000_000),
];

/// Room for the link beside the text, in points.
const LINK_WIDTH: f32 = 54.0;

pub(super) fn text(
    ui: &mut Ui,
    (expires_at, is_known): (Option<i64>, bool),
    chosen: ExpiryDraft,
    context: &PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let now = context.now;
    let left = |at: i64| at.saturating_sub(now);
    let (told, color, moment) = match (chosen, expires_at) {
        (ExpiryDraft::After(span), _) => {
            let text = format!("{} after saving", format::span(span));
            (text, tokens.color.text, Some(now.saturating_add(span)))
        }
        (ExpiryDraft::Keep, None) if !is_known => ("unknown".to_owned(), tokens.color.warning, None),
        (ExpiryDraft::Never, _) | (ExpiryDraft::Keep, None) => ("never".to_owned(), tokens.color.dim, None),
        (ExpiryDraft::At(at), _) | (ExpiryDraft::Keep, Some(at)) if left(at) > 0 => {
            repaint_after(ui, format::span_changes_in(left(at)));
            (
                format!("in {}", format::span(left(at))),
                tokens.color.text,
                Some(at),
            )
        }
        (ExpiryDraft::At(at), _) | (ExpiryDraft::Keep, Some(at)) => {
            repaint_after(ui, format::ago_changes_in(at, now));
            (format::not_swept(at, now), tokens.color.warning, Some(at))
        }
    };
    let mut job = line_text::job(&told, tokens.body(), color);
    // Of what is over, the day matters less than that it is over; the tooltip tells it.
    if let Some(moment) = moment.filter(|moment| *moment > now) {
        let near = format!(" · {}", format::utc_near(moment, now));
        line_text::append(&mut job, &near, &tokens.body(), tokens.color.dim);
    }
    // A text that is too long must not widen the panel.
    let width = (ui.available_width() - LINK_WIDTH).max(40.0);
    let galley = line_text::layout(ui.painter(), job, width);
    let label = ui.label(galley);
    if let Some(moment) = moment {
        label.on_hover_text(told_in_full(moment, &local_zone::of(ui.ctx())));
    }
}

/// The ways to say when an entry expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Way {
    #[default]
    Span,
    Date,
}

/// The ways to choose another expiry; `choice` is what is asked for then.
pub(super) fn menu(
    ui: &mut Ui,
    (expires_at, is_known): (Option<i64>, bool),
    chosen: ExpiryDraft,
    choice: &dyn Fn(ExpiryDraft) -> DatabaseAction,
    context: &mut PanelContext<'_>,
) {
    if !context.environment.writable {
        return;
    }
    let expires = expires_at.is_some();
    let button = ui.add(link_button("change"));
    let menu = egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    menu.show(|ui| {
        ui.set_min_width(WIDTH);
        ui.set_max_width(WIDTH);
        let memory = egui::Id::unique("way to expire");
        let mut way: Way = ui.data(|data| data.get_temp(memory)).unwrap_or_default();
        let ways = [(Way::Span, "After a time"), (Way::Date, "At a date")];
        if segmented(ui, "How the expiry is said", &mut way, &ways).changed() {
            ui.data_mut(|data| data.insert_temp(memory, way));
        }
        if way == Way::Date {
            date(ui, expires_at, chosen, choice, context);
            return;
        }
        ui.add_space(4.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut choose = |ui: &mut Ui, text: &str, expiry: ExpiryDraft| {
            if ui.add(MenuEntry::new(text).checked(chosen == expiry)).clicked() {
                context.ask(choice(expiry));
                ui.close();
            }
        };
        if expires {
            choose(ui, "as it is", ExpiryDraft::Keep);
        }
        choose(
            ui,
            "never",
            if expires || !is_known {
                ExpiryDraft::Never
            } else {
                chosen_never(chosen)
            },
        );
        for (text, milliseconds) in EXPIRIES {
            choose(ui, text, ExpiryDraft::After(milliseconds));
        }
        menu_separator(ui);
        custom_expiry(ui, choice, context);
    });
}

/// A calendar, which begins with the expiry that there is, or tomorrow.
fn date(
    ui: &mut Ui,
    expires_at: Option<i64>,
    chosen: ExpiryDraft,
    choice: &dyn Fn(ExpiryDraft) -> DatabaseAction,
    context: &mut PanelContext<'_>,
) {
    let memory = egui::Id::unique("date to expire").with((expires_at, chosen));
    let known: Option<DatePickerState> = ui.data(|data| data.get_temp(memory));
    let mut picker = known.unwrap_or_else(|| {
        DatePickerState::new(match (chosen, expires_at) {
            (ExpiryDraft::At(moment), _) | (ExpiryDraft::Keep, Some(moment)) => moment,
            (ExpiryDraft::After(span), _) => context.now.saturating_add(span),
            _ => context.now.saturating_add(86_400_000),
        })
    });
    let picked = date_picker(ui, &mut picker, context.now, "Expire then");
    ui.data_mut(|data| data.insert_temp(memory, picker));
    match picked {
        Some(moment) if moment <= context.now => {
            context.ask(AppAction::Complain(format!(
                "This moment has passed: {}",
                format::utc(moment)
            )));
        }
        Some(moment) => {
            context.ask(choice(ExpiryDraft::At(moment)));
            ui.close();
        }
        None => {}
    }
}

/// A field for any other span or date.
fn custom_expiry(
    ui: &mut Ui,
    choice: &dyn Fn(ExpiryDraft) -> DatabaseAction,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let memory = ui.scope_id().with("custom expiry");
    let mut text: String = ui.data(|data| data.get_temp(memory)).unwrap_or_default();
    ui.add_space(4.0);
    let field = moment_field(ui, &mut text, "Other expiry", "90 min, or 2027-01-31 14:30");
    let parsed = crate::model::expiry::parse(&text, context.now);
    let (told, color) = match &parsed {
        _ if text.trim().is_empty() => ("Enter takes it".to_owned(), tokens.color.dim),
        Ok(ExpiryDraft::After(span)) => {
            let moment = context.now.saturating_add(*span);
            (format!("= {}", format::utc(moment)), tokens.color.dim)
        }
        Ok(ExpiryDraft::At(moment)) => (
            format!("= in {}", format::span(*moment - context.now)),
            tokens.color.dim,
        ),
        Ok(_) => (String::new(), tokens.color.dim),
        Err(reason) => (reason.to_string(), tokens.color.warning),
    };
    ui.add_space(2.0);
    let told = RichText::new(told).font(tokens.small()).color(color);
    ui.allocate_ui(vec2(WIDTH - 2.0, 30.0), |ui| ui.label(told));
    if field.entered
        && let Ok(expiry) = parsed
    {
        context.ask(choice(expiry));
        text.clear();
        ui.close();
    }
    ui.data_mut(|data| data.insert_temp(memory, text));
}

/// For an entry without expiry, keeping it and never expiring are the same.
fn chosen_never(chosen: ExpiryDraft) -> ExpiryDraft {
    if chosen == ExpiryDraft::Never {
        ExpiryDraft::Never
    } else {
        ExpiryDraft::Keep
    }
}
