//! What stands between the rows of a summary and the formulas.

use super::Horizon;
use crate::error::{Error, Result};
use crate::models::{Timing, TimingModel};
use crate::summary::{Grain, History, Summary, TimeUnit};

/// How the formulas see the customers of a summary: each has a plain model and a history, and a horizon is so long.
///
/// [`OneModel`] is how it is by default. Customers who differ by what is known of them, or whose time does not run evenly, are others.
pub trait Individuals: Clone + Sync {
    /// The plain models.
    type Timing: Timing + Sync;

    /// Number of the plain model of the customer in a row; where numbers are the same, models are.
    fn model_number(&self, row: usize) -> u32;

    /// The plain model of the customer in a row.
    fn timing(&self, row: usize) -> Self::Timing;

    /// The history of the customer in a row.
    fn history(&self, row: usize) -> History;

    /// Begin and end of a horizon, in the models' time from the end of the observation.
    ///
    /// # Errors
    /// [`Error::usage`] if it does not lie in the future, or the models cannot look so far ahead.
    fn bounds(&self, horizon: &Horizon) -> Result<(f64, f64)>;

    /// The length of a horizon that begins now and ends.
    ///
    /// # Errors
    /// [`Error::usage`] if it does not, or the models cannot look so far ahead.
    fn span(&self, horizon: &Horizon) -> Result<f64> {
        horizon.check_span()?;
        self.bounds(horizon).map(|(_, end)| end)
    }
}

/// Customers who all have the one model, in time as it is.
#[derive(Clone, Copy, Debug)]
pub struct OneModel<'a, M = TimingModel> {
    /// The model.
    pub timing: M,
    /// Time unit of the model.
    pub unit: TimeUnit,
    /// Grain of the purchases it was fitted to.
    pub grain: Grain,
    /// The customers.
    pub summary: &'a Summary,
}

impl<M: Timing + Sync> Individuals for OneModel<'_, M> {
    type Timing = M;

    fn model_number(&self, _row: usize) -> u32 {
        0
    }

    fn timing(&self, _row: usize) -> M {
        self.timing
    }

    fn history(&self, row: usize) -> History {
        self.summary.history(row)
    }

    fn bounds(&self, horizon: &Horizon) -> Result<(f64, f64)> {
        let (begin, end) = horizon.bounds(&self.summary.observation)?;
        self.check_ahead(horizon, begin).and_then(|()| self.check_ahead(horizon, end)).map(|()| (begin, end))
    }
}

impl<M: Timing> OneModel<'_, M> {
    /// Whether the model can look ahead to this time, a whole one if it counts opportunities.
    fn check_ahead(&self, horizon: &Horizon, time: f64) -> Result<()> {
        self.timing.check_ahead(time)?;
        if !self.timing.is_discrete() || time.is_infinite() || time.fract() == 0.0 {
            return Ok(());
        }
        Err(Error::usage(format!(
            "horizon {horizon}: the model counts whole opportunities, one a {}, and {time} is no number of them",
            self.unit
        )))
    }
}
