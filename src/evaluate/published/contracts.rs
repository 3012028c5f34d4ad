//! Renewals of contracts: sBG on two cohorts, and what a customer is worth before a renewal.

use super::{Figures, Status};
use crate::error::Result;
use crate::fit::{Fitted, maximum_likelihood};
use crate::models::{Likelihood, Sbg};
use crate::summary::CountedLifetimes;

const FH07: &str = "Fader & Hardie (2007), Journal of Interactive Marketing 21(1)";
const FH10: &str = "Fader & Hardie (2010), Marketing Science 29(1)";

/// Per cent of a cohort of 1,000 that is there after 0, 1, … 12 years; the models see seven.
const REGULAR: [f64; 13] = [100.0, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3];
const HIGH_END: [f64; 13] = [100.0, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4];

/// What is known of the fit to one cohort.
struct Known {
    cohort: &'static str,
    survivors: [f64; 13],
    parameters: &'static str,
    log_likelihood: (&'static str, Status),
    more_digits: (&'static str, &'static str),
    standard_errors: &'static str,
    projected: &'static str,
}

impl Figures {
    pub(super) fn contracts(&mut self) -> Result<()> {
        use Status::{Published, Recomputed};
        self.cohort(&Known {
            cohort: "Regular",
            survivors: REGULAR,
            parameters: ".704 1.182",
            log_likelihood: ("-1680.3", Recomputed),
            more_digits: (".70408 1.18204", "-1680.2652"),
            standard_errors: ".065599 .152476",
            projected: ".2201 .2044 .1912 .1799 .1700",
        })?;
        self.cohort(&Known {
            cohort: "High End",
            survivors: HIGH_END,
            parameters: ".668 3.806",
            log_likelihood: ("-1611.2", Published),
            more_digits: (".66809 3.80609", "-1611.1581"),
            standard_errors: ".103735 .785532",
            projected: ".4604 .4358 .4142 .3951 .3780",
        })?;

        let renewals = ["1", "2", "3", "4", "5"];
        let delta = 0.1f64.ln_1p();
        let of = |model: Sbg| [0, 1, 2, 3, 4].map(|made| model.derl(made, delta));
        let ours = of(Sbg { alpha: 3.80, beta: 15.20 });
        let what = "residual lifetime before renewal {}, (3.80, 15.20)";
        self.add_row(what, &renewals, "3.31 3.45 3.59 3.72 3.84", &ours, Published, FH10);
        let ours = of(Sbg { alpha: 0.067, beta: 0.267 });
        let what = "residual lifetime before renewal {}, (.067, .267)";
        self.add_row(what, &renewals, "7.68 9.46 9.86 10.06 10.19", &ours, Published, FH10);
        // The printed parameters are rounded: (.0667, .2665) gives all five.
        self.known_within(0.011, renewals.len());
        Ok(())
    }

    fn cohort(&mut self, known: &Known) -> Result<()> {
        use Status::{Published, Recomputed};
        let cohort = known.cohort;
        let survivors: Vec<f64> = known.survivors[..8].iter().map(|percent| 10.0 * percent).collect();
        let data = CountedLifetimes::from_survivors(&[survivors])?;
        let fitted: Fitted<Sbg> = maximum_likelihood(&data)?;
        let (model, names) = (fitted.model, Sbg::PARAMETERS);
        let what = format!("sBG {{}}, {cohort}");
        self.add_row(&what, &names, known.parameters, &model.parameters(), Published, FH07);
        self.add_row(&what, &names, known.more_digits.0, &model.parameters(), Recomputed, FH07);
        let (printed, status) = known.log_likelihood;
        let what = format!("sBG log-likelihood, {cohort}");
        self.add(what.clone(), printed, fitted.estimate.log_likelihood, status, FH07);
        self.add(what, known.more_digits.1, fitted.estimate.log_likelihood, Recomputed, FH07);
        let errors: Vec<f64> =
            fitted.estimate.standard_errors().into_iter().map(|error| error.unwrap_or(f64::NAN)).collect();
        let what = format!("sBG standard error of {{}}, {cohort}");
        self.add_row(&what, &names, known.standard_errors, &errors, Recomputed, FH07);
        let ours = [8, 9, 10, 11, 12].map(|year| model.survival(year));
        let what = format!("share of {cohort} after year {{}}");
        self.add_row(&what, &["8", "9", "10", "11", "12"], known.projected, &ours, Recomputed, FH07);
        Ok(())
    }
}
