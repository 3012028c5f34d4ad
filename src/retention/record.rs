//! Models of contracts, as files keep them.

use serde::{Deserialize, Serialize};

use super::model::{RetentionFamily, RetentionModel};
use crate::error::{Cause, Error, Result};
use crate::fit::{Advice, FitOptions, FitRecord, Fitted, degree, fit_with_prior_on_last};
use crate::message::{Message, opt, say};
use crate::models::{Bdw, Likelihood, Sbg};
use crate::summary::{CountedLifetimes, TimeUnit};

/// A model of contracts with the evidence of its fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RetentionRecord {
    /// Name and parameters.
    #[serde(flatten)]
    pub model: RetentionModel,
    /// Time from one renewal to the next.
    pub period: TimeUnit,
    /// Absent for published parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<FitRecord>,
    /// Standard deviation of the prior on `ln c`, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape_sd: Option<f64>,
    /// Why it was chosen, where the data chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<RetentionChoice>,
}

/// A choice between the models of contracts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RetentionChoice {
    /// `k ln(customers) - 2 ln L` of each, the smallest first: Schwarz (1978), The Annals of Statistics 6(2).
    pub bic: Vec<(String, f64)>,
    /// The reason in words.
    pub why: Message,
}

/// How a model of contracts is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionOptions {
    /// Time from one renewal to the next.
    #[serde(rename = "unit")]
    pub period: TimeUnit,
    /// Which model.
    pub family: RetentionFamily,
    /// Standard deviation of a normal prior on `ln c` of BdW around 0, for cohorts seen for few periods, which hardly tell customers who
    /// differ from chances that change with time; none for plain maximum likelihood.
    pub shape_sd: Option<f64>,
    /// How it is fitted.
    pub fit: FitOptions,
}

impl Default for RetentionOptions {
    /// sBG, with renewals by the year.
    fn default() -> Self {
        Self { period: TimeUnit::Year, family: RetentionFamily::Sbg, shape_sd: None, fit: FitOptions::default() }
    }
}

impl RetentionOptions {
    /// Checks what can be checked without data.
    ///
    /// # Errors
    /// [`Error::usage`], naming the option.
    pub fn check(&self) -> Result<()> {
        self.fit.check()?;
        match self.shape_sd {
            Some(sd) if !(0.01..=1000.0).contains(&sd) => Err(Error::usage(say![
                opt("shape_sd"),
                " is {sd:?}; give a number from 0.01 to 1000, for instance 0.5"
            ])),
            Some(_) if self.family == RetentionFamily::Sbg => Err(Error::usage(say![
                opt("shape_sd"),
                " is a prior on c of BdW, and sBG has no c; add ",
                opt("family").with("bdw")
            ])),
            _ => Ok(()),
        }
    }
}

impl RetentionRecord {
    /// With parameters that are known.
    pub fn given(model: RetentionModel, period: TimeUnit) -> Self {
        Self { model, period, fit: None, shape_sd: None, choice: None }
    }

    /// Fits a model to the lifetimes of contracts.
    ///
    /// # Errors
    /// [`Error::usage`](crate::Error::usage) for options that cannot be; [`Cause::TooFew`] if too few customers left or stayed,
    /// [`Cause::NotConverged`] if the fit ended nowhere.
    pub fn fit(lifetimes: &CountedLifetimes, options: &RetentionOptions) -> Result<Self> {
        options.check()?;
        match options.family {
            RetentionFamily::Sbg => Self::fit_sbg(lifetimes, options),
            RetentionFamily::Bdw => Self::fit_bdw(lifetimes, options),
            RetentionFamily::Auto => Self::choose(lifetimes, options),
        }
    }

    fn fit_sbg(lifetimes: &CountedLifetimes, options: &RetentionOptions) -> Result<Self> {
        let (model, fit) = FitRecord::fit::<Sbg, _>(lifetimes, &options.fit)?;
        Ok(Self { fit: Some(fit), ..Self::given(RetentionModel::Sbg(model), options.period) })
    }

    fn fit_bdw(lifetimes: &CountedLifetimes, options: &RetentionOptions) -> Result<Self> {
        let (model, fit) = match options.shape_sd {
            None => FitRecord::fit::<Bdw, _>(lifetimes, &options.fit)?,
            Some(sd) => {
                let Fitted { model, estimate } = fit_with_prior_on_last::<Bdw, _>(lifetimes, &options.fit, sd)?;
                let cautions = model.advice(lifetimes, &estimate.verdict);
                (model, FitRecord::new(estimate, cautions, &options.fit))
            }
        };
        let given = Self::given(RetentionModel::Bdw(model), options.period);
        Ok(Self { fit: Some(fit), shape_sd: options.shape_sd, ..given })
    }

    /// The model with the smaller BIC; sBG, if BdW cannot be fitted.
    fn choose(lifetimes: &CountedLifetimes, options: &RetentionOptions) -> Result<Self> {
        let sbg = Self::fit_sbg(lifetimes, options)?;
        let bdw = match Self::fit_bdw(lifetimes, options) {
            Ok(bdw) => bdw,
            Err(error) => {
                let why = say![format!("sBG, because BdW could not be fitted: {error}")];
                return Ok(Self { choice: Some(RetentionChoice { bic: sbg.criterion(), why }), ..sbg });
            }
        };
        let gain = sbg.bic() - bdw.bic();
        let mut bic = [sbg.criterion(), bdw.criterion()].concat();
        bic.sort_by(|one, other| one.1.total_cmp(&other.1));
        let trend = bdw.model.trend();
        let (record, why) = if gain > 0.0 {
            let how = degree(gain).unwrap_or("hardly better");
            (bdw, format!("BdW describes these data {how} than sBG (BIC {gain:.1} lower): {trend}"))
        } else {
            let how = format!("BdW's third parameter does not pay (BIC {:.1} higher)", -gain);
            (sbg, format!("sBG, since {how}: customers who differ explain how retention rises"))
        };
        Ok(Self { choice: Some(RetentionChoice { bic, why: why.into() }), ..record })
    }

    fn bic(&self) -> f64 {
        self.fit.as_ref().map_or(f64::INFINITY, FitRecord::bic)
    }

    fn criterion(&self) -> Vec<(String, f64)> {
        vec![(self.model.name().to_owned(), self.bic())]
    }

    /// Whether parameters and evidence can be those of a fit.
    ///
    /// # Errors
    /// [`Cause::Parameter`] or [`Error::data`](crate::Error::data) with what is wrong.
    pub fn check(&self) -> Result<()> {
        match self.model {
            RetentionModel::Sbg(model) => {
                Sbg::from_parameters(model.parameters())?;
                self.fit.as_ref().map_or(Ok(()), |fit| fit.check::<Sbg, _>(()))
            }
            RetentionModel::Bdw(model) => {
                Bdw::from_parameters(model.parameters())?;
                self.fit.as_ref().map_or(Ok(()), |fit| fit.check::<Bdw, _>(()))
            }
        }
    }

    /// Refuses a unit other than the period between the renewals.
    ///
    /// # Errors
    /// [`Cause::TimeUnit`] with both.
    pub fn check_period(&self, unit: Option<TimeUnit>) -> Result<()> {
        match unit.filter(|unit| *unit != self.period) {
            Some(unit) => Err(Cause::TimeUnit { model: self.period.name(), data: unit.name() }.into()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Per cent of a cohort of 1,000 that is there after 0, 1, … 12 years: Fader & Hardie (2007).
    const HIGH_END: [f64; 13] = [100.0, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4];
    const REGULAR: [f64; 13] = [100.0, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3];

    fn fitted(cohort: &[f64; 13], years: usize, family: RetentionFamily) -> RetentionRecord {
        let survivors: Vec<f64> = cohort[..=years].iter().map(|percent| 10.0 * percent).collect();
        let lifetimes = CountedLifetimes::from_survivors(&[survivors]).unwrap();
        RetentionRecord::fit(&lifetimes, &RetentionOptions { family, ..RetentionOptions::default() }).unwrap()
    }

    fn mean_error(record: &RetentionRecord, cohort: &[f64; 13], from: usize) -> f64 {
        let errors = (from..=12).map(|t| (record.model.survival(t as u32) - cohort[t] / 100.0).abs());
        errors.sum::<f64>() / (13 - from) as f64
    }

    /// Estimates and log-likelihoods that were computed apart, by quadrature and closed form.
    #[test]
    fn estimates_are_those_computed_apart() {
        let known = [
            (&HIGH_END, 4, [0.25933572, 1.72255144, 1.58436156], -1222.749318),
            (&HIGH_END, 7, [0.21425334, 1.42657493, 1.72356483], -1605.314213),
            (&HIGH_END, 12, [0.24964072, 1.65418087, 1.59679654], -2004.816889),
            (&REGULAR, 4, [0.52302932, 0.89428268, 1.19639869], -1401.383052),
            (&REGULAR, 12, [0.50830863, 0.8688462, 1.20937802], -1930.929729),
        ];
        for (cohort, years, parameters, log_likelihood) in known {
            let record = fitted(cohort, years, RetentionFamily::Bdw);
            for ((name, ours), known) in record.model.parameters().into_iter().zip(parameters) {
                assert!((ours / known - 1.0).abs() < 2e-7, "{years} {name}: {ours} {known}");
            }
            let fit = record.fit.unwrap();
            assert!((fit.log_likelihood - log_likelihood).abs() < 1e-6, "{years}: {}", fit.log_likelihood);
        }
    }

    #[test]
    fn later_years_are_nearer_than_those_of_sbg() {
        let known =
            [(&HIGH_END, 4, 0.00768, 0.05792), (&HIGH_END, 7, 0.00520, 0.01191), (&REGULAR, 4, 0.00287, 0.01122)];
        for (cohort, years, bdw, sbg) in known {
            for (family, known) in [(RetentionFamily::Bdw, bdw), (RetentionFamily::Sbg, sbg)] {
                let error = mean_error(&fitted(cohort, years, family), cohort, years + 1);
                assert!((error - known).abs() < 6e-6, "{years} {family:?}: {error} {known}");
            }
        }
        let record = fitted(&HIGH_END, 4, RetentionFamily::Bdw);
        let known = [0.54661, 0.51037, 0.48104, 0.45669, 0.43604, 0.41823, 0.40267, 0.38891];
        for (t, known) in (5..).zip(known) {
            assert!((record.model.survival(t) - known).abs() < 6e-6, "{t}: {}", record.model.survival(t));
        }
    }

    /// Of High End BdW's gain of 5.85 is worth a parameter at 1,000 customers (3.45), of Regular that of .6 is not.
    #[test]
    fn the_data_choose_and_say_why() {
        let rising = fitted(&HIGH_END, 7, RetentionFamily::Auto);
        assert_eq!(rising.model.name(), "bdw");
        let why = rising.choice.unwrap().why.plain();
        assert!(why.contains("BIC 4.8 lower") && why.contains("rises"), "{why}");
        let level = fitted(&REGULAR, 7, RetentionFamily::Auto);
        assert_eq!(level.model.name(), "sbg");
        assert!(level.choice.unwrap().why.plain().contains("does not pay"));
    }

    /// Of two cohorts, of which one is seen from its second renewal on, the log-likelihood is that of what was seen alone.
    #[test]
    fn a_prior_holds_the_shape() {
        let survivors = HIGH_END[..=3].iter().map(|percent| 10.0 * percent).collect::<Vec<f64>>();
        let lifetimes = CountedLifetimes::from_survivors(&[survivors]).unwrap();
        let shape = |shape_sd| {
            let options = RetentionOptions { family: RetentionFamily::Bdw, shape_sd, ..RetentionOptions::default() };
            RetentionRecord::fit(&lifetimes, &options).unwrap().model.parameters()[2].1.ln()
        };
        let (free, held, tight) = (shape(None), shape(Some(0.5)), shape(Some(0.01)));
        assert!(tight.abs() < 1e-3 && tight.abs() < held.abs() && held.abs() < free.abs(), "{free} {held} {tight}");
        let wrong = RetentionOptions { shape_sd: Some(0.5), ..RetentionOptions::default() };
        assert!(RetentionRecord::fit(&lifetimes, &wrong).unwrap_err().to_string().contains("sBG has no c"));
    }
}
