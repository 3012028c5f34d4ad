//! From orders to purchases, and from purchases to customers.

use super::orders::kept;
use super::text::{Cte, indented};
use super::{Query, quoted};
use crate::columns::{
    AGE, CUSTOMER, FIRST_PURCHASE, FREQUENCY, GRAIN, LAST_PURCHASE, MONETARY_VALUE, OBSERVED_UNTIL, ORDERS, RECENCY,
    SUM_LOG_INTERPURCHASE, TOTAL, UNIT,
};
use crate::error::{Error, Result};
use crate::summary::{Day, Grain, TimeUnit};

/// Number of purchases at which the sums begin: of all of them, and of the repeat purchases.
const ALL: u8 = 1;
const REPEAT: u8 = 2;

/// 2 to the power of 64.
const WHOLE: &str = "18446744073709551616e0";
/// 2 to the power of 32.
const HALF: &str = "4294967296e0";

impl Query {
    /// One row a customer.
    pub(super) fn summary(&self) -> Result<Vec<Cte>> {
        let mut ctes = self.orders()?;
        if self.is_exact() {
            ctes.extend(self.limbs());
        }
        ctes.extend([self.periods()?, self.purchases(), self.customers()?]);
        ctes.extend((0..self.orders.attributes.len()).map(|place| self.first_said(place)));
        Ok(ctes)
    }

    fn is_exact(&self) -> bool {
        self.options.exact && self.knows_spend()
    }

    /// Amounts as whole numbers, which add up to the same whatever their order.
    fn limbs(&self) -> [Cte; 3] {
        let dialect = self.options.dialect;
        let cte = |name, about, from, field: String| {
            Cte::new(name, about, vec![format!("select *, {field}"), format!("from {from}")])
        };
        let of = |name: &str, of: &str| format!("{} as {name}", dialect.truncated(of));
        [
            cte(
                "clv_whole",
                "Floating numbers add up differently in every order, and whole ones do not: an amount is",
                self.movements(),
                of("whole", "amount"),
            ),
            cte(
                "clv_middle",
                "whole + middle / 2^32 + low / 2^64, to the last bit.",
                "clv_whole",
                of("middle", &format!("(amount - whole) * {HALF}")),
            ),
            cte(
                "clv_low",
                "All three are whole numbers.",
                "clv_middle",
                of("low", &format!("((amount - whole) * {HALF} - middle) * {HALF}")),
            ),
        ]
    }

    /// The sums of amounts that each part of the query carries on.
    fn sums(&self) -> &'static [&'static str] {
        match (self.knows_spend(), self.is_exact()) {
            (false, _) => &[],
            (true, false) => &["amount"],
            (true, true) => &["whole", "middle", "low"],
        }
    }

    fn periods(&self) -> Result<Cte> {
        let dialect = self.options.dialect;
        let start = dialect.period_start(self.orders.grain, "order_day");
        let mut fields = vec![
            "customer_id".to_owned(),
            format!("{start} as period_start"),
            "sum(case when amount >= 0 then 1 else 0 end) as orders".to_owned(),
        ];
        let term = |sum: &str| match sum {
            "amount" => dialect.decimal("amount"),
            limb => dialect.big_integer(limb),
        };
        fields.extend(self.sums().iter().map(|sum| format!("sum({}) as {sum}", term(sum))));
        let from = if self.is_exact() { "clv_low" } else { self.movements() };
        let body = vec![
            "select".to_owned(),
            indented(&fields.join(",\n")),
            format!("from {from}"),
            format!("group by customer_id, {start}"),
        ];
        let about = match self.orders.grain {
            Grain::Day => "The orders of a customer and day are one purchase.",
            Grain::Week => "The orders of a customer and week are one purchase.",
            Grain::Month => "The orders of a customer and month are one purchase.",
            Grain::Year => "The orders of a customer and year are one purchase.",
        };
        Ok(Cte::new("clv_periods", about, body))
    }

    fn purchases(&self) -> Cte {
        let mut fields = vec![
            "*".to_owned(),
            "sum(case when orders > 0 then 1 else 0 end) over (\n  partition by customer_id order by period_start \
             rows between unbounded preceding and current row\n) as purchase"
                .to_owned(),
        ];
        if self.options.sum_log_interpurchase {
            fields.push(
                "lag(period_start) over (\n  partition by customer_id, case when orders > 0 then 1 else 0 end order by period_start\n) \
                 as previous_start"
                    .to_owned(),
            );
        }
        let body = vec!["select".to_owned(), indented(&fields.join(",\n")), "from clv_periods".to_owned()];
        Cte::new(
            "clv_purchases",
            "Purchases by number. A return belongs to the latest purchase; 0 is before any, and of no purchase.",
            body,
        )
    }

    fn customers(&self) -> Result<Cte> {
        let is_purchase = "case when orders > 0 then period_start end";
        let mut fields = vec![
            "customer_id".to_owned(),
            "max(purchase) - 1 as frequency".to_owned(),
            format!("min({is_purchase}) as first_purchase"),
            format!("max({is_purchase}) as last_purchase"),
            "sum(orders) as orders".to_owned(),
        ];
        if self.knows_spend() {
            fields.push(format!("{} as repeat_spend", self.spend(REPEAT)));
            fields.push(format!("{} as total", self.spend(ALL)));
        }
        if self.options.sum_log_interpurchase {
            let time = self.time("previous_start", "period_start");
            fields.push(format!(
                "coalesce(sum(case when orders > 0 and previous_start is not null then ln({time}) end), 0) as \
                 sum_log_interpurchase"
            ));
        }
        let body = vec![
            "select".to_owned(),
            indented(&fields.join(",\n")),
            "from clv_purchases".to_owned(),
            "group by customer_id".to_owned(),
            "having max(purchase) >= 1".to_owned(),
        ];
        Ok(Cte::new("clv_customers", "A customer's purchases: repeat purchases are those after the first.", body))
    }

    /// The sum of amounts from the first or second purchase on, as a floating number that was rounded once.
    fn spend(&self, from: u8) -> String {
        let dialect = self.options.dialect;
        let sum = |of: &str| format!("coalesce(sum(case when purchase >= {from} then {of} end), 0)");
        if !self.is_exact() {
            return dialect.double(&sum("amount"));
        }
        let [whole, middle, low] = ["whole", "middle", "low"].map(sum);
        let joined = dialect.joined_limbs([&whole, &middle, &low]);
        // Text is rounded right everywhere, and wide numbers are not.
        format!("{} / {WHOLE}", dialect.double(&dialect.text(&joined)))
    }

    /// The time from one start of a period to a later one, in the unit of the summary.
    fn time(&self, earlier: &str, later: &str) -> String {
        let dialect = self.options.dialect;
        let unit = self.unit();
        match (unit, self.orders.grain) {
            (TimeUnit::Month, Grain::Month) => dialect.double(&dialect.months(earlier, later)),
            (TimeUnit::Year, Grain::Year) => dialect.double(&dialect.years(earlier, later)),
            (TimeUnit::Day, _) => dialect.double(&dialect.days(earlier, later)),
            _ => {
                let days = dialect.double(&dialect.days(earlier, later));
                format!("{days} / {}", dialect.double(&unit.days().to_string()))
            }
        }
    }

    /// Unit of recency and T.
    pub(super) fn unit(&self) -> TimeUnit {
        self.orders.unit.unwrap_or_default()
    }

    /// What a customer's first order says in a column, of several on one day the first of the alphabet.
    fn first_said(&self, place: usize) -> Cte {
        let name = kept(place);
        let text = self.options.dialect.by_bytes(&name);
        let body = vec![
            format!("select customer_id, {name}"),
            "from (".to_owned(),
            format!("  select customer_id, {name}, row_number() over ("),
            format!("    partition by customer_id order by order_day, {text}"),
            "  ) as place".to_owned(),
            "  from clv_orders".to_owned(),
            format!("  where {name} is not null"),
            ") as said".to_owned(),
            "where place = 1".to_owned(),
        ];
        Cte::new(format!("clv_{name}"), "What the first order says that says anything.", body)
    }

    /// The last part: the columns of a summary.
    pub(super) fn select(&self) -> Result<Vec<String>> {
        let (dialect, orders) = (self.options.dialect, &self.orders);
        let until = self.until()?;
        let age_from = dialect.date(orders.grain.start(until));
        let mut fields = vec![
            ("clv_customers.customer_id".to_owned(), CUSTOMER.name.to_owned()),
            (dialect.count("frequency"), FREQUENCY.name.to_owned()),
            (self.time("first_purchase", "last_purchase"), RECENCY.name.to_owned()),
            (self.time("first_purchase", &age_from), quoted::column(dialect, AGE.name)?),
        ];
        if self.knows_spend() {
            let mean = "case when frequency > 0 then repeat_spend / frequency else 0 end";
            fields.push((dialect.double(mean), MONETARY_VALUE.name.to_owned()));
        }
        if !self.options.counted {
            fields.push((FIRST_PURCHASE.name.to_owned(), String::new()));
            fields.push((LAST_PURCHASE.name.to_owned(), String::new()));
            fields.push((dialect.count("orders"), ORDERS.name.to_owned()));
            if self.knows_spend() {
                fields.push((TOTAL.name.to_owned(), String::new()));
            }
        }
        if self.options.sum_log_interpurchase {
            fields.push((SUM_LOG_INTERPURCHASE.name.to_owned(), String::new()));
        }
        let taken: Vec<String> = [UNIT.name, GRAIN.name, OBSERVED_UNTIL.name, "customers"]
            .into_iter()
            .map(str::to_owned)
            .chain(fields.iter().map(|(of, name)| if name.is_empty() { of.clone() } else { unquoted(name) }))
            .collect();
        for (place, name) in orders.attributes.iter().enumerate() {
            let before = orders.attributes[..place].iter();
            let is_taken = |other: &String| other.eq_ignore_ascii_case(name);
            if taken.iter().chain(before).any(is_taken) {
                return Err(Error::usage(format!(
                    "a column to be kept is called like one of the summary, or twice: `{name}`; give it another name in a view"
                )));
            }
            fields.push((format!("clv_{name}.{name}", name = kept(place)), quoted::column(dialect, name)?));
        }
        fields.push((format!("'{}'", self.unit()), UNIT.name.to_owned()));
        fields.push((format!("'{}'", orders.grain), GRAIN.name.to_owned()));
        fields.push((dialect.date(until), OBSERVED_UNTIL.name.to_owned()));
        let fields: Vec<String> =
            fields.into_iter().map(|(of, name)| if name.is_empty() { of } else { format!("{of} as {name}") }).collect();
        let mut lines = vec!["select".to_owned(), indented(&fields.join(",\n")), "from clv_customers".to_owned()];
        for place in 0..orders.attributes.len() {
            let name = format!("clv_{}", kept(place));
            lines.push(format!("left join {name} on {name}.customer_id = clv_customers.customer_id"));
        }
        let days: [(&str, Option<Day>); 2] = [(">=", orders.cohort.from), ("<", orders.cohort.first_purchase_before)];
        let cohort: Vec<String> = days
            .into_iter()
            .filter_map(|(operator, day)| Some(format!("first_purchase {operator} {}", dialect.date(day?))))
            .collect();
        if !cohort.is_empty() {
            lines.push(format!("where {}", cohort.join(" and ")));
        }
        if self.is_sorted && !self.options.counted {
            let customer = "clv_customers.customer_id";
            let by = if self.options.number_ids { customer.to_owned() } else { dialect.by_bytes(customer) };
            lines.push(format!("order by {by}"));
        }
        Ok(lines)
    }

    /// The rows of a summary, with the number of customers who are alike in all of them.
    pub(super) fn counted(&self) -> Result<(Cte, Vec<String>)> {
        let dialect = self.options.dialect;
        let summary = Cte::new("clv_summary", "One row per customer.", self.select()?);
        let mut names: Vec<String> =
            vec![FREQUENCY.name.to_owned(), RECENCY.name.to_owned(), quoted::column(dialect, AGE.name)?];
        if self.knows_spend() {
            names.push(MONETARY_VALUE.name.to_owned());
        }
        if self.options.sum_log_interpurchase {
            names.push(SUM_LOG_INTERPURCHASE.name.to_owned());
        }
        for name in &self.orders.attributes {
            names.push(quoted::column(dialect, name)?);
        }
        names.extend([UNIT.name, GRAIN.name, OBSERVED_UNTIL.name].map(str::to_owned));
        let mut fields = names.clone();
        fields.push(format!("{} as customers", dialect.count("count(*)")));
        Ok((
            summary,
            vec![
                "select".to_owned(),
                indented(&fields.join(",\n")),
                "from clv_summary".to_owned(),
                format!("group by {}", names.join(", ")),
            ],
        ))
    }
}

fn unquoted(name: &str) -> String {
    name.trim_matches(['"', '`']).to_owned()
}
