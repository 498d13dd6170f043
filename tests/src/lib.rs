//! Keyglass as a whole, tested from outside.
