//! Transfers between databases and files.
#![cfg(feature = "deno-file")]

#[cfg(test)]
mod comparing;
#[cfg(test)]
mod copying;
#[cfg(test)]
mod expired;
#[cfg(test)]
mod exporting;
#[cfg(test)]
mod failing;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod importing;
#[cfg(test)]
mod journaling;
