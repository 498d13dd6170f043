//! The command palette: commands by a few letters, or a key to go to.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Sense, Ui, WidgetInfo, vec2};

use super::PanelContext;
use crate::action::{AppAction, Asked, DatabaseAction};
use crate::command::{Command, Environment};
use crate::dialog::palette::Palette;
use crate::theme::{self, icons};
use crate::widgets::dialog_frame::dialog;
use crate::widgets::line_text;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition};
use crate::widgets::search_field::SearchField;

/// Rows that are on screen at most, and how high each is, in points.
const SHOWN: f32 = 12.0;
const ROW_HEIGHT: f32 = 28.0;
/// Points of the window above and below its rows.
const MARGIN: f32 = 150.0;

/// A row of the palette.
#[derive(Debug, Clone, PartialEq)]
struct Offer {
    text: String,
    icon: &'static str,
    /// Its shortcut, or why it cannot be done now.
    note: String,
    /// None if it cannot be done now.
    action: Option<Asked>,
}

/// What matches a text, best first: a key if the text is one, then what can be done now, then what cannot.
fn offers(palette: &Palette, environment: &Environment, ui: &Ui) -> Vec<Offer> {
    let text = palette.text.as_str();
    let mut offers = Vec::new();
    if environment.database
        && let Ok(key) = text.parse::<keyglass_store::Key>()
        && let Ok(encoded) = key.encode()
    {
        offers.push(Offer {
            text: format!("Go to {key}"),
            icon: icons::ARROW_RIGHT,
            note: String::new(),
            action: Some(DatabaseAction::GoTo(encoded).into()),
        });
    }
    let commands = Command::ALL
        .into_iter()
        .filter(|command| *command != Command::Palette && command.is_offered(environment));
    let mut found: Vec<(bool, u32, Offer)> = commands
        .filter_map(|command| {
            let reason = command.enabled(environment).err();
            let now = command.text_now(environment);
            // It is found by its usual text as well as by what it is about now.
            let score = score(text, command.text()).or_else(|| score(text, &now))?;
            Some((reason.is_some(), score, of_command(command, &now, reason, ui)))
        })
        .collect();
    found.extend(palette.places.iter().filter_map(|place| {
        let offer = Offer {
            text: place.text.clone(),
            icon: place.icon,
            note: String::new(),
            action: Some(place.action.clone()),
        };
        Some((false, score(text, &place.text)?, offer))
    }));
    found.sort_by_key(|(is_refused, score, _)| (*is_refused, *score));
    offers.extend(found.into_iter().map(|(_, _, offer)| offer));
    offers
}

fn of_command(command: Command, text: &str, reason: Option<&str>, ui: &Ui) -> Offer {
    let shortcut = command
        .shortcut()
        .map(|shortcut| ui.ctx().format_shortcut(&shortcut));
    Offer {
        text: text.to_owned(),
        icon: command.icon(),
        note: reason.map_or_else(|| shortcut.unwrap_or_default(), ToOwned::to_owned),
        action: reason.is_none().then(|| command.into()),
    }
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

pub(super) fn show(
    ui: &mut Ui,
    palette: &mut Palette,
    position: &mut ScrollPosition,
    context: &mut PanelContext<'_>,
) {
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
        let offers = offers(palette, context.environment, ui);
        let last = (offers.len() as u64).saturating_sub(1);
        let pressed = |key| ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key) as u64);
        let before = palette.chosen;
        let (down, up) = (pressed(Key::ArrowDown), pressed(Key::ArrowUp));
        palette.chosen = (before + down).saturating_sub(up).min(last);
        if palette.chosen != before || field.changed() {
            position.scroll_to_row(palette.chosen, RowAlign::Nearest);
        }
        let mut taken = (pressed(Key::Enter) > 0).then_some(palette.chosen);
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(6.0);
        let room = ((ui.ctx().content_rect().height() - MARGIN) / ROW_HEIGHT).floor();
        // As high whatever matches, or the field would move while one types.
        let size = vec2(ui.available_width(), SHOWN.min(room.max(1.0)) * ROW_HEIGHT);
        ui.allocate_ui(size, |ui| {
            ui.set_min_size(size);
            if offers.is_empty() {
                let tokens = theme::tokens(ui);
                ui.label(egui::RichText::new("No command matches").color(tokens.color.dim));
                return;
            }
            let chosen = palette.chosen;
            let rows = offers.len() as u64;
            RowScroller::new(position, "Commands", rows, ROW_HEIGHT)
                .role(Role::ListBox)
                .show(ui, |ui, index, rect| {
                    let offer = usize::try_from(index).ok().and_then(|index| offers.get(index));
                    if offer.is_some_and(|offer| row(ui, rect, index, offer, index == chosen)) {
                        taken = Some(index);
                    }
                });
        });
        let taken = taken.and_then(|index| offers.into_iter().nth(usize::try_from(index).ok()?));
        if let Some(action) = taken.and_then(|offer| offer.action) {
            done = true;
            context.ask(AppAction::CloseDialog);
            context.ask(action);
        }
    });
    if modal.is_left() && !done {
        context.ask(AppAction::CloseDialog);
    }
}

/// Draws a row; true if it was clicked.
fn row(ui: &Ui, rect: Rect, index: u64, offer: &Offer, chosen: bool) -> bool {
    let tokens = theme::tokens(ui);
    let can_be_done = offer.action.is_some();
    let id = ui.scope_id().with(("command", index));
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, can_be_done, chosen, &offer.text));
    ui.ctx().accesskit_node_builder(id, |node| {
        node.clear_toggled();
        node.set_selected(chosen);
        if !can_be_done {
            node.set_description(offer.note.clone());
        }
    });
    if chosen || (response.hovered() && can_be_done) {
        let fill = if chosen {
            tokens.color.selection
        } else {
            tokens.hover()
        };
        ui.painter().rect_filled(rect, tokens.size.radius_small, fill);
    }
    // The scroll bar lies over the right end.
    let inner = rect.shrink2(vec2(8.0, 0.0));
    let inner = inner.with_max_x(rect.right() - tokens.size.scroll_bar - 4.0);
    let note = line_text::job(&offer.note, tokens.body(), tokens.color.dim);
    let note = line_text::layout(ui.painter(), note, inner.width() * 0.6);
    let right = line_text::paint_right(ui.painter(), inner, note).left();
    let paint = |rect: Rect, text: &str, font, color| {
        let galley = line_text::layout(ui.painter(), line_text::job(text, font, color), rect.width());
        line_text::paint(ui.painter(), rect, galley)
    };
    paint(inner, offer.icon, tokens.icon(), tokens.color.dim);
    let color = if can_be_done {
        tokens.color.text
    } else {
        tokens.color.dim
    };
    let text = inner
        .with_min_x(inner.left() + 24.0)
        .with_max_x(right - tokens.size.gap);
    paint(text, &offer.text, tokens.body(), color);
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
