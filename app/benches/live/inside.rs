//! The window and the program in one process, as in a program that shows its own store: this bench starts itself
//! again for it.

use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use eframe::{NativeOptions, Renderer};
use egui::ViewportBuilder;
use keyglass::app::{App, Options};
use keyglass::chooser::NoChooser;
use keyglass::desktop::SystemDesktop;
use keyglass::model::draft::{parse_key, parse_value};
use keyglass::tokens::{SystemKeychain, Tokens};
use keyglass_store::atomic::{AtomicOperation, Mutation, MutationKind};
use keyglass_store::embedded::{Durability, OpenOptions};
use keyglass_store::{Clock, Database};

use crate::Outcome;

/// Shows the window on a new folder and commits as `program.ts` does, until it is ended.
pub fn run(folder: PathBuf) -> Outcome<()> {
    let store = OpenOptions::new()
        .durability(Durability::Relaxed)
        .create(folder)?;
    let database: Arc<dyn Database> = Arc::new(store);
    let shown = Arc::clone(&database);
    std::thread::Builder::new()
        .name("program".to_owned())
        .spawn(move || {
            let mut program = Program {
                database,
                filled: 0,
                number: 0,
            };
            if let Err(error) = program.listen() {
                eprintln!("{error}");
            }
            std::process::exit(0);
        })?;
    let native = NativeOptions {
        viewport: ViewportBuilder::default().with_inner_size([1280.0, 800.0]),
        renderer: Renderer::Glow,
        ..NativeOptions::default()
    };
    let options = Options {
        clock: Clock::system(),
        zone: jiff::tz::TimeZone::system(),
        folders: None,
        chooser: Box::new(NoChooser),
        desktop: Arc::new(SystemDesktop),
        tokens: Tokens::new(Arc::new(SystemKeychain), None),
        location: None,
        restore: false,
    };
    eframe::run_native(
        "Keyglass",
        native,
        Box::new(|creation| {
            let mut app = App::new(&creation.egui_ctx, options);
            app.show_database(shown)?;
            Ok(Box::new(app))
        }),
    )
    .map_err(|error| error.to_string())?;
    Ok(())
}

/// Makes a folder with so many entries.
pub fn fill(folder: &Path, entries: u32) -> Outcome<()> {
    let store = OpenOptions::new()
        .durability(Durability::Relaxed)
        .create(folder)?;
    let mut program = Program {
        database: Arc::new(store),
        filled: 0,
        number: 0,
    };
    program.fill(entries.into())
}

struct Program {
    database: Arc<dyn Database>,
    filled: u64,
    number: u64,
}

impl Program {
    fn listen(&mut self) -> Outcome<()> {
        for line in std::io::stdin().lock().lines() {
            let line = line?;
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["fill", entries] => {
                    self.fill(entries.parse()?)?;
                    println!("filled");
                }
                ["commit"] => {
                    self.commit()?;
                    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
                    println!("{}", now.as_secs_f64() * 1000.0);
                }
                ["run", rate, seconds] => {
                    let time = Duration::from_secs_f64(seconds.parse()?);
                    println!("{}", self.run(rate.parse()?, time)?);
                }
                _ => return Err(format!("What shall be done is not known: {line}").into()),
            }
        }
        Ok(())
    }

    fn fill(&mut self, entries: u64) -> Outcome<()> {
        let mut mutations = Vec::new();
        for at in 0..entries {
            let value = format!(
                "{{name: 'Ada Lovelace', number: {at}, since: new Date({}), tags: ['early', 'paid'], \
                 text: 'a plain text of middling length, as comments are'}}",
                at * 60_000
            );
            mutations.push(set(&format!("['people', {at}]"), &value)?);
            if mutations.len() == 500 || at + 1 == entries {
                self.database.commit(AtomicOperation {
                    mutations: std::mem::take(&mut mutations),
                    ..AtomicOperation::default()
                })?;
            }
        }
        self.filled = entries;
        self.commit()
    }

    fn commit(&mut self) -> Outcome<()> {
        self.number += 1;
        let number = self.number;
        let person = number * 7919 % self.filled.max(1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let mutations = vec![
            set(
                "['a', 'tick']",
                &format!("{{number: {number}, at: new Date({now})}}"),
            )?,
            set(
                &format!("['people', {person}]"),
                &format!("{{name: 'Ada Lovelace', visits: {number}}}"),
            )?,
            set(
                &format!("['visits', {number}]"),
                "{from: '127.0.0.1', path: '/index.html'}",
            )?,
            set("['zero', 'count']", &format!("new Deno.KvU64({number}n)"))?,
        ];
        self.database.commit(AtomicOperation {
            mutations,
            ..AtomicOperation::default()
        })?;
        Ok(())
    }

    fn run(&mut self, rate: u32, time: Duration) -> Outcome<f64> {
        let begun = Instant::now();
        let mut commits = 0_u32;
        while begun.elapsed() < time {
            self.commit()?;
            commits += 1;
            if rate > 0 {
                let due = Duration::from_secs_f64(f64::from(commits) / f64::from(rate));
                std::thread::sleep(due.saturating_sub(begun.elapsed()));
            }
        }
        Ok(f64::from(commits) / begun.elapsed().as_secs_f64())
    }
}

fn set(key: &str, value: &str) -> Outcome<Mutation> {
    Ok(Mutation {
        key: parse_key(key)?,
        kind: MutationKind::Set {
            value: parse_value(value).map_err(|error| error.to_string())?,
            expires_at: None,
        },
    })
}
