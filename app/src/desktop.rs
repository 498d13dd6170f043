//! Notifications of the system, for when the window is not in front.

/// The system shows no notifications.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The system shows no notifications ({0})")]
pub struct NoNotifications(pub String);

/// What shows notifications. It may wait for the system, so it is for no thread that draws.
pub trait Desktop: Send + Sync {
    /// Shows one.
    ///
    /// # Errors
    /// If the system shows none.
    fn notify(&self, title: &str, text: &str) -> Result<(), NoNotifications>;
}

/// The desktop of the person: on Linux what answers on the session's D-Bus.
#[derive(Debug, Clone, Copy)]
pub struct SystemDesktop;

impl Desktop for SystemDesktop {
    fn notify(&self, title: &str, text: &str) -> Result<(), NoNotifications> {
        let mut notification = notify_rust::Notification::new();
        let text = if cfg!(all(unix, not(target_os = "macos"))) {
            without_markup(text)
        } else {
            text.to_owned()
        };
        notification.appname("Keyglass").summary(title).body(&text);
        let shown = notification.show();
        shown
            .map(drop)
            .map_err(|error| NoNotifications(error.to_string()))
    }
}

/// A text that is shown as it is where a body may have markup, so that no value can bring links or pictures.
fn without_markup(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_brings_no_markup() {
        assert_eq!(
            without_markup(r#"<a href="x">1 & 2</a>"#),
            r#"&lt;a href="x"&gt;1 &amp; 2&lt;/a&gt;"#
        );
    }
}
