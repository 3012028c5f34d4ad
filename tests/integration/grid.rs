//! Every quantity against thousands of points computed with 50 digits (`tests/reference/grid.py`).
//!
//! Required: relative error at most 1e-10 everywhere, median at most 1e-13. The achieved figures are printed:
//! `cargo test --release --test integration grid -- --nocapture`.

use std::io::Read;

use clv::models::{FuturePurchases, GammaGamma, Likelihood, Sbg, Stages, Timing, TimingKind, TimingModel};
use clv::summary::{CountedHistories, CountedLifetimes, CountedSpend, History};
use ndarray::{Array1, Array2};

const WORST: f64 = 1e-10;
const MEDIAN: f64 = 1e-13;

/// Below this a number has lost digits to underflow, and only its size is compared.
const TINY: f64 = 1e-290;

/// What differences at 130 digits with a step of 1e-30 resolve.
const DIFFERENCES: f64 = 1e-40;

struct Grid {
    name: String,
    header: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Grid {
    fn read(name: &str) -> Self {
        let path = format!("{}/tests/reference/{name}.csv.gz", env!("CARGO_MANIFEST_DIR"));
        let mut text = String::new();
        flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        let mut lines = text.lines().map(|line| line.split(','));
        let header = lines.next().unwrap().map(str::to_owned).collect();
        let rows: Vec<Vec<f64>> = lines.map(|cells| cells.map(|cell| cell.parse().unwrap()).collect()).collect();
        // Of regular purchases some are slow to compute with so many digits.
        let least = if name.ends_with("bg-cnbd-discount") {
            200
        } else if name.contains("cnbd") {
            400
        } else {
            1000
        };
        assert!(rows.len() >= least);
        Self { name: name.to_owned(), header, rows }
    }

    /// Compares what `ours` makes of each row's first `inputs` columns with the rest of the row.
    ///
    /// Derivatives below `unresolved` are lost in the differences that the reference takes, or zero: of those that
    /// are off by themselves only the size beside the largest value of the row is compared. In the columns named, values below the share `hidden` of the largest
    /// derivative of the row are compared beside that; how many of them are off by themselves is printed.
    fn compare(&self, inputs: usize, unresolved: f64, hidden: &Hidden, ours: impl Fn(&[f64]) -> Vec<f64>) {
        let mut errors = vec![Vec::new(); self.header.len() - inputs];
        let mut off_alone = 0;
        for row in &self.rows {
            let (given, known) = row.split_at(inputs);
            let computed = ours(given);
            assert_eq!(computed.len(), known.len());
            let largest = known.iter().fold(0.0f64, |largest, known| largest.max(known.abs()));
            let least = hidden.share * known[1..].iter().fold(0.0f64, |largest, known| largest.max(known.abs()));
            for (column, (&computed, &known)) in computed.iter().zip(known).enumerate() {
                let alone = relative_error(computed, known);
                let error = if known.abs() < unresolved {
                    alone.min(computed.abs() / largest)
                } else if known.abs() < least && hidden.columns.contains(&&*self.header[inputs + column]) {
                    off_alone += usize::from(alone > WORST);
                    (computed - known).abs() / least
                } else {
                    alone
                };
                errors[column].push((error, computed, known, given));
            }
        }
        if off_alone > 0 {
            println!("{:<18} {off_alone} second derivatives above {WORST:e} by themselves", self.name);
        }
        let mut failures = Vec::new();
        for (column, mut errors) in errors.into_iter().enumerate() {
            errors.sort_by(|a, b| a.0.total_cmp(&b.0));
            let median = errors[errors.len() / 2].0;
            let (worst, computed, known, given) = errors[errors.len() - 1];
            let quantity = &self.header[inputs + column];
            println!(
                "{:<18} {quantity:<14} {:>5} points  worst {worst:.1e}  median {median:.1e}",
                self.name,
                errors.len()
            );
            if worst > WORST || median > MEDIAN {
                let above = errors.iter().filter(|error| error.0 > WORST).count();
                failures.push(format!(
                    "{} {quantity}: {above} above, worst {computed:e} for {known:e} at {given:?}",
                    self.name
                ));
            }
        }
        assert!(failures.is_empty(), "{failures:#?}");
    }
}

fn relative_error(computed: f64, known: f64) -> f64 {
    if computed == known || computed.abs() < TINY && known.abs() < TINY {
        return 0.0;
    }
    // Not a number compares as the worst.
    let error = ((computed - known) / known).abs();
    if error.is_nan() { f64::INFINITY } else { error }
}

/// Value, gradient, and the upper triangle of the Hessian by rows.
fn flat(value: f64, gradient: &Array1<f64>, hessian: &Array2<f64>) -> Vec<f64> {
    let n = gradient.len();
    let upper = (0..n).flat_map(|i| (i..n).map(move |j| hessian[[i, j]]));
    std::iter::once(value).chain(gradient.iter().copied()).chain(upper).collect()
}

/// The model and the history that a row of a grid begins with, and the rest of it.
fn customer(kind: TimingKind, given: &[f64]) -> (TimingModel, History, &[f64]) {
    let (model, rest) = model(kind, given);
    (model, History::new(rest[0] as u32, rest[1], rest[2]), &rest[3..])
}

fn model(kind: TimingKind, given: &[f64]) -> (TimingModel, &[f64]) {
    // Where the kind leaves its number of stages open, that is the first column.
    let (kind, given) = match kind.is_open() {
        true => (kind.with_stages(Stages::new(given[0] as u32).unwrap()), &given[1..]),
        false => (kind, given),
    };
    let (parameters, rest) = given.split_at(kind.parameters().len());
    (kind.with_parameters(parameters).unwrap(), rest)
}

/// Compares one kind of grid for every model of the family, its inputs being the parameters and so many columns.
fn family(grid: &str, columns: usize, unresolved: f64, ours: impl Fn(TimingKind, &[f64]) -> Vec<f64>) {
    for &kind in TimingKind::ALL {
        let inputs = usize::from(kind.is_open()) + kind.parameters().len() + columns;
        let hidden = if grid == "history" { hidden(kind) } else { NOTHING };
        Grid::read(&format!("{kind}-{grid}")).compare(inputs, unresolved, &hidden, |given| ours(kind, given));
    }
}

/// Columns whose small values are what is left of larger terms.
struct Hidden {
    share: f64,
    columns: &'static [&'static str],
}

const NOTHING: Hidden = Hidden { share: 0.0, columns: &[] };

/// Where it is next to certain that a customer left before anything was bought, some second derivatives of Pareto/NBD,
/// Pareto/CNBD-k and BG/BB are what is left of terms ten thousand times larger, or more.
fn hidden(kind: TimingKind) -> Hidden {
    let columns: &[&str] = match kind {
        TimingKind::ParetoCnbd(_) => &["r_r", "r_alpha", "alpha_alpha"],
        TimingKind::ParetoNbd => &["r_r", "r_alpha", "alpha_alpha", "alpha_s", "alpha_beta", "s_beta", "beta_beta"],
        TimingKind::BgBb => &["alpha_gamma", "beta_gamma"],
        _ => &[],
    };
    Hidden { share: 1e-4, columns }
}

#[test]
fn likelihood_and_p_alive() {
    family("history", 3, DIFFERENCES, |kind, given| {
        let (model, history, _) = customer(kind, given);
        let (value, gradient, hessian) = model.log_likelihood(&CountedHistories::new([history]));
        let mut values = flat(value, &gradient, &hessian);
        values.push(model.p_alive(&history));
        values
    });
}

#[test]
fn expected_purchases() {
    family("future", 4, 0.0, |kind, given| {
        let (model, history, rest) = customer(kind, given);
        let existing = model.p_alive(&history) * model.future(&history).expected_purchases(rest[0]);
        vec![model.expected_purchases(rest[0]), existing]
    });
}

#[test]
fn mass_and_tail() {
    family("mass", 2, 0.0, |kind, given| {
        let (model, rest) = model(kind, given);
        vec![model.pmf(rest[1] as u32, rest[0]), model.at_least(rest[1] as u32, rest[0])]
    });
}

#[test]
fn alive_later_and_ever_back() {
    // One customer in 1e25 is nobody: below that only sizes are compared.
    const NOBODY: f64 = 1e-25;
    family("alive", 1, NOBODY, |kind, given| {
        let (model, rest) = model(kind, given);
        vec![model.survival(rest[0]), model.ever_repeats()]
    });
}

#[test]
fn discounted_purchases() {
    family("discount", 5, 0.0, |kind, given| {
        let (model, history, rest) = customer(kind, given);
        let (t, delta) = (rest[0], rest[1]);
        let existing = model.p_alive(&history) * model.future(&history).dert(delta);
        vec![model.det(t, delta), model.dert(delta), existing]
    });
}

#[test]
fn lifetimes_of_contracts() {
    Grid::read("sbg-lifetime").compare(3, DIFFERENCES, &NOTHING, |given| {
        let model = Sbg::from_parameters([given[0], given[1]]).unwrap();
        let t = given[2] as usize;
        // One customer who left after t periods, and one who was there after t.
        let stayed = vec![1.0; t];
        let left = CountedLifetimes::from_survivors(&[[&stayed[..], &[0.0]].concat()]).unwrap();
        let there = CountedLifetimes::from_survivors(&[[&stayed[..], &[1.0]].concat()]).unwrap();
        let flat = |data: &CountedLifetimes| {
            let d = model.log_likelihood(data);
            flat(d.value, &Array1::from(d.gradient.to_vec()), &Array2::from(d.hessian.to_vec()))
        };
        [flat(&left), flat(&there)].concat()
    });
    Grid::read("sbg-residual").compare(4, 0.0, &NOTHING, |given| {
        let model = Sbg::from_parameters([given[0], given[1]]).unwrap();
        vec![model.derl(given[2] as u32, given[3].ln_1p())]
    });
}

#[test]
fn spend() {
    Grid::read("gamma-gamma-spend").compare(5, DIFFERENCES, &NOTHING, |given| {
        let model = GammaGamma::from_parameters([given[0], given[1], given[2]]).unwrap();
        let (x, m) = (given[3] as u32, given[4]);
        let d = model.log_likelihood(&CountedSpend::new([(x, m)]));
        let mut values = flat(d.value, &Array1::from(d.gradient.to_vec()), &Array2::from(d.hessian.to_vec()));
        values.push(model.expected_spend(x, m).unwrap_or(0.0));
        values
    });
}
