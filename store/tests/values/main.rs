//! Keys and values against what real Deno and Node wrote and said.

#[cfg(test)]
mod json_interchange;
#[cfg(test)]
mod json_lines;
#[cfg(test)]
mod key_vectors;
#[cfg(test)]
mod literal_regexp;
#[cfg(test)]
mod literal_vectors;
#[cfg(test)]
mod previews;
#[cfg(test)]
mod random_values;
#[cfg(test)]
mod roundtrips;
#[cfg(test)]
#[cfg(feature = "serde")]
mod serde_bridge;
#[cfg(test)]
mod v8_vectors;
#[cfg(test)]
mod vectors;
