//! A store that is used through the process that has it open. That it does what the store itself does, whatever is
//! done to it, the model shows (`tests/model`).

#[cfg(test)]
mod damaged;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod owned;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod telling;
#[cfg(test)]
mod through;
