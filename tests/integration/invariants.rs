//! What must hold between the points of the grid, for any parameters and histories.

use clv::models::{BgNbd, FuturePurchases, GammaGamma, Timing};
use clv::summary::History;
use proptest::prelude::*;

/// Evenly over the orders of magnitude.
fn magnitude(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low..high).prop_map(|exponent| 10f64.powf(exponent))
}

fn model() -> impl Strategy<Value = BgNbd> {
    let parameter = || magnitude(-6.0, 6.0);
    (parameter(), parameter(), prop_oneof![parameter(), Just(1.0)], parameter()).prop_map(|(r, alpha, a, b)| BgNbd {
        r,
        alpha,
        a,
        b,
    })
}

fn history() -> impl Strategy<Value = History> {
    let frequency = prop_oneof![Just(0u32), magnitude(0.0, 5.0).prop_map(|x| x as u32)];
    (frequency, magnitude(-9.0, 6.0), prop_oneof![Just(1.0), 0.0..1.0f64])
        .prop_map(|(frequency, T, share)| History::new(frequency, if frequency == 0 { 0.0 } else { T * share }, T))
}

/// Rounding allowed between two numbers that mathematics orders.
const ROUNDING: f64 = 1e-11;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn p_alive_is_a_probability_and_rises_with_recency(model in model(), history in history(), share in 0.0..1.0f64) {
        let alive = model.p_alive(&history);
        prop_assert!((0.0..=1.0).contains(&alive));
        prop_assert!(history.frequency > 0 || alive == 1.0);
        let earlier = History::new(history.frequency, history.t_x * share, history.T);
        prop_assert!(model.p_alive(&earlier) <= alive * (1.0 + ROUNDING));
    }

    #[test]
    fn expected_purchases_are_bounded_and_rise_with_time(
        model in model(),
        history in history(),
        t in magnitude(-9.0, 9.0),
        longer in 1.0..10.0f64,
    ) {
        for future in [model, model.future(&history)] {
            let expected = future.expected_purchases(t);
            prop_assert!(expected > 0.0 && expected.is_finite());
            // Nobody purchases more than those who never leave, and one purchase more than those who leave next.
            prop_assert!(expected <= future.r * t / future.alpha * (1.0 + ROUNDING));
            prop_assert!(future.expected_purchases(t * longer) >= expected * (1.0 - ROUNDING));
            // The mean number of purchases before leaving, E[1/p] = (a + b - 1)/(a - 1), bounds them for a > 1.
            if future.a > 1.0 {
                let most = (future.a + future.b - 1.0) / (future.a - 1.0);
                prop_assert!(expected <= most * (1.0 + ROUNDING));
            }
        }
        prop_assert_eq!(model.expected_purchases(0.0), 0.0);
    }

    #[test]
    fn masses_are_probabilities_that_add_up(model in model(), t in magnitude(-9.0, 9.0), n in 0u32..40) {
        let mass = model.pmf(n, t);
        let (here, next) = (model.at_least(n, t), model.at_least(n + 1, t));
        prop_assert!((0.0..=1.0 + ROUNDING).contains(&mass));
        prop_assert!(next <= here * (1.0 + ROUNDING) && here <= 1.0 + ROUNDING);
        // P(X = n) = P(X >= n) - P(X >= n + 1), but for what the subtraction loses.
        prop_assert!((here - next - mass).abs() <= 1e-13 + ROUNDING * mass, "{} {} {}", here, next, mass);
    }

    #[test]
    fn expected_spend_lies_between_the_customer_and_the_population(
        p in magnitude(-3.0, 3.0),
        q in magnitude(0.01, 3.0),
        gamma in magnitude(-6.0, 6.0),
        x in 1u32..100_000,
        m in magnitude(-6.0, 6.0),
    ) {
        let model = GammaGamma { p, q, gamma };
        let population = model.population_mean().unwrap();
        let expected = model.expected_spend(x, m).unwrap();
        prop_assert!(expected >= population.min(m) * (1.0 - ROUNDING) && expected <= population.max(m) * (1.0 + ROUNDING));
        prop_assert!(model.expected_spend(x, 2.0 * m).unwrap() > expected);
        prop_assert!(model.expected_spend(x, -m).unwrap() > 0.0);
    }
}
