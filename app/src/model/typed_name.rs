//! The name of a guarded database, which is typed before it is unlocked or changed in bulk.

/// A name that has to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedName {
    name: String,
    /// What was typed so far.
    pub typed: String,
}

impl TypedName {
    /// Asks for a name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self {
            name: name.trim().to_owned(),
            typed: String::new(),
        }
    }

    /// The name that is asked for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was typed, small and capital letters told apart.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.typed.trim() == self.name
    }
}

/// Whether nothing has to be typed any more.
#[must_use]
pub fn is_given(typed: Option<&TypedName>) -> bool {
    typed.is_none_or(TypedName::is_given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_itself_is_taken() {
        let mut typed = TypedName::of(" Shop ");
        assert!(!is_given(Some(&typed)));
        for (text, is_taken) in [("shop", false), ("Sho", false), ("Shop", true), (" Shop ", true)] {
            text.clone_into(&mut typed.typed);
            assert_eq!(typed.is_given(), is_taken, "{text}");
        }
        assert!(is_given(None));
    }
}
