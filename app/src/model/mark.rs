//! What a person has marked a database with: a name, a colour, a label such as "production", and how it is guarded.

use std::collections::BTreeMap;

use keyglass_store::LastingId;
use serde::{Deserialize, Serialize};

use super::database_id::DatabaseId;

/// The most characters of a label, so that it fits on a tab.
pub const LABEL_LIMIT: usize = 16;
/// The most characters of a name.
pub const NAME_LIMIT: usize = 60;

/// The mark of a database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mark {
    /// What it is called; empty for its usual name.
    pub name: String,
    /// What stands beside the name, such as `production`; may be empty.
    pub label: String,
    /// The colour of its stripe and its label.
    pub color: MarkColor,
    /// Whether it can be changed as soon as it is open.
    pub opening: Opening,
}

/// The colours of marks; each theme has its own shade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkColor {
    /// For production.
    #[default]
    Red,
    /// For what is tried before that.
    Amber,
    /// For what is one's own.
    Green,
    /// For anything else.
    Blue,
    /// The same.
    Violet,
}

impl MarkColor {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Red, "Red"),
        (Self::Amber, "Amber"),
        (Self::Green, "Green"),
        (Self::Blue, "Blue"),
        (Self::Violet, "Violet"),
    ];
}

/// Whether a database can be changed as soon as it is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// As its kind is: a folder of one's own can, what is somebody else's is unlocked first.
    #[default]
    Usual,
    /// It opens locked, and a question unlocks it.
    ReadOnly,
    /// It opens locked; its name is typed to unlock it, and before it is changed in bulk.
    Guarded,
}

impl Mark {
    /// Whether its name is typed before it is unlocked or changed in bulk.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.opening == Opening::Guarded
    }

    /// Whether it opens locked, whatever was asked for earlier.
    #[must_use]
    pub fn opens_locked(&self) -> bool {
        self.opening != Opening::Usual
    }
}

/// A mark, and where its database was last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMark {
    /// Its path or URL.
    pub location: String,
    /// The mark.
    pub mark: Mark,
}

/// The marks of all databases: by their lasting ids, or by their locations where nothing tells an id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(BTreeMap<String, KeptMark>);

impl Marks {
    /// The mark of a database: by its id, or else of what stood at its location, which may have been put back there.
    #[must_use]
    pub fn of(&self, id: Option<&LastingId>, location: &str) -> Option<&Mark> {
        let by_id = id.and_then(|id| self.0.get(&id.to_string()));
        by_id.map(|kept| &kept.mark).or_else(|| self.at(location))
    }

    /// The mark of what stands, or stood last, at a location.
    #[must_use]
    pub fn at(&self, location: &str) -> Option<&Mark> {
        let mut kept = self.0.values();
        kept.find(|kept| kept.location == location).map(|kept| &kept.mark)
    }

    /// Marks a database anew, or not at all.
    pub fn set(&mut self, id: Option<&LastingId>, location: &str, mark: Option<Mark>) {
        let key = id.map_or_else(|| location.to_owned(), ToString::to_string);
        self.0
            .retain(|known, kept| *known != key && kept.location != location);
        if let Some(mark) = mark {
            let location = location.to_owned();
            self.0.insert(key, KeptMark { location, mark });
        }
    }

    /// What was changed between two states, put into another one that somebody else has changed meanwhile.
    #[must_use]
    pub fn merged(base: &Self, own: &Self, mut there: Self) -> Self {
        for key in base.0.keys().chain(own.0.keys()) {
            let (before, mine) = (base.0.get(key), own.0.get(key));
            if before == mine {
                continue;
            }
            match mine {
                Some(mine) => there.0.insert(key.clone(), mine.clone()),
                None => there.0.remove(key),
            };
        }
        there
    }
}

/// A mark as it is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkDraft {
    /// For which database.
    pub database: DatabaseId,
    /// What it is called without a mark.
    pub own_name: String,
    /// What is chosen.
    pub mark: Mark,
    /// Whether the database has a mark, which can be taken off.
    pub has_mark: bool,
}

impl MarkDraft {
    /// The mark that is chosen, without spaces around its texts.
    #[must_use]
    pub fn chosen(&self) -> Mark {
        let name = self.mark.name.trim();
        Mark {
            name: if name == self.own_name { "" } else { name }.to_owned(),
            label: self.mark.label.trim().to_owned(),
            ..self.mark.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(name: &str) -> Mark {
        Mark {
            name: name.to_owned(),
            ..Mark::default()
        }
    }

    fn id(text: &str) -> LastingId {
        LastingId::derived(text.as_bytes())
    }

    #[test]
    fn a_mark_goes_with_its_database_and_stays_with_its_place() {
        let mut marks = Marks::default();
        marks.set(None, "shop.kg", Some(mark("by place")));
        assert_eq!(marks.of(Some(&id("a")), "shop.kg"), Some(&mark("by place")));
        marks.set(Some(&id("a")), "shop.kg", Some(mark("by id")));
        assert_eq!(marks.of(Some(&id("a")), "moved.kg"), Some(&mark("by id")));
        assert_eq!(marks.of(Some(&id("b")), "moved.kg"), None);
        // What was put back from a copy is as precious as what stood there.
        assert_eq!(marks.of(Some(&id("b")), "shop.kg"), Some(&mark("by id")));
        marks.set(Some(&id("a")), "moved.kg", Some(mark("moved")));
        assert_eq!(
            (marks.at("shop.kg"), marks.at("moved.kg")),
            (None, Some(&mark("moved")))
        );
        marks.set(Some(&id("a")), "moved.kg", None);
        assert_eq!(marks, Marks::default());
    }

    #[test]
    fn marks_of_several_windows_come_together() {
        let with = |names: &[&str]| {
            let mut marks = Marks::default();
            for name in names {
                marks.set(None, name, Some(mark(name)));
            }
            marks
        };
        let merged = Marks::merged(&with(&["a"]), &with(&["b"]), with(&["a", "c"]));
        assert_eq!(merged, with(&["b", "c"]));
        let mut changed = with(&["a"]);
        changed.set(None, "a", Some(mark("other")));
        let merged = Marks::merged(&with(&["a"]), &with(&["a"]), changed.clone());
        assert_eq!(merged, changed);
    }

    #[test]
    fn the_usual_name_is_no_name_of_a_mark() {
        let draft = MarkDraft {
            database: DatabaseId::unique(),
            own_name: "shop".to_owned(),
            mark: Mark {
                name: " shop".to_owned(),
                label: "production ".to_owned(),
                ..Mark::default()
            },
            has_mark: false,
        };
        let chosen = draft.chosen();
        assert_eq!((chosen.name.as_str(), chosen.label.as_str()), ("", "production"));
    }
}
