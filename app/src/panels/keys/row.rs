//! One row of the tree.

use egui::accesskit::Role;
use egui::{Color32, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use keyglass_store::key::EncodedKey;

use super::{DrawnKeys, part_of};
use crate::action::DatabaseAction;
use crate::format;
use crate::model::subject::Subject;
use crate::model::tree::{TreeRow, TreeRowKind};
use crate::panels::{PanelContext, keys_menu};
use crate::theme;
use crate::widgets::button::paint_disclosure;
use crate::widgets::{context_menu, key_text, line_text, marked_text};

/// The id of a node's row.
pub(super) fn id(ui: &Ui, prefix: &EncodedKey) -> Id {
    ui.scope_id().with(("node", prefix.as_bytes()))
}

/// Draws a row; true if it was clicked.
pub(super) fn show(
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

    let id = id(ui, &row.prefix);
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
    let mut end = right.right();
    if let Some((text, color)) = told_at_right(ui, row, drawn, is_changed, context.now) {
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

/// What stands at the right end of a row: how many entries there are in a folder, or that an entry changed.
fn told_at_right(
    ui: &Ui,
    row: &TreeRow,
    drawn: &mut DrawnKeys<'_>,
    is_changed: bool,
    now: i64,
) -> Option<(String, Color32)> {
    let color = &theme::tokens(ui).color;
    let TreeRowKind::Node { folder: Some(_), .. } = row.kind else {
        return is_changed.then(|| ("changed".to_owned(), color.accent));
    };
    if drawn.tree.is_uncounted(&row.prefix) {
        return Some(("?".to_owned(), color.dim));
    }
    let counted = drawn.tree.counted(&row.prefix, now)?;
    let about = if counted.complete { "" } else { "≥ " };
    let expired = format::expired(counted.expired);
    let alive = format::count(counted.alive());
    let color = if is_changed { color.accent } else { color.dim };
    Some((format!("{about}{alive}{expired}"), color))
}
