//! The question what becomes of an expiry that nobody can see, before an entry is saved.

use egui::{Label, RichText, Ui};

use super::PanelContext;
use super::dialog::{buttons_if, heading};
use super::mark::Place;
use crate::action::{AppAction, DatabaseAction};
use crate::dialog::save_expiry::SaveExpiry;
use crate::format;
use crate::model::draft::ExpiryDraft;
use crate::model::expiry;
use crate::theme;
use crate::widgets::date_picker::moment_field;
use crate::widgets::dialog_frame::dialog;

const TITLE: &str = "Save without its expiry?";
const MEANING: &str = "The server does not tell whether this entry expires. If it does, a save ends that: it stays for good, unless you set an expiry here.";

pub(super) fn show(
    ui: &mut Ui,
    asked: &mut SaveExpiry,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), TITLE, 440.0, |ui| {
        heading(ui, TITLE, place);
        let tokens = theme::tokens(ui);
        ui.add(Label::new(RichText::new(MEANING).color(tokens.color.dim)).wrap());
        moment_field(ui, &mut asked.text, "Expiry", "none; or 90 min, 2027-01-31 14:30");
        let chosen = match asked.text.trim() {
            "" => Ok(ExpiryDraft::Never),
            text => expiry::parse(text, context.now),
        };
        let (told, color) = match &chosen {
            Ok(ExpiryDraft::After(span)) => {
                let moment = context.now.saturating_add(*span);
                (format!("It expires at {}", format::utc(moment)), tokens.color.dim)
            }
            Ok(ExpiryDraft::At(moment)) => (
                format!("It expires in {}", format::span(*moment - context.now)),
                tokens.color.dim,
            ),
            Ok(_) => ("It stays".to_owned(), tokens.color.dim),
            Err(reason) => (reason.to_string(), tokens.color.bad),
        };
        ui.add(Label::new(RichText::new(told).color(color)).wrap());
        let verb = match &chosen {
            Ok(ExpiryDraft::Never) => "Save, and it stays",
            _ => "Save with this expiry",
        };
        if buttons_if(ui, verb, chosen.is_ok(), context)
            && let Ok(chosen) = chosen
        {
            context.ask(DatabaseAction::SaveExpiring(chosen));
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}
