//! A frame of the window: events, then shortcuts, then drawing; what was asked for is done after each.

use std::time::Duration;

use eframe::Frame;
use egui::{Context, Ui};

use super::{App, Event, display};
use crate::action::{Action, AppAction, DatabaseAction};
use crate::panels;

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        let now = self.clock.now();
        // Cleared first, so that what comes from here on asks for a frame of its own.
        self.notifier.clear();
        let events: Vec<Event> = self.events.1.try_iter().collect();
        for event in events {
            self.apply(event, now, ctx);
        }
        self.look_around();
        self.ask_before_quitting(ctx);
        self.keep_window_size(ctx);
        let mut wake = self.save_state(now);
        for session in self.sessions.iter_mut() {
            if let Some(text) = session.copied.take() {
                ctx.copy_text(text);
            }
            wake = session
                .logic(&mut self.notices, now)
                .into_iter()
                .chain(wake)
                .min();
        }
        self.notify_by_system(ctx);
        self.show_returned_messages();
        self.show_index_findings();
        self.ask_about_transactions(ctx, now);
        if self.dialog.is_none() && !self.waiting.is_empty() {
            self.dialog = Some(self.waiting.remove(0));
        }
        self.renew_question();
        self.renew_recovery();
        self.drop_dry_runs();
        let new = self.notices.take_new();
        // One that came again is shown once, at the end.
        self.toasts
            .retain(|toast| !new.iter().any(|notice| notice.id == toast.id));
        self.toasts.extend(new.iter().map(panels::notices::toast_of));
        self.drop_settled_toasts();
        if let Some(milliseconds) = wake {
            let milliseconds = u64::try_from(milliseconds.max(10)).unwrap_or(10);
            ctx.request_repaint_after(Duration::from_millis(milliseconds));
        }
        self.name_window(ctx);
        let mut actions = Vec::new();
        self.take_dropped_files(ctx, &mut actions);
        self.take_shortcuts(ctx, &mut actions);
        for action in actions {
            self.execute(action, ctx);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        let actions = panels::layout::show(ui, self.window());
        let ctx = ui.ctx().clone();
        let any = !actions.is_empty();
        for action in actions {
            self.execute(action, &ctx);
        }
        for session in self.sessions.iter_mut() {
            session.send_wants();
        }
        if any {
            // What the actions changed is drawn at once.
            ctx.request_repaint();
        }
    }

    fn save(&mut self, _storage: &mut dyn eframe::Storage) {
        self.write_state();
    }
}

impl App {
    fn take_dropped_files(&mut self, ctx: &Context, actions: &mut Vec<Action>) {
        let dropped = ctx.input(|input| input.raw.dropped_files.clone());
        for file in dropped {
            let path = file.path();
            let is_export = path.extension().is_some_and(|ending| {
                ["ndjson", "jsonl"]
                    .iter()
                    .any(|known| ending.eq_ignore_ascii_case(known))
            });
            actions.push(match self.sessions.front_id() {
                Some(database) if is_export => {
                    Action::On(database, DatabaseAction::OpenImport(path.to_owned()))
                }
                None if is_export => {
                    let text = format!(
                        "Open a database first, and drop this file on it to import it: {}",
                        path.display()
                    );
                    Action::App(AppAction::Complain(text))
                }
                _ => Action::App(AppAction::Open(display(path))),
            });
        }
    }
}
