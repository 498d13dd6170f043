//! Where the files of the person are who runs this.

use etcetera::{BaseStrategy, HomeDirError};

/// The system does not say where a person's files are.
#[derive(Debug, thiserror::Error)]
#[error("The system does not say where your home folder is ({0})")]
pub struct NoHome(#[source] HomeDirError);

/// The folders that the system has for settings and data of a person.
///
/// # Errors
/// If it does not say where they are.
pub fn folders() -> Result<impl BaseStrategy, NoHome> {
    etcetera::choose_base_strategy().map_err(NoHome)
}
