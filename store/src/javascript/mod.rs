//! The lexical grammar of JavaScript, shared by the text of keys and of values.
//!
//! Nothing here evaluates anything: texts are read token by token, and numbers, strings and dates are printed
//! exactly as JavaScript prints them.

pub(crate) mod date;
pub(crate) mod lexer;
pub(crate) mod number;
pub(crate) mod position;
pub(crate) mod regexp;
pub(crate) mod string;

pub use string::JsString;
