//! How much happens in each second.

use std::collections::VecDeque;

use keyglass_store::requests::LoggedRequest;

use super::filter::Kind;

/// Seconds that are kept.
pub const SECONDS: usize = 60;
/// Durations of a second that are kept; of more, the first ones stand for all.
const DURATIONS: usize = 1000;

/// What happened in a second.
#[derive(Debug, Clone, Default)]
pub struct Second {
    /// Requests of each kind, in the order of [`Kind::ALL`].
    pub requests: [u64; Kind::ALL.len()],
    /// Bytes of requests and answers of each kind.
    pub bytes: [u64; Kind::ALL.len()],
    /// In seconds.
    durations: Vec<f32>,
    /// Half of the requests were answered within the first, 99 of 100 within the second; in seconds.
    percentiles: Option<(f32, f32)>,
}

/// The last seconds, by the database's clock.
#[derive(Debug, Default)]
pub struct Rates {
    /// Of the last one, since the Unix epoch.
    last: i64,
    seconds: VecDeque<Second>,
}

impl Rates {
    pub(super) fn add(&mut self, request: &LoggedRequest) {
        let at = request.at.div_euclid(1000);
        self.forward(at);
        let back = usize::try_from(self.last - at).unwrap_or(usize::MAX);
        let Some(second) = (self.seconds.len().checked_sub(back.saturating_add(1)))
            .and_then(|index| self.seconds.get_mut(index))
        else {
            return;
        };
        let kind = Kind::of(&request.operation);
        let index = Kind::ALL
            .iter()
            .position(|other| *other == kind)
            .unwrap_or_default();
        if let (Some(requests), Some(bytes)) = (second.requests.get_mut(index), second.bytes.get_mut(index)) {
            *requests += 1;
            *bytes += request.bytes_in + request.bytes_out;
        }
        // How long a stream was open says nothing of how quick the database is.
        if kind != Kind::Watch && second.durations.len() < DURATIONS {
            second.durations.push(request.duration.as_secs_f32());
            second.percentiles = None;
        }
    }

    /// Goes on to a second since the Unix epoch. The clock may have been set.
    fn forward(&mut self, at: i64) {
        let on = at.saturating_sub(self.last);
        if self.seconds.is_empty() || on > SECONDS as i64 || on < -(SECONDS as i64) {
            self.seconds.clear();
            self.seconds.resize_with(SECONDS, Second::default);
            self.last = at;
            return;
        }
        for _ in 0..on {
            self.seconds.pop_front();
            self.seconds.push_back(Second::default());
        }
        self.last = self.last.max(at);
    }

    /// The last seconds up to a moment in milliseconds since the Unix epoch, oldest first; none before the first request.
    pub fn until(&mut self, now: i64) -> &VecDeque<Second> {
        if !self.seconds.is_empty() {
            self.forward(now.div_euclid(1000).max(self.last));
        }
        for second in &mut self.seconds {
            second.measure();
        }
        &self.seconds
    }

    /// Whether a second that is kept has any request.
    #[must_use]
    pub fn has_any(&self) -> bool {
        let any = |second: &Second| second.requests.iter().any(|number| *number > 0);
        self.seconds.iter().any(any)
    }

    pub(super) fn clear(&mut self) {
        self.seconds.clear();
    }
}

impl Second {
    fn measure(&mut self) {
        if self.percentiles.is_none() && !self.durations.is_empty() {
            self.durations.sort_by(f32::total_cmp);
            let at = |hundredths: usize| {
                let index = (self.durations.len() * hundredths)
                    .div_ceil(100)
                    .saturating_sub(1);
                self.durations.get(index).copied().unwrap_or_default()
            };
            self.percentiles = Some((at(50), at(99)));
        }
    }

    /// Half of its requests were answered within the first, 99 of 100 within the second; in seconds.
    #[must_use]
    pub fn percentiles(&self) -> Option<(f32, f32)> {
        self.percentiles
    }
}
