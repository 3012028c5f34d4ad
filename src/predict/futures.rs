//! Which customers share a future: it is asked once for all of them. What a future is, each model says ([`Timing::future`]).

use super::Individuals;
use crate::models::{FuturePurchases, Timing};
use crate::parallel::in_parallel;
use crate::summary::Numbering;

/// What a customer who is alive has ahead.
pub(super) type FutureOf<I> = <<I as Individuals>::Timing as Timing>::Future;

/// A customer's future, given alive, depends on the model and on a [key](Timing::future_key) to the history, of which there are far fewer
/// than customers: what is asked of the future is computed once for each.
#[derive(Clone, Debug)]
pub(super) struct Futures {
    /// A row with each distinct future, in the order of their first customers.
    rows: Vec<usize>,
    /// The future of each customer.
    of: Vec<u32>,
}

impl Futures {
    /// Of the customers in these rows.
    pub(super) fn new(individuals: &impl Individuals, rows: impl Iterator<Item = usize>) -> Self {
        let key = |row| {
            let key = individuals.timing(row).future_key(&individuals.history(row));
            (individuals.model_number(row), key)
        };
        Self::by(rows, key)
    }

    /// Of some of these customers, by their places.
    pub(super) fn of_some(&self, places: &[usize]) -> Self {
        let mut some = Self::by(places.iter().copied(), |place| self.of[place]);
        some.rows.iter_mut().for_each(|place| *place = self.rows[self.of[*place] as usize]);
        some
    }

    fn by<K: std::hash::Hash + Eq + Copy>(rows: impl Iterator<Item = usize>, key: impl Fn(usize) -> K) -> Self {
        let mut numbers = Numbering::new();
        let mut distinct = Vec::new();
        let of = rows
            .map(|row| {
                let number = numbers.number(key(row));
                if number as usize == distinct.len() {
                    distinct.push(row);
                }
                number
            })
            .collect();
        Self { rows: distinct, of }
    }

    /// What `answer` makes of each distinct future, on all cores where there are many.
    pub(super) fn map<I: Individuals, R: Send>(
        &self,
        individuals: &I,
        answer: impl Fn(FutureOf<I>) -> R + Sync,
    ) -> Vec<R> {
        const AT_ONCE: usize = 64;
        let chunks: Vec<&[usize]> = self.rows.chunks(AT_ONCE).collect();
        let answer = |&row: &usize| answer(individuals.timing(row).future(&individuals.history(row)));
        let answers = in_parallel(chunks.len(), |i| chunks[i].iter().map(answer).collect::<Vec<R>>());
        answers.into_iter().flatten().collect()
    }

    /// Number of distinct futures.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Which of the answers is that of the customer at a place.
    pub(super) fn of_customer(&self, place: usize) -> usize {
        self.of[place] as usize
    }

    /// Which of the answers is that of each customer.
    pub(super) fn by_customer(&self) -> impl Iterator<Item = usize> + '_ {
        self.of.iter().map(|&future| future as usize)
    }

    /// P(alive) of each customer times the answer, given alive, of its future.
    pub(super) fn of_customers(&self, p_alive: &[f64], given_alive: &[f64]) -> Vec<f64> {
        self.by_customer().zip(p_alive).map(|(future, alive)| alive * given_alive[future]).collect()
    }
}

/// Expected purchases, plain and discounted, of who has this ahead.
pub(super) fn until<F: FuturePurchases>(future: &F, t: f64, delta: f64) -> (f64, f64) {
    if t.is_infinite() {
        let dert = future.dert(delta);
        return (dert, dert);
    }
    let purchases = future.expected_purchases(t);
    if delta == 0.0 {
        return (purchases, purchases);
    }
    (purchases, future.det(t, delta))
}

/// Expected purchases between `delay` and `t`, plain and discounted. What is left of a difference has an absolute error of about 1e-13 of the whole.
pub(super) fn between<F: FuturePurchases>(future: &F, delay: f64, t: f64, delta: f64) -> (f64, f64) {
    let (purchases, discounted) = until(future, t, delta);
    if delay == 0.0 {
        return (purchases, discounted);
    }
    let (before, discounted_before) = until(future, delay, delta);
    let discounted = (discounted - discounted_before).max(0.0);
    (if t.is_infinite() { discounted } else { (purchases - before).max(0.0) }, discounted)
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;
    use crate::models::{FutureKey, FuturePurchases, GammaGamma, Heterogeneity, Nbd};
    use crate::predict::{DiscountRate, Horizon, OneModel, Outlook, PerCustomer, Valuation, ValueQuestions};
    use crate::summary::{Day, Grain, History, Observation, Summary, TimeUnit};

    /// A model that remembers when the last purchase was: rates are `Gamma(r + x, alpha +
    /// T - t_x)`.
    #[derive(Clone, Copy, Debug)]
    struct Remembering(Nbd);

    impl FuturePurchases for Remembering {
        fn expected_purchases(&self, t: f64) -> f64 {
            self.0.expected_purchases(t)
        }

        fn dert(&self, delta: f64) -> f64 {
            self.0.dert(delta)
        }

        fn time_scale(&self) -> f64 {
            self.0.time_scale()
        }

        fn mass(&self, n: f64, t: f64) -> f64 {
            self.0.mass(n, t)
        }

        fn tail(&self, n: f64, t: f64) -> f64 {
            self.0.tail(n, t)
        }

        fn survival(&self, t: f64) -> f64 {
            self.0.survival(t)
        }

        fn ever_repeats(&self) -> f64 {
            self.0.ever_repeats()
        }

        fn draw_count(&self, t: f64, rng: &mut impl Rng) -> f64 {
            self.0.draw_count(t, rng)
        }
    }

    impl Timing for Remembering {
        type Future = Nbd;

        fn future_key(&self, history: &History) -> FutureKey {
            FutureKey::of_all(history)
        }

        fn future(&self, history: &History) -> Nbd {
            Nbd { r: self.0.r + history.x(), alpha: self.0.alpha + history.T - history.t_x }
        }

        fn p_alive(&self, history: &History) -> f64 {
            1.0 / (1.0 + history.T - history.t_x)
        }

        fn draw_purchases(&self, t: f64, rng: &mut impl Rng, times: &mut Vec<f64>) {
            self.0.draw_purchases(t, rng, times);
        }

        fn heterogeneity(&self) -> Vec<Heterogeneity> {
            self.0.heterogeneity()
        }
    }

    /// Customers who differ in the last purchase alone, each answered together with the others and alone.
    #[test]
    fn every_answer_is_that_of_the_customer_s_own_future() {
        let observation = Observation { unit: TimeUnit::Week, grain: Grain::Day, end: Day(0) };
        let histories = (0..40).map(|i| (History { frequency: 3, t_x: f64::from(i % 20) + 1.0, T: 30.0 }, 10.0));
        let summary = Summary::from_histories(histories.collect::<Vec<_>>(), observation);
        let timing = Remembering(Nbd { r: 0.7, alpha: 9.0 });
        let spend = Some(GammaGamma { p: 6.25, q: 3.74, gamma: 15.44 });
        fn alike(timing: Remembering, summary: &Summary) -> OneModel<'_, Remembering> {
            OneModel { timing, unit: TimeUnit::Week, grain: Grain::Day, summary }
        }
        let horizons = ["13w", "13w..39w", "forever"].map(|text| text.parse::<Horizon>().unwrap());
        let discount = DiscountRate::annual(0.1).unwrap();
        let (valuation, one) = (Valuation { discount, ..Valuation::default() }, PerCustomer::All(1.0));
        let questions = ValueQuestions { intervals: vec![0.8], over: vec![20.0] };
        let answers = |summary: &Summary| {
            let outlook = Outlook::new(alike(timing, summary), summary, spend.map(Into::into)).unwrap();
            let customers = outlook.everybody();
            let chances = outlook.chances_ahead(&horizons).unwrap();
            let forecast = customers.forecast(&outlook.ahead(&horizons, &discount).unwrap(), &valuation).unwrap();
            let mut columns: Vec<Vec<f64>> = vec![forecast.p_alive];
            for horizon in forecast.horizons {
                columns.extend([Some(horizon.purchases), horizon.discounted, horizon.clv].into_iter().flatten());
            }
            for chances in &chances {
                let chances = customers.chances(chances);
                columns.extend([chances.p_purchase, chances.p_alive].into_iter().flatten());
            }
            columns.extend(customers.count_probabilities(&horizons[0], 3).unwrap());
            for (low, high) in customers.count_intervals(&horizons[0], &[], &[0.9]).unwrap() {
                columns.extend([low, high]);
            }
            let values = customers.values(&horizons[0], &one, &[], &questions).unwrap();
            values.intervals.into_iter().for_each(|(low, high)| columns.extend([low, high]));
            columns.extend(values.over);
            let next = customers.next_purchase(&[0.5]).unwrap();
            columns.push(next.p_ever);
            columns.extend(next.by.iter().map(|days| days.iter().map(|day| f64::from(day.unwrap().0)).collect()));
            columns.push(outlook.expected_purchases(2.0, 8.0).unwrap());
            columns
        };
        let together = answers(&summary);
        assert!(together.len() > 20);
        for row in 0..summary.len() {
            for (column, (all, alone)) in together.iter().zip(answers(&summary.select(&[row]))).enumerate() {
                assert_eq!(all[row], alone[0], "row {row}, column {column}");
            }
        }
        // Of forty customers with twenty pasts, twenty futures.
        let futures = Futures::new(&alike(timing, &summary), 0..40);
        assert_eq!(futures.map(&alike(timing, &summary), |future| future.alpha).len(), 20);
        assert_eq!(futures.of_some(&[39, 19, 0]).rows, [19, 0]);
    }
}
