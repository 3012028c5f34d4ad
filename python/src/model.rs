//! Models: fitted, or with parameters that are given, and what they answer.

use arrow_array::RecordBatch;
use clv::answers::{
    EffectsTable, MOST_COUNTS, NewCustomers, Predicted, Questions, Sort, TotalsTable, describe_new, effect_rows,
};
use clv::covariates::{Covariate, Effects, UnknownLevels};
use clv::evaluate::{CalibratedHorizons, Calibrating};
use clv::fit::{FitOptions, FitRecord};
use clv::model_file::{ModelFile, ModelOptions, SpendModel, SpendRecord, TimingRecord};
use clv::models::{FuturePurchases, GammaGamma, Likelihood, Timing, TimingKind, TimingModel};
use clv::predict::{Horizon, Individuals, Modelled, Predictor, SpendModels, check_distinct};
use clv::summary::{CurrencyCode, Day, Grain, Observation, TimeUnit, check_time};
use clv::summary_file::Stated;
use clv::{Error, Result};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::{Deserialize, Serialize};

use crate::ahead::Ahead;
use crate::arguments::options_of;
use crate::counts::Counts;
use crate::errors::{exception, in_python};
use crate::orders::Orders;
use crate::summary::Summary;
use crate::table::{Table, batch};
use crate::wait::wait;

type Reals<'py> = Bound<'py, PyArray1<f64>>;

/// What makes the model again, and of what.
type Pickled<'py> = (Bound<'py, PyAny>, (String, &'static str, bool, bool));

/// A model of purchase timing, of spend, or of both.
#[pyclass(frozen, module = "clv._clv")]
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) file: ModelFile,
    /// Whether the end of its data is known, rather than any.
    pub(crate) is_dated: bool,
    /// Whether its time unit has a name.
    pub(crate) knows_unit: bool,
    /// What becomes of a customer with a level that the fit did not know.
    unknown_levels: UnknownLevels,
}

/// How the columns of covariates are read.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CovariateReading {
    unknown_levels: UnknownLevels,
}

impl Model {
    fn predictor(&self) -> Result<Predictor> {
        if self.file.timing.is_none() {
            return Err(Error::usage("this is a model of spend alone"));
        }
        self.file.predictor().map(|predictor| predictor.with_unknown_levels(self.unknown_levels))
    }

    /// A model, and what is known of its data's times.
    pub(crate) fn new(file: ModelFile, is_dated: bool, knows_unit: bool) -> Self {
        Self { file, is_dated, knows_unit, unknown_levels: UnknownLevels::default() }
    }

    /// The timing model of a new customer who is like this.
    fn timing_of_new(&self, with: &[(String, String)]) -> Result<TimingModel> {
        let predictor = self.predictor()?;
        let mut new = clv::summary::Summary::of_new_customers(1, 0.0, self.observation());
        describe_new(with, &predictor.covariates_of_timing(), &mut new)?;
        Modelled::new(&predictor, &new).map(|modelled| modelled.timing(0))
    }

    /// Coefficients of `timing` or `spend`, if there are any.
    fn effects_of(&self, of: &str) -> Option<&Effects> {
        match of {
            "timing" => self.file.timing.as_ref()?.covariates.as_ref(),
            "spend" => self.file.spend.as_ref()?.covariates.as_ref(),
            _ => None,
        }
    }

    /// The spend models of a summary's customers.
    fn spend_models(&self, summary: &Summary) -> Result<SpendModels> {
        self.check_amounts(summary)?;
        let SpendRecord { model: SpendModel::GammaGamma(model), covariates, .. } = self.spend()?;
        SpendModels::of_customers(*model, covariates.as_ref(), &summary.inner, self.unknown_levels)
    }

    /// The predictor for these customers, whose times must be in a unit that the model knows.
    pub(crate) fn predictor_for(&self, summary: &Summary) -> Result<Predictor> {
        let predictor = self.predictor()?;
        let unknown = |which: &str| {
            Err(Error::usage(format!(
                "{which} time unit is not known, because there were no dates: give unit= to the model"
            )))
        };
        match (self.knows_unit, summary.knows_unit) {
            (true, false) => unknown("the summary's"),
            (false, true) => unknown("the model's"),
            _ => predictor.check(&summary.inner).map(|()| predictor),
        }
    }

    /// Horizons calibrated by what these orders teach, or by what is known.
    fn calibrated(&self, summary: &Summary, horizons: &[Horizon], orders: &Orders) -> Result<CalibratedHorizons> {
        let predictor = self.predictor_for(summary)?;
        let calibrating = Calibrating {
            model: predictor.timing.kind(),
            with_spend: predictor.spend.is_some(),
            fit: FitOptions::default(),
            cohort: orders.cohort(),
            known: &self.file.calibration,
        };
        calibrating.horizons(&mut orders.log(), &summary.inner, horizons)
    }

    /// Horizons as the engine has them.
    pub(crate) fn horizons(&self, given: &[Ahead], is_dated: bool) -> Result<Vec<Horizon>> {
        given.iter().map(|ahead| self.horizon(ahead, is_dated)).collect()
    }

    fn horizon(&self, ahead: &Ahead, is_dated: bool) -> Result<Horizon> {
        let observation = self.observation();
        let horizon = ahead.horizon(self.knows_unit.then_some(observation.unit), observation.grain)?;
        let without = |what: &str, give: &str| {
            Err(Error::usage(format!(
                "the horizon '{horizon}' takes {what}, and there were no dates: give {give} to the model, or the horizon as a number in \
                 the unit of T"
            )))
        };
        match ahead {
            Ahead::Time(time) if !self.knows_unit && self.counts() && (time.fract() != 0.0 || *time == 0.0) => Err(
                Error::usage(format!("the horizon {time} is no whole number of opportunities; give one, from 1 on")),
            ),
            Ahead::Text(_) if !self.knows_unit && !is_dated => without("a time unit", "unit= and until="),
            Ahead::Text(_) if !is_dated && !horizon.is_time(&observation) => without("a calendar", "until="),
            _ => Ok(horizon),
        }
    }

    /// Unit, grain and end of its data, known or any.
    fn observation(&self) -> Observation {
        let any = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(3) };
        self.file.data.map_or(any, |data| Observation { unit: data.unit, grain: data.grain, end: data.end })
    }

    /// Whether it counts opportunities.
    fn counts(&self) -> bool {
        self.file.timing.as_ref().is_some_and(|timing| timing.model.kind().is_discrete())
    }
}

#[pymethods]
impl Model {
    /// Fits a model of timing, and Gamma-Gamma beside it, to a summary; also the repeat customers whom the latter leaves out.
    #[staticmethod]
    fn fit(py: Python<'_>, summary: &Summary, given: &Bound<'_, PyDict>) -> PyResult<(Self, f64)> {
        let options = model_options(given).map_err(exception)?;
        if options.with_spend {
            summary.check_spend().map_err(exception)?;
        }
        let (file, without) = wait(py, || ModelFile::fit(&*summary.inner, &options))?;
        Ok((Self::new(file, summary.is_dated, summary.knows_unit), without))
    }

    /// The same to counted customers.
    #[staticmethod]
    fn fit_counts(py: Python<'_>, counts: &Counts, given: &Bound<'_, PyDict>) -> PyResult<(Self, f64)> {
        let options = model_options(given).map_err(exception)?;
        let timing = counts.timing();
        let (file, without) = wait(py, || ModelFile::fit(&*counts.inner, &options))?;
        Ok((Self::new(file, timing.is_dated, timing.knows_unit), without))
    }

    /// Fits Gamma-Gamma alone to counted customers.
    #[staticmethod]
    fn fit_spend_counts(py: Python<'_>, counts: &Counts, given: &Bound<'_, PyDict>) -> PyResult<(Self, f64)> {
        let options = model_options(given).map_err(exception)?;
        let timing = counts.timing();
        let (file, without) = wait(py, || ModelFile::of_spend(&*counts.inner, &options))?;
        Ok((Self::new(file, timing.is_dated, timing.knows_unit), without))
    }

    /// Fits Gamma-Gamma alone.
    #[staticmethod]
    fn fit_spend(py: Python<'_>, summary: &Summary, given: &Bound<'_, PyDict>) -> PyResult<(Self, f64)> {
        let options = model_options(given).map_err(exception)?;
        summary.check_spend().map_err(exception)?;
        let (file, without) = wait(py, || ModelFile::of_spend(&*summary.inner, &options))?;
        Ok((Self::new(file, summary.is_dated, summary.knows_unit), without))
    }

    /// With parameters that are known, by the name of the model and in its order.
    #[staticmethod]
    fn of_parameters(kind: &str, parameters: Vec<f64>, times: &Bound<'_, PyDict>) -> PyResult<Self> {
        let make = || {
            let Stated { unit, grain, end: until } = options_of(times)?;
            let counts = kind == "bg-bb";
            let usual = if counts { unit.map_or(Grain::Week, TimeUnit::grain) } else { Grain::Day };
            let grain = grain.unwrap_or(usual);
            let end = until.unwrap_or(Day(3));
            let mut file = ModelFile::new(&Observation { unit: unit.unwrap_or(TimeUnit::Week), grain, end });
            if kind == "gamma-gamma" {
                let [p, q, gamma] = parameters[..] else {
                    return Err(Error::usage("gamma-gamma has the parameters p, q and gamma"));
                };
                let model = SpendModel::GammaGamma(GammaGamma::from_parameters([p, q, gamma])?);
                file.spend = Some(SpendRecord { model, frequency_correlation: None, fit: None, covariates: None });
            } else {
                let model = kind.parse::<TimingKind>()?.with_parameters(&parameters)?;
                file.timing = Some(TimingRecord { model, fit: None, selection: None, covariates: None });
            }
            Ok(Self::new(file, unit.is_some() && until.is_some(), unit.is_some()))
        };
        make().map_err(exception)
    }

    /// From the text of a model file.
    #[staticmethod]
    #[pyo3(signature = (text, name, is_dated=true, knows_unit=true))]
    fn from_json(text: &str, name: &str, is_dated: bool, knows_unit: bool) -> PyResult<Self> {
        let file = ModelFile::from_json(text, name).map_err(exception)?;
        Ok(Self::new(file, is_dated, knows_unit))
    }

    /// The text of a model file.
    fn to_json(&self) -> String {
        self.file.to_json()
    }

    /// Whether the end of its data is known.
    #[getter]
    fn is_dated(&self) -> bool {
        self.is_dated
    }

    /// Whether its time unit has a name.
    #[getter]
    pub(crate) fn knows_unit(&self) -> bool {
        self.knows_unit
    }

    /// Time unit of its data, if it is known.
    #[getter]
    fn unit(&self) -> Option<&'static str> {
        self.file.data.as_ref().filter(|_| self.knows_unit).map(|data| data.unit.name())
    }

    /// What the amounts of its data are in, if it is known.
    #[getter]
    fn currency(&self) -> Option<String> {
        self.currency_code().map(|currency| currency.to_string())
    }

    /// Period of purchases of its data, known or taken for granted.
    #[getter]
    fn grain(&self) -> Option<&'static str> {
        self.file.data.as_ref().map(|data| data.grain.name())
    }

    /// Last day of its data, if it is known.
    #[getter]
    fn until(&self) -> Option<String> {
        self.file.data.as_ref().filter(|_| self.is_dated).map(|data| data.end.to_string())
    }

    /// The longest age in its data, if that is known.
    #[getter]
    fn longest(&self) -> Option<f64> {
        let (length, observation) = (self.file.data.as_ref()?.length?, self.observation());
        // The last day, or period, is not part of an age.
        let last = clv::summary::Summary::of_new_customers(0, 0.0, observation).length();
        Some(length - last)
    }

    /// Whether there is a model of spend.
    #[getter]
    fn has_spend(&self) -> bool {
        self.file.spend.is_some()
    }

    /// The same, with this way with levels that the fit did not know.
    fn with_unknown_levels(&self, given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let CovariateReading { unknown_levels } = options_of(given).map_err(exception)?;
        Ok(Self { unknown_levels, ..self.clone() })
    }

    /// Names of all covariates, each once.
    #[getter]
    fn covariates(&self) -> Vec<String> {
        let effects = ["timing", "spend"].into_iter().filter_map(|of| self.effects_of(of));
        let mut names: Vec<String> = Vec::new();
        for covariate in effects.flat_map(|effects| &effects.covariates) {
            if !names.contains(&covariate.name) {
                names.push(covariate.name.clone());
            }
        }
        names
    }

    /// Coefficients of `timing` or `spend`, with all that is known of them; no rows if there are none.
    fn effects(&self, of: &str) -> PyResult<Table> {
        let rows = self.effects_of(of).map_or_else(Vec::new, |effects| effect_rows(effects, self.fit_of(of)));
        Table::of(&EffectsTable::new(&rows).table()).map_err(exception)
    }

    /// What a customer with zeros in all columns of `timing` or `spend` is, covariate by covariate.
    fn references(&self, of: &str) -> Vec<String> {
        let covariates = self.effects_of(of).into_iter().flat_map(|effects| &effects.covariates);
        covariates.map(Covariate::reference).collect()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Pickled<'py>> {
        let make = py.get_type::<Self>().getattr("from_json")?;
        Ok((make, (self.to_json(), "pickled model", self.is_dated, self.knows_unit)))
    }

    /// Timing from one and spend from the other.
    fn join(&self, other: &Self) -> PyResult<Self> {
        let file = self.file.clone().join(other.file.clone()).map_err(exception)?;
        Ok(Self { file, ..self.clone() })
    }

    /// The verdict of the fit of `timing` or `spend`, in a sentence.
    fn verdict(&self, of: &str) -> Option<String> {
        self.fit_of(of).map(|fit| fit.verdict.to_string())
    }

    /// AIC and BIC of the fit of `timing` or `spend`.
    fn criteria(&self, of: &str) -> PyResult<(f64, f64)> {
        let fit = self.fit_of(of).ok_or_else(|| Error::usage("the model was not fitted"));
        fit.map(|fit| (fit.aic(), fit.bic())).map_err(exception)
    }

    /// What else to know of the fit of `timing` or `spend`.
    fn cautions(&self, of: &str) -> Vec<String> {
        let cautions = self.fit_of(of).into_iter().flat_map(|fit| &fit.cautions);
        cautions.map(in_python).collect()
    }

    /// Which models could not be chosen, and why, if the timing model was chosen among several.
    fn not_chosen(&self) -> Vec<String> {
        let selection = self.file.timing.as_ref().and_then(|timing| timing.selection.as_ref());
        let sentences = selection.map(|selection| selection.not_chosen()).unwrap_or_default();
        sentences.iter().map(in_python).collect()
    }

    /// The model of spend alone.
    fn of_spend(&self) -> Self {
        let mut file = self.file.clone();
        file.timing = None;
        Self { file, ..self.clone() }
    }

    /// One new customer, or totals of so many of them, acquired on the last day of the model's data or on a later one.
    fn predict_new(
        &self,
        py: Python<'_>,
        horizons: Vec<Ahead>,
        given: &Bound<'_, PyDict>,
        customers: Option<u32>,
        times: &Bound<'_, PyDict>,
        like: Vec<(String, String)>,
    ) -> PyResult<Table> {
        let Stated { end: until, .. } = options_of(times).map_err(exception)?;
        let is_dated = self.is_dated || (self.knows_unit && until.is_some());
        let horizons = self.horizons(&horizons, is_dated).map_err(exception)?;
        let questions = self.suited(questions_of(given, horizons), is_dated).map_err(exception)?;
        wait(py, || {
            let predictor = self.predictor()?;
            let known = self.observation();
            let observation = Observation { end: until.unwrap_or(known.end), ..known };
            let new = NewCustomers::new(&predictor, observation, customers, |new| {
                describe_new(&like, &predictor.covariates(), new)
            })?;
            let uncertainty = self.file.uncertainty();
            let asked = questions.of(&predictor, &uncertainty, &new.one, new.crowd.as_ref())?;
            match customers {
                Some(_) => Ok(without_calendar(Table::of(&TotalsTable::new(&asked).table())?, is_dated)),
                None => Ok(Table::of_parts(answers(&asked)?)),
            }
        })
    }

    /// That horizons are longer than what was observed, in words, if they are.
    fn beyond_observation(&self, summary: &Summary, horizons: Vec<Ahead>) -> PyResult<Vec<String>> {
        let horizons = self.horizons(&horizons, summary.is_dated).map_err(exception)?;
        let words = self.file.beyond_observation(&summary.inner, &horizons).map_err(exception)?;
        Ok(words.iter().map(in_python).collect())
    }

    /// Everything that is asked of every customer, in the order of the summary; with their orders also what these teach, and why not.
    #[pyo3(signature = (summary, horizons, given, orders=None))]
    fn predict(
        &self,
        py: Python<'_>,
        summary: &Summary,
        horizons: Vec<Ahead>,
        given: &Bound<'_, PyDict>,
        orders: Option<PyRef<'_, Orders>>,
    ) -> PyResult<(Table, Vec<String>)> {
        let ahead = self.horizons(&horizons, summary.is_dated).map_err(exception)?;
        let orders = orders.as_deref();
        let calibrated = orders.map(|orders| wait(py, || self.calibrated(summary, &ahead, orders))).transpose()?;
        let CalibratedHorizons { horizons: calibrated, without } = calibrated.unwrap_or_default();
        let table = self.ask(py, summary, &horizons, given, |asked| {
            let asked = asked.with_calibrated(calibrated);
            Ok(summary.identified(Table::of_parts(answers(&asked)?)))
        })?;
        Ok((table, without.iter().map(in_python).collect()))
    }

    /// Totals with intervals.
    fn totals(
        &self,
        py: Python<'_>,
        summary: &Summary,
        horizons: Vec<Ahead>,
        given: &Bound<'_, PyDict>,
    ) -> PyResult<Table> {
        self.ask(py, summary, &horizons, given, |asked| {
            Ok(without_calendar(Table::of(&TotalsTable::new(&asked).table())?, summary.is_dated))
        })
    }

    /// P(alive) at the end of the observation.
    fn p_alive<'py>(&self, py: Python<'py>, summary: &Summary) -> PyResult<Reals<'py>> {
        Ok(wait(py, || Ok(self.predictor_for(summary)?.outlook(&summary.inner)?.everybody().p_alive().to_vec()))?
            .into_pyarray(py))
    }

    /// Expected purchases up to a horizon.
    fn expected_purchases<'py>(&self, py: Python<'py>, summary: &Summary, ahead: Ahead) -> PyResult<Reals<'py>> {
        let purchases = wait(py, || {
            let predictor = self.predictor_for(summary)?;
            let (begin, end) = match ahead {
                Ahead::Time(time) => (0.0, time),
                Ahead::Text(_) => self.horizon(&ahead, summary.is_dated)?.bounds(&summary.inner.observation)?,
            };
            predictor.outlook(&summary.inner)?.expected_purchases(begin, end)
        })?;
        Ok(purchases.into_pyarray(py))
    }

    /// The chances of 0, 1, … up to `most` purchases, a column each.
    fn pmf<'py>(&self, py: Python<'py>, summary: &Summary, ahead: Ahead, most: u32) -> PyResult<Vec<Reals<'py>>> {
        check_most(most).map_err(exception)?;
        let columns = wait(py, || {
            let horizon = self.horizon(&ahead, summary.is_dated)?;
            self.predictor_for(summary)?.outlook(&summary.inner)?.everybody().count_probabilities(&horizon, most)
        })?;
        Ok(columns.into_iter().map(|column| column.into_pyarray(py)).collect())
    }

    /// Mean spend of each customer's purchases.
    fn expected_spend<'py>(&self, py: Python<'py>, summary: &Summary) -> PyResult<Reals<'py>> {
        let spends = wait(py, || {
            let models = self.spend_models(summary)?;
            let rows = summary.inner.frequency.iter().zip(&summary.inner.monetary_value).enumerate();
            rows.map(|(row, (&x, &m))| models.of(row).expected_spend(x, m)).collect::<Result<Vec<f64>>>()
        })?;
        Ok(spends.into_pyarray(py))
    }

    /// Mean spend of a new customer's purchases.
    fn population_mean(&self) -> PyResult<f64> {
        let mean = || {
            let SpendRecord { model: SpendModel::GammaGamma(model), covariates, .. } = self.spend()?;
            match covariates {
                None => model.population_mean(),
                Some(_) => Err(Error::usage(
                    "this spend model has covariates, so its customers differ and no one mean is theirs: ask expected_spend of them"
                        .to_owned(),
                )),
            }
        };
        mean().map_err(exception)
    }

    /// Log-likelihood of a summary.
    fn log_likelihood(&self, py: Python<'_>, summary: &Summary) -> PyResult<f64> {
        wait(py, || match &self.file.timing {
            Some(_) => Ok(Modelled::new(&self.predictor_for(summary)?, &summary.inner)?.log_likelihood()),
            None => Ok(self.spend_models(summary)?.log_likelihood(&summary.inner)),
        })
    }

    /// Of a new customer: expected repeat purchases up to these times.
    fn expected_purchases_new<'py>(
        &self,
        py: Python<'py>,
        times: Vec<f64>,
        like: Vec<(String, String)>,
    ) -> PyResult<Reals<'py>> {
        self.of_new(py, &times, &like, |timing, t| timing.expected_purchases(t))
    }

    /// Of a new customer: P(alive) at these times.
    fn p_alive_new<'py>(&self, py: Python<'py>, times: Vec<f64>, like: Vec<(String, String)>) -> PyResult<Reals<'py>> {
        self.of_new(py, &times, &like, |timing, t| timing.survival(t))
    }

    /// Of a new customer: P(X(t) = n) for n from 0 to `most`.
    fn pmf_new<'py>(&self, py: Python<'py>, t: f64, most: u32, like: Vec<(String, String)>) -> PyResult<Reals<'py>> {
        check_most(most).map_err(exception)?;
        let timing = self.timing_of_new(&like).map_err(exception)?;
        check_times(&timing, &[t]).map_err(exception)?;
        Ok(wait(py, || Ok((0..=most).map(|n| timing.pmf(n, t)).collect::<Vec<f64>>()))?.into_pyarray(py))
    }
}

impl Model {
    /// What is asked of a summary's customers, answered.
    fn ask(
        &self,
        py: Python<'_>,
        summary: &Summary,
        horizons: &[Ahead],
        given: &Bound<'_, PyDict>,
        answer: impl FnOnce(Predicted<'_>) -> Result<Table> + Send,
    ) -> PyResult<Table> {
        let horizons = self.horizons(horizons, summary.is_dated).map_err(exception)?;
        let questions = self.suited(questions_of(given, horizons), summary.is_dated).map_err(exception)?;
        wait(py, || {
            let predictor = self.predictor_for(summary)?;
            if predictor.spend.is_some() {
                summary.check_spend()?;
            }
            let uncertainty = self.file.uncertainty();
            answer(questions.of(&predictor, &uncertainty, &summary.inner, None)?)
        })
    }

    /// The evidence of the fit of `timing`, `spend` or `retention`, if there was one.
    fn fit_of(&self, of: &str) -> Option<&FitRecord> {
        match of {
            "timing" => self.file.timing.as_ref()?.fit.as_ref(),
            "retention" => self.file.retention.as_ref()?.fit.as_ref(),
            _ => self.file.spend.as_ref()?.fit.as_ref(),
        }
    }

    /// Refuses what takes a calendar, or a year, where there is none.
    fn suited(&self, questions: Result<Questions>, is_dated: bool) -> Result<Questions> {
        let questions = questions?;
        if !self.knows_unit && questions.discount.per_year() != 0.0 {
            return Err(Error::usage(
                "discount is a rate a year, and the time unit is not known, because there were no dates: give unit= to the model",
            ));
        }
        if !is_dated && !questions.next.is_empty() {
            return Err(Error::usage("next tells days, and there were no dates: give unit= and until= to the model"));
        }
        Ok(questions)
    }

    fn currency_code(&self) -> Option<CurrencyCode> {
        self.file.data.as_ref().and_then(|data| data.currency)
    }

    /// Refuses amounts that are not known, or in another currency.
    fn check_amounts(&self, summary: &Summary) -> Result<()> {
        CurrencyCode::check(self.currency_code(), summary.inner.currency)?;
        summary.check_spend()
    }

    fn spend(&self) -> Result<&SpendRecord> {
        let spend = self.file.spend.as_ref();
        spend.ok_or_else(|| Error::usage("the model has no spend model".to_owned()))
    }

    fn of_new<'py>(
        &self,
        py: Python<'py>,
        times: &[f64],
        like: &[(String, String)],
        answer: impl Fn(&TimingModel, f64) -> f64 + Send + Sync,
    ) -> PyResult<Reals<'py>> {
        let timing = self.timing_of_new(like).map_err(exception)?;
        check_times(&timing, times).map_err(exception)?;
        let answers = wait(py, || Ok(times.iter().map(|&t| answer(&timing, t)).collect::<Vec<f64>>()))?;
        Ok(answers.into_pyarray(py))
    }
}

/// Which models are fitted, and how, checked.
fn model_options(given: &Bound<'_, PyDict>) -> Result<ModelOptions> {
    let options: ModelOptions = options_of(given)?;
    options.check().map(|()| options)
}

/// What is asked of customers, who stay in the order of the summary, checked.
fn questions_of(given: &Bound<'_, PyDict>, horizons: Vec<Horizon>) -> Result<Questions> {
    check_distinct(&horizons)?;
    let questions = Questions { horizons, sort: Sort::Summary, ..options_of(given)? };
    questions.check().map(|()| questions)
}

/// Totals without days that nobody knows.
fn without_calendar(table: Table, is_dated: bool) -> Table {
    if is_dated { table } else { table.without("end").expect("all tables can do without") }
}

/// Every customer's row, part by part.
fn answers(asked: &Predicted<'_>) -> Result<Vec<RecordBatch>> {
    asked.parts(|part| batch(&part.table(asked)))
}

fn check_most(most: u32) -> Result<()> {
    if most <= MOST_COUNTS {
        return Ok(());
    }
    Err(Error::usage(format!("most is {most}; at most the chances of {MOST_COUNTS} purchases are told")))
}

/// Whether the model can look so far ahead.
fn check_times(model: &TimingModel, times: &[f64]) -> Result<()> {
    times.iter().try_for_each(|&t| {
        check_time("a time", t, None)?;
        model.check_ahead(t)
    })
}
