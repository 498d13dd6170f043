//! How what one window changed comes together with what other windows kept meanwhile.
//!
//! Of a setting the last change counts. Of edits nothing is lost: those that this window holds are kept, and so are those
//! in the file that it never held, because they are another window's.

use std::sync::Arc;

use crate::model::mark::Marks;
use crate::model::saved_session::{SavedDraft, SavedNotification, SavedSession};
use crate::model::transaction::SavedTransaction;
use crate::state::{RecentDatabase, SavedState};

/// What a window changed: from what it held when it wrote last, to what it holds now.
#[derive(Debug, Clone)]
pub struct Patch {
    /// Then.
    pub base: Arc<SavedState>,
    /// Now.
    pub own: Arc<SavedState>,
    /// The databases that it has open: their edits are in the file also if another window took them out.
    pub open: Vec<String>,
}

impl Patch {
    /// Of a window that has no database open.
    #[must_use]
    pub fn new(base: SavedState, own: SavedState) -> Self {
        Self {
            base: Arc::new(base),
            own: Arc::new(own),
            open: Vec::new(),
        }
    }

    /// This one and then another in one, if that begins where this one ends.
    #[must_use]
    pub fn then(&self, next: &Self) -> Option<Self> {
        // A database that was closed in between has to be merged once more as one that is open.
        let follows = Arc::ptr_eq(&self.own, &next.base) && self.open == next.open;
        follows.then(|| Self {
            base: Arc::clone(&self.base),
            ..next.clone()
        })
    }
}

/// The changes of a window, put into what stands in the file.
#[must_use]
pub fn merge(patch: &Patch, there: SavedState) -> SavedState {
    let (base, own) = (&*patch.base, &*patch.own);
    let mut sessions = there.sessions;
    for (location, mine) in &own.sessions {
        let before = base.sessions.get(location).cloned().unwrap_or_default();
        let theirs = sessions.remove(location);
        let is_open = patch.open.contains(location);
        let merged = match theirs {
            Some(theirs) if *mine == before && !is_open => theirs,
            Some(theirs) => merge_session(&before, mine, theirs),
            None => mine.clone(),
        };
        sessions.insert(location.clone(), merged);
    }
    let mut merged = SavedState {
        theme: newer(base.theme, own.theme, there.theme),
        text_scale: newer(base.text_scale, own.text_scale, there.text_scale),
        recent: merge_recent(&base.recent, &own.recent, &there.recent),
        open: together(&base.open, &own.open, &there.open),
        front: newer(base.front.clone(), own.front.clone(), there.front),
        show_keys: newer(base.show_keys, own.show_keys, there.show_keys),
        show_entry: newer(base.show_entry, own.show_entry, there.show_entry),
        show_transaction: newer(
            base.show_transaction,
            own.show_transaction,
            there.show_transaction,
        ),
        sizes: newer(base.sizes, own.sizes, there.sizes),
        columns: newer(base.columns.clone(), own.columns.clone(), there.columns),
        value_view: newer(base.value_view, own.value_view, there.value_view),
        marks: Marks::merged(&base.marks, &own.marks, there.marks),
        sessions,
    };
    merged.prune();
    merged
}

/// What was changed here, or else what stands there.
fn newer<T: PartialEq>(base: T, own: T, there: T) -> T {
    if own == base { there } else { own }
}

/// What this window holds, and what it never held of that which stands there.
fn together<T: Clone + PartialEq>(base: &[T], own: &[T], there: &[T]) -> Vec<T> {
    let others = there
        .iter()
        .filter(|item| !base.contains(item) && !own.contains(item));
    own.iter().chain(others).cloned().collect()
}

fn merge_recent(
    base: &[RecentDatabase],
    own: &[RecentDatabase],
    there: &[RecentDatabase],
) -> Vec<RecentDatabase> {
    let has = |list: &[RecentDatabase], known: &RecentDatabase| {
        list.iter().any(|other| other.location == known.location)
    };
    let mut merged: Vec<RecentDatabase> = own.to_vec();
    for known in there {
        // One that was taken off the list here does not come back, unless it was opened meanwhile.
        let is_removed = base.contains(known) && !has(own, known);
        match merged.iter_mut().find(|mine| mine.location == known.location) {
            Some(mine) if mine.opened_at < known.opened_at => mine.clone_from(known),
            Some(_) => {}
            None if is_removed => {}
            None => merged.push(known.clone()),
        }
    }
    // One that another window took off the list, and that was not opened here since, is off it.
    merged.retain(|known| has(there, known) || !base.contains(known));
    merged.sort_by_key(|known| std::cmp::Reverse(known.opened_at));
    merged.truncate(SavedState::RECENT_LIMIT);
    merged
}

fn merge_session(base: &SavedSession, own: &SavedSession, there: SavedSession) -> SavedSession {
    // The new entry that one window shows waits in the other one.
    let new_entries = |saved: &SavedSession| -> Vec<SavedDraft> {
        saved.new_entry.iter().chain(&saved.set_aside).cloned().collect()
    };
    let mine = new_entries(own);
    let mut set_aside = together(&new_entries(base), &mine, &new_entries(&there));
    if own.new_entry.is_some() {
        set_aside.remove(0);
    }
    let (transaction, transactions) = merge_transactions(base, own, &there);
    let is_others = |row| !base.transaction.contains(row) && !own.transaction.contains(row);
    let is_same_draft = own.transaction_name == there.transaction_name;
    let transaction_met = if !is_same_draft || !there.transaction.iter().any(is_others) {
        newer(base.transaction_met, own.transaction_met, there.transaction_met)
            && !transaction.rows.is_empty()
    } else if own.transaction.is_empty() {
        // None are left of this window, if it ever had any.
        there.transaction_met && base.transaction.is_empty()
    } else {
        true
    };
    let notifications = merge_notifications(base, own, &there);
    let mut filters = there.filters;
    filters.take_changes(&base.filters, &own.filters);
    SavedSession {
        shown: newer(base.shown.clone(), own.shown.clone(), there.shown),
        folder: newer(base.folder.clone(), own.folder.clone(), there.folder),
        listed: newer(base.listed.clone(), own.listed.clone(), there.listed),
        options: newer(base.options.clone(), own.options.clone(), there.options),
        expanded: newer(base.expanded.clone(), own.expanded.clone(), there.expanded),
        drafts: together(&base.drafts, &own.drafts, &there.drafts),
        renames: together(&base.renames, &own.renames, &there.renames),
        new_entry: own.new_entry.clone(),
        set_aside,
        watched: together(&base.watched, &own.watched, &there.watched),
        notifications,
        transaction: transaction.rows,
        transaction_name: transaction.name,
        transactions,
        transaction_met,
        committed: transaction.committed,
        filters,
        unlocked: newer(base.unlocked, own.unlocked, there.unlocked),
    }
}

/// What each watch does: as this window has it, or else as another one has it.
fn merge_notifications(
    base: &SavedSession,
    own: &SavedSession,
    there: &SavedSession,
) -> Vec<SavedNotification> {
    let of = |saved: &SavedSession, watched: &str| {
        let mut all = saved.notifications.iter();
        all.find(|known| known.watched == watched).cloned()
    };
    let names = own.notifications.iter().chain(&there.notifications);
    let mut merged: Vec<SavedNotification> = Vec::new();
    for SavedNotification { watched, .. } in names {
        if merged.iter().all(|known| known.watched != *watched) {
            merged.extend(newer(of(base, watched), of(own, watched), of(there, watched)));
        }
    }
    merged
}

/// The draft that this window shows, and all others. Rows of drafts of one name come together.
fn merge_transactions(
    base: &SavedSession,
    own: &SavedSession,
    there: &SavedSession,
) -> (SavedTransaction, Vec<SavedTransaction>) {
    let shown = |saved: &SavedSession| SavedTransaction {
        name: saved.transaction_name.clone(),
        rows: saved.transaction.clone(),
        committed: saved.committed.clone(),
    };
    let all = |saved: &SavedSession| -> Vec<SavedTransaction> {
        std::iter::once(shown(saved))
            .chain(saved.transactions.iter().cloned())
            .collect()
    };
    let (base, own, there) = (all(base), all(own), all(there));
    let named = |drafts: &[SavedTransaction], name: &str| {
        let found = drafts.iter().find(|draft| draft.name == name);
        found.cloned().unwrap_or_default()
    };
    let merge = |name: &str| {
        let (base, own, there) = (named(&base, name), named(&own, name), named(&there, name));
        let rows = together(&base.rows, &own.rows, &there.rows);
        // Rows that came together from both were not committed as they are now.
        let committed = if rows == own.rows {
            own.committed
        } else if rows == there.rows {
            there.committed
        } else {
            None
        };
        SavedTransaction {
            name: name.to_owned(),
            rows,
            committed,
        }
    };
    let is_known = |drafts: &[SavedTransaction], name: &str| drafts.iter().any(|draft| draft.name == name);
    let others = there.iter().filter(|draft| !is_known(&own, &draft.name));
    let mut merged: Vec<SavedTransaction> = own.iter().map(|draft| merge(&draft.name)).collect();
    // One that was removed here is gone, but for rows that another window added meanwhile.
    merged.extend(
        others
            .map(|draft| merge(&draft.name))
            .filter(|draft| !draft.rows.is_empty()),
    );
    let mut merged = merged.into_iter();
    (merged.next().unwrap_or_default(), merged.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::query::Query;
    use crate::model::saved_filters::SavedFilters;
    use crate::model::transaction::SavedOperation;
    use crate::theme::ThemeChoice;

    fn draft(key: &str, text: &str) -> SavedDraft {
        serde_json::from_value(serde_json::json!({"key": key, "text": text, "expiry": "Never", "seen": null}))
            .unwrap()
    }

    /// A window in a test: what it wrote last, and what it holds.
    #[derive(Clone, Default)]
    struct Writer {
        base: SavedState,
        own: SavedState,
        open: Vec<String>,
    }

    impl Writer {
        fn begin(there: &SavedState) -> Self {
            Self {
                base: there.clone(),
                own: there.clone(),
                open: Vec::new(),
            }
        }

        fn session(&mut self) -> &mut SavedSession {
            self.own.sessions.entry("kv".to_owned()).or_default()
        }

        fn write(&mut self, there: &mut SavedState) {
            let mut patch = Patch::new(self.base.clone(), self.own.clone());
            patch.open.clone_from(&self.open);
            *there = merge(&patch, there.clone());
            // Once more changes nothing, as when a write is tried again.
            assert_eq!(merge(&patch, there.clone()), *there);
            self.base = self.own.clone();
        }
    }

    fn windows() -> (Writer, Writer, SavedState) {
        let there = SavedState::default();
        let mut one = Writer::begin(&there);
        one.own.open.push("kv".to_owned());
        one.open.push("kv".to_owned());
        (one.clone(), one, there)
    }

    #[test]
    fn two_windows_on_one_database_keep_the_edits_of_both() {
        let (mut one, mut other, mut there) = windows();
        one.session().drafts.push(draft("['a']", "1"));
        one.write(&mut there);
        other.session().drafts.push(draft("['b']", "2"));
        other.session().new_entry = Some(draft("['new']", "4"));
        other.write(&mut there);
        one.session().drafts[0] = draft("['a']", "11");
        one.session().new_entry = Some(draft("['newer']", "5"));
        one.write(&mut there);
        other.session().new_entry = Some(draft("['new']", "44"));
        other.write(&mut there);
        let kept = &there.sessions["kv"];
        assert_eq!(kept.drafts, [draft("['b']", "2"), draft("['a']", "11")]);
        assert_eq!(kept.new_entry, Some(draft("['new']", "44")));
        assert_eq!(kept.set_aside, [draft("['newer']", "5")]);
    }

    #[test]
    fn both_edits_of_one_entry_are_kept() {
        let (mut one, mut other, mut there) = windows();
        one.session().drafts.push(draft("['a']", "1"));
        one.write(&mut there);
        other.session().drafts.push(draft("['a']", "2"));
        other.write(&mut there);
        one.write(&mut there);
        assert_eq!(
            there.sessions["kv"].drafts,
            [draft("['a']", "1"), draft("['a']", "2")]
        );
    }

    #[test]
    fn rows_of_both_windows_in_the_transaction_are_told_once() {
        let row = |key: &str| -> SavedOperation {
            serde_json::from_value(
                serde_json::json!({"kind": "Delete", "key": key, "value": "", "versionstamp": null}),
            )
            .unwrap()
        };
        let (mut one, mut other, mut there) = windows();
        one.session().transaction.push(row("['a']"));
        one.write(&mut there);
        assert!(!there.sessions["kv"].transaction_met);
        other.session().transaction.push(row("['b']"));
        other.write(&mut there);
        assert_eq!(there.sessions["kv"].transaction, [row("['b']"), row("['a']")]);
        assert!(there.sessions["kv"].transaction_met);
        one.own.theme = ThemeChoice::Light;
        one.write(&mut there);
        assert!(there.sessions["kv"].transaction_met);
        // A window that has shown them says so no more.
        let mut third = Writer::begin(&there);
        third.session().transaction_met = false;
        third.write(&mut there);
        assert!(!there.sessions["kv"].transaction_met);
        // One that takes its own rows out leaves those of the other one, which are nobody else's.
        one.write(&mut there);
        assert!(there.sessions["kv"].transaction_met);
        one.session().transaction.clear();
        one.write(&mut there);
        let left = &there.sessions["kv"];
        assert_eq!(
            (left.transaction.as_slice(), left.transaction_met),
            (&[row("['b']")][..], false)
        );
    }

    #[test]
    fn an_edit_that_was_given_up_in_one_window_stays_while_the_other_one_shows_it() {
        let (mut one, _, mut there) = windows();
        one.session().drafts.push(draft("['a']", "1"));
        one.write(&mut there);
        let mut other = Writer::begin(&there);
        other.session().drop_drafts();
        other.own.open.clear();
        other.write(&mut there);
        assert!(there.sessions.get("kv").is_none_or(|kept| kept.drafts.is_empty()));
        // The first window still shows it, and keeps it as it is closed.
        one.write(&mut there);
        assert_eq!(there.sessions["kv"].drafts, [draft("['a']", "1")]);
        one.session().drop_drafts();
        one.write(&mut there);
        assert!(there.sessions.get("kv").is_none_or(|kept| kept.drafts.is_empty()));
    }

    #[test]
    fn a_window_that_knows_nothing_of_a_database_leaves_its_edits_alone() {
        let (mut one, _, mut there) = windows();
        one.session().drafts.push(draft("['a']", "1"));
        one.write(&mut there);
        let mut old = Writer::begin(&there);
        one.session().drafts[0] = draft("['a']", "12");
        one.write(&mut there);
        for number in 0..20 {
            old.own
                .remember(format!("other {number}"), "Deno file", None, number);
        }
        old.own.theme = ThemeChoice::Light;
        old.write(&mut there);
        assert_eq!(there.sessions["kv"].drafts, [draft("['a']", "12")]);
        assert_eq!(there.theme, ThemeChoice::Light);
        assert_eq!(there.recent.len(), SavedState::RECENT_LIMIT);
        // An edit that nobody has any more does not come back from an old window.
        one.session().drop_drafts();
        one.write(&mut there);
        old.own.text_scale = 2.0;
        old.write(&mut there);
        assert!(there.sessions.get("kv").is_none_or(|kept| kept.drafts.is_empty()));
    }

    #[test]
    fn a_setting_is_what_was_chosen_last_in_any_window() {
        let (mut one, mut other, mut there) = windows();
        one.own.theme = ThemeChoice::Dark;
        one.own.open.push("shop".to_owned());
        one.write(&mut there);
        other.own.text_scale = 1.5;
        other.own.open.push("mail".to_owned());
        other.write(&mut there);
        one.own.show_keys = false;
        one.write(&mut there);
        assert_eq!(
            (there.theme, there.text_scale, there.show_keys),
            (ThemeChoice::Dark, 1.5, false)
        );
        assert_eq!(there.open, ["kv", "shop", "mail"]);
    }

    #[test]
    fn named_filters_of_both_windows_are_kept_and_removed_ones_are_gone() {
        let (mut one, mut other, mut there) = windows();
        let query = Query::prefix(keyglass_store::EncodedKey::default());
        one.session().filters.save("first", &query).unwrap();
        one.write(&mut there);
        other.session().filters.save("second", &query).unwrap();
        other.write(&mut there);
        one.write(&mut there);
        let names = |filters: &SavedFilters| -> Vec<String> {
            filters.iter().map(|filter| filter.name.clone()).collect()
        };
        assert_eq!(names(&there.sessions["kv"].filters), ["first", "second"]);
        one.session().filters.remove("first").unwrap();
        one.write(&mut there);
        other.write(&mut there);
        assert_eq!(names(&there.sessions["kv"].filters), ["second"]);
    }

    #[test]
    fn a_database_that_was_taken_off_the_list_stays_off_it() {
        let (mut one, mut other, mut there) = windows();
        one.own.remember("a".to_owned(), "Deno file", None, 1);
        one.write(&mut there);
        other.own = there.clone();
        other.base = there.clone();
        other.own.recent.clear();
        other.own.remember("b".to_owned(), "Deno file", None, 2);
        other.write(&mut there);
        one.write(&mut there);
        let locations: Vec<&str> = there.recent.iter().map(|known| known.location.as_str()).collect();
        assert_eq!(locations, ["b"]);
    }
}
