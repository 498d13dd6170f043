//! The tree of the key space.

use egui::accesskit::Role;
use egui::{Id, Key, Modifiers, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use keyglass_store::key::{EncodedKey, KeyPart};

use super::row_anchor::RowAnchor;
use super::{PanelContext, keys_menu};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::format;
use crate::model::subject::Subject;
use crate::model::tree::{FilterProgress, KeyTree, TreeRow, TreeRowKind};
use crate::theme::{self, icons};
use crate::widgets::button::{link_button, paint_disclosure};
use crate::widgets::panel_frame::{bar, panel_header};
use crate::widgets::row_scroller::{
    RowAlign, RowScroller, ScrollPosition, beside_gone_row, row_after_keys, tell_current_row,
};
use crate::widgets::search_field::SearchField;
use crate::widgets::waiting::waiting;
use crate::widgets::{context_menu, key_text, line_text, marked_text};

/// A pause after which typing looks for something else, in milliseconds.
const TYPE_AHEAD_PAUSE: i64 = 1000;
/// Rows that are looked through for what was typed, so that a frame stays short.
const TYPE_AHEAD_ROWS: usize = 5000;

/// How the tree is looked at.
#[derive(Debug, Default)]
pub struct KeysView {
    /// Where it is scrolled to.
    pub position: ScrollPosition,
    /// What stays where it is when rows come and go.
    anchor: Option<RowAnchor>,
    /// How many levels were unfolded when it was drawn last.
    num_levels: usize,
    /// The row of the selected node when it was there last.
    row: Option<u64>,
    /// What was typed to find a node, and when, in milliseconds since the Unix epoch.
    type_ahead: (String, i64),
}

/// What the tree is drawn from.
pub(super) struct DrawnKeys<'a> {
    pub tree: &'a mut KeyTree,
    pub view: &'a mut KeysView,
    /// What is done with many entries takes in those that have expired and were not swept.
    pub includes_expired: bool,
    /// The database is gone, so that this is as it was last.
    pub is_gone: bool,
}

pub(super) fn show(
    ui: &mut Ui,
    drawn: &mut DrawnKeys<'_>,
    focus_filter: &mut bool,
    context: &mut PanelContext<'_>,
) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let tokens = theme::tokens(ui);
    panel_header(
        ui,
        "Keys",
        |_| {},
        |ui| {
            context.command(
                ui,
                Command::NewEntry,
                link_button("New").icon(icons::PLUS).small(),
            );
        },
    );
    let mut filter = drawn.tree.filter_text.clone();
    bar(ui, tokens.size.filter_bar, |ui| {
        let id = ui.scope_id().with("tree filter");
        if ui.memory(|memory| memory.has_focus(id)) && leaves_downwards(ui) {
            drawn.tree.wants_focus = true;
            select_first_match(drawn, context);
        }
        let field = SearchField::new(&mut filter, "Filter").icon().id(id).show(ui);
        if std::mem::take(focus_filter) {
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        if field.changed() {
            drawn.tree.set_filter(&filter);
            drawn.view.position = ScrollPosition::default();
            drawn.view.anchor = None;
            drawn.tree.shows_selected = filter.is_empty();
        }
    });
    drawn.tree.filter_text = filter;
    if let Some(progress) = drawn.tree.filter_progress() {
        filter_line(ui, progress);
    }

    let num_rows = drawn.tree.num_rows();
    if num_rows == 0 || drawn.tree.error.is_some() {
        drawn.tree.show(0..0);
    }
    let error = drawn.tree.error.clone();
    if let Some(error) = &error {
        error_line(ui, error, context);
    }
    if num_rows > 0 {
        rows_ui(ui, drawn, num_rows, context);
    } else if error.is_none() {
        no_rows(ui, drawn);
    }
}

/// Notes what shall stay where it is.
fn anchor(drawn: &mut DrawnKeys<'_>, position: ScrollPosition, pointed_at: Option<u64>) {
    let tree = &drawn.tree;
    drawn.view.anchor = RowAnchor::new(position, pointed_at, |row| {
        let row = tree.row(row)?;
        (row.kind != TreeRowKind::More).then_some(row.prefix)
    });
    drawn.view.num_levels = tree.num_levels();
    drawn.view.position = position;
}

/// Keeps it there when rows came or went above it.
fn hold(drawn: &mut DrawnKeys<'_>, position: &mut ScrollPosition) {
    if let Some(anchor) = drawn.view.anchor.take() {
        // What is folded or unfolded by keys may be above the pointer, and it is what the person looks at.
        if !anchor.is_below_top() || drawn.view.num_levels == drawn.tree.num_levels() {
            anchor.hold(position, drawn.tree.row_of(&anchor.key));
        }
    }
}

/// Why there is nothing to see.
fn no_rows(ui: &mut Ui, drawn: &DrawnKeys<'_>) {
    if let Some(progress) = drawn.tree.filter_progress() {
        if progress.ended {
            note(ui, "No key part contains this text");
        }
    } else if drawn.tree.is_loaded() {
        note(ui, "This database is empty. New writes its first entry");
    } else {
        egui::Frame::NONE
            .inner_margin(theme::tokens(ui).size.padding)
            .show(ui, |ui| waiting(ui, "Reading keys…"));
    }
}

/// Whether a key is pressed that leads from the filter to the tree.
fn leaves_downwards(ui: &Ui) -> bool {
    [Key::ArrowDown, Key::Enter]
        .into_iter()
        .any(|key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)))
}

/// Selects the first row that the filter marks, or the first one at all.
fn select_first_match(drawn: &DrawnKeys<'_>, context: &mut PanelContext<'_>) {
    let tree = &drawn.tree;
    let rows = (0..tree.num_rows()).take(TYPE_AHEAD_ROWS);
    let mut rows = rows.filter_map(|row| tree.row(row)).peekable();
    let first = rows.peek().cloned();
    let marked = rows.find(|row| {
        let part = part_of(row);
        part.is_some_and(|part| tree.find_filter(&part.to_string()).is_some())
    });
    if let Some(row) = marked.or(first)
        && let TreeRowKind::Node { is_entry, folder } = row.kind
    {
        context.ask(DatabaseAction::SelectNode {
            prefix: row.prefix,
            is_entry,
            is_folder: folder.is_some(),
        });
    }
}

/// The last part of a row's key.
fn part_of(row: &TreeRow) -> Option<KeyPart> {
    let part = EncodedKey::from_bytes(row.prefix.to_shared().slice(row.part_start..));
    part.decode().ok().and_then(|key| key.0.into_iter().next())
}

/// How far the filter is.
fn filter_line(ui: &mut Ui, progress: FilterProgress) {
    let tokens = theme::tokens(ui);
    let found = format::counted(progress.found as u64, "match", "matches");
    let looked_at = format::counted(progress.looked_at, "key", "keys");
    let text = if !progress.ended && progress.found == 0 {
        format!("Still looking · {looked_at} so far")
    } else if !progress.ended {
        format!("Still looking · {found} so far")
    } else if progress.full {
        format!("The first {found} · type more")
    } else if progress.found == 0 {
        return;
    } else {
        found
    };
    let size = vec2(ui.available_width(), tokens.size.table_header);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &text));
    let job = line_text::job(&text, tokens.small(), tokens.color.dim);
    let inner = rect.shrink2(vec2(tokens.size.padding, 0.0));
    let galley = line_text::layout(ui.painter(), job, inner.width());
    line_text::paint(ui.painter(), inner, galley);
    response.on_hover_text(format!("Looked at {looked_at}"));
}

fn note(ui: &mut Ui, text: &str) {
    let tokens = theme::tokens(ui);
    egui::Frame::NONE
        .inner_margin(tokens.size.padding)
        .show(ui, |ui| {
            ui.label(egui::RichText::new(text).color(tokens.color.dim));
        });
}

/// Why the tree is not complete, above what there is of it.
fn error_line(ui: &mut Ui, error: &str, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    egui::Frame::NONE
        .inner_margin(tokens.size.padding)
        .show(ui, |ui| {
            ui.label(egui::RichText::new(error).color(tokens.color.bad));
            context.command(ui, Command::Refresh, link_button("Try again"));
        });
}

fn rows_ui(ui: &mut Ui, drawn: &mut DrawnKeys<'_>, num_rows: u64, context: &mut PanelContext<'_>) {
    let height = theme::tokens(ui).size.tree_row;
    let mut position = drawn.view.position;
    hold(drawn, &mut position);
    if std::mem::take(&mut drawn.tree.shows_selected)
        && let Some(row) = drawn
            .tree
            .selected
            .clone()
            .and_then(|key| drawn.tree.row_of(&key))
    {
        position.scroll_to_row(row, RowAlign::Nearest);
    }
    let mut focus = false;
    let mut pointed_at = None;
    let mut selected_id = None;
    let output = RowScroller::new(&mut position, "Keys", num_rows, height)
        .role(Role::Tree)
        .show(ui, |ui, number, rect| {
            let Some(row) = drawn.tree.row(number) else {
                return;
            };
            focus |= row_ui(ui, rect, &row, drawn, context);
            if ui.rect_contains_pointer(rect) {
                pointed_at = Some(number);
            }
            if drawn.tree.selected.as_ref() == Some(&row.prefix) {
                selected_id = Some(node_id(ui, &row.prefix));
            }
        });
    tell_current_row(ui, &output.response, selected_id);
    context_menu::open_by_keyboard(ui, &output.response, selected_id);
    if focus || std::mem::take(&mut drawn.tree.wants_focus) {
        output.response.request_focus();
    }
    drawn.tree.has_focus = output.response.has_focus();
    if drawn.tree.has_focus && drawn.tree.selected.is_none() {
        // Nothing else shows where the arrow keys begin.
        let row = output
            .response
            .rect
            .with_max_y(output.response.rect.top() + height);
        let stroke = egui::Stroke::new(1.0, theme::tokens(ui).color.accent);
        ui.painter()
            .rect_stroke(row.shrink(1.0), 2.0, stroke, egui::StrokeKind::Inside);
    }
    // What follows below is loaded ahead.
    drawn
        .tree
        .show(output.visible.start..output.visible.end + output.page);
    if output.response.has_focus() {
        let current = drawn
            .tree
            .selected
            .clone()
            .and_then(|key| drawn.tree.row_of(&key));
        let current_row = current.and_then(|at| drawn.tree.row(at));
        if let Some(row) = &current_row {
            keys_of_row(ui, row, drawn.tree, context);
        }
        if current.is_some() {
            drawn.view.row = current;
        }
        let is_gone = drawn.tree.selected.is_some() && current.is_none();
        let gone_row = drawn.view.row.filter(|_| is_gone);
        let current = current.or_else(|| beside_gone_row(ui, gone_row));
        let target = row_after_keys(ui, &output.response, current, num_rows, output.page);
        let typed = type_ahead(ui, drawn, current, context.now);
        if let Some(target) = target.or(typed) {
            position.scroll_to_row(target, RowAlign::Nearest);
            let row = drawn.tree.row(target);
            if let Some(TreeRow {
                prefix,
                kind: TreeRowKind::Node { is_entry, folder },
                ..
            }) = row
            {
                context.ask(DatabaseAction::SelectNode {
                    prefix,
                    is_entry,
                    is_folder: folder.is_some(),
                });
            }
        }
    }
    anchor(drawn, position, pointed_at);
}

/// The row whose part begins with what was typed in quick succession, from the selected row on.
fn type_ahead(ui: &Ui, drawn: &mut DrawnKeys<'_>, current: Option<u64>, now: i64) -> Option<u64> {
    let typed: String = ui.input(|input| {
        let texts = input.events.iter().filter_map(|event| match event {
            egui::Event::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    });
    if typed.is_empty() {
        return None;
    }
    let (text, at) = &mut drawn.view.type_ahead;
    let is_new = now - *at > TYPE_AHEAD_PAUSE;
    if is_new {
        text.clear();
    }
    text.push_str(&typed.to_lowercase());
    *at = now;
    let wanted = text.clone();
    let tree = &mut *drawn.tree;
    // A first letter goes on to the next match; further letters may still fit the row found so far.
    let start = current.map_or(0, |row| row + u64::from(is_new));
    let fits = |row: &TreeRow| {
        let name = part_of(row)
            .map(|part| part.to_string().to_lowercase())
            .unwrap_or_default();
        row.kind != TreeRowKind::More
            && (name.starts_with(&wanted) || name.trim_start_matches('"').starts_with(&wanted))
    };
    let num_rows = tree.num_rows();
    (start..num_rows)
        .chain(0..start.min(num_rows))
        .take(TYPE_AHEAD_ROWS)
        .find(|row| tree.row(*row).is_some_and(|row| fits(&row)))
}

/// Left, Right and Enter on the selected node.
fn keys_of_row(ui: &Ui, row: &TreeRow, tree: &KeyTree, context: &mut PanelContext<'_>) {
    let TreeRowKind::Node { folder, .. } = row.kind else {
        return;
    };
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowRight) && folder == Some(false) {
        context.ask(DatabaseAction::SetExpanded(row.prefix.clone(), true));
    }
    if pressed(Key::ArrowLeft) {
        if folder == Some(true) {
            context.ask(DatabaseAction::SetExpanded(row.prefix.clone(), false));
        } else if row.part_start > 0 {
            let parent = row.prefix.truncated(row.part_start);
            let row = tree.row_of(&parent).and_then(|row| tree.row(row));
            let kind = row.map(|row| row.kind);
            context.ask(DatabaseAction::SelectNode {
                prefix: parent,
                is_entry: matches!(kind, Some(TreeRowKind::Node { is_entry: true, .. })),
                is_folder: true,
            });
        }
    }
    if pressed(Key::Enter) {
        match folder {
            Some(open) => context.ask(DatabaseAction::SetExpanded(row.prefix.clone(), !open)),
            None => context.ask(Command::EditValue),
        }
    }
}

fn node_id(ui: &Ui, prefix: &EncodedKey) -> Id {
    ui.scope_id().with(("node", prefix.as_bytes()))
}

/// Draws a row; true if it was clicked.
fn row_ui(
    ui: &mut Ui,
    rect: Rect,
    row: &TreeRow,
    drawn: &mut DrawnKeys<'_>,
    context: &mut PanelContext<'_>,
) -> bool {
    let tokens = theme::tokens(ui);
    let indent = tokens.size.indent;
    #[expect(clippy::cast_precision_loss, reason = "a depth is small")]
    let left = rect.left() + tokens.size.padding + row.depth as f32 * indent;
    let TreeRowKind::Node { is_entry, folder } = row.kind else {
        let job = line_text::job("more…", tokens.body(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, rect.width());
        line_text::paint(ui.painter(), rect.with_min_x(left + indent), galley);
        return false;
    };
    let job = match part_of(row) {
        Some(part) => key_text::part_job(tokens, &part),
        None => {
            let part = EncodedKey::from_bytes(row.prefix.to_shared().slice(row.part_start..));
            line_text::job(&part.to_string(), tokens.mono(), tokens.color.bad)
        }
    };
    let has_expired = folder.is_none() && drawn.tree.has_expired(row, context.now);
    let job = match has_expired {
        true => line_text::recoloured(job, tokens.color.dim),
        false => job,
    };
    let name = job.text.clone();

    let id = node_id(ui, &row.prefix);
    // Tab goes past all rows: the list has the keyboard.
    let response = ui.interact(rect, id, Sense::CLICK);
    // A selected key that is folded away is marked at the folder that hides it.
    let is_selected = drawn.tree.selected.as_ref().is_some_and(|selected| {
        *selected == row.prefix || (folder == Some(false) && selected.is_at_or_below(&row.prefix))
    });
    let is_changed = drawn.tree.flashes.is_marked(&row.prefix);
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, is_selected, name.as_str()));
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_level(row.depth + 1);
        node.set_selected(is_selected);
        match (has_expired, drawn.is_gone) {
            (true, false) => node.set_description("expired, not swept"),
            (false, true) => node.set_description("as it was last"),
            (true, true) => node.set_description("expired, not swept, as it was last"),
            (false, false) => {}
        }
        if let Some(open) = folder {
            node.set_expanded(open);
        }
    });
    // Of a selected row the text at its right end tells that it changed.
    let fill = if is_selected {
        Some(tokens.color.selection)
    } else if is_changed {
        Some(tokens.color.flash)
    } else {
        response.hovered().then(|| tokens.hover())
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, 0.0, fill);
    }
    let center = pos2(left + 6.0, rect.center().y);
    if let Some(open) = folder {
        paint_disclosure(ui, center, open, tokens.color.dim);
        let handle = Rect::from_center_size(center, vec2(18.0, rect.height()));
        let disclosure = ui.interact(handle, id.with("disclosure"), Sense::CLICK);
        disclosure.widget_info(|| {
            let verb = if open { "Collapse" } else { "Expand" };
            WidgetInfo::labeled(Role::DisclosureTriangle, true, format!("{verb} {name}"))
        });
        if disclosure.clicked() {
            context.ask(DatabaseAction::SetExpanded(row.prefix.clone(), !open));
        }
    }

    // The number stands at the right; the part gets what is left.
    let right = rect.with_max_x(rect.right() - tokens.size.padding);
    let number = if folder.is_some() && drawn.tree.is_uncounted(&row.prefix) {
        Some(("?".to_owned(), tokens.color.dim))
    } else if folder.is_some() {
        drawn.tree.counted(&row.prefix, context.now).map(|counted| {
            let about = if counted.complete { "" } else { "≥ " };
            let expired = format::expired(counted.expired);
            let color = if is_changed {
                tokens.color.accent
            } else {
                tokens.color.dim
            };
            let alive = format::count(counted.alive());
            (format!("{about}{alive}{expired}"), color)
        })
    } else {
        is_changed.then(|| ("changed".to_owned(), tokens.color.accent))
    };
    let mut end = right.right();
    if let Some((text, color)) = number {
        let galley = line_text::layout(
            ui.painter(),
            line_text::job(&text, tokens.mono_small(), color),
            rect.width(),
        );
        // The smaller font's line is lifted by a point to stand on the baseline of the name.
        let lifted = right.translate(vec2(0.0, -1.0));
        end = line_text::paint_right(ui.painter(), lifted, galley).left() - tokens.size.gap;
    }
    let text_left = left + indent;
    let job = match drawn.tree.find_filter(&name) {
        Some(marked) => {
            let char_width = ui
                .fonts_mut(|fonts| fonts.glyph_width(&tokens.mono(), '0'))
                .max(1.0);
            let fitting = ((end - text_left) / char_width) as usize;
            marked_text::marked_job(tokens, &job, &marked, fitting)
        }
        None => job,
    };
    let galley = line_text::layout(ui.painter(), job, end - text_left);
    let is_cut = galley.elided || galley.job.text != name;
    let covered = line_text::paint(ui.painter(), rect.with_min_x(text_left), galley);
    if folder.is_some() && is_entry && covered.right() + 10.0 < end {
        // A folder that is an entry, too.
        let dot = pos2(covered.right() + 8.0, rect.center().y);
        ui.painter().circle_filled(dot, 2.5, tokens.color.dim);
    }
    let response = if is_cut {
        response.on_hover_text(name)
    } else {
        response
    };
    if response.clicked() {
        context.ask(DatabaseAction::SelectNode {
            prefix: row.prefix.clone(),
            is_entry,
            is_folder: folder.is_some(),
        });
    }
    if response.double_clicked()
        && let Some(open) = folder
    {
        context.ask(DatabaseAction::SetExpanded(row.prefix.clone(), !open));
    }
    let clicked = response.clicked();
    let menu = context_menu::show(&response, |ui| {
        let subject = if folder.is_some() {
            Subject::folder(drawn.tree, &row.prefix, drawn.includes_expired)
        } else {
            Subject::Entry(row.prefix.clone())
        };
        let counts = folder.is_some() && drawn.tree.is_uncounted(&row.prefix);
        keys_menu::show(ui, &row.prefix, &subject, counts, context);
    });
    if menu.is_some() {
        // It tells which row the menu is for.
        let stroke = egui::Stroke::new(1.0, tokens.color.accent);
        ui.painter()
            .rect_stroke(rect.shrink(1.0), 2.0, stroke, egui::StrokeKind::Inside);
    }
    clicked
}
