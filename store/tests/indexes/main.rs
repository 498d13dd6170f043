//! Secondary indexes: found among their neighbours, checked, and repaired.

#[cfg(test)]
mod checking;
