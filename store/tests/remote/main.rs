//! Databases on servers: those of this library over the wire, and servers that misbehave.

#[cfg(test)]
mod protocol;
#[cfg(test)]
mod served;
