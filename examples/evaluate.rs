// Was a forecast right? Fits to the first half of the orders, and compares with the second:
// `cargo run --release --example evaluate`.

use clv::evaluate::{EvaluationOptions, Experiment, evaluate};
use clv::orders::{OrderOptions, read_orders};
use clv::summary::{Cohort, TimeUnit};
use clv::tables::{BytesRead, expand};

fn main() -> clv::Result<()> {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cdnow/orders-sample.csv").to_owned();
    let (mut log, _) = read_orders(&expand(&[sample])?, &OrderOptions::default(), &BytesRead::default())?;
    let (split, until) = ("1997-09-30".parse()?, "1998-06-30".parse()?);
    let experiment = Experiment::new(&mut log, TimeUnit::Week, &Cohort::default(), split, until)?;
    let evaluation = evaluate(&experiment, &EvaluationOptions::default())?;
    let actual: u32 = experiment.holdout.purchases.iter().sum();
    println!("{actual} purchases by {} customers", evaluation.customers);
    for scored in &evaluation.scored {
        let scores = scored.purchases;
        println!(
            "{:28} {:8.1}  mean absolute error {:.4}",
            scored.forecaster.label(),
            scores.expected,
            scores.mean_absolute_error
        );
    }
    Ok(())
}
