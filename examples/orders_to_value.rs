// From a file of orders to the value of every customer: `cargo run --release --example orders_to_value [ORDERS.csv]`.

use clv::model_file::{ModelFile, ModelOptions};
use clv::orders::{OrderOptions, read_orders};
use clv::predict::{DiscountRate, Horizon, PerCustomer, Valuation};
use clv::summary::{Cohort, TimeUnit};
use clv::tables::{BytesRead, expand};

fn main() -> clv::Result<()> {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/data/cdnow/orders-sample.csv").to_owned();
    let file = std::env::args().nth(1).filter(|argument| argument.ends_with(".csv")).unwrap_or(sample);

    // Columns are found by their names. What becomes of every row is in the report.
    let (mut log, report) = read_orders(&expand(&[file])?, &OrderOptions::default(), &BytesRead::default())?;
    println!("{} rows are orders", report.used);

    let end = log.last_day().expect("there are orders");
    let (summary, _) = log.summary(TimeUnit::Week, end, &Cohort::default())?;
    let (model, _) = ModelFile::fit(&summary, &ModelOptions::default())?;

    let horizons: [Horizon; 2] = ["3m".parse()?, "12m".parse()?];
    let valuation =
        Valuation { margin: PerCustomer::All(0.3), discount: DiscountRate::annual(0.1)?, ..Valuation::default() };
    let predictor = model.predictor()?;
    println!("{:?}", predictor.timing);
    let forecast = predictor.forecast(&summary, &horizons, &valuation)?;
    for columns in &forecast.horizons {
        let purchases: f64 = columns.purchases.iter().sum();
        let value: f64 = columns.clv.iter().flatten().sum();
        println!("{:>4}: {purchases:8.1} purchases, worth {value:10.2}", columns.horizon.label());
    }
    Ok(())
}
