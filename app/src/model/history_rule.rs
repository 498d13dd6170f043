//! Which earlier versions a database keeps, as it was read and as a person chooses it.

use keyglass_store::history::DAY;
use keyglass_store::{Database, EncodedKey, HistoryRule, HistoryRules};

use super::database_id::DatabaseId;
use super::panel::{PanelModel, Telling};
use crate::errand::{Answer, Errand, Read, SetRules};

/// The rules as they were read last. They are read when the dialog opens.
#[derive(Debug, Default)]
pub struct KnownRules {
    read: Option<Result<HistoryRules, String>>,
    wants: Vec<Errand>,
}

impl KnownRules {
    /// Reads them.
    pub fn ask(&mut self) {
        self.read = None;
        self.wants.push(Read::HistoryRules.into());
    }

    /// What was read, or a sentence why nothing was.
    #[must_use]
    pub fn read(&self) -> Option<Result<&HistoryRules, &str>> {
        Some(self.read.as_ref()?.as_ref().map_err(String::as_str))
    }
}

impl PanelModel for KnownRules {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.wants)
    }

    fn take_answer(&mut self, answer: Answer, _telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::HistoryRules(read) => self.read = Some(read.map_err(|error| error.to_string())),
            other => return Some(other),
        }
        None
    }
}

/// What is chosen for a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRuleDraft {
    /// Of which database.
    pub database: DatabaseId,
    /// Below which key; the empty one for the whole database.
    pub prefix: EncodedKey,
    /// Versions of each key; empty for any number.
    pub versions: String,
    /// Days for which each is kept; empty for ever.
    pub days: String,
    /// MB of all versions of the database.
    pub megabytes: String,
    seen: Option<HistoryRules>,
}

impl HistoryRuleDraft {
    /// Asks what to keep below a prefix.
    #[must_use]
    pub fn of(database: DatabaseId, prefix: EncodedKey) -> Self {
        Self {
            database,
            prefix,
            versions: String::new(),
            days: String::new(),
            megabytes: String::new(),
            seen: None,
        }
    }

    /// Begins with what is kept so far, once that is known.
    pub fn begin(&mut self, rules: &HistoryRules) {
        if self.seen.is_some() {
            return;
        }
        self.seen = Some(rules.clone());
        self.megabytes = megabytes_text(rules.total_bytes);
        (self.versions, self.days) = match self.rule() {
            Some(rule) => (versions_text(rule), days_text(rule)),
            None => ("20".to_owned(), "30".to_owned()),
        };
    }

    /// The rule that the prefix has so far.
    #[must_use]
    pub fn rule(&self) -> Option<&HistoryRule> {
        let rules = &self.seen.as_ref()?.rules;
        rules.iter().find(|rule| rule.prefix == self.prefix)
    }

    /// What was chosen.
    ///
    /// # Errors
    /// Why that cannot be, as a sentence.
    pub fn chosen(&self) -> Result<SetRules, String> {
        let seen = self.seen.clone().ok_or("The rules are not known yet")?;
        let before = self.rule();
        let unchanged =
            |text: &str, of: fn(&HistoryRule) -> String| before.filter(|rule| of(rule) == text.trim());
        let versions = match unchanged(&self.versions, versions_text) {
            Some(rule) => rule.versions,
            None => number(
                &self.versions,
                "Versions are a whole number, or nothing for any number",
            )?,
        };
        // One that a program chose need not be whole days.
        let milliseconds = match unchanged(&self.days, days_text) {
            Some(rule) => rule.milliseconds,
            None => number(&self.days, "Days are a whole number, or nothing for ever")?
                .map(|days| i64::from(days) * DAY),
        };
        let total_bytes = match self.megabytes.trim() {
            text if text == megabytes_text(seen.total_bytes) => seen.total_bytes,
            text => match text.parse::<u32>() {
                Ok(megabytes) if megabytes > 0 => u64::from(megabytes) << 20,
                _ => return Err("All versions together take a whole number of MB, at least 1".to_owned()),
            },
        };
        let rule = HistoryRule {
            prefix: self.prefix.clone(),
            versions,
            milliseconds,
        };
        let chosen = HistoryRules {
            total_bytes,
            ..seen.clone()
        };
        let chosen = chosen.with(rule).checked().map_err(|error| error.to_string())?;
        Ok(SetRules {
            prefix: self.prefix.clone(),
            seen,
            chosen,
        })
    }

    /// What keeps no more below the prefix, if it has a rule.
    #[must_use]
    pub fn removed(&self) -> Option<SetRules> {
        self.rule()?;
        let seen = self.seen.clone()?;
        Some(SetRules {
            prefix: self.prefix.clone(),
            chosen: seen.clone().without(&self.prefix),
            seen,
        })
    }
}

fn versions_text(rule: &HistoryRule) -> String {
    rule.versions
        .map(|versions| versions.to_string())
        .unwrap_or_default()
}

fn days_text(rule: &HistoryRule) -> String {
    let days = |milliseconds: i64| milliseconds.saturating_add(DAY - 1) / DAY;
    rule.milliseconds
        .map(|all| days(all).to_string())
        .unwrap_or_default()
}

fn megabytes_text(bytes: u64) -> String {
    bytes.div_ceil(1 << 20).to_string()
}

fn number(text: &str, reason: &str) -> Result<Option<u32>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_not_one| reason.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix() -> EncodedKey {
        EncodedKey::from_bytes(&b"\x02a\0"[..])
    }

    fn begun(rules: &HistoryRules) -> HistoryRuleDraft {
        let mut draft = HistoryRuleDraft::of(DatabaseId::unique(), prefix());
        draft.begin(rules);
        draft
    }

    #[test]
    fn what_is_not_typed_anew_stays_as_exactly_as_it_was() {
        let rules = HistoryRules {
            total_bytes: HistoryRules::MIN_BYTES + 1,
            ..HistoryRules::default()
        };
        let rules = rules.with(HistoryRule {
            prefix: prefix(),
            versions: None,
            milliseconds: Some(DAY + 1),
        });
        let mut draft = begun(&rules);
        assert_eq!((draft.days.as_str(), draft.megabytes.as_str()), ("2", "2"));
        assert_eq!(draft.chosen().unwrap().chosen, rules);
        draft.days = "3".to_owned();
        assert_eq!(
            draft.chosen().unwrap().chosen.rules[0].milliseconds,
            Some(3 * DAY)
        );
        assert!(draft.removed().unwrap().chosen.is_off());
        assert_eq!(begun(&HistoryRules::default()).removed(), None);
    }

    #[test]
    fn what_cannot_be_kept_is_a_sentence() {
        let refused = |versions: &str, days: &str, megabytes: &str| {
            let mut draft = begun(&HistoryRules::default());
            draft.versions = versions.to_owned();
            draft.days = days.to_owned();
            draft.megabytes = megabytes.to_owned();
            draft.chosen().unwrap_err()
        };
        assert!(refused("", " ", "1").contains("a number of versions, or those of a number of days"));
        assert!(refused("1001", "", "1").contains("1 to 1000"));
        assert!(refused("-1", "", "1").starts_with("Versions are"));
        assert!(refused("1", "0.5", "1").starts_with("Days are"));
        assert!(refused("1", "0", "1").contains("longer than no time"));
        assert!(refused("1", "", "0").contains("at least 1"));
    }
}
