//! How many changes a timeline has over its time, for a plot.

use super::timeline::Timeline;

/// Bars of the plot at most.
pub const BARS: usize = 120;

/// Changes in equally long stretches of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeRates {
    /// When the first stretch begins, in milliseconds since the Unix epoch.
    pub begins_at: i64,
    /// How long each stretch is, in milliseconds: whole seconds.
    pub step: i64,
    /// Changes in each stretch, and the number of its first row if it has one.
    pub bars: Vec<(u64, Option<u64>)>,
}

impl ChangeRates {
    /// Of a timeline, over all its rows.
    #[must_use]
    pub fn of(timeline: &Timeline) -> Self {
        let times = || timeline.rows().iter().map(|row| row.noticed_at());
        // The clock may have been set meanwhile.
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Self::default();
        };
        let begins_at = first.div_euclid(1000).saturating_mul(1000);
        let seconds = last.saturating_sub(begins_at).div_euclid(1000) + 1;
        let most = i64::try_from(BARS).unwrap_or(1);
        let step = (seconds + most - 1).div_euclid(most).saturating_mul(1000);
        let num_bars = last.saturating_sub(begins_at).div_euclid(step) + 1;
        let mut bars = vec![(0, None); usize::try_from(num_bars).unwrap_or(BARS).min(BARS)];
        for (row, number) in timeline.rows().iter().zip(timeline.first()..) {
            let at = row.noticed_at().saturating_sub(begins_at).div_euclid(step);
            if let Some((changes, first)) = usize::try_from(at).ok().and_then(|at| bars.get_mut(at)) {
                *changes += row.changes();
                first.get_or_insert(number);
            }
        }
        Self {
            begins_at,
            step,
            bars,
        }
    }

    /// The most changes of a stretch.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.bars.iter().map(|(changes, _)| *changes).max().unwrap_or(0)
    }
}
