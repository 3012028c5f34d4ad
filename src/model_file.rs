//! Fitted and published models as small, versioned JSON files. They never hold customer rows.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::covariates::{CovariateOptions, Design, Effects};
use crate::error::{Error, Result};
use crate::evaluate::LearnedWeights;
pub use crate::file_record::FileRecord;
use crate::fit::{
    BootstrapOptions, FitOptions, FitRecord, Resampling, Selection, SummaryRegression, TimingChoice, bootstrap,
};
use crate::message::{Message, opt, say};
use crate::models::{GammaGamma, Likelihood, TimingKind, TimingModel, named};
use crate::parallel::both;
use crate::predict::{CustomerEffects, Horizon, ParameterUncertainty, Predictor, beyond_observation};
use crate::retention::RetentionRecord;
use crate::summary::{
    CountedHistories, CountedSpend, CurrencyCode, Day, FitData, Grain, Observation, Summary, TimeUnit,
};

/// What the field `format` of every model file says.
pub const FORMAT: &str = "clv-model";

/// Version this program writes, and the newest it reads. Earlier ones differ in what they may lack: 3 has no covariates, 4 no calibration.
pub const VERSION: u32 = 5;

/// A model file. What is written can be read again, and is the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    format: String,
    version: u32,
    /// Program that wrote it.
    pub producer: String,
    /// Publication the parameters come from, if they were not fitted by this program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the timing and spend models were estimated on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataRecord>,
    /// When customers purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<TimingRecord>,
    /// What their purchases are worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend: Option<SpendRecord>,
    /// When customers under contract leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<RetentionRecord>,
    /// What earlier days of the same orders taught to make of its expectations, horizon by horizon.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calibration: Vec<LearnedWeights>,
    /// Tables that were written beside it in the same run, by the names of their files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, FileRecord>,
}

/// Units, end and length of the observation a model was fitted to, and its currency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DataRecord {
    /// Unit of `recency`, `T` and the parameters.
    pub unit: TimeUnit,
    /// Period within which orders were one purchase.
    pub grain: Grain,
    /// Last day observed.
    pub end: Day,
    /// How long it was, in the unit: from the first purchase of all to the end, both of these days or periods included. Absent
    /// for published parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<f64>,
    /// What amounts are in, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyCode>,
}

/// A timing model with the evidence of its fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimingRecord {
    /// Name and parameters.
    #[serde(flatten)]
    pub model: TimingModel,
    /// Absent for published parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<FitRecord>,
    /// Beside which others it stood, if it was chosen among several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// What moves its parameters, if customers differ; then the parameters are those of one with zeros in all columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariates: Option<Effects>,
}

impl TimingRecord {
    /// The evidence for the model without its covariates, as far as models are compared by it: parameters and log-likelihood. None if it
    /// is not known, as under a prior.
    pub fn fit_without_covariates(&self) -> Option<FitRecord> {
        let fit = self.fit.clone()?;
        let Some(effects) = &self.covariates else { return Some(fit) };
        let log_likelihood = effects.log_likelihood_without?;
        let parameters = fit.parameters[..fit.parameters.len() - fit.coefficients].to_vec();
        Some(FitRecord { parameters, coefficients: 0, log_likelihood, ..fit })
    }
}

/// The spend models, for files.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", content = "parameters", rename_all = "kebab-case")]
pub enum SpendModel {
    /// Gamma-Gamma.
    GammaGamma(GammaGamma),
}

/// A spend model with the evidence of its fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpendRecord {
    /// Name and parameters.
    #[serde(flatten)]
    pub model: SpendModel,
    /// Correlation of frequency and mean spend in the data, which the model takes to be zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency_correlation: Option<f64>,
    /// Absent for published parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<FitRecord>,
    /// What moves `gamma`, if customers differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covariates: Option<Effects>,
}

/// What came of a fit.
#[derive(Debug)]
pub struct FittedModels {
    /// The models.
    pub file: ModelFile,
    /// Repeat customers whom the spend model leaves out.
    pub without_spend: f64,
    /// What the timing model was fitted to.
    pub histories: CountedHistories,
}

/// Which models are fitted, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelOptions {
    /// Model of when customers purchase.
    #[serde(rename = "model")]
    pub timing: TimingChoice,
    /// Whether Gamma-Gamma is fitted to their spend, too.
    #[serde(rename = "spend")]
    pub with_spend: bool,
    /// What else moves their parameters.
    pub covariates: CovariateOptions,
    /// How.
    pub fit: FitOptions,
    /// Refits of the bootstrap, if there is one.
    pub bootstrap: Option<u32>,
    /// Where the data of a refit come from.
    pub bootstrap_by: Resampling,
}

/// Seed of a bootstrap: the same estimates whenever it is run.
const BOOTSTRAP_SEED: u64 = 1;

impl Default for ModelOptions {
    /// BG/NBD and Gamma-Gamma, as they are.
    fn default() -> Self {
        Self {
            timing: TimingKind::BgNbd.into(),
            with_spend: true,
            covariates: CovariateOptions::default(),
            fit: FitOptions::default(),
            bootstrap: None,
            bootstrap_by: Resampling::default(),
        }
    }
}

impl ModelOptions {
    /// Checks what can be checked without data.
    ///
    /// # Errors
    /// [`Error::usage`].
    pub fn check(&self) -> Result<()> {
        self.fit.check()?;
        self.covariates.check()?;
        if let TimingChoice::Kind(kind) = self.timing {
            Design::check_model(&self.covariates, kind.title(), kind.parameters(), kind.is_discrete())?;
        }
        if !self.covariates.spend.is_empty() && !self.with_spend {
            return Err(Error::usage(say![
                opt("spend_covariates"),
                " does not go with ",
                opt("with_spend").with(false)
            ]));
        }
        let Some(how) = self.bootstrap() else { return Ok(()) };
        how.check()?;
        if self.fit.prior_sd.is_some() {
            return Err(Error::usage(say![
                opt("bootstrap"),
                " shows how estimates vary with the data, and ",
                opt("prior_sd"),
                " holds them: they do not go together"
            ]));
        }
        Ok(())
    }

    /// How the estimates are bootstrapped, if they are.
    pub fn bootstrap(&self) -> Option<BootstrapOptions> {
        self.bootstrap.map(|refits| BootstrapOptions { refits, by: self.bootstrap_by, seed: BOOTSTRAP_SEED })
    }
}

impl ModelOptions {
    /// How coefficients are fitted.
    fn regression(&self) -> SummaryRegression<'_> {
        SummaryRegression { covariates: &self.covariates, fit: self.fit, tests: true, bootstrap: self.bootstrap() }
    }
}

impl ModelFile {
    /// Fits the models to a summary, or to [`Counts`](crate::summary::Counts) of one; also the number of repeat customers whom the spend
    /// model leaves out.
    ///
    /// # Errors
    /// As [`ModelFile::fit_timing`] and [`ModelFile::fit_spend`].
    pub fn fit<'a>(data: impl Into<FitData<'a>>, options: &ModelOptions) -> Result<(Self, f64)> {
        Self::fit_and_count(data, options).map(|FittedModels { file, without_spend, .. }| (file, without_spend))
    }

    /// [`ModelFile::fit`], which keeps the counted histories for whoever asks more of them.
    ///
    /// # Errors
    /// As [`ModelFile::fit_timing`] and [`ModelFile::fit_spend`].
    pub fn fit_and_count<'a>(data: impl Into<FitData<'a>>, options: &ModelOptions) -> Result<FittedModels> {
        let data = data.into();
        let customers = data.timing();
        options.timing.check_observation(&customers.observation)?;
        customers.check()?;
        let timing = || -> Result<(Self, CountedHistories)> {
            let mut model = Self::of_data(customers);
            let histories = data.histories();
            model.fit_timing(options.timing, &histories, &options.fit)?;
            if !options.covariates.is_empty_of_timing() {
                model.regress_timing(data, options)?;
            } else if let Some(how) = &options.bootstrap() {
                model.bootstrap_timing(&histories, &options.fit, how)?;
            }
            Ok((model, histories))
        };
        let advise = |error: Error| {
            error.reworded(|message| say![message, ". To predict purchases alone, add ", opt("with_spend").with(false)])
        };
        let spend = || Self::spend_of(data, options, advise);
        // Neither model knows of the other.
        let (timing, spend) = both(timing, || options.with_spend.then(spend));
        let (mut file, histories) = timing?;
        let (spend, without_spend) = spend.transpose()?.unzip();
        file.spend = spend.and_then(|spend| spend.spend);
        Ok(FittedModels { file, without_spend: without_spend.unwrap_or(0.0), histories })
    }

    /// Fits the spend model alone, as these options say; also the number of repeat customers whom it leaves out.
    ///
    /// # Errors
    /// As [`ModelFile::fit_spend`].
    pub fn of_spend<'a>(data: impl Into<FitData<'a>>, options: &ModelOptions) -> Result<(Self, f64)> {
        let data = data.into();
        data.timing().check()?;
        Self::spend_of(data, options, |error| error)
    }

    fn spend_of(data: FitData<'_>, options: &ModelOptions, failed: impl Fn(Error) -> Error) -> Result<(Self, f64)> {
        let summary = data.spend();
        summary.check_spend()?;
        if !std::ptr::eq(summary, data.timing()) {
            summary.check()?;
        }
        let mut model = Self::of_data(data.timing());
        let spend = summary.counted_spend();
        model.fit_spend(&spend, &options.fit).map_err(failed)?;
        if !options.covariates.spend.is_empty() {
            model.regress_spend(summary, options)?;
        } else if let Some(how) = &options.bootstrap() {
            model.bootstrap_spend(&spend, &options.fit, how)?;
        }
        Ok((model, summary.repeat_customers_without(&spend)))
    }

    /// A file without models yet, for data observed like this.
    pub fn new(observation: &Observation) -> Self {
        let Observation { unit, grain, end } = *observation;
        Self { data: Some(DataRecord { unit, grain, end, length: None, currency: None }), ..Self::empty() }
    }

    /// A file without models yet, for these customers.
    fn of_data(summary: &Summary) -> Self {
        let Observation { unit, grain, end } = summary.observation;
        let (length, currency) = (Some(summary.length()), summary.currency);
        Self { data: Some(DataRecord { unit, grain, end, length, currency }), ..Self::empty() }
    }

    /// A file with a model of contracts.
    pub fn of_retention(record: RetentionRecord) -> Self {
        Self { retention: Some(record), ..Self::empty() }
    }

    fn empty() -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            producer: concat!("clv ", env!("CARGO_PKG_VERSION")).to_owned(),
            source: None,
            data: None,
            timing: None,
            spend: None,
            retention: None,
            calibration: Vec::new(),
            tables: BTreeMap::new(),
        }
    }

    /// Fits a timing model and puts it in.
    ///
    /// # Errors
    /// Those of [`TimingChoice::fit`].
    pub fn fit_timing(
        &mut self,
        choice: impl Into<TimingChoice>,
        data: &CountedHistories,
        options: &FitOptions,
    ) -> Result<()> {
        let (model, fit, selection) = choice.into().fit(data, options)?;
        self.timing = Some(TimingRecord { model, fit: Some(fit), selection, covariates: None });
        Ok(())
    }

    /// Fits the spend model and puts it in.
    ///
    /// # Errors
    /// Those of [`crate::fit::fit`].
    pub fn fit_spend(&mut self, data: &CountedSpend, options: &FitOptions) -> Result<()> {
        let (model, fit) = FitRecord::fit(data, options)?;
        let frequency_correlation = data.correlation();
        self.spend = Some(SpendRecord {
            model: SpendModel::GammaGamma(model),
            frequency_correlation,
            fit: Some(fit),
            covariates: None,
        });
        Ok(())
    }

    /// Fits the coefficients of covariates to the timing model that is there, beginning from it, and bootstraps them if that is asked.
    /// The model, and the number of its stages, are chosen without them.
    fn regress_timing(&mut self, data: FitData<'_>, options: &ModelOptions) -> Result<()> {
        let Some(TimingRecord { model, fit: Some(plain), selection, .. }) = self.timing.take() else {
            return Err(Error::usage("covariates take a timing model that was fitted".to_owned()));
        };
        let (model, fit, effects) = options.regression().of_timing((&model, &plain), data)?;
        self.timing = Some(TimingRecord { model, fit: Some(fit), selection, covariates: Some(effects) });
        Ok(())
    }

    /// The same for the spend model.
    fn regress_spend(&mut self, summary: &Summary, options: &ModelOptions) -> Result<()> {
        let Some(SpendRecord { model: SpendModel::GammaGamma(model), fit: Some(plain), frequency_correlation, .. }) =
            self.spend.take()
        else {
            return Err(Error::usage("covariates take a spend model that was fitted".to_owned()));
        };
        let (model, fit, effects) = options.regression().of_spend((&model, &plain), summary)?;
        let model = SpendModel::GammaGamma(model);
        self.spend = Some(SpendRecord { model, frequency_correlation, fit: Some(fit), covariates: Some(effects) });
        Ok(())
    }

    /// Refits the timing model to resampled or simulated customers, and keeps what comes out.
    ///
    /// # Errors
    /// Those of [`bootstrap`].
    pub fn bootstrap_timing(
        &mut self,
        data: &CountedHistories,
        options: &FitOptions,
        how: &BootstrapOptions,
    ) -> Result<()> {
        let Some(TimingRecord { model, fit: Some(fit), .. }) = &mut self.timing else {
            return Err(Error::usage("a bootstrap takes a timing model that was fitted"));
        };
        fit.draws = Some(model.bootstrap(data, options, how)?);
        Ok(())
    }

    /// Refits the spend model to resampled or simulated customers, and keeps what comes out.
    ///
    /// # Errors
    /// Those of [`bootstrap`].
    pub fn bootstrap_spend(&mut self, data: &CountedSpend, options: &FitOptions, how: &BootstrapOptions) -> Result<()> {
        let Some(SpendRecord { model: SpendModel::GammaGamma(model), fit: Some(fit), .. }) = &mut self.spend else {
            return Err(Error::usage("a bootstrap takes a spend model that was fitted"));
        };
        fit.draws = Some(bootstrap(model, data, options, how)?);
        Ok(())
    }

    /// Notes the tables that are written beside it in one run.
    #[must_use]
    pub fn written_with(self, tables: BTreeMap<String, FileRecord>) -> Self {
        Self { tables, ..self }
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// [`Error::data`] if it is not a model file, is damaged, of a newer version, or holds impossible parameters.
    pub fn from_json(text: &str, name: &str) -> Result<Self> {
        let fail = |what: String| Error::data(what).in_file(name);
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| fail(format!("not a model file, or a damaged one: {error}")))?;
        if value.get("format").and_then(|format| format.as_str()) != Some(FORMAT) {
            return Err(fail(format!("not a model file: there is no \"format\": \"{FORMAT}\" in it")));
        }
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if (1..=u64::from(VERSION)).contains(&version) => {}
            Some(version) => {
                return Err(fail(format!(
                    "model file of version {version}; this program reads versions up to {VERSION}. Fit again, or \
                     update clv"
                )));
            }
            None => return Err(fail("a model file without a version number".to_owned())),
        }
        let file: Self = serde_json::from_value(value).map_err(|error| fail(format!("damaged model file: {error}")))?;
        file.check().map_err(|error| fail(error.to_string()))?;
        // What is written of it is of this program's version.
        Ok(Self { version: VERSION, ..file })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::io`] if it cannot be read; otherwise as [`ModelFile::from_json`].
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| match Address::of(&name) {
            Some(address) => Error::usage(address.instead_of_reading()),
            None => Error::io(format!("cannot read model file {name}"))(error),
        })?;
        Self::from_json(&text, &name)
    }

    /// The file's text, which [`ModelFile::from_json`] reads.
    ///
    /// ```
    /// use clv::model_file::{ModelFile, ModelOptions};
    /// use clv::summary::{Grain, History, Observation, Summary, TimeUnit};
    ///
    /// let observation = Observation::new(TimeUnit::Week, Grain::Day, "2024-12-31".parse()?);
    /// let row = |i: usize| (History::new([0, 1, 2, 5][i % 4], [0.0, 9.0, 20.0, 31.0][i % 4], 36.0), [0.0, 30.0, 24.0, 41.0][i % 4] + (i % 7) as f64);
    /// let summary = Summary::from_histories((0..200).map(row), observation);
    /// let (model, left_out) = ModelFile::fit(&summary, &ModelOptions::default())?;
    /// let text = model.to_json();
    /// let again = ModelFile::from_json(&text, "model.json")?;
    /// assert_eq!(again.to_json(), text);
    /// assert_eq!(left_out, 0.0);
    /// # Ok::<(), clv::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a model file has nothing that JSON lacks");
        text.push('\n');
        text
    }

    /// Whether what is written of it can be read again: parameters in the range of what fits give, evidence of the right size.
    ///
    /// # Errors
    /// [`Error::data`] or [`Cause::Parameter`](crate::error::Cause::Parameter) with what is wrong.
    pub fn check(&self) -> Result<()> {
        if self.timing.is_none() && self.spend.is_none() && self.retention.is_none() {
            return Err(Error::data("there is no model in it"));
        }
        if (self.timing.is_some() || self.spend.is_some()) && self.data.is_none() {
            return Err(Error::data("damaged model file: missing field `data`"));
        }
        if let Some(retention) = &self.retention {
            retention.check()?;
        }
        if let Some(timing) = &self.timing {
            timing.model.check(timing.fit.as_ref())?;
            check_effects(timing.covariates.as_ref(), timing.fit.as_ref(), timing.model.kind().parameters())?;
            timing.selection.as_ref().map_or(Ok(()), |selection| selection.check(timing.model.kind()))?;
        }
        if let Some(spend) = &self.spend {
            let SpendModel::GammaGamma(model) = spend.model;
            GammaGamma::from_parameters(model.parameters())?;
            spend.fit.as_ref().map_or(Ok(()), |fit| fit.check::<GammaGamma, _>(()))?;
            check_effects(spend.covariates.as_ref(), spend.fit.as_ref(), &GammaGamma::PARAMETERS)?;
        }
        Ok(())
    }

    /// Takes from `other` the model that is missing here.
    ///
    /// # Errors
    /// [`Error::usage`] if both have the same kind of model.
    pub fn join(mut self, other: Self) -> Result<Self> {
        if self.timing.is_some() && other.timing.is_some() || self.spend.is_some() && other.spend.is_some() {
            let kind = if self.spend.is_some() && other.spend.is_some() { "spend" } else { "timing" };
            return Err(Error::usage(format!("two model files with a {kind} model; give one of each kind at most")));
        }
        let of_spend = if self.spend.is_some() { self.data } else { other.data };
        if other.timing.is_some() {
            self.data = other.data;
            self.timing = other.timing;
        }
        // The amounts are those of the spend model's data.
        if let (Some(data), Some(of_spend)) = (&mut self.data, of_spend) {
            data.currency = of_spend.currency;
        }
        self.spend = self.spend.or(other.spend);
        Ok(self)
    }

    /// What is known of how far the estimates may be off.
    pub fn uncertainty(&self) -> ParameterUncertainty<'_> {
        ParameterUncertainty {
            timing: self.timing.as_ref().and_then(|timing| timing.fit.as_ref()),
            spend: self.spend.as_ref().and_then(|spend| spend.fit.as_ref()),
        }
    }

    /// Says that horizons are longer than what the models were fitted to, if they are; of models that do not say what they were fitted
    /// to, longer than what has been seen of these customers.
    ///
    /// # Errors
    /// [`Error::usage`] if a horizon does not lie in the future.
    pub fn beyond_observation(&self, summary: &Summary, horizons: &[Horizon]) -> Result<Option<Message>> {
        let fitted = self.data.filter(|data| data.unit == summary.observation.unit).and_then(|data| data.length);
        let observed = fitted.unwrap_or_else(|| if summary.longest() > 0.0 { summary.length() } else { 0.0 });
        beyond_observation(horizons, &summary.observation, observed)
    }

    /// What predicts with these models.
    ///
    /// # Errors
    /// [`Error::usage`] if there is no timing model.
    pub fn predictor(&self) -> Result<Predictor> {
        let (Some(timing), Some(data)) = (&self.timing, &self.data) else {
            return Err(Error::usage(if self.spend.is_some() {
                say!["the model file has a spend model alone; add one with a timing model with a second ", opt("model")]
            } else {
                "the model file has a model of contracts; it is for clv retention".into()
            }));
        };
        let spend = self.spend.as_ref().map(|spend| {
            let SpendModel::GammaGamma(model) = spend.model;
            model
        });
        let of_spend = self.spend.as_ref().and_then(|spend| spend.covariates.clone());
        let effects =
            CustomerEffects { timing: timing.covariates.clone(), spend: of_spend, ..CustomerEffects::default() };
        let differ = effects.timing.is_some() || effects.spend.is_some();
        let effects = differ.then(|| Arc::new(effects));
        Ok(Predictor {
            timing: timing.model,
            spend,
            unit: data.unit,
            grain: data.grain,
            currency: data.currency,
            effects,
        })
    }
}

/// Whether coefficients can be those of a model with these parameters, and of this fit.
fn check_effects(effects: Option<&Effects>, fit: Option<&FitRecord>, parameters: &[&str]) -> Result<()> {
    let of_fit = fit.map(|fit| fit.coefficients);
    let count = effects.map_or(0, |effects| effects.coefficients.len());
    if of_fit.is_some_and(|of_fit| of_fit != count) {
        return Err(Error::data("damaged covariates: the fit has others".to_owned()));
    }
    effects.map_or(Ok(()), |effects| effects.check(parameters))
}

impl SpendModel {
    /// The model's name in files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::GammaGamma(_) => GammaGamma::NAME,
        }
    }

    /// The parameters of the timing model, by name.
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::GammaGamma(model) => named(model),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = include_str!("../models/fader-hardie-lee-2005-bg-nbd.json");

    fn message(text: &str) -> String {
        ModelFile::from_json(text, "m.json").unwrap_err().to_string()
    }

    #[test]
    fn what_is_damaged_is_refused_by_name() {
        assert!(message("PAR1").starts_with("m.json: not a model file"));
        assert!(message("{}").contains("no \"format\""));
        assert!(message(&PUBLISHED.replace("\"version\": 1", "\"version\": 7")).contains("version 7"));
        assert!(message(&PUBLISHED.replace("\"version\": 1,", "")).contains("without a version"));
        assert!(message(&PUBLISHED.replace("0.243", "-0.243")).contains("r is -0.243"));
        assert!(message(&PUBLISHED.replace("\"alpha\"", "\"beta\"")).contains("beta"));
        assert!(message(&PUBLISHED.replace("bg-nbd", "bg-nbb")).contains("bg-nbb"));
        assert!(message(&PUBLISHED[..PUBLISHED.len() / 2]).contains("damaged"));
    }
}
