//! One change in full: its fields before and after, what it is compared with, and how to bring an old value back; or a bookmark.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{Align, Label, Layout, Margin, Rect, RichText, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, vec2};
use keyglass_store::value::literal::Preview;

use super::PanelContext;
use super::request_table::client_name;
use super::watch_rows::{growth_text, key_job, kind_color};
use crate::action::{DatabaseAction, TransactionAction};
use crate::content::field_changes::{Differences, FieldChange};
use crate::format;
use crate::model::requests::RequestsModel;
use crate::model::watch::{Replay, WatchEvent, WatchFilter, WatchModel};
use crate::theme::{self, Tokens, icons};
use crate::widgets::button::{IconButton, link_button, plain_button};
use crate::widgets::menu::{MenuEntry, fit_menu, menu_button};
use crate::widgets::panel_frame::bar;
use crate::widgets::row_scroller::{RowScroller, ScrollPosition};
use crate::widgets::{line_text, preview_text};

/// Points of the paths at most, as a share of the panel.
const PATH_SHARE: f32 = 0.28;

/// How a change is looked at.
#[derive(Debug, Default)]
pub(super) struct DetailView {
    /// Long values go on in further lines.
    wraps: bool,
    position: ScrollPosition,
    /// The row that was drawn last.
    row: Option<u64>,
    /// The name of a bookmark, as it is typed.
    name: String,
}

pub(super) fn show(
    ui: &mut Ui,
    watch: &WatchModel,
    requests: &RequestsModel,
    view: &mut DetailView,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let top = ui.available_rect_before_wrap();
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(top.x_range(), top.top() + 0.5, line);
    let is_new = view.row != watch.opened_row();
    if is_new {
        view.row = watch.opened_row();
        view.position = ScrollPosition::default();
    }
    if let Some((number, name)) = watch.opened_bookmark() {
        bookmark(ui, watch, number, name, is_new, view, context);
    } else if let Some((number, event)) = watch.opened() {
        bar(ui, tokens.size.filter_bar, |ui| title(ui, event, context));
        let client = requests.client_of(event.versionstamp).map(client_name);
        bar(ui, tokens.size.filter_bar, |ui| facts(ui, event, client));
        bar(ui, tokens.size.filter_bar, |ui| {
            tools(ui, watch, number, event, view, context);
        });
        if let Some(differences) = watch.opened_difference() {
            fields(ui, differences, view);
        }
    }
}

fn close(ui: &mut Ui, context: &mut PanelContext<'_>) {
    if ui
        .add(IconButton::new(icons::CLOSE, "Close the change"))
        .clicked()
    {
        context.ask(DatabaseAction::OpenChange(None));
    }
}

fn bookmark(
    ui: &mut Ui,
    watch: &WatchModel,
    number: u64,
    name: &str,
    is_new: bool,
    view: &mut DetailView,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    if is_new {
        name.clone_into(&mut view.name);
    }
    bar(ui, tokens.size.filter_bar, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            close(ui, context);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(RichText::new("Bookmark").color(tokens.color.dim));
                let field = TextEdit::singleline(&mut view.name).hint_text("before the deploy");
                let response = ui.add_sized(vec2(220.0, 22.0), field);
                response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Name of the bookmark"));
                if is_new {
                    response.request_focus();
                }
                if view.name != name {
                    context.ask(DatabaseAction::NameBookmark(number, view.name.clone()));
                }
            });
        });
    });
    egui::Frame::NONE
        .inner_margin(Margin::symmetric(tokens.size.padding as i8, 10))
        .show(ui, |ui| {
            let is_since = watch.filter().since == Some(number);
            let text = match is_since {
                true => "Show all changes",
                false => "Show everything changed since",
            };
            if ui
                .add(plain_button(text))
                .on_hover_text("A row for each key that has changed: what stood there at the bookmark, and what stands there now")
                .clicked()
            {
                let filter = WatchFilter {
                    since: (!is_since).then_some(number),
                    ..watch.filter().clone()
                };
                context.ask(DatabaseAction::FilterTimeline(filter));
            }
        });
}

/// Which key, and what happened to it.
fn title(ui: &mut Ui, event: &WatchEvent, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        close(ui, context);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let color = kind_color(tokens, event.kind);
            ui.label(RichText::new(event.kind.word()).color(color));
            ui.add(Label::new(key_job(tokens, &event.key)).truncate());
        });
    });
}

/// When, how much, by which commit and whose.
fn facts(ui: &mut Ui, event: &WatchEvent, client: Option<&str>) {
    let tokens = theme::tokens(ui);
    let mut facts = vec![format!("{} UTC", format::utc_time(event.noticed_at))];
    facts.extend(client.map(|client| format!("by {client}")));
    facts.extend(event.growth().map(growth_text).filter(|text| !text.is_empty()));
    if let Some((_, at)) = event.previous {
        let span = format::gap(event.noticed_at.saturating_sub(at));
        facts.push(format!("{span} after its change before"));
    }
    if event.changes > 1 {
        facts.push(format!(
            "{} within a second",
            format::counted(event.changes, "change", "changes")
        ));
    }
    facts.push(format!(
        "version {}",
        format::short_versionstamp(event.versionstamp)
    ));
    ui.add(Label::new(RichText::new(facts.join(" · ")).color(tokens.color.dim)).truncate())
        .on_hover_text(format!("Versionstamp {}", event.versionstamp));
}

/// What it is compared with, and what can be done with it.
fn tools(
    ui: &mut Ui,
    watch: &WatchModel,
    number: u64,
    event: &WatchEvent,
    view: &mut DetailView,
    context: &mut PanelContext<'_>,
) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        if ui
            .add(link_button("Go to").icon(icons::TABLE))
            .on_hover_text("Show the entry in the table (Enter, or double-click the row)")
            .clicked()
        {
            context.ask(DatabaseAction::GoTo(event.key.clone()));
        }
        let word = if view.wraps { "On one line" } else { "Wrap" };
        if ui
            .add(link_button(word))
            .on_hover_text("Break long values into lines, or not")
            .clicked()
        {
            view.wraps = !view.wraps;
        }
        let restore = |before| DatabaseAction::RestoreChange { row: number, before };
        let tooltip = "Write it as an edit of the entry, which is stored when you save it";
        menu_button(ui, "Restore", |ui| {
            fit_menu(ui, 180.0, 320.0);
            for (text, is_before, is_there) in [
                ("What stood before", true, event.before_entry().is_some()),
                ("What stood after", false, event.after.is_some()),
            ] {
                let entry = MenuEntry::new(text).icon(icons::REVERT);
                if ui.add_enabled(is_there, entry).on_hover_text(tooltip).clicked() {
                    context.ask(restore(is_before));
                    ui.close();
                }
            }
            let tooltip = "Put what is compared with into the transaction, checked against what stands there";
            let entry = MenuEntry::new("What is compared with, in the transaction").icon(icons::STACK);
            if ui.add(entry).on_hover_text(tooltip).clicked() {
                context.ask(TransactionAction::AddReplay(Replay::Compared));
                ui.close();
            }
        });
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let since = watch.filter().since.is_some();
            let moments = watch.moments();
            let name = |chosen: Option<u64>| match moments.iter().find(|(row, _)| Some(*row) == chosen) {
                Some((_, event)) => format!(
                    "after {} {}",
                    event.kind.word(),
                    format::utc_time(event.noticed_at)
                ),
                None if since => "at the bookmark".to_owned(),
                None => "before this change".to_owned(),
            };
            let compared = format!("Compared with {}", name(watch.base()));
            menu_button(ui, &compared, |ui| {
                fit_menu(ui, 220.0, 320.0);
                let rows = [None].into_iter();
                for base in rows.chain(moments.iter().map(|(row, _)| Some(*row))) {
                    let text = name(base);
                    if ui
                        .add(MenuEntry::new(&text).checked(base == watch.base()))
                        .clicked()
                    {
                        context.ask(DatabaseAction::CompareChange(base));
                        ui.close();
                    }
                }
            });
        });
    });
}

pub(super) fn fields(ui: &mut Ui, differences: &Differences, view: &mut DetailView) {
    let tokens = theme::tokens(ui);
    if differences.fields.is_empty() {
        ui.vertical_centered(|ui| {
            ui.add_space(16.0);
            ui.label(RichText::new("Nothing differs").color(tokens.color.dim));
        });
        return;
    }
    let left_out = (differences.left_out > 0).then(|| {
        let more = format::counted(
            differences.left_out as u64,
            "more field differs",
            "more fields differ",
        );
        format!(
            "{more}, which {} not shown",
            if differences.left_out == 1 { "is" } else { "are" }
        )
    });
    if view.wraps {
        ScrollArea::vertical().id_salt("change fields").show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            egui::Frame::NONE
                .inner_margin(Margin::symmetric(tokens.size.padding as i8, 6))
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 3.0;
                    for field in &differences.fields {
                        wrapped(ui, field);
                    }
                    if let Some(left_out) = &left_out {
                        ui.label(RichText::new(left_out).color(tokens.color.dim));
                    }
                });
        });
        return;
    }
    let num_fields = differences.fields.len() as u64;
    let num_rows = num_fields + u64::from(left_out.is_some());
    RowScroller::new(
        &mut view.position,
        "Fields that differ",
        num_rows,
        tokens.size.table_row,
    )
    .show(ui, |ui, row, rect| {
        let field = usize::try_from(row)
            .ok()
            .and_then(|row| differences.fields.get(row));
        match (field, &left_out) {
            (Some(field), _) => on_one_line(ui, rect, row, field),
            (None, Some(left_out)) => {
                let job = line_text::job(left_out, tokens.body(), tokens.color.dim);
                let inner = rect.shrink2(vec2(tokens.size.padding, 0.0));
                line_text::paint(
                    ui.painter(),
                    inner,
                    line_text::layout(ui.painter(), job, inner.width()),
                );
            }
            (None, None) => {}
        }
    });
}

fn spoken(field: &FieldChange) -> String {
    let text = field.to_string();
    // A screen reader says the beginning of what is very long.
    match text.char_indices().nth(400) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn sides<'f>(
    tokens: &Tokens,
    field: &'f FieldChange,
) -> [(&'static str, egui::Color32, Option<&'f Preview>); 2] {
    let before = if field.renamed { "was named" } else { "−" };
    [
        (before, tokens.color.bad, field.before.as_ref()),
        ("+", tokens.color.good, field.after.as_ref()),
    ]
}

fn on_one_line(ui: &Ui, rect: Rect, row: u64, field: &FieldChange) {
    let tokens = theme::tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(("field", row)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, spoken(field)));
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.hover());
    } else if row % 2 == 1 {
        ui.painter().rect_filled(rect, 0.0, tokens.stripe());
    }
    let inner = rect.shrink2(vec2(tokens.size.padding, 0.0));
    let path = inner.with_max_x(inner.left() + inner.width() * PATH_SHARE);
    let job = line_text::job(field.short_path(), tokens.mono(), tokens.color.property);
    let galley = line_text::layout_keeping_end(ui.painter(), job, path.width());
    line_text::paint(ui.painter(), path, galley);
    let rest = inner.with_min_x(path.right() + 8.0);
    let (left, right) = rest.split_left_right_at_fraction(0.5);
    let columns = match (&field.before, &field.after) {
        (Some(_), Some(_)) => [left.with_max_x(left.right() - 8.0), right],
        _ => [rest, rest],
    };
    for (column, (sign, color, preview)) in columns.into_iter().zip(sides(tokens, field)) {
        let Some(preview) = preview else { continue };
        let mut job = line_text::job(&format!("{sign} "), tokens.mono(), color);
        append(tokens, &mut job, preview);
        line_text::paint(
            ui.painter(),
            column,
            line_text::layout(ui.painter(), job, column.width()),
        );
    }
}

fn append(tokens: &Tokens, job: &mut LayoutJob, preview: &Preview) {
    for (kind, text) in &preview.spans {
        line_text::append(job, text, &tokens.mono(), preview_text::span_color(tokens, *kind));
    }
}

/// A field that differs, on as many lines as it takes.
pub(super) fn wrapped(ui: &mut Ui, field: &FieldChange) {
    let tokens = theme::tokens(ui);
    let path = RichText::new(field.short_path()).font(tokens.mono());
    ui.add(Label::new(path.color(tokens.color.property)).wrap());
    for (sign, color, preview) in sides(tokens, field) {
        let Some(preview) = preview else { continue };
        let mut job = line_text::job(&format!("{sign} "), tokens.mono(), color);
        append(tokens, &mut job, preview);
        job.wrap = TextWrapping {
            max_width: ui.available_width(),
            break_anywhere: true,
            ..TextWrapping::default()
        };
        ui.label(job);
    }
    ui.add_space(4.0);
}
