//! The summary as SQL: texts of all dialects. That they say what `clv summarize` says is for `python/tests/test_sql.py` to show, which
//! runs them.

use clv::orders::{DateReader, Duplicates, OrderOptions, Returns};
use clv::sql::{Dialect, Query, SqlOptions};
use clv::summary::{Cohort, Grain, TimeUnit};

fn orders(until: &str) -> OrderOptions {
    OrderOptions { until: Some(until.parse().unwrap()), ..OrderOptions::default() }
}

fn examples() -> [(&'static str, SqlOptions, OrderOptions); 4] {
    let simple = (SqlOptions { table: "shop.orders".to_owned(), ..SqlOptions::default() }, orders("1997-09-30"));
    let mut all = orders("2024-12-31");
    all.columns.conditions =
        ["status!=refunded,cancelled", "total>0", "shipped<2025-01-01"].map(|text| text.parse().unwrap()).to_vec();
    all.columns.refund = Some("refunded_amount".to_owned());
    all.columns.refund_date = Some("refunded_at".to_owned());
    all.attributes = vec!["country".to_owned()];
    all.dates = DateReader::new(None, Some("Europe/Berlin")).unwrap();
    (all.unit, all.grain) = (Some(TimeUnit::Month), Grain::Month);
    all.cohort = Cohort { from: Some("2022-01-01".parse().unwrap()), ..Cohort::default() };
    let exact = SqlOptions {
        table: "shop.Orders".to_owned(),
        exact: true,
        sum_log_interpurchase: true,
        ..SqlOptions::default()
    };
    let counted = SqlOptions { counted: true, number_ids: true, ..SqlOptions::default() };
    let by_week = OrderOptions {
        grain: Grain::Week,
        returns: Returns::Drop,
        duplicates: Duplicates::Drop,
        ..orders("2024-12-29")
    };
    let mut alone = orders("2024-12-31");
    alone.columns.without_amount = true;
    alone.exact_ids = true;
    [
        ("summary", simple.0, simple.1),
        ("exact", exact, all),
        ("counted", counted, by_week),
        ("purchases", SqlOptions::default(), alone),
    ]
}

/// `CLV_WRITE_DOCS=1` writes the files anew. Look at what changes: people have these queries in their pipelines.
#[test]
fn queries_are_those_in_the_files() {
    let folder = format!("{}/tests/data/sql", env!("CARGO_MANIFEST_DIR"));
    let held = |path: &str, text: &str| {
        if std::env::var_os("CLV_WRITE_DOCS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(path, text).unwrap();
        } else {
            let file = std::fs::read_to_string(path).unwrap();
            assert!(file == text, "{path} is not what is written: run this test with CLV_WRITE_DOCS=1");
        }
    };
    for dialect in Dialect::ALL {
        for (name, options, orders) in examples() {
            let query = Query::new(SqlOptions { dialect, ..options }, orders).unwrap();
            held(&format!("{folder}/{}-{name}.sql", dialect.name()), &query.text().unwrap());
            if name == "exact" {
                held(&format!("{folder}/{}-orders.sql", dialect.name()), &query.orders_text().unwrap());
                held(&format!("{folder}/{}-audit.sql", dialect.name()), &query.audit_text().unwrap());
            }
        }
    }
}

#[test]
fn without_an_end_there_is_no_query() {
    let refused = Query::new(SqlOptions::default(), OrderOptions::default()).unwrap_err();
    assert_eq!(refused.option().unwrap().name(), "until");
    assert!(Query::new(SqlOptions::default(), orders("0000-03-15")).is_err());
}
