//! The command palette: commands by a few letters, or a key to go to.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Sense, Ui, WidgetInfo, vec2};

use super::PanelContext;
use crate::command::{Command, Environment};
use crate::execute::Action;
use crate::theme::{self, icons};
use crate::widgets::confirm::dialog;
use crate::widgets::line_text;
use crate::widgets::search_field::SearchField;

/// Rows of the palette at most.
const SHOWN: usize = 12;

/// What was typed and which row is chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Palette {
    /// What was typed.
    pub text: String,
    /// Which of the matching rows.
    pub chosen: usize,
}

/// A row of the palette.
#[derive(Debug, Clone, PartialEq)]
struct Offer {
    text: String,
    icon: &'static str,
    shortcut: String,
    action: Action,
}

/// What matches a text, best first: a key if the text is one, then commands that can be done now.
fn offers(text: &str, environment: &Environment, ui: &Ui) -> Vec<Offer> {
    let mut offers = Vec::new();
    if environment.database
        && let Ok(key) = text.parse::<keyglass_store::Key>()
        && let Ok(encoded) = key.encode()
    {
        offers.push(Offer {
            text: format!("Go to {key}"),
            icon: icons::ARROW_RIGHT,
            shortcut: String::new(),
            action: Action::GoTo(encoded),
        });
    }
    let mut found: Vec<(u32, Command)> = Command::ALL
        .into_iter()
        .filter(|command| *command != Command::Palette && command.enabled(environment).is_ok())
        .filter_map(|command| Some((score(text, command.text())?, command)))
        .collect();
    found.sort_by_key(|(score, _)| *score);
    offers.extend(found.into_iter().map(|(_, command)| {
        Offer {
            text: command.text().to_owned(),
            icon: command.icon(),
            shortcut: command
                .shortcut()
                .map(|shortcut| ui.ctx().format_shortcut(&shortcut))
                .unwrap_or_default(),
            action: Action::Command(command),
        }
    }));
    offers.truncate(SHOWN);
    offers
}

/// How well the letters typed match a text in their order: less is better, `None` is not at all. Letters that
/// begin a word or follow each other count for more.
fn score(typed: &str, text: &str) -> Option<u32> {
    let mut score = 0;
    let mut letters = text.chars().flat_map(char::to_lowercase).enumerate();
    let mut last: Option<usize> = None;
    let mut before = ' ';
    for wanted in typed
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_lowercase)
    {
        loop {
            let (at, letter) = letters.next()?;
            let begins_word = before == ' ';
            before = letter;
            if letter == wanted {
                score += match last {
                    Some(previous) if previous + 1 == at => 0,
                    _ if begins_word => 1,
                    _ => 10,
                };
                last = Some(at);
                break;
            }
        }
    }
    Some(score)
}

pub(super) fn show(ui: &mut Ui, palette: &mut Palette, context: &mut PanelContext<'_>) {
    let mut done = false;
    let modal = dialog(ui.ctx(), "Command palette", 460.0, |ui| {
        let id = egui::Id::unique("palette text");
        let field = SearchField::new(&mut palette.text, "Command, or a key such as [\"users\", 42n]")
            .icon()
            .id(id)
            .show(ui);
        ui.memory_mut(|memory| memory.request_focus(id));
        if field.changed() {
            palette.chosen = 0;
        }
        let offers = offers(&palette.text, context.environment, ui);
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowDown) {
            palette.chosen = (palette.chosen + 1).min(offers.len().saturating_sub(1));
        }
        if pressed(Key::ArrowUp) {
            palette.chosen = palette.chosen.saturating_sub(1);
        }
        let enter = pressed(Key::Enter);
        ui.spacing_mut().item_spacing.y = 0.0;
        if offers.is_empty() {
            let tokens = theme::tokens(ui);
            ui.add_space(6.0);
            ui.label(egui::RichText::new("No command matches").color(tokens.color.dim));
        }
        for (index, offer) in offers.into_iter().enumerate() {
            let clicked = row(ui, &offer, index == palette.chosen);
            if clicked || (enter && index == palette.chosen) {
                done = true;
                context.ask(Action::CloseDialog);
                context.ask(offer.action);
            }
        }
    });
    if modal.should_close() && !done {
        context.ask(Action::CloseDialog);
    }
}

fn row(ui: &mut Ui, offer: &Offer, chosen: bool) -> bool {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, offer.text.as_str()));
    if chosen || response.hovered() {
        let fill = if chosen {
            tokens.color.selection
        } else {
            tokens.hover()
        };
        ui.painter().rect_filled(rect, tokens.size.radius_small, fill);
    }
    let inner = rect.shrink2(vec2(8.0, 0.0));
    let paint = |rect, text: &str, font, color| {
        let galley = line_text::layout(
            ui.painter(),
            line_text::job(text, font, color),
            inner.width() - 30.0,
        );
        line_text::paint(ui.painter(), rect, galley)
    };
    paint(inner, offer.icon, tokens.icon(), tokens.color.dim);
    paint(
        inner.with_min_x(inner.left() + 24.0),
        &offer.text,
        tokens.body(),
        tokens.color.text,
    );
    let job = line_text::job(&offer.shortcut, tokens.body(), tokens.color.dim);
    line_text::paint_right(ui.painter(), inner, line_text::layout(ui.painter(), job, 120.0));
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_match_in_order_and_word_beginnings_first() {
        assert!(score("oft", "Open file…").is_none());
        assert!(score("of", "Open file…") < score("of", "Copy of it"));
        assert!(score("file", "Open file…") < score("file", "Filter the tree"));
        assert_eq!(score("", "Anything"), Some(0));
    }
}
