//! What the purchases of a group are worth together: how it moves with the spend model, and how it is spread where moments tell.

use super::SpendModels;
use super::counted_customers::CountedCustomers;
use super::crowd::Crowd;
use super::expected::Expected;
use crate::error::Result;
use crate::models::{Counts, GammaGamma};
use crate::special::Cumulants;

/// The least shape `q'` of a customer's rate of spend with which the moments of what is spent are used: those of twice the order of
/// the ones that are needed exist, and so a sum over thousands has converged to what its moments say.
const LEAST_SHAPE: f64 = 8.0;

/// Customers of a group beyond which moments are used.
const LEAST_CUSTOMERS: f64 = 1000.0;

/// The value of a group: of customers whose moments tell, and of those whose futures are drawn.
pub(super) struct ValueTotal {
    /// At the estimates; none if all are drawn.
    by_moments: Option<Cumulants>,
    of_moments: SpendClasses,
    drawn: SpendClasses,
    /// Of those on whom the lot falls, whose futures are drawn.
    of_lot: SpendClasses,
}

impl ValueTotal {
    /// Of each group of `all` customers, of whom `few` were chosen by lot, and of whom those who are `listed`, each for so many `times`
    /// of a group, have known numbers of purchases. Where `is_drawn`, all customers of a group are drawn.
    pub(super) fn of_groups(
        all: &Expected<'_>,
        few: &Expected<'_>,
        listed: &Expected<'_>,
        times: &[f64],
        is_drawn: &[bool],
    ) -> Vec<Self> {
        let sums = sums_by_moments(listed, times);
        let by_moments: Vec<Option<Cumulants>> = sums
            .into_iter()
            .zip(is_drawn)
            .map(|((customers, sum), is_drawn)| {
                (!is_drawn && customers > LEAST_CUSTOMERS && sum.is_nearly_normal()).then_some(sum)
            })
            .collect();
        let is_by_moments = |of: &Expected<'_>, row: usize| {
            by_moments[of.customers.grouping.of[row] as usize].is_some() && has_moments(of, row)
        };
        // With covariates of spend as many classes as customers, and so of a few.
        let moved = if few.spend.as_ref().is_some_and(SpendModels::is_one) { all } else { few };
        let of_moments = SpendClasses::of_groups(moved, |row| is_by_moments(moved, row));
        let drawn = SpendClasses::of_groups(moved, |row| !is_by_moments(moved, row));
        let of_lot = SpendClasses::of_groups(few, |row| !is_by_moments(few, row));
        let expected = expected_by_moments(all, is_by_moments);
        let parts = of_moments.into_iter().zip(drawn).zip(of_lot).zip(by_moments).zip(expected).enumerate();
        parts
            .map(|(group, ((((of_moments, drawn), of_lot), by_moments), expected))| Self {
                by_moments: by_moments.map(|cumulants| Cumulants { mean: expected, ..cumulants }),
                of_moments,
                drawn: drawn.scaled_to(all.sums[group].value - expected),
                of_lot,
            })
            .collect()
    }

    /// Whether futures of the customers in a row are drawn.
    pub(super) fn is_drawn(&self, of: &Expected<'_>, row: usize) -> bool {
        self.by_moments.is_none() || !has_moments(of, row)
    }

    /// In a future whose place among those of the customers with moments is `share`, and in which those drawn spend `sum`; all deviate by
    /// `root` times as much, where they are more. The spend model may have `moved` from its estimate.
    pub(super) fn of_future(&self, share: f64, sum: f64, root: f64, moved: Option<&SpendModels>) -> f64 {
        let by_moments = self.by_moments.map_or(0.0, |total| total.quantile(share) * self.of_moments.move_by(moved));
        let deviation = sum - self.of_lot.estimate * self.of_lot.move_by(moved);
        let drawn = match root == 1.0 {
            true => sum,
            false => self.drawn.estimate * self.drawn.move_by(moved) + root * deviation,
        };
        (by_moments + drawn).max(0.0)
    }
}

/// Whether moments tell how the spend of the customers in a row is spread.
fn has_moments(of: &Expected<'_>, row: usize) -> bool {
    let x = f64::from(of.customers.summary.frequency[row]);
    of.spend.as_ref().is_some_and(|spend| spend.of(row).q + spend.of(row).p * x > LEAST_SHAPE)
}

/// Customers with moments of each group, and the cumulants of what they spend together.
fn sums_by_moments(listed: &Expected<'_>, times: &[f64]) -> Vec<(f64, Cumulants)> {
    let mut sums = vec![(0.0, Cumulants::default()); times.len()];
    let (Some(crowd), Some(spend)) = (&listed.crowd, &listed.spend) else { return sums };
    let moments = CountMoments::new(crowd);
    let CountedCustomers { summary, grouping, .. } = listed.customers;
    for row in (0..summary.len()).filter(|&row| has_moments(listed, row)) {
        let group = grouping.of[row] as usize;
        let (customers, sum) = &mut sums[group];
        let weight = times[group] * summary.weight(row);
        *customers += weight;
        *sum = sum.plus(moments.value(listed.customers, crowd, row, &spend.of(row)), weight);
    }
    sums
}

/// Expected value of the customers with moments, of each group.
fn expected_by_moments(all: &Expected<'_>, is_by_moments: impl Fn(&Expected<'_>, usize) -> bool) -> Vec<f64> {
    let mut sums = vec![0.0; all.sums.len() - 1];
    for (row, value) in all.value.iter().flatten().enumerate().filter(|(row, _)| is_by_moments(all, *row)) {
        sums[all.customers.grouping.of[row] as usize] += all.customers.summary.weight(row) * value;
    }
    sums
}

/// Moments about zero of the number of purchases of each distinct future, given alive.
struct CountMoments(Vec<[f64; 4]>);

impl CountMoments {
    fn new(crowd: &Crowd) -> Self {
        Self(crowd.counts.iter().map(raw_moments).collect())
    }

    /// Cumulants of what one customer of a row spends, as the margin has it.
    ///
    /// The spend on `n` purchases is `γ'` times a beta-prime variate `(p n, q')`, whose moments are
    /// `(p n)(p n + 1)…(p n + k - 1)/((q' - 1)(q' - 2)…(q' - k))`.
    fn value(&self, customers: &CountedCustomers, crowd: &Crowd, row: usize, spend: &GammaGamma) -> Cumulants {
        let CountedCustomers { summary, margin, .. } = customers;
        let GammaGamma { p, q, gamma } = spend.posterior(summary.frequency[row], summary.monetary_value[row]);
        let [n1, n2, n3, n4] = self.0[crowd.future[row] as usize];
        let rising = [
            p * n1,
            p * (p * n2 + n1),
            p * (p * (p * n3 + 3.0 * n2) + 2.0 * n1),
            p * (p * (p * (p * n4 + 6.0 * n3) + 11.0 * n2) + 6.0 * n1),
        ];
        let (mut scale, mut moments) = (crowd.alive[row], [0.0; 4]);
        for ((k, moment), rising) in (1..).zip(&mut moments).zip(rising) {
            scale *= margin.of(row) * gamma / (q - f64::from(k));
            *moment = scale * rising;
        }
        Cumulants::of_raw(moments)
    }
}

fn raw_moments(counts: &Counts) -> [f64; 4] {
    let mut moments = [0.0; 4];
    for (n, chance) in counts.points() {
        let mut power = chance;
        for moment in &mut moments {
            power *= n;
            *moment += power;
        }
    }
    moments
}

/// Expected purchases of the customers of some rows, as the margin weighs them, with what their expected spend depends on: it is linear in
/// the mean amount, so that those of the same frequency and spend model are one.
#[derive(Clone, Debug, Default)]
struct SpendClasses {
    classes: Vec<SpendClass>,
    /// Expected value at the estimate.
    estimate: f64,
    /// The same, of the classes alone.
    of_classes: f64,
}

#[derive(Clone, Debug)]
struct SpendClass {
    /// One of the rows.
    row: usize,
    number: u32,
    x: u32,
    weight: f64,
    /// Sum of mean amounts by weight.
    amounts: f64,
}

impl SpendClasses {
    /// Of each group, of the rows that are wanted.
    fn of_groups(of: &Expected<'_>, is_wanted: impl Fn(usize) -> bool) -> Vec<Self> {
        let CountedCustomers { summary, grouping, margin, .. } = of.customers;
        let mut groups = vec![Vec::new(); grouping.names.len()];
        let Some(spend) = &of.spend else { return Vec::new() };
        for row in (0..summary.len()).filter(|&row| is_wanted(row)) {
            let weight = summary.weight(row) * margin.of(row) * of.purchases[row];
            let (number, x) = (spend.number(row), summary.frequency[row]);
            // Who has not come back has no mean, whatever stands there.
            let amount = if x == 0 { 0.0 } else { summary.monetary_value[row].max(0.0) };
            groups[grouping.of[row] as usize].push(SpendClass { row, number, x, weight, amounts: weight * amount });
        }
        groups.into_iter().map(|classes| Self::new(merged(classes), spend)).collect()
    }

    fn new(classes: Vec<SpendClass>, spend: &SpendModels) -> Self {
        let of_classes = expected(&classes, spend).unwrap_or_default();
        Self { classes, estimate: of_classes, of_classes }
    }

    /// As a part of others, who are expected to spend so much.
    fn scaled_to(self, estimate: f64) -> Self {
        Self { estimate, ..self }
    }

    /// What the expected value is with another spend model, in shares of what it is at the estimate.
    fn move_by(&self, moved: Option<&SpendModels>) -> f64 {
        let moved = moved.and_then(|spend| expected(&self.classes, spend).ok()).filter(|_| self.of_classes > 0.0);
        moved.map_or(1.0, |moved| moved / self.of_classes)
    }
}

fn merged(mut classes: Vec<SpendClass>) -> Vec<SpendClass> {
    classes.sort_by_key(|class| (class.number, class.x));
    classes.dedup_by(|other, class| {
        let are_alike = (other.number, other.x) == (class.number, class.x);
        if are_alike {
            class.weight += other.weight;
            class.amounts += other.amounts;
        }
        are_alike
    });
    classes
}

fn expected(classes: &[SpendClass], spend: &SpendModels) -> Result<f64> {
    let known = classes.iter().filter(|class| class.weight > 0.0);
    let of_class = |class: &SpendClass| {
        Ok(class.weight * spend.of(class.row).expected_spend(class.x, class.amounts / class.weight)?)
    };
    known.map(of_class).sum()
}
