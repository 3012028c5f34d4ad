//! The number of stages of models of regular purchases, chosen by likelihood.

use super::{Advice, FitOptions, FitRecord, ProfilePoint};
use crate::error::{Error, Result};
use crate::message::{Message, say};
use crate::models::Stages;
use crate::summary::{CountedHistories, PurchaseStatistics};

/// Falls of the log-likelihood, one after the other, after which no larger number is tried.
const FALLS: usize = 2;

/// Which numbers of stages an open number may come to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Open {
    /// Any.
    FromOne,
    /// Two or more, with the log-likelihood of one stage where that is known: it is the model with exponential waiting times.
    FromTwo {
        /// Of one stage.
        one: Option<f64>,
    },
}

/// Fits a model with this number of stages; where it is open, with each from 1 on until the log-likelihood has fallen twice in a row,
/// of which the likeliest is taken.
///
/// # Errors
/// Those of [`FitRecord::fit`]; [`Error::data`] if the number is open and the data do not know interpurchase times, by which the
/// likelihoods of different numbers compare.
pub(super) fn fit_stages<M, const N: usize>(
    stages: Option<Stages>,
    open: Open,
    data: &CountedHistories,
    options: &FitOptions,
) -> Result<(M, FitRecord)>
where
    M: Advice<N, Setting = Stages, Data = CountedHistories>,
{
    let knows_times = data.log_interpurchase_times().is_some();
    if let Some(stages) = stages {
        let (model, mut record) = FitRecord::fit_with_setting::<M, N>(stages, data, options)?;
        if stages > Stages::ONE && !knows_times {
            record.cautions.push(
                "these data do not know the times between purchases: the log-likelihood is without what these add, and does not \
                 compare with that of other models. Orders know them, and so do summaries in Parquet files, and those with a column \
                 sum_log_interpurchase"
                    .into(),
            );
        }
        return Ok((model, record));
    }
    if !knows_times {
        return Err(Error::data(format!(
            "{}: to choose k takes the times between purchases, which these data do not know. Orders know them, and so do summaries \
             in Parquet files, and those with a column sum_log_interpurchase; or give k, for instance {}-2",
            M::TITLE,
            M::NAME
        )));
    }
    let mut profile: Vec<ProfilePoint> = Vec::new();
    let mut best: Option<(M, FitRecord)> = None;
    let (mut next, mut falls) = (Some(Stages::ONE), 0);
    if let Open::FromTwo { one: Some(log_likelihood) } = open {
        profile.push(ProfilePoint { k: Stages::ONE, log_likelihood });
        next = Stages::ONE.next();
    }
    while let Some(k) = next.filter(|_| falls < FALLS) {
        let (model, record) = match FitRecord::fit_with_setting::<M, N>(k, data, options) {
            Ok(fitted) => fitted,
            // What cannot be fitted is no better.
            Err(_) if best.is_some() => break,
            Err(error) => return Err(error),
        };
        let log_likelihood = record.log_likelihood;
        falls = if profile.last().is_some_and(|before| log_likelihood < before.log_likelihood) { falls + 1 } else { 0 };
        profile.push(ProfilePoint { k, log_likelihood });
        let is_better = best.as_ref().is_none_or(|(_, best)| log_likelihood > best.log_likelihood);
        let may_be = matches!(open, Open::FromOne) || k > Stages::ONE;
        if may_be && is_better {
            best = Some((model, record));
        }
        next = k.next();
    }
    let (model, mut record) = best.expect("the fewest stages were fitted");
    if model.setting() > Stages::ONE {
        record.cautions.extend(data.statistics().and_then(of_the_grain));
    }
    Ok((model, FitRecord { profile, ..record }))
}

/// That regularity may be of the grain's making, where it may.
fn of_the_grain(statistics: &PurchaseStatistics) -> Option<Message> {
    let (periods, grain) = (statistics.mean_periods()?, statistics.observation().grain);
    statistics.is_coarse().then(|| {
        say![
            "the times between purchases are {periods:.1} {grain}s on average and counted in whole {grain}s, which by itself looks \
             regular: k may be of the grain's making, so look at what it foresees of later orders"
        ]
    })
}
