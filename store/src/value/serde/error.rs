//! Why data and value do not fit each other.

use std::fmt::Display;

use crate::javascript::JsString;
use crate::javascript::string::{Escapes, write_quoted};
use crate::value::ValueError;

/// Data cannot be written as a value, or a value not be read as data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// The value is of another shape than the type that it shall be read as.
    #[error("The value does not fit the type ({message}): value{path}")]
    Shape {
        /// What does not fit.
        message: String,
        /// Where, as JavaScript would say it: `.users[3].name`; empty for the value itself.
        path: String,
    },
    /// The data has no form as a value.
    #[error("The data cannot be written as a value ({0})")]
    Write(String),
    /// The bytes are broken, or the value cannot be stored.
    #[error(transparent)]
    Value(#[from] ValueError),
}

impl DataError {
    /// The error of a value that does not fit.
    pub(super) fn shape(message: impl Into<String>) -> Self {
        Self::Shape {
            message: message.into(),
            path: String::new(),
        }
    }

    /// The same error, of a part of a value that stands under this property.
    pub(super) fn under(self, name: &JsString) -> Self {
        let plain = |name: &str| {
            !name.starts_with(|first: char| first.is_ascii_digit())
                && !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
        };
        match name.as_str().filter(|name| plain(name)) {
            Some(name) => self.below(&format!(".{name}")),
            None => {
                let mut quoted = String::new();
                write_quoted(name, Escapes::Visible, &mut quoted);
                self.below(&format!("[{quoted}]"))
            }
        }
    }

    /// The same error, of a part of a value that is the element of this number.
    pub(super) fn at(self, index: usize) -> Self {
        self.below(&format!("[{index}]"))
    }

    /// The same error, of a part of a value that stands there.
    pub(super) fn below(self, segment: &str) -> Self {
        match self {
            Self::Shape { message, path } => Self::Shape {
                message,
                path: format!("{segment}{path}"),
            },
            other => other,
        }
    }
}

impl serde_core::ser::Error for DataError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Write(message.to_string())
    }
}

impl serde_core::de::Error for DataError {
    fn custom<T: Display>(message: T) -> Self {
        Self::shape(message.to_string())
    }
}
