//! Asking a person before something large is done.

use std::io::{self, BufRead as _, IsTerminal as _};

use super::error::CommandError;
use super::output::note;

/// Asks for consent to a plan on stderr; `refusal` where nobody can be asked, or the answer is no.
pub(super) fn ask(location: &str, plan: &str, refusal: CommandError) -> Result<(), CommandError> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(refusal);
    }
    note(format!("{location}: {plan}. Go on? [y/N]"));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|source| CommandError::Input {
            source,
            name: "stdin".to_owned(),
        })?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(refusal)
    }
}
