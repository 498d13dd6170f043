//! Looks which changes make conditions of watches true, and runs their command lines.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crossbeam_channel::Receiver;
use keyglass_store::EncodedKey;

use super::{Answers, Asked, lane};
use crate::content::condition::edge;
use crate::content::field_changes::{Differences, IN_A_LINE};
use crate::errand::{Answer, CommandError, Judged, Verdict};
use crate::exec::{self, Occasion};
use crate::threads::NoThread;

/// Keys of which is remembered whether a condition held, where changes do not tell what stood there before.
const KNOWN_KEYS: usize = 10_000;

/// Starts the thread that looks at changes.
pub(super) fn spawn(asked: Receiver<Asked<Vec<Judged>>>, answers: Answers) -> Result<(), NoThread> {
    let mut known = Known::default();
    lane::spawn_lane(&answers.clone(), "conditions", asked, move |judged| {
        answers.answer(Answer::Judged(known.judge(judged)));
    })
}

/// Whether conditions held, by the watch and the key.
#[derive(Default)]
struct Known(HashMap<(u64, EncodedKey), bool>);

impl Known {
    fn judge(&mut self, judged: Vec<Judged>) -> Vec<Verdict> {
        let mut last: Vec<(Judged, u64)> = Vec::new();
        for judged in judged {
            if !self.becomes_true(&judged) {
                continue;
            }
            match last.iter_mut().find(|(other, _)| other.watch == judged.watch) {
                Some((other, changes)) => {
                    *other = judged;
                    *changes += 1;
                }
                None => last.push((judged, 1)),
            }
        }
        last.into_iter().map(verdict).collect()
    }

    fn becomes_true(&mut self, judged: &Judged) -> bool {
        let Some(condition) = &judged.condition else {
            return true;
        };
        let key = (judged.watch, judged.change.key.clone());
        let edge = edge(condition, &judged.change, judged.at, self.0.get(&key).copied());
        if self.0.len() >= KNOWN_KEYS && !self.0.contains_key(&key) {
            self.0.clear();
        }
        self.0.insert(key, edge.holds);
        edge.becomes_true
    }
}

fn verdict((judged, changes): (Judged, u64)) -> Verdict {
    let Judged {
        watch, change, at, ..
    } = judged;
    let before = match &change.before {
        keyglass_store::Before::Entry(entry) => Some(entry),
        keyglass_store::Before::Absent | keyglass_store::Before::Unknown => None,
    };
    let differences = Differences::between(before, change.after.as_ref(), IN_A_LINE);
    let fields: Vec<String> = differences.fields.iter().map(ToString::to_string).collect();
    Verdict {
        watch,
        changes,
        last: change,
        at,
        differences: fields.join(", "),
    }
}

/// Runs a command line on a thread of its own, until it ends or the database is closed.
pub(super) fn run(
    answers: &Answers,
    stopped: &Arc<AtomicBool>,
    watch: u64,
    line: String,
    occasion: Box<Occasion>,
) {
    let (told, stopped) = (answers.clone(), Arc::clone(stopped));
    let started = answers.spawn("command", move || {
        let ran = exec::run(&line, &occasion, exec::TIME_LIMIT, &stopped).map_err(CommandError::Refused);
        told.answer(Answer::CommandRan { watch, ran });
    });
    if let Err(error) = started {
        let ran = Err(CommandError::Thread(error));
        answers.answer(Answer::CommandRan { watch, ran });
    }
}
