//! The dialog of saved filters.

use crate::model::database_id::DatabaseId;
use crate::model::saved_filters::SavedFilter;

/// What is typed in the dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct FiltersDialog {
    /// Whose filters they are.
    pub database: DatabaseId,
    /// The name for what is listed now.
    pub name: String,
    /// The filter that is being renamed, and its new name.
    pub renamed: Option<(String, String)>,
    /// Why a name was not taken.
    pub error: Option<String>,
    /// The filter that was removed last, and the location of its database.
    pub removed: Option<(String, SavedFilter)>,
}
