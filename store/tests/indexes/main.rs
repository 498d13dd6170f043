//! Secondary indexes: found among their neighbours, checked, and repaired.

#[cfg(test)]
mod checking;
#[cfg(test)]
mod counting;
#[cfg(test)]
mod own_parts;
#[cfg(test)]
#[path = "../pass_through/mod.rs"]
mod pass_through;
