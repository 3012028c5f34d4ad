//! Every quantity against thousands of points computed with 50 digits (`tests/reference/grid.py`).
//!
//! Required: relative error at most 1e-10 everywhere, median at most 1e-13. The achieved figures are printed:
//! `cargo test --release --test integration grid -- --nocapture`.

use std::io::Read;

use clv::models::{BgNbd, Derivatives, GammaGamma, Likelihood, Timing};
use clv::summary::{CountedHistories, CountedSpend, History};

const WORST: f64 = 1e-10;
const MEDIAN: f64 = 1e-13;

/// Below this a number has lost digits to underflow, and only its size is compared.
const TINY: f64 = 1e-290;

/// What differences at 130 digits with a step of 1e-30 resolve.
const DIFFERENCES: f64 = 1e-40;

struct Grid {
    name: &'static str,
    header: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Grid {
    fn read(name: &'static str) -> Self {
        let path = format!("{}/tests/reference/{name}.csv.gz", env!("CARGO_MANIFEST_DIR"));
        let mut text = String::new();
        flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        let mut lines = text.lines().map(|line| line.split(','));
        let header = lines.next().unwrap().map(str::to_owned).collect();
        let rows: Vec<Vec<f64>> = lines.map(|cells| cells.map(|cell| cell.parse().unwrap()).collect()).collect();
        assert!(rows.len() >= 5000);
        Self { name, header, rows }
    }

    /// Compares what `ours` makes of each row's first `inputs` columns with the rest of the row.
    ///
    /// Derivatives below `unresolved` are lost in the differences that the reference takes, or zero: of those only the size
    /// beside the largest value of the row is compared.
    fn compare(&self, inputs: usize, unresolved: f64, ours: impl Fn(&[f64]) -> Vec<f64>) {
        let mut errors = vec![Vec::new(); self.header.len() - inputs];
        for row in &self.rows {
            let (given, known) = row.split_at(inputs);
            let computed = ours(given);
            assert_eq!(computed.len(), known.len());
            let largest = known.iter().fold(0.0f64, |largest, known| largest.max(known.abs()));
            for (column, (&computed, &known)) in computed.iter().zip(known).enumerate() {
                let error =
                    if known.abs() < unresolved { computed.abs() / largest } else { relative_error(computed, known) };
                errors[column].push((error, computed, known, given));
            }
        }
        let mut failures = Vec::new();
        for (column, mut errors) in errors.into_iter().enumerate() {
            errors.sort_by(|a, b| a.0.total_cmp(&b.0));
            let median = errors[errors.len() / 2].0;
            let (worst, computed, known, given) = errors[errors.len() - 1];
            let quantity = &self.header[inputs + column];
            println!(
                "{:<8} {quantity:<14} {:>5} points  worst {worst:.1e}  median {median:.1e}",
                self.name,
                errors.len()
            );
            if worst > WORST || median > MEDIAN {
                let above = errors.iter().filter(|error| error.0 > WORST).count();
                failures.push(format!("{quantity}: {above} above, worst {computed:e} for {known:e} at {given:?}"));
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
fn flat<const N: usize>(d: &Derivatives<N>) -> Vec<f64> {
    let mut values = vec![d.value];
    values.extend(d.gradient);
    values.extend((0..N).flat_map(|i| d.hessian[i][i..].to_vec()));
    values
}

fn bg_nbd(given: &[f64]) -> BgNbd {
    BgNbd::from_parameters([given[0], given[1], given[2], given[3]]).unwrap()
}

fn history(given: &[f64]) -> History {
    History { frequency: given[4] as u32, t_x: given[5], T: given[6] }
}

#[test]
fn likelihood_and_p_alive() {
    Grid::read("history").compare(7, DIFFERENCES, |given| {
        let (model, history) = (bg_nbd(given), history(given));
        let mut values = flat(&model.log_likelihood(&CountedHistories::new([history])));
        values.push(model.p_alive(&history));
        values
    });
}

#[test]
fn expected_purchases() {
    Grid::read("future").compare(8, 0.0, |given| {
        let (model, history, t) = (bg_nbd(given), history(given), given[7]);
        let existing = model.p_alive(&history) * model.posterior(&history).expected_purchases(t);
        vec![model.expected_purchases(t), existing]
    });
}

#[test]
fn mass_and_tail() {
    Grid::read("mass").compare(6, 0.0, |given| {
        let (model, t, n) = (bg_nbd(given), given[4], given[5] as u32);
        vec![model.pmf(n, t), model.at_least(n, t)]
    });
}

#[test]
fn spend() {
    Grid::read("spend").compare(5, DIFFERENCES, |given| {
        let model = GammaGamma::from_parameters([given[0], given[1], given[2]]).unwrap();
        let (x, m) = (given[3] as u32, given[4]);
        let mut values = flat(&model.log_likelihood(&CountedSpend::new([(x, m)])));
        values.push(model.expected_spend(x, m).unwrap_or(0.0));
        values
    });
}
