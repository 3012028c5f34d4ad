//! A model of the family whose parameters differ by covariates, as a target.

use std::borrow::Cow;

use ndarray::Array2;
use rand_pcg::Pcg64;

use super::blocks::BlockReader;
use super::plain::{MANY_ROWS, THINNED, poisson};
use super::{Blocks, Coordinate, Plain, Redraw, Resampling, Target, TargetValue};
use crate::covariates::Moved;
use crate::error::Result;
use crate::models::{Derivatives, Likelihood, Resample};
use crate::parallel::in_parallel;
use crate::summary::{Counted, CountedRows};
use crate::task::checkpoint;

/// A coefficient as a fit sees it: the column that it multiplies, what it moves, and its name.
#[derive(Clone, Debug)]
pub struct Slope {
    /// Its name.
    pub name: String,
    /// The column.
    pub column: usize,
    /// The parameters that it moves.
    pub moves: Vec<Moved>,
}

/// The log-likelihood of a model of which `ln θ_j = ln θ_j + Σ_k s_jk g_k z_k` in each block of customers, `z` its columns.
///
/// Coordinates are the logarithms of the parameters where all columns are zero, then the coefficients `g`. With `∇` and `H` the
/// derivatives of a block's log-likelihood in the logarithms of its own parameters, and `c_k` the signs with which a coefficient moves these,
///
/// ```text
/// d/dg_k = z_k c_k·∇,   d²/dg_k dθ_j = z_k (H c_k)_j,   d²/dg_k dg_l = z_k z_l c_k·H c_l
/// ```
#[derive(Debug)]
pub struct Regression<'a, M: Likelihood<N>, const N: usize>
where
    M::Data: CountedRows,
{
    setting: M::Setting,
    blocks: Cow<'a, Blocks<M::Data>>,
    slopes: &'a [Slope],
    /// The coefficients of each column.
    of_column: Vec<Vec<usize>>,
    coordinates: Vec<Coordinate>,
    near: Vec<f64>,
    customers: f64,
    distinct: usize,
}

/// Pieces that blocks are shared out in; fixed, so that sums have the same digits on any number of cores.
const PIECES: usize = 64;

impl<'a, M: Likelihood<N>, const N: usize> Regression<'a, M, N>
where
    M::Data: CountedRows,
{
    /// Of these blocks and coefficients, and of a model with this setting; `near` is where the parameters may be.
    pub fn new(setting: M::Setting, blocks: &'a Blocks<M::Data>, slopes: &'a [Slope], near: &[f64]) -> Self {
        Self::of(setting, Cow::Borrowed(blocks), slopes, near)
    }

    fn of(setting: M::Setting, blocks: Cow<'a, Blocks<M::Data>>, slopes: &'a [Slope], near: &[f64]) -> Self {
        let scales = M::PARAMETERS.iter().zip(M::scales(setting, &blocks.pooled));
        let parameters = scales.map(|(name, scale)| Coordinate::logarithm(name, scale));
        let coefficients = slopes.iter().map(|slope| Coordinate::real(&slope.name, 1.0));
        let coordinates = parameters.chain(coefficients).collect();
        let columns = slopes.iter().map(|slope| slope.column + 1).max().unwrap_or(0);
        let mut of_column = vec![Vec::new(); columns];
        slopes.iter().enumerate().for_each(|(i, slope)| of_column[slope.column].push(i));
        let (mut customers, mut distinct) = (0.0, 0);
        let mut reader = BlockReader::new(&blocks);
        for block in 0..blocks.len() {
            let data = reader.read(block);
            customers += data.customers();
            distinct += data.distinct();
        }
        Self { setting, blocks, slopes, of_column, coordinates, near: near.to_vec(), customers, distinct }
    }

    fn size(&self) -> usize {
        N + self.slopes.len()
    }

    /// The coefficients of a block that are not zero, with the values of their columns.
    fn active(&self, block: usize, active: &mut Vec<(usize, f64)>) {
        active.clear();
        for &(column, z) in self.blocks.columns(block).iter().filter(|(_, z)| *z != 0.0) {
            let coefficients = self.of_column.get(column as usize).into_iter().flatten();
            active.extend(coefficients.map(|&k| (k, z)));
        }
    }

    /// The plain model of a block.
    fn model(&self, theta: &[f64], active: &[(usize, f64)]) -> Result<M> {
        let mut logs: [f64; N] = std::array::from_fn(|i| theta[i]);
        for &(k, z) in active {
            self.slopes[k].moves.iter().for_each(|moved| logs[moved.parameter] += moved.sign * theta[N + k] * z);
        }
        M::with_setting(self.setting, logs.map(f64::exp))
    }

    /// The sum over some of the blocks.
    fn over(&self, blocks: std::ops::Range<usize>, theta: &[f64]) -> Option<TargetValue> {
        let n = self.size();
        let mut sum = TargetValue { value: 0.0, gradient: vec![0.0; n], hessian: Array2::zeros((n, n)) };
        let (mut active, mut lost) = (Vec::new(), 0.0);
        let mut reader = BlockReader::new(&self.blocks);
        for block in blocks {
            self.active(block, &mut active);
            let d = self.model(theta, &active).ok()?.log_likelihood(reader.read(block));
            add_exactly(&mut sum.value, &mut lost, d.value);
            self.add(&mut sum, &d, &active);
        }
        sum.value += lost;
        Some(sum)
    }

    /// Adds the derivatives of a block, by the chain rule; of the Hessian the upper triangle.
    fn add(&self, sum: &mut TargetValue, d: &Derivatives<N>, active: &[(usize, f64)]) {
        for i in 0..N {
            sum.gradient[i] += d.gradient[i];
            for j in i..N {
                sum.hessian[[i, j]] += d.hessian[i][j];
            }
        }
        for (place, &(k, z)) in active.iter().enumerate() {
            let moves = &self.slopes[k].moves;
            // z H c
            let mut bend = [0.0; N];
            for moved in moves {
                let by = z * moved.sign;
                sum.gradient[N + k] += by * d.gradient[moved.parameter];
                (0..N).for_each(|i| bend[i] += by * d.hessian[i][moved.parameter]);
            }
            for (i, bend) in bend.iter().enumerate() {
                sum.hessian[[i, N + k]] += bend;
            }
            for &(l, other) in &active[place..] {
                let cross: f64 =
                    self.slopes[l].moves.iter().map(|moved| other * moved.sign * bend[moved.parameter]).sum();
                sum.hessian[[N + k.min(l), N + k.max(l)]] += cross;
            }
        }
    }
}

/// Neumaier's compensated sum.
fn add_exactly(sum: &mut f64, lost: &mut f64, term: f64) {
    let next = *sum + term;
    *lost += if sum.abs() >= term.abs() { (*sum - next) + term } else { (term - next) + *sum };
    *sum = next;
}

impl<M: Likelihood<N>, const N: usize> Target for Regression<'_, M, N>
where
    M::Data: CountedRows,
    M::Setting: Sync,
{
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn coordinates(&self) -> &[Coordinate] {
        &self.coordinates
    }

    fn customers(&self) -> f64 {
        self.customers
    }

    fn distinct(&self) -> usize {
        self.distinct
    }

    fn at(&self, theta: &[f64]) -> TargetValue {
        checkpoint();
        let (n, count) = (self.size(), self.blocks.len());
        let size = count.div_ceil(PIECES).max(1);
        let pieces = in_parallel(count.div_ceil(size), |i| self.over(i * size..((i + 1) * size).min(count), theta));
        let mut sum = TargetValue { value: 0.0, gradient: vec![0.0; n], hessian: Array2::zeros((n, n)) };
        let mut lost = 0.0;
        for piece in pieces {
            // A parameter beyond the range of a number.
            let Some(piece) = piece else { return TargetValue::impossible(n) };
            add_exactly(&mut sum.value, &mut lost, piece.value);
            sum.gradient.iter_mut().zip(&piece.gradient).for_each(|(sum, slope)| *sum += slope);
            sum.hessian += &piece.hessian;
        }
        sum.value += lost;
        for i in 0..n {
            for j in 0..i {
                sum.hessian[[i, j]] = sum.hessian[[j, i]];
            }
        }
        sum
    }

    fn score_products(&self, theta: &[f64]) -> Array2<f64> {
        let n = self.size();
        let mut products = Array2::zeros((n, n));
        let (mut active, mut score) = (Vec::new(), vec![0.0; n]);
        let mut reader = BlockReader::new(&self.blocks);
        for block in 0..self.blocks.len() {
            self.active(block, &mut active);
            let Ok(model) = self.model(theta, &active) else { return Array2::from_elem((n, n), f64::NAN) };
            let own: Vec<usize> = (0..N).chain(active.iter().map(|(k, _)| N + k)).collect();
            reader.read(block).each_alone(|one, customers| {
                let gradient = model.log_likelihood(one).gradient;
                score[..N].copy_from_slice(&gradient);
                for &(k, z) in &active {
                    let moves = self.slopes[k].moves.iter();
                    score[N + k] = moves.map(|moved| z * moved.sign * gradient[moved.parameter]).sum();
                }
                for &i in &own {
                    own.iter().for_each(|&j| products[[i, j]] += customers * score[i] * score[j]);
                }
            });
        }
        products
    }

    fn starts(&self) -> Vec<Vec<f64>> {
        let starts = M::starts(self.setting, &self.blocks.pooled);
        let plain = starts.iter().map(|start| {
            let zeros = std::iter::repeat_n(0.0, self.slopes.len());
            Plain::theta(start).into_iter().chain(zeros).collect()
        });
        std::iter::once(self.near.clone()).chain(plain).collect()
    }

    fn check(&self) -> Result<()> {
        M::check(&self.blocks.pooled)
    }

    /// A part of the blocks where they are small, a part of the rows of each where they are not.
    fn thinned(&self) -> Option<Box<dyn Target + '_>> {
        const FEW: usize = 8;
        if self.distinct < MANY_ROWS {
            return None;
        }
        let part = if self.distinct < FEW * THINNED * self.blocks.len() {
            // As many as can tell the coefficients apart.
            let every = THINNED.min(self.blocks.len() / (100 * self.size())).max(1);
            self.blocks.some(every)
        } else {
            let is_many = |data: &M::Data| data.distinct() > FEW * THINNED;
            self.blocks.map(|_, data| if is_many(data) { data.thinned(THINNED) } else { data.clone() })
        };
        Some(Box::new(Self::of(self.setting, Cow::Owned(part), self.slopes, &self.near)))
    }
}

impl<M: Resample<N>, const N: usize> Redraw for Regression<'_, M, N>
where
    M::Data: CountedRows,
    M::Setting: Sync,
{
    fn redrawn(&self, by: Resampling, theta: &[f64], rng: &mut Pcg64) -> Box<dyn Target + '_> {
        let mut active = Vec::new();
        let redraw = |block: usize, data: &M::Data| match by {
            Resampling::Customers => M::reweighted(data, |customers| poisson(customers, rng)),
            Resampling::Model => {
                self.active(block, &mut active);
                self.model(theta, &active).map_or_else(|_| data.clone(), |model| model.simulated(data, rng))
            }
        };
        Box::new(Self::of(self.setting, Cow::Owned(self.blocks.map(redraw)), self.slopes, theta))
    }
}
