//! What the page says of how regular purchases are.

use crate::describe::{Pattern, Regularity};
use crate::models::TimingKind;
use crate::number_format::grouped;
use crate::report::{Level, Verdict};
use crate::summary::{PurchaseStatistics, Summary};

/// How regular purchases have been, in a sentence; nothing of few customers.
pub(crate) fn in_words(regularity: &Regularity) -> Option<String> {
    let how = match regularity.pattern()? {
        Pattern::Regular => "Customers come at regular intervals",
        Pattern::ByChance => "Purchases come about as they would by chance, neither at regular intervals nor in bursts",
        Pattern::Bursts => "Purchases come in bursts, closer together and further apart than by chance",
    };
    Some(format!(
        "{how}: from the last two intervals of {} customers, k is {} (Wheat & Morrison 1990).",
        grouped(regularity.customers as f64, 0),
        regularity.in_words()
    ))
}

/// Whether a model of regular purchases may be the right one: the customers' last two intervals say so, or what is not known of these is
/// not of the grain's making.
pub(crate) fn is_likely(regularity: Option<&Regularity>, summary: &Summary) -> bool {
    match regularity.and_then(Regularity::pattern) {
        Some(pattern) => pattern == Pattern::Regular,
        None => {
            let coarse = summary.statistics.as_ref().is_some_and(PurchaseStatistics::is_coarse);
            summary.knows_interpurchase_times() && !coarse
        }
    }
}

/// That the model does not know what the orders say, if it takes regular customers to come by chance.
pub(crate) fn doubt(regularity: Option<&Regularity>, model: TimingKind) -> Option<Verdict> {
    let regularity = regularity.filter(|regularity| regularity.pattern() == Some(Pattern::Regular))?;
    model.has_exponential_times().then(|| Verdict {
        level: Level::Caution,
        headline: "Customers come at regular intervals, which the model does not know".to_owned(),
        text: format!(
            "From the last two intervals of {} customers, k is {}, as {} assumes. To the model, a silence means the same for \
             customers who come like clockwork as for those who come at random. Try the model mbg-cnbd, and compare both with later \
             orders.",
            grouped(regularity.customers as f64, 0),
            regularity.in_words(),
            model.title()
        )
        .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Stages;

    /// Halves, k without bound; and M = 2/5, 3/5 half the time each: v = 1/100, k = 12, where chance gives the mean of 98/1200 and
    /// 148/1800.
    #[test]
    fn a_plain_model_of_regular_customers_is_doubted() {
        let clocks = Regularity::new(&[(7, 7); 1000]).unwrap();
        let regular = Regularity::new(&[[(40, 60), (90, 60)]; 600].concat()).unwrap();
        let by_chance = Regularity::new(&(1..1000).map(|i| (i, 1000 - i)).collect::<Vec<_>>());
        let stages = |k| Stages::new(k).ok();
        for (of, model, doubted) in [
            (Some(clocks), TimingKind::BgNbd, true),
            (Some(regular), TimingKind::MbgNbd, true),
            (Some(regular), TimingKind::MbgCnbd(stages(1)), true),
            (Some(regular), TimingKind::MbgCnbd(stages(2)), false),
            (Some(regular), TimingKind::BgBb, false),
            (by_chance, TimingKind::BgNbd, false),
            (None, TimingKind::BgNbd, false),
        ] {
            assert_eq!(doubt(of.as_ref(), model).is_some(), doubted, "{model:?} {of:?}");
        }
        let text = doubt(Some(&regular), TimingKind::BgNbd).unwrap().text.plain();
        assert!(
            text.contains(
                "1,200 customers, k is 12.00 (standard error 0.00), where chance gives 1.03, as BG/NBD assumes"
            ),
            "{text}"
        );
        assert!(in_words(&by_chance.unwrap()).unwrap().starts_with("Purchases come about as they would by chance"));
        assert!(in_words(&clocks).unwrap().contains("k is without bound"));
    }
}
