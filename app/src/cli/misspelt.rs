//! A word where a location may stand that is no location, but nearly a command.

use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Wrong usage, if `location` is nothing that could be opened and most likely a command. Whatever is there, has a
/// folder before it or an ending behind it is a location.
pub(super) fn command(usage: &mut clap::Command, location: Option<&str>) -> Option<clap::Error> {
    let word = location.filter(|word| {
        word.chars()
            .all(|letter| letter.is_ascii_alphabetic() || letter == '-')
    })?;
    if Path::new(word).exists() {
        return None;
    }
    let commands = usage
        .get_subcommands()
        .map(|command| command.get_name().to_owned());
    let nearest = commands
        .map(|name| (strsim::damerau_levenshtein(&word.to_lowercase(), &name), name))
        .min()
        // One slip in a short word, two in a longer one.
        .filter(|(slips, name)| *slips <= if name.len() < 6 { 1 } else { 2 })?;
    let mut error = clap::Error::new(ErrorKind::InvalidSubcommand).with_cmd(usage);
    error.insert(
        ContextKind::InvalidSubcommand,
        ContextValue::String(word.to_owned()),
    );
    error.insert(
        ContextKind::SuggestedSubcommand,
        ContextValue::Strings(vec![nearest.1]),
    );
    error.insert(ContextKind::Usage, ContextValue::StyledStr(usage.render_usage()));
    Some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage() -> clap::Command {
        let names = ["ls", "get", "set", "export", "import", "watch"];
        clap::Command::new("keyglass").subcommands(names.map(clap::Command::new))
    }

    fn told(word: &str) -> Option<String> {
        command(&mut usage(), Some(word)).map(|error| error.to_string())
    }

    #[test]
    fn a_word_close_to_a_command_is_wrong_usage_that_names_the_command() {
        for (word, name) in [
            ("exprt", "export"),
            ("Export", "export"),
            ("imprt", "import"),
            ("wacth", "watch"),
            ("gte", "get"),
        ] {
            let told = told(word).unwrap();
            assert!(
                told.contains(word) && told.contains(&format!("'{name}'")),
                "{told}"
            );
        }
    }

    #[test]
    fn a_location_is_no_misspelt_command() {
        for word in [
            "export.kg",
            "./exprt",
            "exprt/",
            "shop",
            "exporters",
            "set2",
            "",
            "a",
            "Überexport",
        ] {
            assert_eq!(told(word), None);
        }
        assert!(command(&mut usage(), None).is_none());
        // There is a folder of this name where the tests run.
        assert!(Path::new("src").exists());
        assert_eq!(told("src"), None);
    }
}
