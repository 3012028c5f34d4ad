//! What the likelihoods need of a point in time, beside the scale of a gamma distribution of rates.

/// A time `t` beside a scale `c` (`alpha` or `beta`), shared by all customers of that age or recency.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decay {
    /// The time itself, `t`.
    pub(super) time: f64,
    /// `c + t`
    pub(super) total: f64,
    /// `ln(c + t)`
    pub(super) ln_total: f64,
    /// `ln(1 + t/c)`
    pub(super) ln_decay: f64,
    /// `t / (c + t)`
    pub(super) elapsed: f64,
    /// `c / (c + t)`
    pub(super) remaining: f64,
    /// Their product.
    pub(super) both: f64,
    /// `1 / (c + t)`
    pub(super) inverse: f64,
}

impl Decay {
    pub(super) fn new(scale: f64, time: f64) -> Self {
        let total = scale + time;
        Self {
            time,
            total,
            ln_total: total.ln(),
            ln_decay: (time / scale).ln_1p(),
            elapsed: time / total,
            remaining: scale / total,
            both: (time / total) * (scale / total),
            inverse: 1.0 / total,
        }
    }

    /// After a silence, and the logarithm `ln(1 + silence/(c + t))` between the two.
    pub(super) fn after(&self, scale: f64, silence: f64) -> (f64, Self) {
        let (time, total, between) = (self.time + silence, self.total + silence, (silence * self.inverse).ln_1p());
        let inverse = 1.0 / total;
        let (elapsed, remaining) = (time * inverse, scale * inverse);
        let (ln_total, ln_decay) = (self.ln_total + between, self.ln_decay + between);
        (between, Self { time, total, ln_total, ln_decay, elapsed, remaining, both: elapsed * remaining, inverse })
    }

    /// One for each of the times.
    pub(super) fn table(scale: f64, times: &[f64]) -> Vec<Self> {
        times.iter().map(|&time| Self::new(scale, time)).collect()
    }
}
