//! What commands are called while something is selected: with the name of what they are about.

use std::borrow::Cow;

use super::{Command, Environment};
use crate::model::subject::Subject;

impl Command {
    /// What it is called now: `Delete 96 entries below "stock"…`, or its usual text while it cannot be done.
    #[must_use]
    pub fn text_now(self, now: &Environment) -> Cow<'static, str> {
        if self.enabled(now).is_err() {
            return self.text().into();
        }
        if now.messages > 1 && self == Self::CancelMessages {
            return format!("Cancel {} messages", now.messages).into();
        }
        self.text_about(&now.subject)
    }

    /// What it is called in the menu of this subject, also while it cannot be done.
    #[must_use]
    pub fn text_about(self, subject: &Subject) -> Cow<'static, str> {
        match self {
            Self::DeleteSelection => format!("Delete {}…", subject.name()),
            Self::ExportSelection => format!("Export {}…", subject.name()),
            Self::DeletePrefix => format!("Delete {} and below…", subject.place()),
            Self::ExportPrefix => format!("Export {} and below…", subject.place()),
            Self::WatchSelection => format!("Watch {}", subject.place()),
            Self::NotifyOfChanges => format!("Notify of changes of {}…", subject.place()),
            Self::KeepHistory => match subject.key() {
                Some(_) => format!("Keep history below {}…", subject.place()),
                None => "Keep history of the whole database…".to_owned(),
            },
            Self::DuplicateEntry => format!("Duplicate {}", subject.name()),
            Self::RenameEntry => format!("Rename {}…", subject.name()),
            _ => return self.text().into(),
        }
        .into()
    }

    /// One sentence on what it does, with the name of what it is about now.
    #[must_use]
    pub fn tooltip_now(self, now: &Environment) -> Cow<'static, str> {
        let tooltip = self.tooltip();
        let is_of_draft = self == Self::AddToTransaction && now.draft;
        if !self.is_about_subject() || is_of_draft || now.subject == Subject::Nothing {
            return tooltip.into();
        }
        let name = match self {
            _ if self.copy_form().is_some_and(|form| form.is_of_key()) => now.subject.place(),
            Self::DeletePrefix | Self::ExportPrefix | Self::WatchSelection | Self::NotifyOfChanges => {
                now.subject.place()
            }
            _ => now.subject.name(),
        };
        format!("{tooltip}: {name}").into()
    }

    /// Whether it is worth a place in a menu now: of a folder, what is selected is all that is below.
    #[must_use]
    pub fn is_offered(self, now: &Environment) -> bool {
        let is_folder = matches!(now.subject, Subject::Folder { .. });
        !(is_folder && matches!(self, Self::DeletePrefix | Self::ExportPrefix))
    }

    /// Whether what is selected is what it does something with.
    fn is_about_subject(self) -> bool {
        self.copy_form().is_some()
            || matches!(
                self,
                Self::DeleteSelection
                    | Self::DeletePrefix
                    | Self::ExportSelection
                    | Self::ExportPrefix
                    | Self::WatchSelection
                    | Self::NotifyOfChanges
                    | Self::DuplicateEntry
                    | Self::RenameEntry
                    | Self::AddToTransaction
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::key_set::KeySet;
    use crate::model::draft::parse_key;

    fn on(subject: Subject) -> Environment {
        Environment {
            database: true,
            writable: true,
            entry: matches!(subject, Subject::Entry(_)),
            subject,
            ..Environment::default()
        }
    }

    #[test]
    fn commands_name_what_they_are_about() {
        let folder = on(Subject::Folder {
            prefix: parse_key("['stock']").unwrap(),
            entries: Some(96),
        });
        let text = |command: Command, now: &Environment| command.text_now(now).into_owned();
        assert_eq!(
            text(Command::DeleteSelection, &folder),
            r#"Delete 96 entries below "stock"…"#
        );
        assert_eq!(text(Command::WatchSelection, &folder), r#"Watch ["stock"]"#);
        assert!(!Command::DeletePrefix.is_offered(&folder));
        assert_eq!(
            Command::RenameEntry.enabled(&folder),
            Err("A folder is selected, which is no entry")
        );
        assert_eq!(text(Command::RenameEntry, &folder), "Rename…");

        let entry = on(Subject::Entry(parse_key("['a', 1n]").unwrap()));
        assert_eq!(text(Command::DeleteSelection, &entry), r#"Delete ["a", 1n]…"#);
        assert_eq!(
            text(Command::DeletePrefix, &entry),
            r#"Delete ["a", 1n] and below…"#
        );
        let copy = Command::CopyKey.tooltip_now(&entry);
        assert!(copy.ends_with(r#": ["a", 1n]"#), "{copy}");
        // What is not about the selection is called as ever.
        assert_eq!(text(Command::Refresh, &entry), Command::Refresh.text());
        assert_eq!(Command::Refresh.tooltip_now(&entry), Command::Refresh.tooltip());

        let rows = on(Subject::Rows {
            keys: KeySet::default(),
            entries: Some(5),
        });
        assert_eq!(
            text(Command::ExportSelection, &rows),
            "Export 5 selected entries…"
        );
        assert_eq!(
            Command::DuplicateEntry.enabled(&rows),
            Err("Several entries are selected")
        );
    }

    #[test]
    fn what_needs_an_entry_is_refused_where_none_stands() {
        let key = on(Subject::Key(parse_key("['gone']").unwrap()));
        let reason = Err("No entry stands under the selected key");
        for command in [Command::DeleteSelection, Command::CopyValue, Command::RenameEntry] {
            assert_eq!(command.enabled(&key), reason, "{command:?}");
        }
        assert_eq!(Command::WatchSelection.enabled(&key), Ok(()));
        assert_eq!(Command::CopyKey.enabled(&key), Ok(()));
    }
}
