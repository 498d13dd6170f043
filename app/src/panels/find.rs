//! Find in keys and values, and what was found.

use egui::accesskit::Role;
use egui::{Id, Layout, Rect, RichText, Sense, Ui, WidgetInfo, pos2, vec2};
use keyglass_store::database::Counted;
use keyglass_store::key::EncodedKey;

use super::{PanelContext, filter_bar, place_menu};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::errand::{HIT_LIMIT, Hit, Place};
use crate::format;
use crate::model::facts::DatabaseFacts;
use crate::model::find::{FindModel, FindState};
use crate::theme;
use crate::widgets::badge::paint_badge;
use crate::widgets::button::{link_button, primary_button};
use crate::widgets::chip::FilterChip;
use crate::widgets::choice::segmented;
use crate::widgets::panel_frame::bar;
use crate::widgets::row_fill::row_fill;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, row_after_keys, tell_current_row};
use crate::widgets::search_field::SearchField;
use crate::widgets::{context_menu, key_text, line_text, marked_text, preview_text};

/// The key column's share of what keys and matches have together.
const KEY_SHARE: f32 = 0.45;
/// Widths of the columns for type and size, in points.
const TYPE_WIDTH: f32 = 84.0;
const SIZE_WIDTH: f32 = 58.0;
/// In less width there is no column for the size.
const LEAST_FOR_SIZE: f32 = 560.0;

/// Where the columns of a row are.
struct Columns {
    key: Rect,
    matched: Rect,
    kind: Rect,
    size: Option<Rect>,
}

impl Columns {
    fn of(rect: Rect, padding: f32, gap: f32) -> Self {
        let inner = rect.shrink2(vec2(padding, 0.0));
        let size = inner.with_min_x(inner.right() - SIZE_WIDTH);
        let size = (rect.width() >= LEAST_FOR_SIZE).then_some(size);
        let kind = inner.with_max_x(size.map_or(inner.right(), |size| size.left() - gap));
        let kind = kind.with_min_x(kind.right() - TYPE_WIDTH);
        let both = inner.with_max_x(kind.left() - gap);
        let border = both.left() + (both.width() * KEY_SHARE).max(0.0);
        Self {
            key: both.with_max_x(border),
            matched: Rect::from_min_max(
                pos2(border + gap, both.top()),
                pos2(both.right().max(border + gap), both.bottom()),
            ),
            kind,
            size,
        }
    }
}

/// How what was found is looked at.
#[derive(Debug, Default)]
pub struct FindView {
    position: ScrollPosition,
}

/// What the search is drawn from.
pub(super) struct DrawnFind<'a> {
    pub find: &'a mut FindModel,
    pub view: &'a mut FindView,
    /// What reads of the database cost.
    pub facts: &'a DatabaseFacts,
    /// The prefix that the table lists.
    pub listed: &'a EncodedKey,
    /// Entries that have expired and were not swept are searched, too.
    pub includes_expired: bool,
    /// How many entries there are in all, and how many at and below what is listed, as far as that is of interest.
    pub counted: [Option<Counted>; 2],
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnFind<'_>, context: &mut PanelContext<'_>) {
    options(ui, drawn, context);
    let [all, below_listed] = drawn.counted;
    let of_scope = match drawn.find.options.below_listed {
        true => below_listed,
        false => all,
    };
    let is_paid = drawn.facts.asks_before_reading(of_scope);
    drawn.find.settle(drawn.listed, drawn.includes_expired, is_paid);
    let tokens = theme::tokens(ui);
    if let Some(error) = drawn.find.error.clone() {
        egui::Frame::NONE
            .inner_margin(egui::Margin::symmetric(tokens.size.padding as i8, 8))
            .show(ui, |ui| {
                ui.label(RichText::new(error).color(tokens.color.bad));
                if drawn.find.options.is_expression && ui.add(link_button("Find it as a text")).clicked() {
                    drawn.find.options.is_expression = false;
                }
            });
    }
    let footer = tokens.size.header;
    let area = ui.available_rect_before_wrap();
    let table = area.with_max_y(area.bottom() - footer);
    ui.scope_builder(egui::UiBuilder::new().max_rect(table), |ui| {
        if drawn.find.hits().is_empty() {
            empty(ui, drawn);
        } else {
            header(ui);
            rows(ui, drawn, context);
        }
    });
    let footer = area.with_min_y(table.bottom());
    ui.scope_builder(egui::UiBuilder::new().max_rect(footer), |ui| {
        footer_ui(ui, drawn, context);
    });
}

/// What to search for, and where.
fn options(ui: &mut Ui, drawn: &mut DrawnFind<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let focus = std::mem::take(&mut drawn.find.wants_focus);
    let options = &mut drawn.find.options;
    let hint = match (options.is_expression, options.place) {
        (true, _) => "Regular expression",
        (false, Place::Both) => "Find in keys and values",
        (false, Place::Keys) => "Find in keys",
        (false, Place::Values) => "Find in values",
    };
    let mut go = false;
    bar(ui, tokens.size.filter_bar, |ui| {
        let id = ui.scope_id().with("find");
        let field = SearchField::new(&mut options.text, hint).icon().id(id).show(ui);
        if focus {
            field.request_focus();
            select_all(ui, id, &options.text);
        }
        // Taken, so that the rows, which have the focus then, do not go on by one.
        let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
        go = (field.lost_focus() && pressed(egui::Key::Enter))
            || (field.has_focus() && pressed(egui::Key::ArrowDown));
    });
    if go {
        drawn.find.begin_paid();
    }
    if go && !drawn.find.hits().is_empty() {
        context.ask(DatabaseAction::OpenFound(drawn.find.selected.unwrap_or(0)));
        drawn.find.rows_want_focus = true;
    }
    let [all, below_listed] = drawn.counted;
    let counted = if drawn.find.options.below_listed {
        below_listed
    } else {
        all
    };
    let num_expired = counted.map_or(0, |counted| counted.expired);
    let options = &mut drawn.find.options;
    bar(ui, tokens.size.filter_bar, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let places = [
            (Place::Both, "Both"),
            (Place::Keys, "Keys"),
            (Place::Values, "Values"),
        ];
        segmented(ui, "Where to look", &mut options.place, &places);
        toggle(
            ui,
            "match case",
            "Tell capitals from small letters",
            &mut options.match_case,
        );
        let tooltip = "Read the text as a regular expression, such as a\\d+";
        toggle(ui, "regex", tooltip, &mut options.is_expression);
        let words = ["left out", "searched, too"];
        filter_bar::expired(ui, drawn.includes_expired, (num_expired, words), context);
        let listed = drawn.listed;
        if !listed.as_bytes().is_empty() || options.below_listed {
            let job = match listed.decode() {
                Ok(key) => key_text::key_job(tokens, &key),
                Err(_) => line_text::job(&listed.to_string(), tokens.mono(), tokens.color.bad),
            };
            let chip = if options.below_listed {
                FilterChip::new("in").value(job)
            } else {
                FilterChip::ghost("in").value(job)
            };
            // All of it is in the bar, where its cross can be reached.
            let left = ui.clip_rect().right() - ui.cursor().left() - tokens.size.padding;
            let shown = chip.max_width(left).show(ui);
            let tooltip = format!("Only at and below the prefix that the table lists: {listed}");
            if shown.closed || shown.response.on_hover_text(tooltip).clicked() {
                options.below_listed = !options.below_listed;
            }
        }
    });
}

/// A chip that is on or off.
fn toggle(ui: &mut Ui, name: &str, tooltip: &str, on: &mut bool) {
    let chip = if *on {
        FilterChip::new(name)
    } else {
        FilterChip::ghost(name)
    };
    let shown = chip.show(ui);
    if shown.closed || shown.response.on_hover_text(tooltip).clicked() {
        *on = !*on;
    }
}

/// Selects what is typed, so that typing replaces it.
fn select_all(ui: &Ui, id: Id, text: &str) {
    let mut state = egui::text_edit::TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let end = egui::text::CCursor::new(text.chars().count());
    let all = egui::text::CCursorRange::two(egui::text::CCursor::new(0), end);
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), id);
}

fn empty(ui: &mut Ui, drawn: &mut DrawnFind<'_>) {
    // What is wrong stands below the field.
    if drawn.find.error.is_some() {
        return;
    }
    let tokens = theme::tokens(ui);
    let is_narrowed = drawn.find.options.is_narrowed();
    let text = match drawn.find.state() {
        FindState::Asks => "Every entry is read for this, and each read of this database is paid for",
        FindState::Idle => "Type a text to find it in everything that is stored",
        FindState::Running => "Nothing found so far",
        FindState::Complete | FindState::Full if is_narrowed => "Nothing found with these options",
        FindState::Complete | FindState::Full => "Nothing found",
        FindState::Stopped => "Nothing found before the search was stopped",
    };
    ui.vertical_centered(|ui| {
        ui.add_space(40.0);
        ui.label(RichText::new(text).color(tokens.color.dim));
        ui.add_space(tokens.size.gap);
        match drawn.find.state() {
            FindState::Idle => {
                let hint = "Arrow down goes to what was found, F3 opens one after the other";
                ui.label(RichText::new(hint).color(tokens.color.dim));
            }
            FindState::Asks => {
                let hint = "Chosen first, a folder of the tree can be searched alone: by the chip in";
                ui.label(RichText::new(hint).color(tokens.color.dim));
                ui.add_space(tokens.size.gap);
                if ui.add(primary_button("Search")).clicked() {
                    drawn.find.begin_paid();
                }
            }
            FindState::Complete if is_narrowed => {
                let button = ui.add(link_button("Look everywhere, whatever the case"));
                if button.clicked() {
                    drawn.find.options.widen();
                }
            }
            _ => {}
        }
    });
}

fn header(ui: &mut Ui) {
    let tokens = theme::tokens(ui);
    let size = vec2(ui.available_width(), tokens.size.table_header);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    let columns = Columns::of(rect, tokens.size.padding, tokens.size.gap);
    let layout = |text: &str| {
        let job = line_text::job(text, tokens.small(), tokens.color.dim);
        line_text::layout(ui.painter(), job, f32::INFINITY)
    };
    line_text::paint(ui.painter(), columns.key, layout("Key"));
    line_text::paint(ui.painter(), columns.matched, layout("Match"));
    line_text::paint(ui.painter(), columns.kind, layout("Type"));
    if let Some(size) = columns.size {
        line_text::paint_right(ui.painter(), size, layout("Size"));
    }
}

fn rows(ui: &mut Ui, drawn: &mut DrawnFind<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let num_rows = drawn.find.hits().len() as u64;
    let selected = drawn.find.selected;
    let mut position = drawn.view.position;
    if std::mem::take(&mut drawn.find.shows_selected)
        && let Some(row) = selected
    {
        position.scroll_to_row(row as u64, RowAlign::Nearest);
    }
    let mut clicked = None;
    let mut current_id = None;
    let output = RowScroller::new(&mut position, "Found", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, row, rect| {
            let index = usize::try_from(row).unwrap_or(usize::MAX);
            if selected == Some(index) {
                current_id = Some(row_id(ui, row));
            }
            if let Some(hit) = drawn.find.hits().get(index)
                && row_ui(ui, rect, row, hit, selected == Some(index), context)
            {
                clicked = Some(index);
            }
        });
    tell_current_row(ui, &output.response, current_id);
    context_menu::open_by_keyboard(ui, &output.response, current_id);
    if clicked.is_some() || std::mem::take(&mut drawn.find.rows_want_focus) {
        output.response.request_focus();
    }
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    if (output.response.has_focus() && selected == Some(0) && pressed(egui::Key::ArrowUp))
        || (output.response.lost_focus() && pressed(egui::Key::Escape))
    {
        drawn.find.wants_focus = true;
    }
    let current = selected.map(|row| row as u64);
    let target = row_after_keys(ui, &output.response, current, num_rows, output.page);
    if let Some(row) = target {
        position.scroll_to_row(row, RowAlign::Nearest);
        clicked = usize::try_from(row).ok();
    }
    if output.response.has_focus()
        && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Enter))
    {
        clicked = selected.or(Some(0));
    }
    if let Some(index) = clicked {
        context.ask(DatabaseAction::OpenFound(index));
    }
    drawn.view.position = position;
}

fn row_id(ui: &Ui, row: u64) -> Id {
    ui.scope_id().with(("found", row))
}

/// Draws a row; true if it was clicked.
fn row_ui(
    ui: &mut Ui,
    rect: Rect,
    row: u64,
    hit: &Hit,
    is_selected: bool,
    context: &mut PanelContext<'_>,
) -> bool {
    let tokens = theme::tokens(ui);
    let id = row_id(ui, row);
    // Tab goes past all rows: the list has the keyboard.
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_selected, hit.key.to_string()));
    row_fill(ui, rect, row % 2 == 1, is_selected, &response);
    let columns = Columns::of(rect, tokens.size.padding, tokens.size.gap);
    let char_width = ui
        .fonts_mut(|fonts| fonts.glyph_width(&tokens.mono(), '0'))
        .max(1.0);
    let fitting = |rect: Rect| (rect.width() / char_width) as usize;

    let mut key = match hit.key.decode() {
        Ok(key) => key_text::key_job(tokens, &key),
        Err(_) => line_text::job(&hit.key.to_string(), tokens.mono(), tokens.color.bad),
    };
    if let Some(marked) = &hit.in_key {
        key = marked_text::marked_job(tokens, &key, marked, fitting(columns.key));
    }
    let expired_at = hit.expires_at.filter(|at| *at <= context.now);
    if expired_at.is_some() {
        key = line_text::recoloured(key, tokens.color.dim);
    }
    let key = line_text::layout(ui.painter(), key, columns.key.width());
    let is_key_cut = key.elided;
    line_text::paint(ui.painter(), columns.key, key);

    let matched = match &hit.in_value {
        Some(excerpt) => {
            let job = line_text::job(&excerpt.text, tokens.mono(), tokens.color.dim);
            marked_text::marked_job(tokens, &job, &excerpt.matched, fitting(columns.matched))
        }
        None => preview_text::preview_job(tokens, &hit.preview.spans),
    };
    let matched = match expired_at {
        Some(_) => line_text::recoloured(matched, tokens.color.dim),
        None => matched,
    };
    let matched = line_text::layout(ui.painter(), matched, columns.matched.width());
    let is_match_cut = matched.elided;
    line_text::paint(ui.painter(), columns.matched, matched);
    paint_badge(ui, columns.kind, hit.type_name);
    if let Some(column) = columns.size {
        let size = line_text::job(&format::bytes(hit.size), tokens.mono(), tokens.color.dim);
        let size = line_text::layout(ui.painter(), size, column.width());
        line_text::paint_right(ui.painter(), column, size);
    }

    let response = if is_key_cut || is_match_cut || expired_at.is_some() {
        response.on_hover_ui(|ui| {
            ui.label(RichText::new(hit.key.to_string()).font(tokens.mono()));
            if let Some(excerpt) = &hit.in_value {
                ui.label(RichText::new(&excerpt.text).font(tokens.mono()));
            }
            if let Some(at) = expired_at {
                ui.label(format::not_swept(at, context.now));
            }
        })
    } else {
        response
    };
    context_menu::show(&response, |ui| {
        place_menu::show(ui, &hit.key, place_menu::Place::Found, context);
    });
    response.clicked()
}

fn footer_ui(ui: &mut Ui, drawn: &mut DrawnFind<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let rect = ui.available_rect_before_wrap();
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, line);
    let inner = rect.shrink2(vec2(tokens.size.padding, 1.0));
    let layout = Layout::left_to_right(egui::Align::Center);
    // How much there is to look at is known once it was counted.
    let [all, below_listed] = drawn.counted;
    let all = match drawn.find.options.below_listed {
        true => below_listed,
        false => all,
    };
    let all = all.filter(|all| all.complete);
    let all = all.map(|all| match drawn.includes_expired {
        true => all.entries,
        false => all.alive(),
    });
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner).layout(layout), |ui| {
        let find = &*drawn.find;
        let found = format::counted(find.hits().len() as u64, "entry", "entries");
        let looked_at = format::count(find.progress().looked_at);
        let text = match find.state() {
            FindState::Idle | FindState::Asks => String::new(),
            FindState::Running => match all {
                Some(all) => format!(
                    "{found} found so far · {looked_at} of {} looked at",
                    format::count(all)
                ),
                None => format!("{found} found so far · {looked_at} looked at"),
            },
            FindState::Complete => format!("{found} found · all {looked_at} looked at"),
            FindState::Full => format!(
                "The first {} entries found · more are not kept",
                format::count(HIT_LIMIT as u64)
            ),
            FindState::Stopped => format!("{found} found · stopped after {looked_at}"),
        };
        let expired = match find.state() {
            FindState::Idle | FindState::Asks => String::new(),
            _ => format::left_out(find.progress().expired),
        };
        ui.label(RichText::new(text + &expired).color(tokens.color.dim));
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            if find.state() == FindState::Running && ui.add(link_button("Stop")).clicked() {
                context.ask(DatabaseAction::StopFind);
            }
            if find.state() == FindState::Stopped {
                context.command(ui, Command::Refresh, link_button("Find again"));
            }
        });
    });
}
