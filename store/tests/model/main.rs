//! The engines that hold their own data against one plain map, through random operations: both do the same, but that a
//! file of Deno's holds what has expired until Deno sweeps it.
#![cfg(feature = "deno-file")]

#[cfg(test)]
mod queue;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod world;
