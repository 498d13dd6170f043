//! Databases on servers: those of this library over the wire, and servers that misbehave.

#[cfg(test)]
mod between;
#[cfg(test)]
mod cutting;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod misbehaving;
#[cfg(test)]
mod old_versions;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod secure;
#[cfg(test)]
mod served;
