//! The tree of the key space.

mod keyboard;
mod row;
mod rows;
mod told;

use egui::Ui;
use keyglass_store::key::{EncodedKey, KeyPart};

use super::PanelContext;
use super::row_anchor::RowAnchor;
use crate::command::Command;
use crate::model::tree::{KeyTree, TreeRow};
use crate::theme::{self, icons};
use crate::widgets::button::link_button;
use crate::widgets::panel_frame::{bar, panel_header};
use crate::widgets::row_scroller::ScrollPosition;
use crate::widgets::search_field::SearchField;

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
        if ui.memory(|memory| memory.has_focus(id)) && keyboard::leaves_downwards(ui) {
            drawn.tree.wants_focus = true;
            keyboard::select_first_match(drawn, context);
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
        told::filter_line(ui, progress);
    }

    let num_rows = drawn.tree.num_rows();
    if num_rows == 0 || drawn.tree.error.is_some() {
        drawn.tree.show(0..0);
    }
    let error = drawn.tree.error.clone();
    if let Some(error) = &error {
        told::error_line(ui, error, context);
    }
    if num_rows > 0 {
        rows::show(ui, drawn, num_rows, context);
    } else if error.is_none() {
        told::no_rows(ui, drawn);
    }
}

/// The last part of a row's key.
fn part_of(row: &TreeRow) -> Option<KeyPart> {
    let part = EncodedKey::from_bytes(row.prefix.to_shared().slice(row.part_start..));
    part.decode().ok().and_then(|key| key.0.into_iter().next())
}
