//! Kernels of `clv.lifetimes`, the module with the names of the archived package lifetimes: fits and predictions of single models
//! on arrays, without units of the calendar. All arrays of a call have one length; Python checks what is in them.

use clv::Error;
use clv::fit::{FitOptions, Fitted, Verdict, fit_penalized};
use clv::models::{
    BgBb, BgNbd, FuturePurchases, GammaGamma, GammaGammaEdge, Likelihood, MbgNbd, Mixing, ParetoNbd, Timing,
    TimingFuture, TimingKind, TimingModel,
};
use clv::parallel::in_parallel;
use clv::summary::{CountedHistories, CountedSpend, History, check_time};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::exception;
use crate::wait::wait;

type Column<'py> = PyReadonlyArray1<'py, f64>;
type Answer<'py> = PyResult<Bound<'py, PyArray1<f64>>>;

/// Puts the kernels into the extension module, as `clv._clv.lifetimes`.
pub(crate) fn register(parent: &Bound<'_, PyModule>) -> PyResult<()> {
    let module = PyModule::new(parent.py(), "lifetimes")?;
    module.add_function(wrap_pyfunction!(fit_timing, &module)?)?;
    module.add_function(wrap_pyfunction!(fit_spend, &module)?)?;
    module.add_function(wrap_pyfunction!(p_alive, &module)?)?;
    module.add_function(wrap_pyfunction!(purchases, &module)?)?;
    module.add_function(wrap_pyfunction!(chance_of_count, &module)?)?;
    module.add_function(wrap_pyfunction!(purchases_of_new, &module)?)?;
    module.add_function(wrap_pyfunction!(chance_of_count_of_new, &module)?)?;
    module.add_function(wrap_pyfunction!(expected_spend, &module)?)?;
    module.add_function(wrap_pyfunction!(gamma_quantile, &module)?)?;
    module.add_function(wrap_pyfunction!(beta_quantile, &module)?)?;
    parent.add_submodule(&module)
}

/// What is handed over of a fit; the covariance of the logarithms has no numbers for parameters that ran off.
struct Fit {
    parameters: Vec<f64>,
    covariance_of_logs: Vec<Vec<Option<f64>>>,
    log_likelihood: f64,
    verdict: Verdict,
    iterations: u64,
    evaluations: u64,
}

impl Fit {
    fn of<M: Likelihood<N>, const N: usize>(fitted: &Fitted<M>) -> Self {
        let finite = |value: &f64| Some(*value).filter(|value| value.is_finite());
        let rows = fitted.estimate.covariance.rows();
        Self {
            parameters: fitted.model.parameters().to_vec(),
            covariance_of_logs: rows.into_iter().map(|row| row.iter().map(finite).collect()).collect(),
            log_likelihood: fitted.estimate.log_likelihood,
            verdict: fitted.estimate.verdict.clone(),
            iterations: fitted.estimate.iterations,
            evaluations: fitted.estimate.evaluations,
        }
    }

    fn into_dict(self, py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("parameters", self.parameters)?;
        dict.set_item("covariance_of_logs", self.covariance_of_logs)?;
        dict.set_item("log_likelihood", self.log_likelihood)?;
        dict.set_item("converged", self.verdict == Verdict::Converged)?;
        dict.set_item("verdict", self.verdict.to_string())?;
        dict.set_item("iterations", self.iterations)?;
        dict.set_item("evaluations", self.evaluations)?;
        Ok(dict)
    }
}

fn fit_as<M: Likelihood<N, Setting = ()>, const N: usize>(data: &M::Data, penalty: &[f64]) -> Result<Fit, Error> {
    let wrong = |_| Error::usage(format!("{} has {N} parameters, not {}", M::NAME, penalty.len()));
    let penalty: &[f64; N] = penalty.try_into().map_err(wrong)?;
    fit_penalized::<M, N>(data, &FitOptions::default(), penalty).map(|fitted| Fit::of(&fitted))
}

/// Fits a timing model to weighted histories, with a penalty on its parameters.
#[pyfunction]
fn fit_timing<'py>(
    py: Python<'py>,
    model: &str,
    frequency: Column<'py>,
    recency: Column<'py>,
    age: Column<'py>,
    weights: Column<'py>,
    penalty: Vec<f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let kind: TimingKind = model.parse().map_err(exception)?;
    let (past, weights) = (Past::new(&frequency, &recency, &age)?, weights.as_slice()?);
    let fitted = wait(py, || {
        let rows = (0..weights.len()).map(|i| (past.history(i), weights[i])).filter(|(_, weight)| *weight > 0.0);
        let data = if weights.iter().all(|weight| *weight == 1.0) {
            CountedHistories::new((0..weights.len()).map(|i| past.history(i)))
        } else {
            CountedHistories::weighted(rows)
        };
        match kind {
            TimingKind::BgNbd => fit_as::<BgNbd, 4>(&data, &penalty),
            TimingKind::MbgNbd => fit_as::<MbgNbd, 4>(&data, &penalty),
            TimingKind::ParetoNbd => fit_as::<ParetoNbd, 4>(&data, &penalty),
            TimingKind::BgBb => fit_as::<BgBb, 4>(&data, &penalty),
            TimingKind::Nbd | TimingKind::BgCnbd(_) | TimingKind::MbgCnbd(_) | TimingKind::ParetoCnbd(_) => {
                Err(Error::usage(format!("lifetimes has no {}", kind.title())))
            }
        }
    })?;
    fitted.into_dict(py)
}

/// Fits Gamma-Gamma; with `q_from_one`, on the edge `q = 1` if `q` would be below it.
#[pyfunction]
fn fit_spend<'py>(
    py: Python<'py>,
    frequency: Column<'py>,
    monetary_value: Column<'py>,
    weights: Column<'py>,
    penalty: Vec<f64>,
    q_from_one: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let (frequency, spend, weights) = (frequency.as_slice()?, monetary_value.as_slice()?, weights.as_slice()?);
    same_length(&[frequency.len(), spend.len(), weights.len()])?;
    let fitted = wait(py, || {
        let rows = (0..weights.len()).map(|i| (frequency[i] as u32, spend[i], weights[i]));
        let data = CountedSpend::weighted(rows.filter(|row| row.2 > 0.0));
        let free = fit_as::<GammaGamma, 3>(&data, &penalty)?;
        if !q_from_one || free.parameters[1] >= 1.0 {
            return Ok(free);
        }
        let edge = fit_as::<GammaGammaEdge, 2>(&data, &[penalty[0], penalty[2]])?;
        Ok(on_the_edge(edge))
    })?;
    fitted.into_dict(py)
}

/// A fit of `p` and `gamma` as one of all three, of which `q` is held at 1.
fn on_the_edge(edge: Fit) -> Fit {
    let [p, gamma] = [edge.parameters[0], edge.parameters[1]];
    let [pp, cross, bend] =
        [edge.covariance_of_logs[0][0], edge.covariance_of_logs[0][1], edge.covariance_of_logs[1][1]];
    let zero = Some(0.0);
    Fit {
        parameters: vec![p, 1.0, gamma],
        covariance_of_logs: vec![vec![pp, zero, cross], vec![zero; 3], vec![cross, zero, bend]],
        ..edge
    }
}

/// What has been seen of customers, one row each.
#[derive(Clone, Copy)]
struct Past<'a> {
    frequency: &'a [f64],
    recency: &'a [f64],
    age: &'a [f64],
}

impl<'a> Past<'a> {
    fn new(frequency: &'a Column<'_>, recency: &'a Column<'_>, age: &'a Column<'_>) -> PyResult<Self> {
        let (frequency, recency, age) = (frequency.as_slice()?, recency.as_slice()?, age.as_slice()?);
        same_length(&[frequency.len(), recency.len(), age.len()])?;
        Ok(Self { frequency, recency, age })
    }

    fn history(&self, i: usize) -> History {
        History::new(self.frequency[i] as u32, self.recency[i], self.age[i])
    }

    /// Refuses what no customer can have, or a model of opportunities cannot have seen.
    fn check(&self, model: &TimingModel) -> PyResult<()> {
        let check = |history: History| history.check(None).and_then(|()| model.check_history(&history));
        (0..self.frequency.len()).try_for_each(|i| check(self.history(i))).map_err(exception)
    }
}

fn same_length(lengths: &[usize]) -> PyResult<()> {
    if lengths.windows(2).all(|pair| pair[0] == pair[1]) {
        return Ok(());
    }
    Err(exception(Error::usage(format!("arrays of different lengths: {lengths:?}"))))
}

/// Refuses times ahead that no calendar holds, or a model of opportunities does not look at; what lies in the past is none.
fn check_ahead(model: &TimingModel, times: &[f64]) -> PyResult<()> {
    times
        .iter()
        .try_for_each(|&t| check_time("t", t.max(0.0), None).and_then(|()| model.check_ahead(t)))
        .map_err(exception)
}

fn timing(model: &str, parameters: &[f64]) -> PyResult<TimingModel> {
    let kind: TimingKind = model.parse().map_err(exception)?;
    kind.with_parameters(parameters).map_err(exception)
}

/// Rows of a piece of work; so few are not worth a second thread.
const BLOCK: usize = 512;

/// `of(0), of(1), …` on all cores, without the interpreter's lock.
fn by_rows<'py>(py: Python<'py>, rows: usize, of: impl Fn(usize) -> f64 + Sync) -> Answer<'py> {
    let block = |number: usize| (number * BLOCK..rows.min((number + 1) * BLOCK)).map(&of).collect::<Vec<f64>>();
    let values = match rows.div_ceil(BLOCK) {
        0 | 1 => py.detach(|| block(0)),
        blocks => wait(py, || Ok(in_parallel(blocks, block).concat()))?,
    };
    Ok(values.into_pyarray(py))
}

/// A model, and customers whom it is asked about.
struct Question<'a> {
    model: TimingModel,
    past: Past<'a>,
}

impl<'a> Question<'a> {
    /// `others` are columns beside the histories.
    fn new(model: &str, parameters: &[f64], past: Past<'a>, others: &[&[f64]]) -> PyResult<Self> {
        let model = timing(model, parameters)?;
        let lengths = others.iter().map(|column| column.len()).chain([past.age.len()]);
        same_length(&lengths.collect::<Vec<usize>>())?;
        past.check(&model)?;
        Ok(Self { model, past })
    }

    /// What `of` makes of P(alive), of what a customer alive has ahead, and of the row.
    fn by_rows<'py>(&self, py: Python<'py>, of: impl Fn(f64, &TimingFuture, usize) -> f64 + Sync) -> Answer<'py> {
        by_rows(py, self.past.age.len(), |i| {
            let history = self.past.history(i);
            of(self.model.p_alive(&history), &self.model.future(&history), i)
        })
    }
}

/// `P(alive)` a time `ahead` of the end of the observation.
#[pyfunction]
fn p_alive<'py>(
    py: Python<'py>,
    model: &str,
    parameters: Vec<f64>,
    ahead: Column<'py>,
    frequency: Column<'py>,
    recency: Column<'py>,
    age: Column<'py>,
) -> Answer<'py> {
    let ahead = ahead.as_slice()?;
    let question = Question::new(model, &parameters, Past::new(&frequency, &recency, &age)?, &[ahead])?;
    check_ahead(&question.model, ahead)?;
    question.by_rows(py, |alive, future, i| if ahead[i] > 0.0 { alive * future.survival(ahead[i]) } else { alive })
}

/// Expected purchases in the next `t`.
#[pyfunction]
fn purchases<'py>(
    py: Python<'py>,
    model: &str,
    parameters: Vec<f64>,
    t: Column<'py>,
    frequency: Column<'py>,
    recency: Column<'py>,
    age: Column<'py>,
) -> Answer<'py> {
    let t = t.as_slice()?;
    let question = Question::new(model, &parameters, Past::new(&frequency, &recency, &age)?, &[t])?;
    check_ahead(&question.model, t)?;
    question.by_rows(py, |alive, future, i| alive * future.expected_purchases(t[i]))
}

/// `P(n purchases in the next t)`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one a column")]
fn chance_of_count<'py>(
    py: Python<'py>,
    model: &str,
    parameters: Vec<f64>,
    n: Column<'py>,
    t: Column<'py>,
    frequency: Column<'py>,
    recency: Column<'py>,
    age: Column<'py>,
) -> Answer<'py> {
    let (n, t) = (n.as_slice()?, t.as_slice()?);
    let question = Question::new(model, &parameters, Past::new(&frequency, &recency, &age)?, &[n, t])?;
    check_ahead(&question.model, t)?;
    question.by_rows(py, |alive, future, i| {
        let given_alive = alive * future.pmf(n[i] as u32, t[i]);
        if n[i] == 0.0 { given_alive + (1.0 - alive) } else { given_alive }
    })
}

/// Expected repeat purchases of a new customer up to `t`.
#[pyfunction]
fn purchases_of_new<'py>(py: Python<'py>, model: &str, parameters: Vec<f64>, t: Column<'py>) -> Answer<'py> {
    let model = timing(model, &parameters)?;
    let t = t.as_slice()?;
    check_ahead(&model, t)?;
    by_rows(py, t.len(), |i| model.expected_purchases(t[i]))
}

/// `P(n repeat purchases up to t)` of a new customer.
#[pyfunction]
fn chance_of_count_of_new<'py>(
    py: Python<'py>,
    model: &str,
    parameters: Vec<f64>,
    n: Column<'py>,
    t: Column<'py>,
) -> Answer<'py> {
    let model = timing(model, &parameters)?;
    let (n, t) = (n.as_slice()?, t.as_slice()?);
    same_length(&[n.len(), t.len()])?;
    check_ahead(&model, t)?;
    by_rows(py, t.len(), |i| model.pmf(n[i] as u32, t[i]))
}

/// Expected spend per purchase at Gamma-Gamma's `(p, q, gamma)`; infinite where `p x + q ≤ 1`.
#[pyfunction]
fn expected_spend<'py>(
    py: Python<'py>,
    parameters: [f64; 3],
    frequency: Column<'py>,
    monetary_value: Column<'py>,
) -> Answer<'py> {
    let model = GammaGamma::from_parameters(parameters).map_err(exception)?;
    let (frequency, spend) = (frequency.as_slice()?, monetary_value.as_slice()?);
    same_length(&[frequency.len(), spend.len()])?;
    by_rows(py, spend.len(), |i| model.expected_spend(frequency[i] as u32, spend[i]).unwrap_or(f64::INFINITY))
}

/// The value that this share of `Gamma(shape, rate)` does not exceed.
#[pyfunction]
fn gamma_quantile(shape: f64, rate: f64, share: f64) -> f64 {
    Mixing::Gamma { shape, rate }.quantile(share)
}

/// The value that this share of `Beta(a, b)` does not exceed.
#[pyfunction]
fn beta_quantile(a: f64, b: f64, share: f64) -> f64 {
    Mixing::Beta { a, b }.quantile(share)
}
