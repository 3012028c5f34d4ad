//! Writes `normal.html` and `hostile.html`, of made-up data, into the folder named by the first argument.
#![allow(missing_docs, reason = "a program for tests")]

use std::path::Path;

use clv::report::charts::{
    alive_map, cohort_retention, conditional_by_frequency, conditional_by_recency, contender_errors,
    decile_calibration, frequency_histogram, heterogeneity, interval_coverage, iso_value, lorenz, purchases_map,
    spend_distribution, tracking_cumulative, tracking_weekly,
};
use clv::report::{Block, DataTable, Fact, Format, Level, Page, PageTable, Section, Verdict};

const HORIZONS: [&str; 3] = ["3m", "6m", "12m"];

fn main() {
    let folder = std::env::args().nth(1).expect("the folder for the pages");
    let long = "x".repeat(10_000);
    let hostile = [
        "<script>window.__pwned=1;alert(1)</script>",
        "</script><script>window.__pwned=2</script>",
        "\"><img src=x onerror=\"window.__pwned=3\">",
        "' onmouseover='window.__pwned=4",
        "javascript:window.__pwned=5",
        "{{ 7 * 7 }}{% raw %}",
        "<!-- ]]> -->",
        "evil\u{202e}gnp.exe",
        "nul\0bell\u{7}",
        "👩‍👩‍👧 zoë العربية",
        "__proto__",
        "constructor",
        "&lt;b&gt; &amp;",
        "line\u{2028}separator",
        long.as_str(),
    ];
    let normal: Vec<String> = (1..=150).map(|i| format!("C{:05}", (i * 7919) % 100_000)).collect();
    let models = ["bg-nbd", "pareto-nbd", "mbg-nbd", "nbd", "last year again", "everybody's mean"];
    let write = |name: &str, page: &Page| {
        std::fs::write(Path::new(&folder).join(name), page.html().expect("the page")).expect("the file");
    };
    write("normal.html", &page("Customer value report", "Made-up orders, 2024 to 2026", &normal, &models));
    let title = "<script>window.__pwned=6</script>\u{202e}";
    write("hostile.html", &page(title, hostile[2], &hostile, &hostile[..6]));
}

fn page<T: AsRef<str>>(title: &str, subtitle: &str, customers: &[T], contenders: &[&str]) -> Page {
    let section = |id: &str, title: &str, words: &str, blocks: Vec<Block>| Section {
        id: id.to_owned(),
        title: title.to_owned(),
        words: vec![words.to_owned()],
        blocks,
    };
    Page {
        title: title.to_owned(),
        subtitle: subtitle.to_owned(),
        verdicts: verdicts(),
        facts: facts(),
        horizons: HORIZONS.map(str::to_owned).to_vec(),
        selected: 2,
        sections: vec![
            section(
                "customers",
                "Customers",
                "The most valuable customers, by what they are expected to spend.",
                vec![Block::Table(customer_table(customers)), Block::Table(totals_table())],
            ),
            section(
                "fit",
                "Does the model fit?",
                "What came beside what the model expected, week by week and in groups.",
                vec![
                    Block::Chart(tracking_weekly(
                        &tracking("tracking-weekly", "Purchases a week", false),
                        Some("2025-07-06"),
                    )),
                    Block::Pair(
                        tracking_cumulative(
                            &tracking("tracking-cumulative", "Purchases up to each week", true),
                            Some("2025-07-06"),
                        ),
                        frequency_histogram(&histogram()),
                    ),
                    Block::Pair(
                        conditional_by_frequency(&conditional("frequency", &["0", "1", "2", "3", "4", "5", "6", "7+"])),
                        conditional_by_recency(&conditional("recency", &["never", "0–13", "13–26", "26–39", "39–52"])),
                    ),
                    Block::Pair(decile_calibration(&deciles()), interval_coverage(&coverage())),
                    Block::Chart(contender_errors(&errors(contenders))),
                    Block::Note {
                        level: Level::Caution,
                        text: "Intervals are a little too narrow in the holdout.".to_owned(),
                    },
                ],
            ),
            section(
                "who",
                "Who is worth what?",
                "Value is spread unevenly, and the past says a lot about the future.",
                vec![
                    Block::Chart(alive_map(&map(None))),
                    Block::Chart(purchases_map(&map(Some(&HORIZONS)))),
                    Block::Pair(iso_value(&iso()), lorenz(&curves())),
                    Block::Chart(spend_distribution(&spend())),
                    Block::Words("Customers differ in how often they purchase, and in how soon they leave.".to_owned()),
                    Block::Chart(heterogeneity(&densities())),
                    Block::Chart(cohort_retention(&cohorts())),
                ],
            ),
        ],
        footer: "clv 0.1.0, from made-up data.".to_owned(),
    }
}

fn verdicts() -> Vec<Verdict> {
    let verdict =
        |level, headline: &str, text: &str| Verdict { level, headline: headline.to_owned(), text: text.to_owned() };
    vec![
        verdict(
            Level::Good,
            "The purchase model can be trusted",
            "It was off by 2.1% in the 39 weeks it had not seen, less than every simple rule.",
        ),
        verdict(
            Level::Caution,
            "Read the values of single customers with care",
            "The 80% intervals held 74% of the customers. Totals are steadier than single values.",
        ),
    ]
}

fn facts() -> Vec<Fact> {
    let fact = |label: &str, value: &str, note: &str, horizon| Fact {
        label: label.to_owned(),
        value: value.to_owned(),
        note: note.to_owned(),
        horizon,
    };
    let mut facts = vec![
        fact("Customers", "23,570", "2024-01-01 to 2026-06-30", None),
        fact("Still customers", "41%", "9,664 expected alive", None),
        fact("Expected spend", "36.42", "a purchase, on average", None),
    ];
    for (i, (value, between)) in
        [("226,269", "201,400"), ("437,417", "391,020"), ("829,577", "741,350")].iter().enumerate()
    {
        facts.push(fact(
            "Expected value",
            value,
            &format!("over {}; at least {between} in 9 of 10 cases", HORIZONS[i]),
            Some(i),
        ));
    }
    facts
}

fn customer_table<T: AsRef<str>>(customers: &[T]) -> PageTable {
    let mut noise = Noise(7);
    let n = customers.len();
    let value: Vec<f64> = (0..n).map(|i| 8_000.0 / (1.0 + i as f64 / 6.0) * (0.9 + 0.2 * noise.next())).collect();
    let mut data = DataTable::new("customers", "Customers")
        .text("customer", customers.iter().map(AsRef::as_ref))
        .whole("frequency", (0..n).map(|i| 150 / (1 + i as u64 / 4)))
        .real("p_alive", (0..n).map(|i| (i % 9 != 4).then(|| 1.0 - 0.9 * noise.next().powi(3))));
    for (name, share) in [("value_3m", 0.3), ("value_6m", 0.55), ("value_12m", 1.0)] {
        data = data.real(name, value.iter().map(|value| value * share));
    }
    PageTable::new("The most valuable customers", data)
        .column("customer", "Customer", Format::Plain)
        .column("frequency", "Repeat purchases", Format::Number(0))
        .column("p_alive", "Alive", Format::Percent(1))
        .column_of(0, "value_3m", "Value over 3m", Format::Number(2))
        .column_of(1, "value_6m", "Value over 6m", Format::Number(2))
        .column_of(2, "value_12m", "Value over 12m", Format::Number(2))
        .sortable()
        .filterable()
        .scrolls()
}

fn totals_table() -> PageTable {
    let countries = ["Germany", "France", "Österreich"];
    let rows = || {
        countries
            .iter()
            .flat_map(|country| HORIZONS.iter().enumerate().map(move |(i, horizon)| (*country, i, *horizon)))
    };
    let data = DataTable::new("totals", "Totals")
        .text("country", rows().map(|row| row.0))
        .text("horizon", rows().map(|row| row.2))
        .real("value", rows().map(|row| 10_000.0 * (row.1 + 1) as f64 * row.0.len() as f64));
    PageTable::new("Expected value by country", data)
        .column("country", "Country", Format::Plain)
        .column("value", "Value", Format::Number(0))
        .rows_by_horizon("horizon")
        .sortable()
}

/// Numbers between 0 and 1 that look random, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1_u64 << 24) as f64
    }
}

const SERIES: [&str; 2] = ["actual", "expected"];

fn tracking(name: &str, title: &str, summed: bool) -> DataTable {
    let mut noise = Noise(1);
    let start: jiff::civil::Date = "2025-01-05".parse().expect("a day");
    let (mut weeks, mut series, mut purchases) = (Vec::new(), Vec::new(), Vec::new());
    let mut sums = [0.0; 2];
    for week in 0..78_i64 {
        let expected = 900.0 * (1.0 - (-(week as f64 + 1.0) / 6.0).exp()) * (-(week as f64) / 70.0).exp();
        let actual = (expected * (0.85 + 0.3 * noise.next())).round();
        for (i, number) in [actual, expected].into_iter().enumerate() {
            sums[i] += number;
            weeks.push(start.checked_add(jiff::Span::new().weeks(week)).expect("a day").to_string());
            series.push(SERIES[i]);
            purchases.push(if summed { sums[i] } else { number });
        }
    }
    DataTable::new(name, title).text("week", weeks).text("series", series).real("purchases", purchases)
}

fn histogram() -> DataTable {
    let labels = ["0", "1", "2", "3", "4", "5", "6", "7+"];
    let rows = || labels.iter().flat_map(|label| SERIES.map(|series| (*label, series)));
    let counts = [
        12_054.0, 12_030.2, 4_610.0, 4_631.9, 2_300.0, 2_255.0, 1_360.0, 1_390.5, 920.0, 905.1, 600.0, 640.4, 380.0,
        402.0, 1_346.0, 1_314.9,
    ];
    DataTable::new("frequency-histogram", "Customers by repeat purchases")
        .text("purchases", rows().map(|row| row.0))
        .text("series", rows().map(|row| row.1))
        .real("customers", counts)
}

fn conditional(by: &str, labels: &[&str]) -> DataTable {
    let rows = || labels.iter().enumerate().flat_map(|(i, label)| SERIES.map(|series| (i, *label, series)));
    DataTable::new(format!("conditional-by-{by}"), format!("Later purchases by {by}"))
        .text(by, rows().map(|row| row.1))
        .text("series", rows().map(|row| row.2))
        .real(
            "purchases",
            rows().map(|row| {
                0.2 + 0.55 * row.0 as f64 + if row.2 == "actual" { 0.1 * (row.0 as f64).sin() } else { 0.0 }
            }),
        )
        .whole("customers", rows().map(|row| 12_000 / (1 + row.0 as u64).pow(2)))
}

fn map(horizons: Option<&[&str]>) -> DataTable {
    let mut rows = Vec::new();
    for (place, horizon) in horizons.unwrap_or(&[""]).iter().enumerate() {
        for frequency in 0..=20_u64 {
            for bin in 0..26_u64 {
                let (from, to) = (bin as f64 * 3.0, bin as f64 * 3.0 + 3.0);
                let odds = ((78.0 - from) / 20.0 * (frequency as f64 - 0.5) / 3.0).exp();
                rows.push((*horizon, frequency, from, to, 1.0 / (1.0 + 0.3 * odds), place as f64 + 1.0));
            }
        }
    }
    let (name, title) = match horizons {
        None => ("alive-map", "Who is still a customer?"),
        Some(_) => ("purchases-map", "How many purchases to expect"),
    };
    let table = DataTable::new(name, title)
        .whole("frequency", rows.iter().map(|row| row.1))
        .real("recency", rows.iter().map(|row| (row.2 + row.3) / 2.0))
        .real("recency_from", rows.iter().map(|row| row.2))
        .real("recency_to", rows.iter().map(|row| row.3));
    if horizons.is_none() {
        return table.real("p_alive", rows.iter().map(|row| row.4));
    }
    table
        .text("horizon", rows.iter().map(|row| row.0))
        .real("purchases", rows.iter().map(|row| row.4 * row.5 * (0.24 + row.1 as f64) / 7.0))
}

fn iso() -> DataTable {
    let mut rows = Vec::new();
    for (place, horizon) in HORIZONS.iter().enumerate() {
        for level in [10.0, 25.0, 50.0, 100.0, 200.0, 400.0] {
            for frequency in 0..=20_u64 {
                let f = frequency as f64 + 0.4;
                let recency = 78.0 * (level / (60.0 * (place + 1) as f64 * f)).powf(0.35) * (0.55 + f / 40.0);
                if recency <= 78.0 {
                    rows.push((level, frequency, recency, *horizon));
                }
            }
        }
    }
    DataTable::new("iso-value", "Customers of equal value")
        .real("level", rows.iter().map(|row| row.0))
        .whole("frequency", rows.iter().map(|row| row.1))
        .real("recency", rows.iter().map(|row| row.2))
        .text("horizon", rows.iter().map(|row| row.3))
}

fn spend() -> DataTable {
    let mut noise = Noise(3);
    let density = |at: f64| 2_400.0 * (at / 20.0).powi(3) * (-at / 11.0).exp();
    let rows: Vec<(f64, f64, &str, f64)> = (0..24)
        .flat_map(|bin| {
            let (from, to) = (f64::from(bin) * 6.0, f64::from(bin) * 6.0 + 6.0);
            let expected = density(from + 3.0);
            [(from, to, "actual", (expected * (0.85 + 0.3 * noise.next())).round()), (from, to, "expected", expected)]
        })
        .collect();
    DataTable::new("spend-distribution", "What purchases are worth")
        .real("from", rows.iter().map(|row| row.0))
        .real("to", rows.iter().map(|row| row.1))
        .text("series", rows.iter().map(|row| row.2))
        .real("customers", rows.iter().map(|row| row.3))
}

fn curves() -> DataTable {
    let rows = || SERIES.iter().flat_map(|series| (0..=50).map(move |i| (*series, f64::from(i) / 50.0)));
    let power = |series: &str| if series == "actual" { 4.2 } else { 3.6 };
    DataTable::new("lorenz", "How value is spread")
        .text("series", rows().map(|row| row.0))
        .real("share_of_customers", rows().map(|row| row.1))
        .real("share_of_value", rows().map(|row| row.1.powf(power(row.0))))
}

fn deciles() -> DataTable {
    let rows = || (1..=10_u64).flat_map(|decile| SERIES.map(|series| (decile, series)));
    DataTable::new("decile-calibration", "Predicted and actual value, by tenths")
        .whole("decile", rows().map(|row| row.0))
        .text("series", rows().map(|row| row.1))
        .real("mean", rows().map(|row| 1.6_f64.powf(row.0 as f64) * if row.1 == "actual" { 0.95 } else { 1.0 }))
}

fn coverage() -> DataTable {
    let rows = || ["purchases", "value"].into_iter().flat_map(|what| [0.5, 0.8, 0.9, 0.95].map(|level| (what, level)));
    DataTable::new("interval-coverage", "Do intervals hold what they say?")
        .real("interval", rows().map(|row| row.1))
        .text("what", rows().map(|row| row.0))
        .real("expected", rows().map(|row| row.1))
        .real("covered", rows().map(|row| row.1 - if row.0 == "value" { 0.06 } else { 0.01 }))
}

fn errors(names: &[&str]) -> DataTable {
    let measures = ["mean absolute error, purchases", "root mean square error, purchases", "off in total (%)"];
    let rows = || {
        measures
            .iter()
            .enumerate()
            .flat_map(|(m, measure)| names.iter().enumerate().map(move |(i, name)| (m, *measure, i, *name)))
    };
    DataTable::new("contender-errors", "Against other models and simple rules")
        .text("name", rows().map(|row| row.3))
        .text("kind", rows().map(|row| if row.2 < 4 { "model" } else { "baseline" }))
        .text("measure", rows().map(|row| row.1))
        .real("error", rows().map(|row| (0.7 + 0.13 * row.2 as f64) * [1.0, 2.3, 4.0][row.0]))
}

fn densities() -> DataTable {
    let gamma = |x: f64| (x + 0.01).powf(-0.4) * (-4.0 * x).exp();
    let beta = |x: f64| (x + 0.02).powf(-0.2) * (1.0 - x).powf(1.5);
    let rows: Vec<(&str, f64, f64)> = (0..=60)
        .map(|i| f64::from(i) / 60.0)
        .flat_map(|x| {
            [("purchases a week while a customer", x, gamma(x)), ("chance to leave after a purchase", x, beta(x))]
        })
        .collect();
    DataTable::new("heterogeneity", "How customers differ")
        .text("parameter", rows.iter().map(|row| row.0))
        .real("at", rows.iter().map(|row| row.1))
        .real("density", rows.iter().map(|row| row.2))
}

fn cohorts() -> DataTable {
    let rows = || (0..12_u64).flat_map(|cohort| (0..12 - cohort).map(move |age| (cohort, age)));
    DataTable::new("cohort-retention", "Do newer cohorts stay longer?")
        .text("cohort", rows().map(|row| format!("2025-{:02}", row.0 + 1)))
        .whole("age", rows().map(|row| row.1))
        .real(
            "retention",
            rows().map(
                |(cohort, age)| if age == 0 { 1.0 } else { 0.42 * (-(age as f64) / 6.0).exp() - 0.008 * cohort as f64 },
            ),
        )
}
