//! How well models of contracts project periods that they were not shown.

use super::{RetentionFamily, RetentionOptions, RetentionRecord, share_kept};
use crate::error::{Error, Result};
use crate::message::{opt, say};
use crate::summary::CountedLifetimes;

/// Survival in periods held out, as it was and as it was projected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Holdout {
    /// The periods, by their number.
    pub period: Vec<u32>,
    /// What was seen ([`share_kept`]).
    pub actual: Vec<f64>,
    /// Who projected it, each from the same earlier periods.
    pub models: Vec<HoldoutModel>,
}

/// One projection.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HoldoutModel {
    /// Whose.
    pub name: &'static str,
    /// Share of a new cohort that is still there, by period.
    pub survival: Vec<f64>,
    /// Mean of the absolute errors.
    pub mean_error: f64,
}

/// The retention of the last period that was seen, for ever.
const LAST_RATE: &str = "last rate";

impl Holdout {
    /// Holds out the last `periods` chances of customers, fits sBG and BdW to those before, and compares their projections, and that of the
    /// last retention rate for ever, with what was seen then.
    ///
    /// # Errors
    /// [`Error::usage`] if there are not so many periods; those of [`RetentionRecord::fit`].
    pub fn new(lifetimes: &CountedLifetimes, periods: u32, options: &RetentionOptions) -> Result<Self> {
        let all = lifetimes.chances().len() as u32;
        if periods == 0 || periods >= all {
            return Err(Error::usage(say![
                opt("holdout"),
                format!(" is {periods}; of {all} periods that were seen, some are held out and the others fitted")
            ]));
        }
        let shown = all - periods;
        let early = lifetimes.up_to(shown);
        // Where nobody is left to be seen, nothing can be compared.
        let kept = share_kept(lifetimes, all);
        let (period, actual): (Vec<u32>, Vec<f64>) =
            (shown + 1..=all).filter_map(|t| kept[t as usize].map(|share| (t, share))).unzip();
        let model = |name, survival: Vec<f64>| {
            let errors = survival.iter().zip(&actual).map(|(ours, actual)| (ours - actual).abs());
            HoldoutModel { name, mean_error: errors.sum::<f64>() / actual.len() as f64, survival }
        };
        let fitted = |name, family| -> Result<HoldoutModel> {
            let shape_sd = options.shape_sd.filter(|_| family == RetentionFamily::Bdw);
            let record = RetentionRecord::fit(&early, &RetentionOptions { family, shape_sd, ..*options })?;
            Ok(model(name, period.iter().map(|&t| record.model.survival(t)).collect()))
        };
        let seen = share_kept(&early, shown);
        let at = |t: u32| seen.get(t as usize).copied().flatten().unwrap_or(0.0);
        let (last, before) = (at(shown), at(shown - 1));
        let rate = if before > 0.0 { last / before } else { 0.0 };
        let constant = period.iter().map(|&t| last * rate.powi((t - shown) as i32)).collect();
        let models = vec![
            fitted("bdw", RetentionFamily::Bdw)?,
            fitted("sbg", RetentionFamily::Sbg)?,
            model(LAST_RATE, constant),
        ];
        Ok(Self { period, actual, models })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// High End of Fader & Hardie (2007), of which four years are shown: errors of the next eight that were computed apart; and by hand the
    /// last rate, 593/653, for ever.
    #[test]
    fn errors_are_those_computed_apart() {
        let survivors = [1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0, 468.0, 445.0, 427.0, 409.0, 394.0];
        let lifetimes = CountedLifetimes::from_survivors(&[survivors]).unwrap();
        let holdout = Holdout::new(&lifetimes, 8, &RetentionOptions::default()).unwrap();
        assert_eq!(holdout.period, [5, 6, 7, 8, 9, 10, 11, 12]);
        let error = |i: usize| holdout.models[i].mean_error;
        assert!((error(0) - 0.00768).abs() < 6e-6 && (error(1) - 0.05792).abs() < 6e-6, "{holdout:?}");
        assert!((holdout.models[2].survival[1] - 0.593 * (593.0f64 / 653.0).powi(2)).abs() < 1e-14);
        assert!(error(2) > error(1));
        assert!(Holdout::new(&lifetimes, 12, &RetentionOptions::default()).is_err());
    }
}
