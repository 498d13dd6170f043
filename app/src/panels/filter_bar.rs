//! What the table lists: Deno's list options as chips, each editable where it stands.

use egui::scroll_area::ScrollBarVisibility;
use egui::text::{CCursor, CCursorRange};
use egui::{Align, Key, Layout, Popup, PopupCloseBehavior, Response, RichText, ScrollArea, TextEdit, Ui};
use keyglass_store::key::EncodedKey;

use super::PanelContext;
use super::entries::DrawnEntries;
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::format;
use crate::model::query::Query;
use crate::model::saved_session;
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, link_button, primary_button};
use crate::widgets::chip::{FilterChip, FilterChipResponse};
use crate::widgets::panel_frame::bar;
use crate::widgets::{key_text, line_text};

/// The most that the prefix takes of the bar's width.
const WIDEST_PREFIX: f32 = 0.5;

pub(super) fn show(ui: &mut Ui, drawn: &DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    bar(ui, tokens.size.filter_bar, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            saved(ui, drawn, context);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                // Chips for which there is no room are scrolled to.
                ui.style_mut().always_scroll_the_only_direction = true;
                ScrollArea::horizontal()
                    .scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden)
                    .show(ui, |ui| chips(ui, drawn, context));
            });
        });
    });
}

/// What is listed, and what could be narrowed.
fn chips(ui: &mut Ui, drawn: &DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    let query = &drawn.entries.query;
    ui.spacing_mut().item_spacing.x = 6.0;
    let width = ui.clip_rect().width();
    let mut change = |query: Query| context.ask(DatabaseAction::List(query));
    if query.prefix.as_bytes().is_empty() {
        FilterChip::new("all keys").permanent().show(ui);
    } else {
        let job = key_job(ui, &query.prefix);
        let chip = FilterChip::new("in")
            .value(job)
            .max_width(width * WIDEST_PREFIX)
            .show(ui);
        chip.response.on_hover_text(query.prefix.to_string());
        if chip.closed {
            change(Query {
                prefix: EncodedKey::default(),
                ..query.clone()
            });
        }
    }
    let selected = drawn.entries.selected.as_ref();
    let start = ("start", "Begin at this key", &query.start);
    if let Some(start) = bound(ui, start, &query.prefix, selected) {
        change(Query {
            start,
            ..query.clone()
        });
    }
    let end = ("end", "End before this key", &query.end);
    if let Some(end) = bound(ui, end, &query.prefix, selected) {
        change(Query { end, ..query.clone() });
    }
    if let Some(limit) = limit(ui, query.limit) {
        change(Query {
            limit,
            ..query.clone()
        });
    }
    let reverse = if query.reverse {
        let chip = FilterChip::new("reverse").show(ui);
        chip.closed || chip.response.clicked()
    } else {
        FilterChip::ghost("reverse")
            .show(ui)
            .response
            .on_hover_text("List from the last key")
            .clicked()
    };
    if reverse {
        change(Query {
            reverse: !query.reverse,
            ..query.clone()
        });
    }
    let words = ["shown only", "exported and found, too"];
    expired(
        ui,
        drawn.entries.includes_expired(),
        (drawn.num_expired, words),
        context,
    );
}

/// The chip that takes in entries that have expired and were not swept, or leaves them out; none where there are none.
/// `words` tell of them while they are left out, and while they are taken in.
pub(super) fn expired(
    ui: &mut Ui,
    are_in: bool,
    (number, words): (u64, [&str; 2]),
    context: &mut PanelContext<'_>,
) {
    if number == 0 {
        return;
    }
    let [left_out, taken_in] = words;
    let number = format::count(number);
    let (chip, tooltip) = if are_in {
        let tooltip = "Exported, copied, found and deleted like all others, though Deno drops them as it opens the file. \
                       Click to leave them out";
        let name = format!("{number} expired: {taken_in}");
        (FilterChip::new(&name).permanent().show(ui), tooltip)
    } else {
        let tooltip = "Exports, copies, finds and deletions of many leave them out, as Deno drops them when it opens \
                       the file. Click to take them in";
        let name = format!("{number} expired: {left_out}");
        (FilterChip::ghost(&name).show(ui), tooltip)
    };
    if chip.response.on_hover_text(tooltip).clicked() {
        context.ask(DatabaseAction::IncludeExpired(!are_in));
    }
}

/// The button of the saved filters at the right end, with the name of the one that is listed.
fn saved(ui: &mut Ui, drawn: &DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    let known = drawn.filters.of_query(&drawn.entries.query);
    match known {
        Some(filter) => {
            let button = link_button(&filter.name).icon(icons::BOOKMARK);
            context.command(ui, Command::ShowFilters, button);
        }
        None => {
            let button = IconButton::new(icons::BOOKMARK, "Saved filters");
            context.command(ui, Command::ShowFilters, button);
        }
    }
}

/// The chip of a bound. `Some` if it was changed; `None` inside if it was removed.
fn bound(
    ui: &mut Ui,
    (name, tooltip, bound): (&str, &str, &Option<EncodedKey>),
    prefix: &EncodedKey,
    selected: Option<&EncodedKey>,
) -> Option<Option<EncodedKey>> {
    let chip = match bound {
        Some(key) => FilterChip::new(name).value(key_job(ui, key)),
        None => FilterChip::ghost(name),
    };
    let FilterChipResponse { response, closed } = chip.show(ui);
    if closed {
        return Some(None);
    }
    let option = ListOption {
        name,
        text: bound.as_ref().unwrap_or(prefix).to_string(),
        hint: "[\"users\", 42n]",
        offer: selected.map(|key| ("Selected entry", key.to_string())),
    };
    edit(&response.on_hover_text(tooltip), &option, |text| {
        saved_session::read_key(text)
            .map(Some)
            .ok_or("A key such as [\"users\", 42n] is needed")
    })
}

fn limit(ui: &mut Ui, limit: Option<u64>) -> Option<Option<u64>> {
    let chip = match limit {
        Some(limit) => {
            let tokens = theme::tokens(ui);
            let text = format::count(limit);
            FilterChip::new("limit").value(line_text::job(&text, tokens.mono(), tokens.color.number))
        }
        None => FilterChip::ghost("limit"),
    };
    let FilterChipResponse { response, closed } = chip.show(ui);
    if closed {
        return Some(None);
    }
    let option = ListOption {
        name: "limit",
        text: limit.map_or_else(|| "100".to_owned(), |limit| limit.to_string()),
        hint: "100",
        offer: None,
    };
    let response = response.on_hover_text("List at most so many entries");
    edit(&response, &option, |text| match text.trim().parse::<u64>() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err("A number of entries is needed"),
    })
}

/// What is edited below a chip.
struct ListOption<'a> {
    name: &'a str,
    /// What stands in the field at first.
    text: String,
    hint: &'a str,
    /// Something else that can be put there by a click: what it is, and the text.
    offer: Option<(&'a str, String)>,
}

/// A field below a chip that was clicked. What was typed, once Enter or its button takes it.
fn edit<T>(
    chip: &Response,
    option: &ListOption<'_>,
    parse: impl FnOnce(&str) -> Result<T, &'static str>,
) -> Option<T> {
    let memory = chip.id.with("edited");
    let popup =
        Popup::from_toggle_button_response(chip).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let shown = popup.show(|ui| {
        let tokens = theme::tokens(ui);
        ui.set_width(280.0);
        let known: Option<String> = ui.data(|data| data.get_temp(memory));
        let is_new = known.is_none();
        let mut typed = known.unwrap_or_else(|| option.text.clone());
        let field = TextEdit::singleline(&mut typed)
            .font(tokens.mono())
            .hint_text(RichText::new(option.hint).font(tokens.mono()))
            .desired_width(f32::INFINITY);
        let response = ui
            .add(field)
            .accessible_name(format!("List option {}", option.name));
        if is_new {
            response.request_focus();
            place_cursor(ui, response.id, &typed);
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let parsed = parse(&typed);
        let mut taken = entered;
        ui.horizontal(|ui| {
            if let Some((name, text)) = &option.offer
                && ui.add(link_button(name)).on_hover_text(text).clicked()
            {
                typed.clone_from(text);
                response.request_focus();
            }
            if let Err(reason) = &parsed {
                ui.label(
                    RichText::new(*reason)
                        .font(tokens.small())
                        .color(tokens.color.warning),
                );
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let button = primary_button("List").small();
                taken |= ui.add_enabled(parsed.is_ok(), button).clicked();
            });
        });
        ui.data_mut(|data| data.insert_temp(memory, typed));
        if entered && parsed.is_err() {
            response.request_focus();
        }
        let value = parsed.ok().filter(|_| taken);
        if value.is_some() {
            ui.close();
        }
        value
    });
    let value = match shown {
        Some(shown) => shown.inner,
        None => {
            chip.ctx.data_mut(|data| data.remove::<String>(memory));
            return None;
        }
    };
    if value.is_some() {
        chip.ctx.data_mut(|data| data.remove::<String>(memory));
    }
    value
}

/// Selects all of a number; in a key, puts the cursor where the next part is written.
fn place_cursor(ui: &Ui, field: egui::Id, text: &str) {
    let end = text.chars().count();
    let range = if text.ends_with(']') {
        CCursorRange::one(CCursor::new(end - 1))
    } else {
        CCursorRange::two(CCursor::new(0), CCursor::new(end))
    };
    let mut state = TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), field);
}

/// A key in its colours; bytes that are no key as they are.
fn key_job(ui: &Ui, key: &EncodedKey) -> egui::text::LayoutJob {
    let tokens = theme::tokens(ui);
    match key.decode() {
        Ok(key) => key_text::key_job(tokens, &key),
        Err(_) => line_text::job(&key.to_string(), tokens.mono(), tokens.color.bad),
    }
}
