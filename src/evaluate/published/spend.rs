//! Spend per purchase: the note on the Gamma-Gamma model.

use super::{BTYD, CALIBRATION, CDNOW, Figures, LIFETIMES, Status, day};
use crate::error::Result;
use crate::fit::{Fitted, maximum_likelihood};
use crate::models::{GammaGamma, Likelihood};
use crate::summary::{Cohort, PurchaseLog, TimeUnit};

const GG13: &str = "Fader & Hardie (2013), note 025";

impl Figures {
    /// Gamma-Gamma on the repeat purchases of the sample in weeks 1-39.
    pub(super) fn spend(&mut self, log: &mut PurchaseLog) -> Result<()> {
        use Status::{CrossChecked, Published, Recomputed};
        let (summary, _) = log.summary(TimeUnit::Week, day(CALIBRATION)?, &Cohort::default())?;
        let fitted: Fitted<GammaGamma> = maximum_likelihood(&summary.counted_spend())?;
        let names = GammaGamma::PARAMETERS;
        let parameters = fitted.model.parameters();
        self.add_row("Gamma-Gamma {}", &names, "6.25 3.74 15.44", &parameters, Published, GG13);
        self.add_row("Gamma-Gamma {}", &names, "6.249572 3.744225 15.443521", &parameters, Recomputed, CDNOW);
        self.add("Gamma-Gamma log-likelihood", "-4055.92", fitted.estimate.log_likelihood, CrossChecked, BTYD);
        self.add("Gamma-Gamma log-likelihood", "-4055.917695", fitted.estimate.log_likelihood, Recomputed, CDNOW);
        let population = fitted.model.population_mean().unwrap_or(f64::NAN);
        self.add("population mean spend", "35.17", population, Published, GG13);

        let mut seen: Vec<f64> = summary.monetary_value.iter().copied().filter(|&m| m > 0.0).collect();
        seen.sort_by(f64::total_cmp);
        let n = seen.len() as f64;
        let mean = seen.iter().sum::<f64>() / n;
        let deviation = (seen.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let ours = [seen[0], quantile(&seen, 0.25), quantile(&seen, 0.5), quantile(&seen, 0.75), seen[seen.len() - 1]];
        let labels = ["smallest", "first quartile of", "median", "third quartile of", "largest"];
        self.add_row("{} mean repeat spend", &labels, "2.99 15.75 27.50 41.80 299.63", &ours, Published, GG13);
        self.add("mean of the mean repeat spend", "35.08", mean, Published, GG13);
        self.add("standard deviation of the mean repeat spend", "30.28", deviation, Published, GG13);
        let correlation = summary.counted_spend().correlation().unwrap_or(f64::NAN);
        self.add("correlation of frequency and mean spend", ".11", correlation, Published, GG13);

        let expected = |id: &str| {
            let row = (0..summary.len()).find(|&i| summary.customers.text(i) == id)?;
            fitted.model.expected_spend(summary.frequency[row], summary.monetary_value[row]).ok()
        };
        // The first ten in the sample's own numbering.
        let ids = ["00004", "00021", "00050", "00071", "00086", "00111", "00112", "00113", "00114", "00131"];
        let ours = ids.map(|id| expected(id).unwrap_or(f64::NAN));
        let printed = "24.65 18.91 35.17 35.17 35.17 71.46 18.91 35.17 27.28 35.17";
        self.add_row("expected mean spend of customer {}", &ids, printed, &ours, CrossChecked, LIFETIMES);
        Ok(())
    }
}

/// Quantile by interpolation between order statistics at `(n + 1) p`, the definition that gives the note's quartiles.
fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let place = (probability * (sorted.len() + 1) as f64 - 1.0).clamp(0.0, (sorted.len() - 1) as f64);
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - place.floor()) * (sorted[above] - sorted[below])
}
