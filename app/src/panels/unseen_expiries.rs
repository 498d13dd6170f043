//! The question what becomes of expiries that nobody can see, before something ends them.

use egui::{Label, RichText, Ui};

use super::PanelContext;
use super::dialog::{buttons_if, heading};
use super::mark::Place;
use crate::action::{AppAction, DatabaseAction};
use crate::dialog::unseen_expiries::ExpiryQuestion;
use crate::format;
use crate::model::draft::ExpiryDraft;
use crate::model::expiry::{self, UnseenExpiries};
use crate::theme;
use crate::widgets::date_picker::moment_field;
use crate::widgets::dialog_frame::dialog;

const OF_ONE: &str =
    "The server does not tell whether this entry expires. If it does, this ends that: it stays for good";
const OF_MANY: &str = "do not tell whether they expire, because the server does not say it. If they do, this ends that: they stay for good";

pub(super) fn show(
    ui: &mut Ui,
    asked: &mut ExpiryQuestion,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let title = asked.title();
    let modal = dialog(ui.ctx(), &title, 440.0, |ui| {
        heading(ui, &title, place);
        let tokens = theme::tokens(ui);
        let is_one = asked.unseen.entries == Some(1);
        ui.add(Label::new(RichText::new(meaning(asked)).color(tokens.color.dim)).wrap());
        if asked.unseen.can_set {
            moment_field(ui, &mut asked.text, "Expiry", "none; or 90 min, 2027-01-31 14:30");
        }
        let chosen = match asked.text.trim() {
            "" => Ok(ExpiryDraft::Never),
            text => expiry::parse(text, context.now),
        };
        let stays = if is_one { "It stays" } else { "They stay" };
        let (it, ends) = if is_one {
            ("It", "expires")
        } else {
            ("They", "expire")
        };
        let (told, color) = match &chosen {
            Ok(ExpiryDraft::After(span)) => {
                let moment = context.now.saturating_add(*span);
                (
                    format!("{it} {ends} at {}", format::utc(moment)),
                    tokens.color.dim,
                )
            }
            Ok(ExpiryDraft::At(moment)) => (
                format!("{it} {ends} in {}", format::span(*moment - context.now)),
                tokens.color.dim,
            ),
            Ok(_) => (stays.to_owned(), tokens.color.dim),
            Err(reason) => (reason.to_string(), tokens.color.bad),
        };
        ui.add(Label::new(RichText::new(told).color(color)).wrap());
        let verb = match &chosen {
            Ok(ExpiryDraft::Never) => asked.verb(),
            _ => format!("{} with this expiry", asked.unseen.verb),
        };
        if buttons_if(ui, &verb, chosen.is_ok(), context)
            && let Ok(chosen) = chosen
        {
            context.ask(DatabaseAction::WithExpiry(asked.action.clone(), chosen));
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn meaning(asked: &ExpiryQuestion) -> String {
    let UnseenExpiries { entries, can_set, .. } = asked.unseen;
    let ends = match entries {
        Some(1) => OF_ONE.to_owned(),
        Some(number) => format!("{} {OF_MANY}", format::counted(number, "entry", "entries")),
        None => format!("The entries {OF_MANY}"),
    };
    if can_set {
        format!("{ends}, unless you set an expiry here.")
    } else {
        format!("{ends}, because a sum, min or max sets none.")
    }
}
