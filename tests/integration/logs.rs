//! Logs of orders merge: in any division, order and grouping, in memory or in temporary files, they hold the same.

use clv::summary::{
    AttributeValue, Cohort, CustomerDay, Day, Excluded, Grain, OrderBuffer, PurchaseLog, Summary, TimeUnit,
};
use proptest::prelude::*;

const CUSTOMERS: [&str; 6] = ["1", "20", "549755813888", "ann", "bob", ""];

type Row = (usize, i32, f64, Option<usize>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let amount = prop_oneof![-50.0..0.0f64, 0.0..1e6f64, Just(0.1), Just(1e13)];
    prop::collection::vec((0..CUSTOMERS.len(), -800..800i32, amount, prop::option::of(0..3usize)), 0..60)
}

fn log(rows: &[Row], memory: Option<usize>) -> PurchaseLog {
    let log = PurchaseLog::with_attributes(Grain::Week, &["country".to_owned()]);
    let log = match memory {
        Some(bytes) => log.holding(bytes),
        None => log,
    };
    // Several buffers, as threads have them.
    for rows in rows.chunks(7) {
        let mut buffer = OrderBuffer::default();
        for &(customer, day, amount, country) in rows {
            let said = std::iter::once(country.map(|country| ["DE", "FR", "US"][country]));
            log.add_described(&mut buffer, CUSTOMERS[customer].into(), Day(day), amount, said).unwrap();
        }
        log.settle(&mut buffer).unwrap();
    }
    log
}

type Contents = (Vec<CustomerDay>, Vec<AttributeValue>, Option<(Summary, Excluded)>);

fn contents(mut log: PurchaseLog) -> Contents {
    let (mut days, mut said) = (Vec::new(), Vec::new());
    for shard in PurchaseLog::shards() {
        let (more_days, more_said) = log.contents().unwrap().shard(shard).unwrap();
        days.extend(more_days);
        said.extend(more_said);
    }
    let cohort = Cohort { from: Some(Day(-300)), first_purchase_before: None };
    (days, said, log.summary(TimeUnit::Day, Day(500), &cohort).ok())
}

fn merged(mut into: PurchaseLog, from: PurchaseLog) -> PurchaseLog {
    into.merge(from).unwrap();
    into
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn merging_is_associative_and_commutative(a in rows(), b in rows(), c in rows(), memory in prop::option::of(1..500usize)) {
        let whole = contents(log(&[&a[..], &b, &c].concat(), None));
        let [a, b, c] = [a, b, c].map(|rows| move |memory| log(&rows, memory));
        prop_assert_eq!(&contents(merged(merged(a(memory), b(None)), c(memory))), &whole);
        prop_assert_eq!(&contents(merged(a(None), merged(b(memory), c(None)))), &whole);
        prop_assert_eq!(&contents(merged(merged(c(memory), a(memory)), b(memory))), &whole);
        prop_assert_eq!(&contents(merged(PurchaseLog::with_attributes(Grain::Week, &[]), merged(merged(b(None), a(None)), c(None)))), &whole);
    }
}
