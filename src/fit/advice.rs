//! What to tell the user about estimates that the optimiser cannot know: words for the limits that models have.

use super::Verdict;
use crate::message::{Message, opt, say};
use crate::models::{
    Bdw, BgBb, BgCnbd, BgNbd, GammaGamma, GammaGammaEdge, Likelihood, MbgCnbd, MbgNbd, Nbd, ParetoCnbd, ParetoNbd, Sbg,
};
use crate::summary::CountedHistories;

/// Words for what estimates of a model at its limits mean.
pub trait Advice<const N: usize>: Likelihood<N> {
    /// What to know of these estimates, with what to do.
    fn advice(&self, data: &Self::Data, verdict: &Verdict) -> Vec<Message>;
}

impl Advice<4> for BgNbd {
    fn advice(&self, data: &CountedHistories, verdict: &Verdict) -> Vec<Message> {
        let dropout = dropout_after_purchases(self.a, self.b, data, verdict);
        [dropout, rate_caution(self.r, self.alpha, verdict), ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

impl Advice<4> for MbgNbd {
    fn advice(&self, data: &CountedHistories, verdict: &Verdict) -> Vec<Message> {
        let dropout = dropout_after_purchases(self.a, self.b, data, verdict);
        [dropout, rate_caution(self.r, self.alpha, verdict), ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

impl Advice<4> for BgCnbd {
    fn advice(&self, data: &CountedHistories, verdict: &Verdict) -> Vec<Message> {
        let dropout = dropout_after_purchases(self.a, self.b, data, verdict);
        let rate = rate_caution(self.r, self.k.k() * self.alpha, verdict);
        [dropout, rate, ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

impl Advice<4> for MbgCnbd {
    fn advice(&self, data: &CountedHistories, verdict: &Verdict) -> Vec<Message> {
        let dropout = dropout_after_purchases(self.a, self.b, data, verdict);
        let rate = rate_caution(self.r, self.k.k() * self.alpha, verdict);
        [dropout, rate, ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

impl Advice<4> for ParetoNbd {
    fn advice(&self, data: &CountedHistories, verdict: &Verdict) -> Vec<Message> {
        let dropout = dropout_at_any_time(self.s, self.beta, data, verdict);
        [dropout, rate_caution(self.r, self.alpha, verdict), ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

impl Advice<4> for ParetoCnbd {
    fn advice(&self, data: &CountedHistories, verdict: &Verdict) -> Vec<Message> {
        let dropout = dropout_at_any_time(self.s, self.beta, data, verdict);
        let rate = rate_caution(self.r, self.k.k() * self.alpha, verdict);
        [dropout, rate, ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

impl Advice<2> for Nbd {
    fn advice(&self, _data: &CountedHistories, verdict: &Verdict) -> Vec<Message> {
        [rate_caution(self.r, self.alpha, verdict), ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

impl Advice<4> for BgBb {
    fn advice(&self, data: &CountedHistories, verdict: &Verdict) -> Vec<Message> {
        let settled = *verdict == Verdict::Converged;
        let (leaves, purchases) = (self.gamma / (self.gamma + self.delta), self.alpha / (self.alpha + self.beta));
        let dropout = if !settled && leaves * data.mean_age() < NO_DROPOUT {
            Some(no_dropout_caution("gamma/(gamma + delta)"))
        } else if verdict.runs_off("gamma", false) && verdict.runs_off("delta", false) {
            Some(say![format!(
                "customers leave at the first opportunity or never: {:.1}% of them at the first",
                100.0 * leaves
            )])
        } else {
            let customers = format!("have the same chance to leave, {leaves:.4} before each opportunity");
            alike_caution(verdict, ["gamma", "delta"], customers)
        };
        let customers = format!("have the same chance to purchase, {purchases:.4} at each opportunity");
        let rate = alike_caution(verdict, ["alpha", "beta"], customers);
        [dropout, rate, ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

impl Advice<2> for Sbg {
    fn advice(&self, _data: &Self::Data, verdict: &Verdict) -> Vec<Message> {
        let share = self.alpha / (self.alpha + self.beta);
        let customers = format!("have the same chance to leave, {share:.4} a period");
        let alike = alike_caution(verdict, ["alpha", "beta"], customers);
        let limit = if let Some(alike) = alike {
            Some(say![alike, ". Retention is then the same in every period"])
        } else if verdict.runs_off("alpha", false) && verdict.runs_off("beta", false) {
            Some(say![format!(
                "{:.1}% leave at the first renewal and hardly anybody afterwards: the data do not say how \
                 retention goes on. More periods would",
                100.0 * share
            )])
        } else if verdict.runs_off("alpha", true) || verdict.runs_off("beta", false) {
            Some("these data show nobody who renews: everybody leaves at the first chance".into())
        } else if verdict.runs_off("alpha", false) || verdict.runs_off("beta", true) {
            Some("these data show hardly anybody who leaves; do not project them far".into())
        } else {
            None
        };
        [limit, ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

impl Advice<3> for Bdw {
    fn advice(&self, data: &Self::Data, verdict: &Verdict) -> Vec<Message> {
        let share = self.a / (self.a + self.b);
        let limit = if verdict.runs_off("a", true) && verdict.runs_off("b", true) {
            Some(say![format!(
                "all customers have the same chance to leave, {share:.4} at the first renewal: a and b run off together and only their \
                 ratio means something. Retention changes with time in the same way for everybody"
            )])
        } else if verdict.runs_off("c", true) {
            Some("c runs off to infinity: everybody who has not left by some renewal leaves at the next, or stays for good; \
                  do not project these data further than they reach"
                .into())
        } else if verdict.runs_off("c", false) {
            Some("c runs off to 0: whoever makes the first renewal makes all. Do not project these data further than they reach".into())
        } else if matches!(verdict, Verdict::Boundary { .. }) {
            Some("these data do not say how retention goes on; do not project them further than they reach".into())
        } else {
            None
        };
        let short = data.periods() <= FEW_PERIODS && *verdict != Verdict::Converged;
        let short = short.then(|| {
            say![
                format!(
                    "{} periods hardly tell customers who differ from chances that change with time; ",
                    data.periods()
                ),
                opt("shape_sd").with(0.5),
                " holds c near 1, where it is not known otherwise"
            ]
        });
        [limit, short, ridge_caution(verdict)].into_iter().flatten().collect()
    }
}

/// Periods up to which three parameters are hardly told apart.
const FEW_PERIODS: usize = 5;

impl Advice<3> for GammaGamma {
    fn advice(&self, _data: &Self::Data, verdict: &Verdict) -> Vec<Message> {
        let mut cautions = Vec::new();
        if self.q <= 1.0 {
            cautions.push(say![format!("q is {:.4}, and with q <= 1 the mean spend over customers is infinite: customers without repeat \
                                        spend cannot be valued. A few extreme amounts do that; look at the largest ones, or predict purchases \
                                        alone with ", self.q), opt("with_spend").with(false)]);
        }
        match verdict {
            Verdict::Converged => {}
            Verdict::Ridge { parameters } => cautions.push(say![format!(
                "{} are not determined separately: expected spend can be used, these parameters should not be \
                 compared with others",
                parameters.join(" and ")
            )]),
            Verdict::Boundary { .. } => {
                let alike = match (verdict.runs_off("p", true), verdict.runs_off("q", true)) {
                    (true, true) => "all purchases hardly differ in value",
                    (true, false) => "the purchases of one customer hardly differ in value",
                    (false, true) => "customers hardly differ in what they spend",
                    (false, false) => "spend is spread beyond what the model can describe",
                };
                cautions.push(say!["{alike}: the parameters that run off mean nothing by themselves"]);
            }
        }
        cautions
    }
}

impl Advice<2> for GammaGammaEdge {
    fn advice(&self, data: &Self::Data, verdict: &Verdict) -> Vec<Message> {
        self.model().advice(data, verdict)
    }
}

/// A chance to stay below this is none.
const EVERYONE_LEAVES: f64 = 1e-4;

/// Of chances to leave `Beta(a, b)` after purchases, at their limits.
fn dropout_after_purchases(a: f64, b: f64, data: &CountedHistories, verdict: &Verdict) -> Option<Message> {
    let share = a / (a + b);
    let settled = *verdict == Verdict::Converged;
    if !settled && share * data.purchases_per_customer() < NO_DROPOUT {
        Some(no_dropout_caution("a/(a + b)"))
    } else if !settled && 1.0 - share < EVERYONE_LEAVES {
        Some(
            "these data show nobody who stays (a/(a + b) is 1): every customer leaves at the first chance. Check that \
             repeat purchases are in the export"
                .into(),
        )
    } else if verdict.runs_off("a", false) && verdict.runs_off("b", false) {
        Some(say![format!(
            "these data show next to no dropout but at the first chance: {:.2}% of customers leave then, and the \
             others keep coming. Do not extend predictions far beyond the observed time",
            100.0 * share
        )])
    } else {
        let customers = format!("have the same chance to leave, {share:.4} after each purchase");
        alike_caution(verdict, ["a", "b"], customers)
    }
}

/// Of rates of leaving `Gamma(s, beta)`, at their limits.
fn dropout_at_any_time(s: f64, beta: f64, data: &CountedHistories, verdict: &Verdict) -> Option<Message> {
    let settled = *verdict == Verdict::Converged;
    let leaves = 1.0 - (-s * (data.mean_age() / beta).ln_1p()).exp();
    if !settled && leaves < NO_DROPOUT {
        Some(no_dropout_caution("the chance to leave within the observed time"))
    } else if verdict.runs_off("s", false) && verdict.runs_off("beta", false) {
        Some(say![format!(
            "customers leave at once or not at all: {:.1}% are gone by the end of the mean observation, most of \
             them from the start",
            100.0 * leaves
        )])
    } else {
        let customers = format!("leave at the same rate, {:.4} per unit of time", s / beta);
        alike_caution(verdict, ["s", "beta"], customers)
    }
}

/// What to say of two parameters of a distribution over customers that run off together because it has no spread.
fn alike_caution(verdict: &Verdict, [one, other]: [&str; 2], customers: String) -> Option<Message> {
    (verdict.runs_off(one, true) && verdict.runs_off(other, true)).then(|| {
        say!["all customers {customers}: {one} and {other} run off together and only their ratio means something"]
    })
}

/// What to say of purchase rates `Gamma(r, alpha)` that have no spread.
fn rate_caution(r: f64, alpha: f64, verdict: &Verdict) -> Option<Message> {
    let customers = format!("purchase at the same rate, {:.4} per unit of time", r / alpha);
    alike_caution(verdict, ["r", "alpha"], customers)
}

/// What to say of parameters that are not determined separately.
fn ridge_caution(verdict: &Verdict) -> Option<Message> {
    match verdict {
        Verdict::Ridge { parameters } => Some(say![
            format!(
                "{} are not determined separately: predictions over times like those observed can be used, these \
                 parameters should not be compared with others. More customers or a longer observation would \
                 settle them; so would ",
                parameters.join(" and ")
            ),
            opt("prior_sd").with(2.0)
        ]),
        Verdict::Boundary { undetermined, .. } if !undetermined.is_empty() => Some(say![format!(
            "these data do not determine {}: where predictions depend on them, they are no better than the \
             ordinary values with which the fit began. A longer observation or more customers would help",
            undetermined.join(" and ")
        )]),
        _ => None,
    }
}

/// What to say of customers of whom none is seen to leave.
fn no_dropout_caution(what_is_zero: &str) -> Message {
    say![
        "these data show no dropout ({what_is_zero} is 0): customers who came back keep coming. Predictions are \
         those of customers who never leave; do not extend them far beyond the observed time, which was too short \
         to see anybody leave"
    ]
}

/// A chance to leave that, over all that was seen of the mean customer, comes to less than this is none, if it is not
/// known well.
const NO_DROPOUT: f64 = 0.01;
