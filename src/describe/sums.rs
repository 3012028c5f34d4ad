//! The numbers of a description that are of all customers together.

use serde::Serialize;

use super::{Description, Pattern};
use crate::summary::{Day, Summary};

/// What customers have been worth together, and what is said of all of them; absent is what the summary cannot tell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DescriptionSums {
    /// First day whose value is told.
    pub from: Option<Day>,
    /// Last day.
    pub to: Option<Day>,
    /// Net amount of purchases and returns.
    pub revenue: Option<f64>,
    /// Cost of goods, if it is known.
    pub cogs: Option<f64>,
    /// Cost of serving, if it is known.
    pub serving: Option<f64>,
    /// Margin on the revenue, less the costs above.
    pub earned: Option<f64>,
    /// Cost of acquisition of the customers who came in these days.
    pub acquisition: Option<f64>,
    /// What was earned, less the cost of acquisition.
    pub lifetime_value: Option<f64>,
    /// The period in which profit is counted.
    pub profit_period: &'static str,
    /// Customers who cost more than they brought.
    pub negative: Option<NegativeValues>,
    /// How the revenue is divided.
    pub concentration: Option<ConcentrationSums>,
    /// How regular purchases are.
    pub regularity: Option<RegularitySums>,
    /// The period of the first purchase that makes a cohort.
    pub cohort_period: Option<&'static str>,
    /// The group with which the others are compared.
    pub control: Option<String>,
    /// Share of the customers who have earned what they cost.
    pub share_paid_back: Option<f64>,
}

/// Customers who cost more than they brought, the worst first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NegativeValues {
    /// Their number.
    pub customers: usize,
    /// What they are worth together.
    pub total: f64,
    /// Each of them.
    pub list: Vec<NegativeValue>,
}

/// A customer who cost more than he brought.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NegativeValue {
    /// Who.
    pub customer_id: String,
    /// What he is worth.
    pub lifetime_value: f64,
}

/// How revenue is divided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConcentrationSums {
    /// Customers among whom it is.
    pub customers: u64,
    /// Gini coefficient.
    pub gini: Option<f64>,
    /// Customers whose revenue is negative, who count as zero.
    pub counted_as_zero: CountedAsZero,
}

/// Customers whose revenue is negative.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountedAsZero {
    /// Their number.
    pub customers: u64,
    /// Their revenue.
    pub total: f64,
}

/// How regular purchases are, by Wheat & Morrison's k.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegularitySums {
    /// Customers with three purchases.
    pub customers: u64,
    /// The estimate; none without bound.
    pub k: Option<f64>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// What it would be if purchases came by chance.
    pub k_by_chance: Option<f64>,
    /// In a word.
    pub pattern: Option<&'static str>,
}

impl DescriptionSums {
    /// As a JSON object, by these names.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts are JSON")
    }
}

impl Description {
    /// What is said of all customers of this summary, which it describes, together.
    pub fn sums(&self, summary: &Summary) -> DescriptionSums {
        let values = self.values.as_ref();
        let negative = values.map(|values| {
            let rows = values.negative();
            let customer = |&row: &usize| NegativeValue {
                customer_id: summary.customers.text(row).into_owned(),
                lifetime_value: values.value[row],
            };
            NegativeValues {
                customers: rows.len(),
                total: rows.iter().map(|&row| values.value[row]).sum(),
                list: rows.iter().map(customer).collect(),
            }
        });
        let concentration = self.concentration.as_ref().map(|concentration| ConcentrationSums {
            customers: concentration.customers,
            gini: concentration.gini(),
            counted_as_zero: CountedAsZero { customers: concentration.negative, total: concentration.negative_total },
        });
        let regularity = self.regularity.as_ref().map(|regularity| RegularitySums {
            customers: regularity.customers,
            k: regularity.k(),
            standard_error: regularity.standard_error(),
            k_by_chance: regularity.k_by_chance(),
            pattern: regularity.pattern().map(Pattern::name),
        });
        DescriptionSums {
            from: self.span.map(|span| span.from),
            to: self.span.map(|span| span.to),
            revenue: values.map(|values| values.revenue.iter().sum()),
            cogs: self.goods,
            serving: self.serving,
            earned: values.map(|values| values.earned.iter().sum()),
            acquisition: values.map(|values| values.acquisition),
            lifetime_value: values.map(|values| values.total()),
            profit_period: self.profit_period.name(),
            negative,
            concentration,
            regularity,
            cohort_period: self.cohorts.as_ref().map(|cohorts| cohorts.period.name()),
            control: self.groups.as_ref().map(|groups| groups.control.clone()),
            share_paid_back: self.payback.as_ref().map(|payback| payback.paid_back),
        }
    }
}
