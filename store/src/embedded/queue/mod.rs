//! The queue: messages that are stored with commits and delivered at least once.
//!
//! A message stays stored until a listener has finished with it; that it is being delivered is known in
//! memory alone. So what was in flight at a crash is simply there to be delivered again, and a running
//! handler never sees its message delivered twice while its process lives.

mod delivery;
mod message;
mod overlay;

pub(super) use delivery::{Deliveries, Held};
pub use delivery::{Delivery, QueueListener};
pub(super) use message::{MessageRow, parse_message};
pub(super) use overlay::{Mark, QueueOverlay};
