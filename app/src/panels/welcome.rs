//! The page that is shown while no database is open.

use egui::{Align, Layout, RichText, Sense, Ui, vec2};

use super::PanelContext;
use crate::command::Command;
use crate::execute::Action;
use crate::model::format;
use crate::state::SavedState;
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, plain_button, primary_button};
use crate::widgets::line_text;

/// Width of the page in points.
const WIDTH: f32 = 560.0;

pub(super) fn show(ui: &mut Ui, state: &SavedState, opening: bool, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let area = ui.available_rect_before_wrap();
    let width = WIDTH.min(area.width() - 40.0);
    let top = (area.height() * 0.16).max(24.0);
    let page = egui::Rect::from_min_size(
        egui::pos2(area.center().x - width / 2.0, area.top() + top),
        vec2(width, area.height() - top),
    );
    ui.scope_builder(egui::UiBuilder::new().max_rect(page), |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        ui.label(RichText::new("Keyglass").font(egui::FontId::new(26.0, theme::semibold())).color(tokens.color.text));
        ui.label(
            RichText::new("Look into Deno KV databases, watch keys change while a program runs, and fix a value without breaking anything.")
                .font(tokens.menu())
                .color(tokens.color.dim),
        );
        ui.add_space(12.0);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
            context.command(ui, Command::OpenFile, primary_button("Open file…").icon(icons::FILE));
            context.command(ui, Command::OpenFolder, plain_button("Open folder…").icon(icons::FOLDER));
            context.command(ui, Command::NewDatabase, plain_button("New database…").icon(icons::FOLDER_NEW));
            context.command(ui, Command::OpenSample, plain_button("Open the sample").icon(icons::STAR));
        });
        ui.add_space(4.0);
        let hint = if opening {
            "Opening…"
        } else {
            "Or drop a file here. Deno's own files are opened read-only, beside the program that uses them."
        };
        ui.label(RichText::new(hint).color(tokens.color.dim));
        ui.add_space(16.0);
        if state.recent.is_empty() {
            first_run(ui);
        } else {
            recent(ui, state, context);
        }
    });
}

/// What there is to know, for somebody who has opened nothing yet.
fn first_run(ui: &mut Ui) {
    let tokens = theme::tokens(ui);
    for (icon, title, text) in [
        (
            icons::TREE,
            "Browse",
            "The key space as a tree, entries as a table, every JavaScript type exact.",
        ),
        (
            icons::PENCIL,
            "Edit",
            "Values are edited as JavaScript literals. A save checks that nobody else was faster, and keeps the expiry.",
        ),
        (
            icons::EYE,
            "Watch",
            "Keys flash as they change, also when another process changes them.",
        ),
        (
            icons::STACK,
            "Transact",
            "Compose checks, sets and deletes, and commit them as one.",
        ),
    ] {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 10.0;
            ui.label(
                RichText::new(icon)
                    .font(egui::FontId::new(18.0, theme::icon_family()))
                    .color(tokens.color.accent),
            );
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(
                    RichText::new(title)
                        .font(tokens.strong())
                        .color(tokens.color.text),
                );
                ui.label(RichText::new(text).color(tokens.color.dim));
            });
        });
        ui.add_space(4.0);
    }
}

fn recent(ui: &mut Ui, state: &SavedState, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.label(
        RichText::new("Recent")
            .font(tokens.strong())
            .color(tokens.color.text),
    );
    ui.spacing_mut().item_spacing.y = 2.0;
    for known in &state.recent {
        let size = vec2(ui.available_width(), 40.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(
                egui::accesskit::Role::Button,
                true,
                format!("Open {}", known.location),
            )
        });
        if response.hovered() || response.has_focus() {
            ui.painter()
                .rect_filled(rect, tokens.size.radius, tokens.color.field);
        }
        let inner = rect.shrink2(vec2(10.0, 4.0));
        let (above, below) = inner.split_top_bottom_at_fraction(0.5);
        let text = |rect: egui::Rect, text: &str, font, color| {
            let galley = line_text::layout(
                ui.painter(),
                line_text::job(text, font, color),
                rect.width() - 30.0,
            );
            line_text::paint(ui.painter(), rect, galley);
        };
        text(above, &known.location, tokens.mono(), tokens.color.text);
        let details = format!(
            "{} · opened {}",
            known.kind,
            format::ago(known.opened_at, context.now)
        );
        text(below, &details, tokens.small(), tokens.color.dim);
        let forget = ui
            .scope_builder(
                egui::UiBuilder::new()
                    .max_rect(inner)
                    .layout(Layout::right_to_left(Align::Center)),
                |ui| ui.add(IconButton::new(icons::CLOSE, "Take off this list")),
            )
            .inner;
        if forget.clicked() {
            context.ask(Action::Forget(known.location.clone()));
        } else if response.clicked() {
            context.ask(Action::Open(known.location.clone()));
        }
    }
}
