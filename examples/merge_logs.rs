// Orders in parts, on machines or on days, become one summary: `cargo run --release --example merge_logs`.

use clv::summary::{Cohort, Day, Grain, PurchaseLog, TimeUnit};

fn main() -> clv::Result<()> {
    let orders = [
        ("ada", "2024-01-05", 20.0),
        ("ben", "2024-01-09", 15.0),
        ("ada", "2024-02-11", 35.0),
        ("eve", "2024-03-02", 8.5),
        ("ada", "2024-03-02", 12.0),
        // A return: it lowers what the purchase before was worth, and is no purchase.
        ("ben", "2024-03-20", -5.0),
        ("ben", "2024-04-01", 40.0),
    ];
    let end: Day = "2024-06-30".parse()?;
    let log = |orders: &[(&str, &str, f64)]| -> clv::Result<PurchaseLog> {
        let mut log = PurchaseLog::new(Grain::Day);
        orders.iter().try_for_each(|(customer, day, amount)| log.add(customer, day.parse()?, *amount))?;
        Ok(log)
    };
    let mut whole = log(&orders)?;

    // In whatever division and order: sums are exact, and so merging is associative and commutative to the bit.
    let mut merged = log(&orders[4..])?;
    merged.merge(log(&orders[2..4])?)?;
    merged.merge(log(&orders[..2])?)?;

    let cohort = Cohort::default();
    let (summary, _) = merged.summary(TimeUnit::Day, end, &cohort)?;
    assert_eq!(summary.monetary_value, whole.summary(TimeUnit::Day, end, &cohort)?.0.monetary_value);
    for (row, history) in summary.histories().enumerate() {
        let (customer, mean) = (summary.customers.text(row), summary.monetary_value[row]);
        println!("{customer}: {history:?}, mean amount of repeat purchases {mean}");
    }
    Ok(())
}
