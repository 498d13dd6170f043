//! What comes as an answer, bounded in bytes and in time.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use hyper::body::{self, Body as _};
use tokio::time::timeout;

use super::dial::Fault;
use super::line::with_causes;

/// Bytes of a second: an answer that comes more slowly, though it comes, is given up.
const SLOWEST: u32 = 4 << 10;

/// The body of an answer. Dropping it ends it on the other side, too.
pub(crate) struct Incoming {
    body: body::Incoming,
    /// How long the next piece may take; for ever, if it says nothing.
    patience: Option<Duration>,
}

impl Incoming {
    pub(super) fn new(body: body::Incoming, patience: Option<Duration>) -> Self {
        Self { body, patience }
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            let coming = poll_fn(|context| Pin::new(&mut self.body).poll_frame(context));
            let frame = match self.patience {
                Some(patience) => timeout(patience, coming)
                    .await
                    .map_err(|_elapsed| Fault::late(patience))?,
                None => coming.await,
            };
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(Fault::Lost(with_causes(&error))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// All of it, of at most so many bytes.
    pub(crate) async fn whole(mut self, most: usize) -> Result<Bytes, Fault> {
        let Some(mut whole) = self.next().await?.map(BytesMut::from) else {
            return Ok(Bytes::new());
        };
        let begun = Instant::now();
        while let Some(data) = self.next().await? {
            if let Some(patience) = self.patience {
                let bytes = u32::try_from(whole.len()).unwrap_or(u32::MAX);
                let longest = 2 * patience + bytes / SLOWEST * Duration::from_secs(1);
                if begun.elapsed() > longest {
                    return Err(Fault::late(longest));
                }
            }
            if whole.len() + data.len() > most {
                return Err(Fault::Large(most));
            }
            whole.extend_from_slice(&data);
        }
        match whole.len() > most {
            true => Err(Fault::Large(most)),
            false => Ok(whole.freeze()),
        }
    }

    /// The first so many bytes of it, however it ends: for a sentence.
    pub(crate) async fn beginning(mut self, most: usize) -> String {
        let mut begun = Vec::new();
        while begun.len() < most
            && let Ok(Some(data)) = self.next().await
        {
            begun.extend_from_slice(&data);
        }
        begun.truncate(most);
        String::from_utf8_lossy(&begun).trim().to_owned()
    }
}
