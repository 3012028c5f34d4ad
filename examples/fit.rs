// A fit to histories that are known already: `cargo run --release --example fit`.

use clv::fit::{Fitted, maximum_likelihood};
use clv::models::{BgNbd, FuturePurchases, Timing};
use clv::predict::Horizon;
use clv::simulate::{Simulation, published_cdnow};
use clv::summary::{Cohort, CountedHistories, Grain, History, PurchaseLog, TimeUnit};

fn main() -> clv::Result<()> {
    let histories = simulated(2_000)?;

    // Equal histories are counted, so a fit to ten times as many customers takes hardly longer.
    let fitted: Fitted<BgNbd> = maximum_likelihood(&CountedHistories::new(histories.iter().copied()))?;
    println!("{:?}\n{}", fitted.model, fitted.estimate.verdict);
    for (name, error) in ["r", "alpha", "a", "b"].iter().zip(fitted.estimate.standard_errors()) {
        println!("standard error of {name}: {error:?}");
    }

    println!("\n  x    t_x      T   P(alive)   purchases in a year");
    for history in &histories[..5] {
        let alive = fitted.model.p_alive(history);
        let purchases = alive * fitted.model.future(history).expected_purchases(52.0);
        let History { frequency, t_x, T, .. } = history;
        println!("{frequency:>3} {t_x:>6.1} {T:>6.1} {alive:>10.3} {purchases:>21.2}");
    }
    Ok(())
}

/// Histories of customers who behave as those of CDNOW did.
fn simulated(customers: u64) -> clv::Result<Vec<History>> {
    let start = "2024-01-01".parse()?;
    let joining: Horizon = "12w".parse()?;
    let length: Horizon = "52w".parse()?;
    let mut log = PurchaseLog::new(Grain::Day);
    for (id, day, amount) in (Simulation { customers, seed: 1, start, joining, length }).orders(&published_cdnow()?)? {
        log.add(&id.to_string(), day, amount)?;
    }
    let (summary, _) = log.summary(TimeUnit::Week, "2024-12-29".parse()?, &Cohort::default())?;
    Ok(summary.histories().collect())
}
