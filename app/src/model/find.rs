//! Find in keys and values: what is searched for, and what was found so far.

use keyglass_store::Database;
use keyglass_store::key::{EncodedKey, KeyRange};

use super::middle::Middle;
use super::panel::{PanelModel, Telling};
use crate::errand::{Answer, Errand, Find, FindProgress, HIT_LIMIT, Hit, Place, ReadError, Search};
use crate::search::Pattern;

/// What a person has chosen to search for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindOptions {
    /// The text or the regular expression.
    pub text: String,
    /// It is a regular expression.
    pub is_expression: bool,
    /// Capitals and small letters differ.
    pub match_case: bool,
    /// Where to look.
    pub place: Place,
    /// Only at and below the prefix that the table lists.
    pub below_listed: bool,
}

impl FindOptions {
    /// Whether it leaves out what the same text would be found in otherwise.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        self.match_case || self.below_listed || self.place != Place::Both
    }

    /// Leaves nothing out.
    pub fn widen(&mut self) {
        self.match_case = false;
        self.below_listed = false;
        self.place = Place::Both;
    }
}

/// What the search has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindState {
    /// Nothing is searched for.
    Idle,
    /// It waits until a person says that it is worth what it costs.
    Asks,
    /// It goes on.
    Running,
    /// Everything was looked at.
    Complete,
    /// It has found [`HIT_LIMIT`] entries.
    Full,
    /// It was stopped.
    Stopped,
}

/// What a search was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    options: FindOptions,
    prefix: EncodedKey,
    expired: bool,
}

/// The model of the panel.
#[derive(Debug)]
pub struct FindModel {
    /// What a person has chosen; [`Self::settle`] acts on it.
    pub options: FindOptions,
    /// The entry that was opened last, by its number.
    pub selected: Option<usize>,
    /// Why the text cannot be searched for, or why the search failed.
    pub error: Option<String>,
    /// The field of what to find shall get the keyboard's focus.
    pub wants_focus: bool,
    /// What was found shall get it.
    pub rows_want_focus: bool,
    /// The entry that was opened from there last shall come on screen.
    pub shows_selected: bool,
    is_shown: bool,
    hits: Vec<Hit>,
    progress: FindProgress,
    state: FindState,
    /// What the search that runs or has run was asked for.
    asked: Option<Asked>,
    /// Each entry that is read is paid for, and these are many.
    is_paid: bool,
    search: u64,
    wants: Vec<Errand>,
}

impl Default for FindModel {
    fn default() -> Self {
        Self {
            options: FindOptions::default(),
            selected: None,
            error: None,
            wants_focus: false,
            rows_want_focus: false,
            shows_selected: false,
            is_shown: false,
            hits: Vec::new(),
            progress: FindProgress::default(),
            state: FindState::Idle,
            asked: None,
            is_paid: false,
            search: 0,
            wants: Vec::new(),
        }
    }
}

impl FindModel {
    /// What was found so far, in key order.
    #[must_use]
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> FindProgress {
        self.progress
    }

    /// What it has come to.
    #[must_use]
    pub fn state(&self) -> FindState {
        self.state
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.wants)
    }

    /// Begins anew if something else is to be searched than what was asked for last. `listed` is the prefix that the
    /// table lists; `expired` says whether expired entries that were not swept are searched, too. Where so much is paid
    /// for, it waits for [`Self::begin_paid`].
    pub fn settle(&mut self, listed: &EncodedKey, expired: bool, is_paid: bool) {
        let prefix = if self.options.below_listed {
            listed.clone()
        } else {
            EncodedKey::default()
        };
        let asked = Asked {
            options: self.options.clone(),
            prefix,
            expired,
        };
        if self.asked.as_ref() != Some(&asked) {
            self.is_paid = is_paid;
            self.begin(&asked, false);
            self.asked = Some(asked);
        }
    }

    /// Searches although each entry that is read is paid for, because a person wants it.
    pub fn begin_paid(&mut self) {
        if self.state == FindState::Asks
            && let Some(asked) = self.asked.clone()
        {
            self.begin(&asked, true);
        }
    }

    /// Searches again, because entries may have changed.
    fn search_again(&mut self) {
        if let Some(asked) = self.asked.clone() {
            self.begin(&asked, false);
        }
    }

    fn begin(&mut self, asked: &Asked, is_confirmed: bool) {
        self.search += 1;
        if !self.hits.is_empty() {
            let found = std::mem::take(&mut self.hits);
            self.wants.push(Find::Forget(found).into());
        }
        self.selected = None;
        self.error = None;
        self.progress = FindProgress::default();
        self.state = FindState::Idle;
        let FindOptions {
            text,
            is_expression,
            match_case,
            place,
            ..
        } = &self.options;
        let pattern = match (text.is_empty(), is_expression) {
            (true, _) => None,
            (false, true) => Some(Pattern::regular_expression(text, *match_case)),
            (false, false) => Some(Pattern::text(text, *match_case)),
        };
        match pattern.transpose() {
            Ok(Some(_)) if self.is_paid && !is_confirmed => self.state = FindState::Asks,
            Ok(Some(pattern)) => {
                self.state = FindState::Running;
                let search = Search {
                    search: self.search,
                    pattern,
                    place: *place,
                    range: KeyRange::at_and_below(&asked.prefix),
                    expired: asked.expired,
                };
                self.wants.push(Find::Begin(Box::new(search)).into());
                return;
            }
            Ok(None) => {}
            Err(error) => self.error = Some(error.to_string()),
        }
        self.wants.push(Find::Stop { search: self.search }.into());
    }

    /// Ends the search; what was found stays.
    pub fn stop(&mut self) {
        if self.state == FindState::Running {
            self.state = FindState::Stopped;
            self.search += 1;
            self.wants.push(Find::Stop { search: self.search }.into());
        }
    }

    /// Takes what was found.
    pub fn apply(&mut self, search: u64, hits: Result<Vec<Hit>, ReadError>, progress: FindProgress) {
        if search != self.search {
            return;
        }
        match hits {
            Ok(hits) => {
                self.hits.extend(hits);
                self.progress = progress;
                self.state = match progress.ended {
                    false => FindState::Running,
                    true if self.hits.len() >= HIT_LIMIT => FindState::Full,
                    true => FindState::Complete,
                };
            }
            Err(error) => {
                self.error = Some(error.to_string());
                self.state = FindState::Stopped;
            }
        }
    }

    /// Goes to the next or the previous entry found, around the ends. Its key.
    pub fn step(&mut self, forward: bool) -> Option<EncodedKey> {
        let last = self.hits.len().checked_sub(1)?;
        let next = match (self.selected, forward) {
            (None, true) => 0,
            (None, false) => last,
            (Some(at), true) if at < last => at + 1,
            (Some(_), true) => 0,
            (Some(at), false) => at.checked_sub(1).unwrap_or(last),
        };
        self.select(next)
    }

    /// Goes to an entry found. Its key.
    pub fn select(&mut self, index: usize) -> Option<EncodedKey> {
        let key = self.hits.get(index)?.key.clone();
        self.selected = Some(index);
        Some(key)
    }
}

impl PanelModel for FindModel {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        Self::take_wants(self)
    }

    fn take_answer(&mut self, answer: Answer, _telling: &mut Telling<'_>) -> Option<Answer> {
        let Answer::Found {
            search,
            hits,
            progress,
        } = answer
        else {
            return Some(answer);
        };
        self.apply(search, hits, progress);
        None
    }

    fn refresh(&mut self) {
        if self.is_shown {
            self.search_again();
        }
    }

    fn set_shown(&mut self, shown: Middle) {
        self.is_shown = shown == Middle::Find;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::parse_key;
    use keyglass_store::value::literal::Preview;

    fn hit(key: &str) -> Hit {
        Hit {
            key: parse_key(key).unwrap(),
            in_key: Some(0..1),
            in_value: None,
            preview: Preview::default(),
            type_name: "null",
            size: 2,
            expires_at: None,
        }
    }

    fn wanted(model: &mut FindModel) -> Option<Search> {
        let mut wants = model.take_wants();
        match wants.pop()? {
            Errand::Find(Find::Begin(search)) => Some(*search),
            _ => None,
        }
    }

    fn progress(looked_at: u64, ended: bool) -> FindProgress {
        FindProgress {
            looked_at,
            expired: 0,
            ended,
        }
    }

    #[test]
    fn what_is_typed_begins_a_search_once_and_ends_the_one_before() {
        let mut model = FindModel::default();
        let listed = parse_key("['a']").unwrap();
        model.options.text = "x".to_owned();
        model.settle(&listed, false, false);
        model.settle(&listed, false, false);
        let first = wanted(&mut model).unwrap();
        assert_eq!(first.range, KeyRange::at_and_below(&EncodedKey::default()));
        assert!(wanted(&mut model).is_none());
        model.apply(first.search, Ok(vec![hit("[1]")]), progress(5, false));
        assert_eq!((model.hits().len(), model.state()), (1, FindState::Running));
        model.options.below_listed = true;
        model.settle(&listed, false, false);
        let second = wanted(&mut model).unwrap();
        assert!(second.search > first.search);
        assert_eq!(second.range, KeyRange::at_and_below(&listed));
        model.apply(first.search, Ok(vec![hit("[1]")]), progress(9, true));
        assert!(model.hits().is_empty(), "an older search's answer is dropped");
    }

    #[test]
    fn an_expression_that_is_wrong_says_so_and_asks_for_nothing() {
        let mut model = FindModel::default();
        model.options.text = "(".to_owned();
        model.options.is_expression = true;
        model.settle(&EncodedKey::default(), false, false);
        assert!(wanted(&mut model).is_none());
        assert_eq!(
            model.error.as_deref(),
            Some("No regular expression: unclosed group")
        );
        model.options.is_expression = false;
        model.settle(&EncodedKey::default(), false, false);
        assert!(wanted(&mut model).is_some());
        assert_eq!(model.error, None);
    }

    #[test]
    fn steps_go_around_the_ends() {
        let mut model = FindModel::default();
        assert_eq!(model.step(true), None);
        model.options.text = "x".to_owned();
        model.settle(&EncodedKey::default(), false, false);
        let search = wanted(&mut model).unwrap().search;
        model.apply(search, Ok(vec![hit("[1]"), hit("[2]")]), progress(2, true));
        assert_eq!(model.state(), FindState::Complete);
        let keys: Vec<String> = [true, true, true, false]
            .map(|forward| model.step(forward).unwrap().to_string())
            .to_vec();
        assert_eq!(keys, ["[1]", "[2]", "[1]", "[2]"]);
    }

    #[test]
    fn a_search_that_is_stopped_keeps_what_it_has() {
        let mut model = FindModel::default();
        model.options.text = "x".to_owned();
        model.settle(&EncodedKey::default(), false, false);
        let search = wanted(&mut model).unwrap().search;
        model.apply(search, Ok(vec![hit("[1]")]), progress(1, false));
        model.stop();
        assert!(
            matches!(&model.take_wants()[..], [Errand::Find(Find::Stop { search: new })] if *new > search)
        );
        model.apply(search, Ok(vec![hit("[2]")]), progress(2, true));
        assert_eq!((model.hits().len(), model.state()), (1, FindState::Stopped));
        model.search_again();
        assert!(wanted(&mut model).is_some());
    }

    #[test]
    fn a_search_that_is_paid_for_waits_for_a_person_and_again_for_another_text() {
        let mut model = FindModel::default();
        let everything = EncodedKey::default();
        let begun = |model: &mut FindModel| {
            let wants = model.take_wants();
            wants
                .iter()
                .any(|want| matches!(want, Errand::Find(Find::Begin(_))))
        };
        model.options.text = "x".to_owned();
        model.settle(&everything, false, true);
        assert_eq!((model.state(), begun(&mut model)), (FindState::Asks, false));
        model.settle(&everything, false, true);
        model.begin_paid();
        assert_eq!((model.state(), begun(&mut model)), (FindState::Running, true));
        model.options.text = "xy".to_owned();
        model.settle(&everything, false, true);
        assert_eq!((model.state(), begun(&mut model)), (FindState::Asks, false));
        // Little is read at once.
        model.options.text = "xyz".to_owned();
        model.settle(&everything, false, false);
        assert_eq!((model.state(), begun(&mut model)), (FindState::Running, true));
    }
}
