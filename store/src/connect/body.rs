//! Bodies of requests, which are bounded in size and time, and of answers, which end when nobody reads them.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::large::{Cut, LargeAnswer};
use super::refusal::Refusal;

/// How long the body of a request may take, in seconds.
const BODY_SECONDS: u64 = 30;
/// How long a client may leave an answer unread before it is ended.
pub(super) const STALL: Duration = Duration::from_secs(30);

/// Reads the body of a request, of at most so many bytes.
pub(super) async fn read(body: Incoming, most: usize) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > most as u64 {
        return Err(Refusal::BodyTooLarge(most));
    }
    timeout(Duration::from_secs(BODY_SECONDS), collect(body, most))
        .await
        .unwrap_or(Err(Refusal::BodyTooSlow(BODY_SECONDS)))
}

async fn collect(mut body: Incoming, most: usize) -> Result<Bytes, Refusal> {
    let (mut first, mut more) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| Refusal::BodyBroken(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + more.len() + data.len() > most {
            return Err(Refusal::BodyTooLarge(most));
        }
        // Most bodies are one piece, which need not be copied.
        if first.is_empty() {
            first = data;
        } else {
            more.extend_from_slice(&data);
        }
    }
    if more.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + more.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&more);
    Ok(whole.freeze())
}

/// The body of an answer. What it `holds` is dropped when all was sent or the client has gone.
pub(crate) struct AnswerBody {
    bytes: Source,
    _holds: Option<Box<dyn Send>>,
}

enum Source {
    Whole(Bytes),
    Large(Arc<LargeAnswer>),
    Pieces(mpsc::Receiver<Bytes>),
}

impl AnswerBody {
    /// All of it at once.
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: Source::Whole(bytes.into()),
            _holds: None,
        }
    }

    /// What comes through a channel, until its sender is dropped.
    pub(super) fn pieces(pieces: mpsc::Receiver<Bytes>) -> Self {
        Self {
            bytes: Source::Pieces(pieces),
            _holds: None,
        }
    }

    /// What is taken in pieces, and cut off where nobody takes them.
    pub(super) fn large(answer: Arc<LargeAnswer>) -> Self {
        Self {
            bytes: Source::Large(answer),
            _holds: None,
        }
    }

    /// Keeps something until the end of the answer.
    pub(super) fn holding(mut self, held: impl Send + 'static) -> Self {
        self._holds = Some(Box::new((self._holds.take(), held)));
        self
    }
}

/// A body must be `Unpin` and is never pinned to a place: none of its parts are futures.
impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match &mut self.bytes {
            Source::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Source::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Source::Large(answer) => Poll::Ready(answer.take().map(|piece| piece.map(Frame::data))),
            Source::Pieces(pieces) => pieces
                .poll_recv(context)
                .map(|piece| piece.map(|piece| Ok(Frame::data(piece)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.bytes {
            Source::Whole(bytes) => bytes.is_empty(),
            Source::Large(answer) => answer.is_taken(),
            Source::Pieces(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.bytes {
            Source::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Source::Large(answer) => SizeHint::with_exact(answer.left() as u64),
            Source::Pieces(_) => SizeHint::default(),
        }
    }
}

/// A body that cannot fail.
pub(super) type Answered = Result<hyper::Response<AnswerBody>, Infallible>;
