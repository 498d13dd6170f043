//! The file of what is kept between runs, which several windows share.
//!
//! A window never writes what it holds over what stands there: under a lock it reads the file, puts in what it changed
//! itself since it wrote last (see [`super::state_merge`]), and writes the file whole or not at all. What cannot be read
//! is kept beside it under another name before anything is written.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use keyglass_store::limits::Limits;
use keyglass_store::new_file::NewFile;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::model::saved_session::{SavedDraft, SavedSession};
use crate::state::SavedState;
use crate::state_merge::{Patch, merge};
use crate::window_lock;

/// Parts that a notice names one by one.
const NAMED_PARTS: usize = 20;

/// Something in the file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The parts that were left out, such as `theme`; empty if nothing could be read.
    pub parts: Vec<String>,
    /// Why nothing could be read.
    pub reason: String,
    /// Where the file is kept; `None` if it could not be put there and still stands in its place.
    pub kept: Option<PathBuf>,
}

impl Unreadable {
    /// What a person is told, and details.
    #[must_use]
    pub fn sentence(&self, path: &Path) -> (String, Vec<String>) {
        let what = if self.parts.is_empty() {
            format!("The kept settings and edits could not be read ({})", self.reason)
        } else {
            "Some of the kept settings and edits could not be read".to_owned()
        };
        let place = match &self.kept {
            Some(kept) => format!("The file is kept: {}", kept.display()),
            None => format!(
                "The file could not be moved out of the way, so nothing is kept from now on: {}",
                path.display()
            ),
        };
        let named = self.parts.iter().take(NAMED_PARTS);
        let details = named.map(|part| format!("Left out: {part}")).collect();
        (format!("{what}. {place}"), details)
    }
}

/// Reads the file for a window that begins. One that cannot be read, or not all of it, is kept beside it, and what could
/// be read takes its place.
#[must_use]
pub fn load(path: &Path) -> (SavedState, Option<Unreadable>) {
    let locked = window_lock::wait_for(path);
    let (state, unreadable) = read(path);
    let Some(mut unreadable) = unreadable else {
        return (state, None);
    };
    if locked.is_ok() {
        unreadable.kept = keep_aside(path);
    }
    if unreadable.kept.is_some() && !unreadable.parts.is_empty() {
        // If this fails, the next write tells so.
        let _written = write(&state, path);
    }
    (state, Some(unreadable))
}

/// Reads what can be read of the file and touches nothing.
#[must_use]
pub fn look(path: &Path) -> SavedState {
    read(path).0
}

/// Puts a window's changes into the file. Tells of what could not be read there and is kept beside it now.
///
/// # Errors
/// A sentence on what the system refused; the file is as it was.
pub fn apply(patches: &[Patch], path: &Path) -> Result<Option<Unreadable>, String> {
    let refused = |reason: String| {
        format!(
            "Keyglass could not keep its settings ({reason}): {}",
            path.display()
        )
    };
    let _locked = window_lock::wait_for(path).map_err(|error| refused(error.to_string()))?;
    let (there, mut unreadable) = read(path);
    if let Some(unreadable) = &mut unreadable {
        unreadable.kept = keep_aside(path);
        if unreadable.kept.is_none() {
            return Err(refused(
                "what stands there cannot be read, and could not be moved out of the way".to_owned(),
            ));
        }
    }
    let merged = patches.iter().fold(there, |there, patch| merge(patch, there));
    write(&merged, path).map_err(|error| refused(error.to_string()))?;
    Ok(unreadable)
}

fn write(state: &SavedState, path: &Path) -> std::io::Result<()> {
    let json = serde_json::to_vec_pretty(state)?;
    let mut file = NewFile::create(path)?;
    file.write_all(&json)?;
    file.finish()
}

/// Gives the file a name that nothing has; `None` if the system refuses.
fn keep_aside(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_string_lossy().into_owned();
    let kept = (1..=1000)
        .map(|number| match number {
            1 => path.with_file_name(format!("{stem}-unreadable.json")),
            _ => path.with_file_name(format!("{stem}-unreadable-{number}.json")),
        })
        .find(|kept| !kept.exists())?;
    std::fs::rename(path, &kept).is_ok().then_some(kept)
}

fn read(path: &Path) -> (SavedState, Option<Unreadable>) {
    let nothing = |reason: String| {
        let unreadable = Unreadable {
            parts: Vec::new(),
            reason,
            kept: None,
        };
        (SavedState::default(), Some(unreadable))
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return (SavedState::default(), None),
        Err(error) => return nothing(error.to_string()),
    };
    let object = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return nothing("it is no JSON object".to_owned()),
        Err(error) => return nothing(error.to_string()),
    };
    let mut parts = Vec::new();
    let state = readable_state(object, &mut parts);
    let unreadable = (!parts.is_empty()).then_some(Unreadable {
        parts,
        reason: String::new(),
        kept: None,
    });
    (state, unreadable)
}

/// What can be read of the state; the rest is named.
fn readable_state(mut object: Map<String, Value>, lost: &mut Vec<String>) -> SavedState {
    let sessions = object.remove("sessions");
    let mut state: SavedState = readable(object, "", lost);
    match sessions {
        None => {}
        Some(Value::Object(sessions)) => {
            for (location, session) in sessions {
                let name = format!(" of {location}");
                let Value::Object(session) = session else {
                    lost.push(format!("what was kept{name}"));
                    continue;
                };
                let mut session: SavedSession = readable(session, &name, lost);
                let mut is_readable = |draft: &SavedDraft| {
                    let is_readable = draft.restore(Limits::DENO).is_some();
                    if !is_readable {
                        lost.push(format!("an edit of {}{name}", draft.key()));
                    }
                    is_readable
                };
                session.drafts.retain(&mut is_readable);
                session.set_aside.retain(&mut is_readable);
                session.new_entry = session.new_entry.filter(&mut is_readable);
                state.sessions.insert(location, session);
            }
        }
        Some(_) => lost.push("sessions".to_owned()),
    }
    state
}

/// Reads an object field by field, and lists item by item, where it cannot be read as a whole.
fn readable<T: DeserializeOwned + Default>(
    object: Map<String, Value>,
    of: &str,
    lost: &mut Vec<String>,
) -> T {
    if let Ok(whole) = serde_json::from_value(Value::Object(object.clone())) {
        return whole;
    }
    let fits = |field: &str, value: Value| {
        let only = Map::from_iter([(field.to_owned(), value)]);
        serde_json::from_value::<T>(Value::Object(only)).is_ok()
    };
    let mut good = Map::new();
    for (field, value) in object {
        if fits(&field, value.clone()) {
            good.insert(field, value);
            continue;
        }
        let Value::Array(items) = value else {
            lost.push(format!("{field}{of}"));
            continue;
        };
        let count = items.len();
        let items: Vec<Value> = items
            .into_iter()
            .filter(|item| fits(&field, Value::Array(vec![item.clone()])))
            .collect();
        lost.push(format!("{} of {count} in {field}{of}", count - items.len()));
        good.insert(field, Value::Array(items));
    }
    serde_json::from_value(Value::Object(good)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(key: &str, text: &str) -> String {
        format!(r#"{{"key": "{key}", "text": "{text}", "expiry": "Never", "seen": null}}"#)
    }

    #[test]
    fn a_file_that_is_no_json_is_kept_beside_it_each_time_under_a_new_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        for name in ["state-unreadable.json", "state-unreadable-2.json"] {
            std::fs::write(&path, b"{torn").unwrap();
            let (state, unreadable) = load(&path);
            assert_eq!(state, SavedState::default());
            let kept = unreadable.unwrap().kept.unwrap();
            assert_eq!(kept, folder.path().join(name));
            assert_eq!(std::fs::read(kept).unwrap(), b"{torn");
        }
        assert_eq!(load(&path), (SavedState::default(), None));
    }

    #[test]
    fn what_becomes_unreadable_while_a_window_runs_is_kept_before_it_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        let own = SavedState {
            text_scale: 2.0,
            ..SavedState::default()
        };
        let unreadable = apply(&[Patch::new(SavedState::default(), own.clone())], &path);
        let kept = unreadable.unwrap().unwrap().kept.unwrap();
        assert_eq!(std::fs::read(kept).unwrap(), [0xff, 0xfe]);
        assert_eq!(load(&path), (own, None));
    }

    #[test]
    fn one_bad_part_costs_nothing_but_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let (good, bad) = (draft("['a']", "1"), r#"{"key": 7}"#);
        let cut = r#"{"key": "['c']", "text": "3", "expiry": "Never", "seen": {"versionstamp": "xx", "encoding": 1, "value": "0", "expires_at": null}}"#;
        let text = format!(
            r#"{{"theme": "Purple", "text_scale": 1.5, "recent": [4, {{"location": "a", "kind": "b", "opened_at": 1}}],
            "sessions": {{"one": 5, "two": {{"listed": "['x']", "expanded": 3, "drafts": [{good}, {bad}, {cut}]}}}}}}"#
        );
        std::fs::write(&path, &text).unwrap();
        let (state, unreadable) = load(&path);
        let unreadable = unreadable.unwrap();
        assert_eq!((state.text_scale, state.recent.len()), (1.5, 1));
        let session = &state.sessions["two"];
        assert_eq!(session.listed.as_deref(), Some("['x']"));
        assert_eq!(session.drafts.len(), 1);
        assert_eq!(
            unreadable.parts,
            [
                "theme",
                "1 of 2 in recent",
                "what was kept of one",
                "expanded of two",
                "1 of 3 in drafts of two",
                "an edit of ['c'] of two"
            ]
        );
        assert_eq!(std::fs::read_to_string(unreadable.kept.unwrap()).unwrap(), text);
        // What could be read is on the disk at once.
        assert_eq!(load(&path), (state, None));
    }

    #[test]
    fn fields_that_are_missing_are_as_at_the_first_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        std::fs::write(&path, b"{\"text_scale\": 2.0}").unwrap();
        let (state, unreadable) = load(&path);
        assert_eq!(unreadable, None);
        assert!(state.show_keys);
    }
}
