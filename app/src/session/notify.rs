//! What watches notify of.

use super::Session;
use crate::model::notices::{NoticeKind, Notices};

/// Something that the system shall tell while the window is not in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemNotification {
    /// What it is about.
    pub title: String,
    /// What has happened.
    pub text: String,
}

impl Session {
    /// Tells in the window what is due.
    pub(super) fn notify(&mut self, notices: &mut Notices, now: i64) {
        let notifications = &mut self.models.watch.notifications;
        for told in notifications.take_told(now) {
            let differences = (!told.differences.is_empty()).then_some(told.differences);
            if told.system {
                self.system_notifications.push(SystemNotification {
                    title: format!("Keyglass: {}", self.models.facts.title),
                    text: match &differences {
                        Some(differences) => format!("{}\n{differences}", told.summary),
                        None => told.summary.clone(),
                    },
                });
            }
            if told.notice {
                let details = differences.into_iter().collect();
                notices.put(NoticeKind::Info, told.summary, details, None, now);
            }
        }
        for failed in notifications.take_failed() {
            notices.error(failed, now);
        }
    }
}
