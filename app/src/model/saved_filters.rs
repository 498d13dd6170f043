//! What the table lists, kept under names.

use std::hash::{DefaultHasher, Hash as _};

use keyglass_store::Database;
use keyglass_store::key::EncodedKey;
use serde::{Deserialize, Serialize};

use super::panel::PanelModel;
use super::query::Query;
use super::saved_session::{SavedSession, read_key};
use crate::format;

/// Letters of a name at most.
const LONGEST_NAME: usize = 80;

/// What is listed, under a name. Keys are JavaScript text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedFilter {
    /// What it is called.
    pub name: String,
    prefix: String,
    start: Option<String>,
    end: Option<String>,
    limit: Option<u64>,
    reverse: bool,
}

/// A name that cannot be given to a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterNameError {
    /// There is none.
    #[error("A filter needs a name")]
    Empty,
    /// It is too long.
    #[error("A name has at most 80 letters")]
    TooLong,
    /// Another one is called so.
    #[error("Another filter has this name")]
    Taken,
}

impl SavedFilter {
    /// A query under a name.
    #[must_use]
    pub fn new(name: String, query: &Query) -> Self {
        let text = |key: &EncodedKey| key.to_string();
        Self {
            name,
            prefix: text(&query.prefix),
            start: query.start.as_ref().map(text),
            end: query.end.as_ref().map(text),
            limit: query.limit,
            reverse: query.reverse,
        }
    }

    /// What it lists; `None` if what was kept cannot be read.
    #[must_use]
    pub fn query(&self) -> Option<Query> {
        let key = |text: &Option<String>| match text {
            Some(text) => read_key(text).map(Some),
            None => Some(None),
        };
        Some(Query {
            prefix: read_key(&self.prefix)?,
            start: key(&self.start)?,
            end: key(&self.end)?,
            limit: self.limit,
            reverse: self.reverse,
        })
    }
}

/// What a query lists, on one line: `in ["orders"], start ["orders", 5n], limit 100, reverse`.
#[must_use]
pub fn describe(query: &Query) -> String {
    let mut words = vec![if query.prefix.as_bytes().is_empty() {
        "all keys".to_owned()
    } else {
        format!("in {}", query.prefix)
    }];
    words.extend(query.start.as_ref().map(|key| format!("start {key}")));
    words.extend(query.end.as_ref().map(|key| format!("end {key}")));
    words.extend(query.limit.map(|limit| format!("limit {}", format::count(limit))));
    words.extend(query.reverse.then(|| "reverse".to_owned()));
    words.join(", ")
}

/// The filters of one database, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SavedFilters(Vec<SavedFilter>);

impl SavedFilters {
    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &SavedFilter> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SavedFilter> {
        self.0.iter().find(|filter| filter.name == name)
    }

    /// The one that lists just this.
    #[must_use]
    pub fn of_query(&self, query: &Query) -> Option<&SavedFilter> {
        self.0
            .iter()
            .find(|filter| filter.query().as_ref() == Some(query))
    }

    /// Keeps a query; one of the same name is replaced.
    ///
    /// # Errors
    /// If the name cannot be given.
    pub fn save(&mut self, name: &str, query: &Query) -> Result<(), FilterNameError> {
        let name = checked(name)?;
        self.0.retain(|filter| filter.name != name);
        self.0.push(SavedFilter::new(name, query));
        self.sort();
        Ok(())
    }

    /// Takes what became of some filters elsewhere, from `base` to `own`; of a name, that is what counts.
    pub fn take_changes(&mut self, base: &Self, own: &Self) {
        self.0.retain(|filter| {
            let is_removed = base.0.contains(filter) && own.get(&filter.name).is_none();
            let is_replaced = own
                .0
                .iter()
                .any(|newer| newer.name == filter.name && !base.0.contains(newer));
            !is_removed && !is_replaced
        });
        let changed = own.0.iter().filter(|filter| !base.0.contains(filter));
        self.0.extend(changed.cloned());
        self.sort();
    }

    /// Gives one another name.
    ///
    /// # Errors
    /// If the name cannot be given.
    pub fn rename(&mut self, name: &str, to: &str) -> Result<(), FilterNameError> {
        let to = checked(to)?;
        if to != name && self.get(&to).is_some() {
            return Err(FilterNameError::Taken);
        }
        if let Some(filter) = self.0.iter_mut().find(|filter| filter.name == name) {
            filter.name = to;
        }
        self.sort();
        Ok(())
    }

    /// Forgets one, and returns it.
    pub fn remove(&mut self, name: &str) -> Option<SavedFilter> {
        let at = self.0.iter().position(|filter| filter.name == name)?;
        Some(self.0.remove(at))
    }

    /// Puts one back that was removed.
    ///
    /// # Errors
    /// If another one has its name by now.
    pub fn restore(&mut self, filter: SavedFilter) -> Result<(), FilterNameError> {
        if self.get(&filter.name).is_some() {
            return Err(FilterNameError::Taken);
        }
        self.0.push(filter);
        self.sort();
        Ok(())
    }

    fn sort(&mut self) {
        self.0.sort_by_cached_key(|filter| filter.name.to_lowercase());
    }
}

fn checked(name: &str) -> Result<String, FilterNameError> {
    let name = name.trim();
    if name.is_empty() {
        Err(FilterNameError::Empty)
    } else if name.chars().count() > LONGEST_NAME {
        Err(FilterNameError::TooLong)
    } else {
        Ok(name.to_owned())
    }
}

impl PanelModel for SavedFilters {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }

    fn keep(&self, saved: &mut SavedSession) {
        saved.filters = self.clone();
    }

    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        self.clone_from(&saved.filters);
        Vec::new()
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        self.hash(hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::parse_key;

    fn query() -> Query {
        Query {
            prefix: parse_key(r#"["orders", u8[01 ff]]"#).unwrap(),
            start: Some(parse_key(r#"["orders", u8[01 ff], 5n]"#).unwrap()),
            end: None,
            limit: Some(1200),
            reverse: true,
        }
    }

    #[test]
    fn a_filter_comes_back_as_it_was() {
        let mut filters = SavedFilters::default();
        filters.save(" late ", &query()).unwrap();
        filters.save("All", &Query::default()).unwrap();
        let json = serde_json::to_string(&filters).unwrap();
        let filters: SavedFilters = serde_json::from_str(&json).unwrap();
        assert_eq!(filters.get("late").unwrap().query(), Some(query()));
        assert_eq!(filters.of_query(&Query::default()).unwrap().name, "All");
        let names: Vec<&str> = filters.iter().map(|filter| filter.name.as_str()).collect();
        assert_eq!(names, ["All", "late"]);
        assert_eq!(
            describe(&query()),
            r#"in ["orders", u8[01 ff]], start ["orders", u8[01 ff], 5n], limit 1,200, reverse"#
        );
    }

    #[test]
    fn names_are_unique() {
        let mut filters = SavedFilters::default();
        filters.save("a", &query()).unwrap();
        filters.save("b", &Query::default()).unwrap();
        assert_eq!(filters.rename("a", "b"), Err(FilterNameError::Taken));
        assert_eq!(filters.rename("a", "  "), Err(FilterNameError::Empty));
        assert_eq!(
            filters.save(&"x".repeat(81), &query()),
            Err(FilterNameError::TooLong)
        );
        filters.rename("a", "c").unwrap();
        filters.rename("c", "c").unwrap();
        filters.save("b", &query()).unwrap();
        assert_eq!(filters.get("b").unwrap().query(), Some(query()));
        let removed = filters.remove("b").unwrap();
        assert_eq!(filters.remove("b"), None);
        let names: Vec<&str> = filters.iter().map(|filter| filter.name.as_str()).collect();
        assert_eq!(names, ["c"]);
        filters.restore(removed.clone()).unwrap();
        assert_eq!(filters.get("b"), Some(&removed));
        assert_eq!(filters.restore(removed), Err(FilterNameError::Taken));
    }
}
