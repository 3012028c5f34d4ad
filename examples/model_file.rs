// A model that was saved answers about a customer: `cargo run --release --example model_file`.

use clv::model_file::ModelFile;
use clv::models::Timing;
use clv::simulate::published_cdnow;
use clv::summary::History;

fn main() -> clv::Result<()> {
    // Published estimates here; `ModelFile::read` reads a file, which is JSON and holds no customers.
    let text = published_cdnow()?.to_json();
    let model = ModelFile::from_json(&text, "model.json")?;
    let predictor = model.predictor()?;
    println!("{:?}, times in {}s, {} bytes", predictor.timing, predictor.unit.name(), text.len());

    // Three repeat purchases in 38 weeks: the longer ago the last one was, the less is to be expected.
    for t_x in [10.0, 20.0, 30.0, 38.0] {
        let customer = History::new(3, t_x, 38.0);
        let alive = predictor.timing.p_alive(&customer);
        let year = predictor.purchases(&customer, 52.0, 0.0).purchases;
        println!("last purchase after {t_x:2} weeks: P(alive) {alive:.3}, {year:.2} purchases in the next 52 weeks");
    }
    if let Some(spend) = predictor.spend {
        println!("mean of 30 in three purchases: expected {:.2} per purchase", spend.expected_spend(3, 30.0)?);
    }
    Ok(())
}
