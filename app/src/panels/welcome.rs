//! The page that is shown while no database is open.

use egui::{Align, Frame, Label, Layout, RichText, Sense, Stroke, Ui, vec2};

use super::PanelContext;
use crate::action::AppAction;
use crate::command::Command;
use crate::format;
use crate::model::welcome::{DamagedFile, Standing, Welcome};
use crate::state::SavedState;
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, focus_ring, plain_button, primary_button};
use crate::widgets::line_text;

/// Width of the page in points.
const WIDTH: f32 = 640.0;

/// What the page is like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    /// For somebody who has not opened a database yet.
    pub(super) is_new: bool,
    /// While one is being opened.
    pub(super) opening: bool,
}

pub(super) fn show(
    ui: &mut Ui,
    state: &SavedState,
    welcome: &Welcome,
    shown: Page,
    context: &mut PanelContext<'_>,
) {
    let area = ui.available_rect_before_wrap();
    let width = WIDTH.min(area.width() - 40.0);
    let top = (area.height() * 0.08).max(24.0);
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let margin = ((ui.available_width() - width) / 2.0).max(0.0);
        ui.add_space(top);
        ui.horizontal(|ui| {
            ui.add_space(margin);
            ui.vertical(|ui| {
                ui.set_width(width);
                page(ui, state, welcome, shown, context);
                ui.add_space(24.0);
            });
        });
    });
}

fn page(ui: &mut Ui, state: &SavedState, welcome: &Welcome, shown: Page, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 8.0;
    let title = egui::FontId::new(26.0, theme::semibold());
    ui.label(RichText::new("Keyglass").font(title).color(tokens.color.text));
    ui.label(
        RichText::new("Look into Deno KV databases, watch keys change while a program runs, and fix a value without breaking anything.")
            .font(tokens.menu())
            .color(tokens.color.dim),
    );
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        let first = context.command(
            ui,
            Command::OpenFile,
            primary_button("Open file…").icon(icons::FILE),
        );
        take_keyboard(ui, &first);
        context.command(
            ui,
            Command::OpenFolder,
            plain_button("Open folder…").icon(icons::FOLDER),
        );
        context.command(ui, Command::Connect, plain_button("Connect…").icon(icons::CLOUD));
        context.command(
            ui,
            Command::NewDatabase,
            plain_button("New database…").icon(icons::FOLDER_NEW),
        );
        context.command(
            ui,
            Command::OpenSample,
            plain_button("Open the sample").icon(icons::STAR),
        );
    });
    let hint = if shown.opening {
        "Opening…"
    } else {
        "Or drop a file here. Deno's own files are opened read-only, beside the program that uses them."
    };
    ui.label(RichText::new(hint).color(tokens.color.dim));
    ui.add_space(12.0);
    if let Some(file) = welcome.damaged() {
        damaged(ui, file, context);
        ui.add_space(12.0);
    }
    if shown.is_new {
        first_run(ui);
    }
    if !state.recent.is_empty() {
        if shown.is_new {
            ui.add_space(12.0);
        }
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            recent(ui, state, welcome, context);
        });
    }
    ui.add_space(12.0);
    ui.spacing_mut().item_spacing.y = 2.0;
    own_stores(ui, state, welcome, context);
}

/// A file that was not opened, and what can be done about that.
fn damaged(ui: &mut Ui, file: &DamagedFile, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let frame = Frame::NONE
        .fill(tokens.color.panel)
        .stroke(Stroke::new(1.0, tokens.color.line))
        .corner_radius(tokens.size.radius)
        .inner_margin(12);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            let icon = RichText::new(icons::WARNING).font(tokens.icon());
            ui.label(icon.color(tokens.color.warning));
            ui.add(Label::new(RichText::new(&file.sentence).color(tokens.color.text)).wrap());
        });
        let about = "What can be read of it goes into a new database, and what is missing is named. The file itself is only read.";
        ui.add(Label::new(RichText::new(about).color(tokens.color.dim)).wrap());
        if ui.add(plain_button("Recover into a new file…")).clicked() {
            context.ask(AppAction::AskRecover(file.path.clone()));
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

/// A database that can be opened.
struct Offer<'a> {
    icon: &'a str,
    name: &'a str,
    location: &'a str,
    /// What stands below the name.
    place: &'a str,
    /// What stands at the right end.
    facts: String,
    missing: bool,
    can_be_forgotten: bool,
}

fn recent(ui: &mut Ui, state: &SavedState, welcome: &Welcome, context: &mut PanelContext<'_>) {
    heading(ui, "Recent");
    for known in &state.recent {
        let standing = welcome
            .found()
            .and_then(|found| found.recent.get(&known.location))
            .copied();
        let mut facts = vec![known.kind.clone()];
        if let Some(Standing::There(bytes)) = standing {
            facts.push(format::bytes(bytes));
        }
        facts.push(format!("opened {}", format::ago(known.opened_at, context.now)));
        let missing = standing == Some(Standing::Missing);
        if missing {
            facts.insert(0, "Not there any more".to_owned());
        }
        let offer = Offer {
            icon: match known.kind.as_str() {
                "Deno file" => icons::FILE,
                "KV Connect" => icons::CLOUD,
                _ => icons::FOLDER,
            },
            name: known
                .name
                .as_deref()
                .unwrap_or_else(|| file_name(&known.location)),
            location: &known.location,
            place: &known.location,
            facts: facts.join(" · "),
            missing,
            can_be_forgotten: true,
        };
        offer_ui(ui, &offer, context);
    }
}

fn own_stores(ui: &mut Ui, state: &SavedState, welcome: &Welcome, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    heading(ui, "Deno's own stores on this machine");
    let Some(found) = welcome.found() else {
        ui.label(RichText::new("Looking for them…").color(tokens.color.dim));
        return;
    };
    if found.own_stores.is_empty() {
        let text = "None so far. Deno makes one for each program that calls Deno.openKv() without a path.";
        ui.label(RichText::new(text).color(tokens.color.dim));
    }
    for store in &found.own_stores {
        let mut facts = vec!["Deno file".to_owned(), format::bytes(store.bytes)];
        let opened = state.recent.iter().find(|known| known.location == store.location);
        if let Some(known) = opened {
            facts.push(format!("opened {}", format::ago(known.opened_at, context.now)));
        } else if let Some(at) = store.written_at {
            facts.push(format!("written {}", format::ago(at, context.now)));
        }
        let offer = Offer {
            icon: icons::DATABASE,
            name: store.project.as_deref().unwrap_or("Unknown project"),
            location: &store.location,
            place: store.project_file.as_deref().unwrap_or(&store.location),
            facts: facts.join(" · "),
            missing: false,
            can_be_forgotten: false,
        };
        offer_ui(ui, &offer, context);
    }
}

fn heading(ui: &mut Ui, text: &str) {
    let tokens = theme::tokens(ui);
    ui.label(RichText::new(text).font(tokens.strong()).color(tokens.color.text));
}

fn file_name(location: &str) -> &str {
    let name = location.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next();
    name.unwrap_or(location)
}

/// Gives the keyboard to what can be done first, if nobody has it and an arrow key asks for it.
fn take_keyboard(ui: &Ui, first: &egui::Response) {
    let asks = ui.input(|input| input.key_pressed(egui::Key::ArrowDown));
    if asks && ui.memory(|memory| memory.focused().is_none()) {
        first.request_focus();
    }
}

fn offer_ui(ui: &mut Ui, offer: &Offer<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let size = vec2(ui.available_width(), 42.0);
    let sense = if offer.missing {
        Sense::hover()
    } else {
        Sense::click()
    };
    let (inner, response) = ui.allocate_exact_size(size, sense);
    let rect = inner.expand2(vec2(8.0, 0.0));
    response.widget_info(|| {
        let name = format!("Open {}", offer.location);
        egui::WidgetInfo::labeled(egui::accesskit::Role::Button, !offer.missing, name)
    });
    let (text, accent) = if offer.missing {
        (tokens.color.dim, tokens.color.warning)
    } else {
        (tokens.color.text, tokens.color.dim)
    };
    if !offer.missing && (response.hovered() || response.has_focus()) {
        ui.painter()
            .rect_filled(rect, tokens.size.radius, tokens.color.field);
    }
    let mut framed = response.clone();
    framed.rect = rect;
    focus_ring(ui, &framed, tokens.size.radius);
    let inner = inner.shrink2(vec2(0.0, 4.0));
    let (above, below) = inner
        .with_min_x(inner.left() + 28.0)
        .with_max_x(inner.right() - 30.0)
        .split_top_bottom_at_fraction(0.5);
    let line = |rect: egui::Rect, text: &str, font, color| {
        let galley = line_text::layout(ui.painter(), line_text::job(text, font, color), rect.width());
        (rect, galley)
    };
    let icon = line_text::job(offer.icon, tokens.icon(), tokens.color.dim);
    let icon = line_text::layout(ui.painter(), icon, f32::INFINITY);
    line_text::paint(ui.painter(), above.with_min_x(inner.left()), icon);
    let (_, facts) = line(above, &offer.facts, tokens.small(), accent);
    let left = above.with_max_x(above.right() - facts.size().x - 12.0);
    line_text::paint_right(ui.painter(), above, facts);
    let (rect, name) = line(left, offer.name, tokens.strong(), text);
    line_text::paint(ui.painter(), rect, name);
    let (rect, place) = line(below, offer.place, tokens.mono_small(), tokens.color.dim);
    line_text::paint(ui.painter(), rect, place);
    let mut forgets = false;
    if offer.can_be_forgotten {
        let builder = egui::UiBuilder::new()
            .max_rect(inner)
            .layout(Layout::right_to_left(Align::Center));
        let name = format!("Take {} off this list", offer.name);
        let button = IconButton::new(icons::CLOSE, &name);
        forgets = ui.new_child(builder).add(button).clicked();
    }
    if forgets {
        context.ask(AppAction::Forget(offer.location.to_owned()));
    } else if response.on_hover_text(offer.location).clicked() {
        context.ask(AppAction::Open(offer.location.to_owned()));
    }
}

/// Says that a file can be dropped, while one is held over the window.
pub(super) fn show_drop_hint(ui: &Ui) {
    if ui.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let tokens = theme::tokens(ui);
    let painter = ui.ctx().layer_painter(egui::LayerId::new(
        egui::Order::Foreground,
        egui::Id::unique("drop hint"),
    ));
    let rect = ui.ctx().content_rect();
    painter.rect_filled(rect, 0.0, tokens.color.window.gamma_multiply(0.8));
    let stroke = Stroke::new(2.0, tokens.color.accent);
    painter.rect_stroke(
        rect.shrink(8.0),
        tokens.size.radius,
        stroke,
        egui::StrokeKind::Inside,
    );
    let job = line_text::job("Drop it to open it", tokens.heading(), tokens.color.text);
    line_text::paint_centered(&painter, rect, line_text::layout(&painter, job, rect.width()));
}
