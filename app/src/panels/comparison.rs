//! What differs between the database and another one: counts, the differences by key, and both sides of one of them.

use egui::accesskit::Role;
use egui::{Align, Label, Layout, Rect, RichText, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::watch_detail::{self, DetailView};
use super::watch_rows::key_job;
use super::{PanelContext, mark};
use crate::action::{AppAction, DatabaseAction};
use crate::errand::ComparedDatabases;
use crate::format;
use crate::model::comparison::{
    ComparisonModel, ComparisonState, DifferenceKind, Direction, key_of, sides_of,
};
use crate::model::database_id::DatabaseId;
use crate::model::facts::DatabaseFacts;
use crate::model::mark::Mark;
use crate::theme::{self, Tokens};
use crate::widgets::button::{link_button, quiet_button};
use crate::widgets::choice::segmented;
use crate::widgets::diff::{Diff, DiffLayout, show_diff};
use crate::widgets::panel_frame::bar;
use crate::widgets::row_fill::row_fill;
use crate::widgets::row_scroller::{
    RowAlign, RowScroller, ScrollPosition, modifiers_of_moves, row_after_keys, tell_current_row,
};
use crate::widgets::search_field::SearchField;
use crate::widgets::waiting::waiting;
use crate::widgets::{line_text, preview_text};

/// Width of the column for the kind, in points.
const KIND_WIDTH: f32 = 92.0;
/// The key column's share of the rest.
const KEY_SHARE: f32 = 0.45;
/// What the detail takes of the height.
const DETAIL_SHARE: f32 = 0.45;

/// How a difference is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Side {
    /// The fields that differ.
    #[default]
    Fields,
    /// Both values beside each other.
    Values,
}

/// How a comparison is looked at.
#[derive(Debug, Default)]
pub struct ComparisonView {
    position: ScrollPosition,
    detail: DetailView,
    side: Side,
    values: ScrollPosition,
    /// The values that were compared last, line by line.
    diff: Option<([String; 2], Diff)>,
}

/// What a comparison is drawn from.
pub(super) struct DrawnComparison<'a> {
    pub comparison: &'a mut ComparisonModel,
    pub view: &'a mut ComparisonView,
    /// The database itself.
    pub here: &'a DatabaseFacts,
    /// Entries that the job has read, while one compares.
    pub read: Option<u64>,
    /// The other one, while it is open in this window.
    pub there: Option<(DatabaseId, &'a DatabaseFacts)>,
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnComparison<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    bar(ui, tokens.size.filter_bar, |ui| title(ui, drawn, context));
    let told = match drawn.comparison.state() {
        ComparisonState::Done(compared) => {
            let facts = facts(compared, drawn);
            bar(ui, tokens.size.filter_bar, |ui| {
                ui.add(Label::new(RichText::new(&facts).color(tokens.color.dim)).truncate())
                    .on_hover_text(&facts);
            });
            differences(ui, drawn, context);
            return;
        }
        ComparisonState::Nothing => "Not compared with any database yet".to_owned(),
        ComparisonState::Failed(reason) => format!("Not compared: {reason}"),
        ComparisonState::Cancelled => "Cancelled before anything was compared".to_owned(),
        ComparisonState::Opening | ComparisonState::Running(_) => {
            under_way(ui, drawn);
            return;
        }
    };
    ui.vertical_centered(|ui| {
        ui.add_space(32.0);
        ui.label(RichText::new(told).color(tokens.color.dim));
        if drawn.comparison.plan().is_none() && ui.add(link_button("Compare with…")).clicked() {
            context.ask(DatabaseAction::AskCompare);
        }
    });
}

/// What a comparison waits for, or how far it is.
fn under_way(ui: &mut Ui, drawn: &DrawnComparison<'_>) {
    let tokens = theme::tokens(ui);
    let name = drawn.comparison.plan().map_or("", |plan| plan.name.as_str());
    bar(ui, tokens.size.filter_bar, |ui| match drawn.read {
        Some(read) => {
            waiting(ui, "Comparing…");
            let read = format!("{} read", format::counted(read, "entry", "entries"));
            ui.label(RichText::new(read).color(tokens.color.dim));
        }
        None => waiting(ui, &format!("Opening {name}…")),
    });
}

/// Which databases are compared, and what can be done with the whole.
fn title(ui: &mut Ui, drawn: &DrawnComparison<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let Some(plan) = drawn.comparison.plan() else {
        return;
    };
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        if drawn.comparison.is_under_way() {
            if ui.add(quiet_button("Cancel").small()).clicked() {
                context.ask(DatabaseAction::CancelComparison);
            }
        } else {
            if ui.add(link_button("Compare again")).clicked() {
                context.ask(DatabaseAction::Compare(plan.clone()));
            }
            if drawn.comparison.compared().is_some()
                && ui
                    .add(link_button("Export…"))
                    .on_hover_text("Write what is shown to a file, as keyglass diff --json --full prints it")
                    .clicked()
            {
                context.ask(DatabaseAction::AskExportComparison);
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let there = drawn.there.and_then(|(_, facts)| facts.mark());
            side(ui, &drawn.here.title, &drawn.here.location, drawn.here.mark());
            ui.label(RichText::new("→").color(tokens.color.dim));
            side(ui, &plan.name, &plan.choice.location, there);
            if plan.other.is_some() && drawn.there.is_none() {
                ui.label(RichText::new("closed").color(tokens.color.warning));
            }
            if !plan.choice.prefix.as_bytes().is_empty() {
                ui.label(RichText::new(format!("below {}", plan.choice.prefix)).color(tokens.color.dim));
            }
        });
    });
}

/// The name of one side, and its mark with a stripe over both.
fn side(ui: &mut Ui, name: &str, location: &str, of: Option<&Mark>) {
    let bar = ui.max_rect();
    let mut part = ui.add(Label::new(name).truncate()).on_hover_text(location).rect;
    if let Some(of) = of {
        let label = mark::label(ui, of);
        part = label.map_or(part, |label| part.union(label.rect));
        mark::stripe_over(ui, part, bar, of);
    }
}

/// What there is to know of the comparison as a whole.
fn facts(compared: &ComparedDatabases, drawn: &DrawnComparison<'_>) -> String {
    let report = &compared.report;
    let mut facts = vec![format!("{} the same", format::count(report.same))];
    if !report.complete {
        facts.insert(0, "Cancelled, this is not all".to_owned());
    }
    if !compared.has_expiry() {
        facts.push("expiry unknown on one side".to_owned());
    }
    if compared.left_out() > 0 {
        let more = format::count(compared.left_out());
        facts.push(format!("{more} more differ and are counted only"));
    }
    let changed = drawn.comparison.num_changed() as u64;
    if changed > 0 {
        facts.push(format!(
            "{} changed here since compared",
            format::counted(changed, "key", "keys")
        ));
    } else if drawn.comparison.is_outdated() {
        facts.push("changed here since compared".to_owned());
    }
    facts.join(" · ")
}

fn differences(ui: &mut Ui, drawn: &mut DrawnComparison<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let compared = drawn.comparison.compared();
    let counts = compared.map(|compared| (compared.report, compared.expiry_only));
    let Some((report, expiry_only)) = counts else {
        return;
    };
    bar(ui, tokens.size.filter_bar, |ui| {
        let name = |text: &str, number: u64| format!("{text} {}", format::count(number));
        let names = [
            (None, name("All", report.differences())),
            (Some(DifferenceKind::OnlyHere), name("Only here", report.removed)),
            (Some(DifferenceKind::OnlyThere), name("Only there", report.added)),
            (
                Some(DifferenceKind::Value),
                name("Different", report.changed.saturating_sub(expiry_only)),
            ),
            (Some(DifferenceKind::Expiry), name("Expiry", expiry_only)),
        ];
        let choices: Vec<_> = names.iter().map(|(kind, name)| (*kind, name.as_str())).collect();
        let mut kind = drawn.comparison.kind();
        if segmented(ui, "Differences to show", &mut kind, &choices).changed() {
            drawn.comparison.show_kind(kind);
        }
    });
    bar(ui, tokens.size.filter_bar, |ui| {
        let mut text = drawn.comparison.text().to_owned();
        SearchField::new(&mut text, "Find in keys").icon().show(ui);
        drawn.comparison.show_text(&text);
    });
    let area = ui.available_rect_before_wrap();
    let has_detail = drawn.comparison.current().is_some();
    let footer = area.with_min_y(area.bottom() - tokens.size.header);
    let above = area.with_max_y(footer.top());
    let border = match has_detail {
        true => above.bottom() - above.height() * DETAIL_SHARE,
        false => above.bottom(),
    };
    ui.scope_builder(UiBuilder::new().max_rect(above.with_max_y(border)), |ui| {
        rows(ui, drawn);
    });
    if has_detail {
        ui.scope_builder(UiBuilder::new().max_rect(above.with_min_y(border)), |ui| {
            detail(ui, drawn, context);
        });
    }
    ui.scope_builder(UiBuilder::new().max_rect(footer), |ui| {
        ways(ui, drawn, context);
    });
}

fn rows(ui: &mut Ui, drawn: &mut DrawnComparison<'_>) {
    let tokens = theme::tokens(ui);
    let comparison = &mut *drawn.comparison;
    let num_rows = comparison.num_shown() as u64;
    if num_rows == 0 {
        let is_same = comparison
            .compared()
            .is_some_and(|compared| compared.report.differences() == 0 && compared.report.complete);
        let text = if is_same {
            "The same: nothing differs"
        } else {
            "No difference meets the filter"
        };
        ui.vertical_centered(|ui| {
            ui.add_space(32.0);
            ui.label(RichText::new(text).color(tokens.color.dim));
        });
        return;
    }
    let mut position = drawn.view.position;
    let (mut clicked, mut current_id) = (None, None);
    let output = RowScroller::new(&mut position, "Differences", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, row, rect| {
            let index = usize::try_from(row).unwrap_or(usize::MAX);
            let id = ui.scope_id().with(("difference", row));
            if comparison.current() == Some(index) {
                current_id = Some(id);
            }
            if row_ui(ui, rect, (id, index), comparison) {
                clicked = Some(index);
            }
        });
    tell_current_row(ui, &output.response, current_id);
    let (mut extends, mut adds) = ui.input(|input| (input.modifiers.shift, input.modifiers.command));
    if clicked.is_some() || std::mem::take(&mut comparison.wants_focus) {
        output.response.request_focus();
    }
    let current = comparison.current().map(|row| row as u64);
    // The keys are taken by the next call.
    let (keeps_anchor, _) = modifiers_of_moves(ui);
    if let Some(row) = row_after_keys(ui, &output.response, current, num_rows, output.page) {
        position.scroll_to_row(row, RowAlign::Nearest);
        clicked = usize::try_from(row).ok();
        (extends, adds) = (keeps_anchor, false);
    }
    if let Some(row) = clicked {
        comparison.select(row, extends, adds);
    }
    drawn.view.position = position;
}

fn kind_color(tokens: &Tokens, kind: DifferenceKind) -> egui::Color32 {
    match kind {
        DifferenceKind::OnlyHere => tokens.color.bad,
        DifferenceKind::OnlyThere => tokens.color.good,
        DifferenceKind::Value => tokens.color.accent,
        DifferenceKind::Expiry => tokens.color.warning,
    }
}

/// Draws a row; true if it was clicked.
fn row_ui(ui: &mut Ui, rect: Rect, (id, row): (egui::Id, usize), comparison: &ComparisonModel) -> bool {
    let tokens = theme::tokens(ui);
    let Some(difference) = comparison.row(row) else {
        return false;
    };
    let (kind, key) = (DifferenceKind::of(difference), key_of(difference));
    let is_selected = comparison.is_selected(row);
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| {
        let text = format!("{key}, {}", kind.words());
        WidgetInfo::selected(Role::Row, true, is_selected, text)
    });
    row_fill(ui, rect, row % 2 == 1, is_selected, &response);
    let inner = rect.shrink2(vec2(tokens.size.padding, 0.0));
    let job = line_text::job(kind.words(), tokens.body(), kind_color(tokens, kind));
    let column = inner.with_max_x(inner.left() + KIND_WIDTH - 8.0);
    line_text::paint(
        ui.painter(),
        column,
        line_text::layout(ui.painter(), job, column.width()),
    );
    let rest = inner.with_min_x(inner.left() + KIND_WIDTH);
    let border = rest.left() + rest.width() * KEY_SHARE;
    let column = rest.with_max_x(border - 8.0);
    let galley = line_text::layout(ui.painter(), key_job(tokens, key), column.width());
    line_text::paint(ui.painter(), column, galley);
    let column = Rect::from_min_max(pos2(border, rest.top()), rest.right_bottom());
    let shown = match comparison.has_changed(key) {
        true => line_text::job("changed since compared", tokens.body(), tokens.color.warning),
        false => {
            let entry = sides_of(difference).into_iter().flatten().last();
            let preview = entry.map(|entry| keyglass_store::value::literal::preview(&entry.value, 80));
            preview_text::preview_job(tokens, &preview.map(|preview| preview.spans).unwrap_or_default())
        }
    };
    let galley = line_text::layout(ui.painter(), shown, column.width());
    line_text::paint(ui.painter(), column, galley);
    response.clicked()
}

/// Both sides of the difference that is looked at.
fn detail(ui: &mut Ui, drawn: &mut DrawnComparison<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let top = ui.available_rect_before_wrap();
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(top.x_range(), top.top() + 0.5, line);
    let there = drawn.there.map(|(id, _)| id);
    let view = &mut *drawn.view;
    let Some((difference, detail)) = drawn.comparison.detail() else {
        return;
    };
    let key = key_of(&difference);
    bar(ui, tokens.size.filter_bar, |ui| {
        let sides = [(Side::Fields, "Fields"), (Side::Values, "Values")];
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            segmented(ui, "What is compared", &mut view.side, &sides);
            let [here_entry, there_entry] = sides_of(&difference);
            if let Some(there) = there.filter(|_| there_entry.is_some())
                && ui.add(link_button("Go to there")).clicked()
            {
                context.ask(AppAction::Activate(there));
                let go_to = crate::action::Action::On(there, DatabaseAction::GoTo(key.clone()));
                context.actions.push(go_to);
            }
            if here_entry.is_some() && ui.add(link_button("Go to here")).clicked() {
                context.ask(DatabaseAction::GoTo(key.clone()));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(key_job(tokens, key)).truncate());
            });
        });
    });
    match view.side {
        Side::Fields => watch_detail::fields(ui, &detail.fields, &mut view.detail),
        Side::Values => {
            if view.diff.as_ref().is_none_or(|(of, _)| *of != detail.values) {
                let [old, new] = &detail.values;
                view.diff = Some((detail.values.clone(), Diff::between(old, new)));
                view.values = ScrollPosition::default();
            }
            if let Some((_, diff)) = &view.diff {
                show_diff(ui, &mut view.values, "Values", diff, DiffLayout::Beside);
            }
        }
    }
}

/// What can be done with what is selected.
fn ways(ui: &mut Ui, drawn: &mut DrawnComparison<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    bar(ui, tokens.size.header, |ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let selected = drawn.comparison.num_selected();
        let text = format!("{} selected", format::count(selected as u64));
        ui.label(RichText::new(text).color(tokens.color.dim));
        if ui.add(link_button("Select all shown")).clicked() {
            drawn.comparison.select_all();
        }
        let refused = |facts: Option<&DatabaseFacts>| match facts {
            _ if selected == 0 => Some("Nothing is selected"),
            None => Some("The other database is not open in this window"),
            Some(facts) if !facts.is_writable() => Some("The database is read-only"),
            Some(_) => None,
        };
        let there = drawn.there.map(|(_, facts)| facts);
        for (text, tooltip, direction, refused) in [
            (
                "Take from there",
                "Rows for a transaction that makes this database as the other one is, checked against what was compared",
                Direction::TakeFromThere,
                refused(Some(drawn.here)),
            ),
            (
                "Put there",
                "Rows for a transaction that makes the other database as this one is, checked against what was compared",
                Direction::PutThere,
                refused(there),
            ),
        ] {
            let button = ui.add_enabled(refused.is_none(), quiet_button(text).small());
            let button = button
                .on_hover_text(tooltip)
                .on_disabled_hover_text(refused.unwrap_or_default());
            if button.clicked() {
                context.ask(DatabaseAction::TakeDifferences(direction));
            }
        }
    });
}
