//! Frames of polars in and out.

use clv::answers::Questions;
use clv::describe::Description;
use clv::evaluate::{EvaluationOptions, Experiment, evaluate};
use clv::model_file::{ModelFile, ModelOptions};
use clv::orders::{OrderOptions, read_orders, read_tables};
use clv::polars::{frame, predictions, reader};
use clv::report::{describe_tables, evaluation_tables};
use clv::summary::{Cohort, CustomerIds, Day, PurchaseLog, Summary};
use clv::summary_file::{self, SummaryOptions};
use clv::tables::{BytesRead, Input};
use polars::prelude::*;

type Done = std::result::Result<(), Box<dyn std::error::Error>>;

fn path() -> Input {
    Input::Path(format!("{}/data/cdnow/orders-sample.csv", env!("CARGO_MANIFEST_DIR")).into())
}

/// CDNOW's sample: customers as text, days since 1970, amounts.
fn sample() -> (Vec<String>, Vec<i32>, Vec<f64>) {
    let text = std::fs::read_to_string(path().to_string()).unwrap();
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        columns.0.push(fields[0].to_owned());
        columns.1.push(fields[1].parse::<Day>().unwrap().0);
        columns.2.push(fields[3].parse().unwrap());
    }
    columns
}

fn orders(customer: Column, date: Column, amount: Column) -> DataFrame {
    let named = |column: Column, name: &str| column.with_name(name.into());
    let columns = vec![named(customer, "customer_id"), named(date, "order_date"), named(amount, "amount")];
    DataFrame::new(columns[0].len(), columns).unwrap()
}

/// As everybody would have it.
fn usual() -> DataFrame {
    let (customers, days, amounts) = sample();
    let date = Column::new("".into(), days).cast(&DataType::Date).unwrap();
    orders(Column::new("".into(), customers), date, Column::new("".into(), amounts))
}

fn log_of(frame: &DataFrame) -> PurchaseLog {
    let tables = [reader("orders", frame)].map(Ok);
    let (log, report) = read_tables(tables.into_iter(), &OrderOptions::default()).unwrap();
    assert_eq!((report.rows, report.used), (6919, 6919));
    log
}

fn summary_of(log: &mut PurchaseLog) -> Summary {
    let end = "1997-09-30".parse().unwrap();
    log.summary(clv::summary::TimeUnit::Week, end, &Cohort::default()).unwrap().0
}

fn known() -> Summary {
    summary_of(&mut read_orders(&[path()], &OrderOptions::default(), &BytesRead::default()).unwrap().0)
}

#[track_caller]
fn same(ours: &Summary, known: &Summary) {
    assert_eq!((&ours.frequency, &ours.recency, &ours.T), (&known.frequency, &known.recency, &known.T));
    assert_eq!(ours.monetary_value, known.monetary_value);
    assert_eq!(ours.observation, known.observation);
}

#[test]
fn orders_in_all_types() {
    let known = known();
    let (customers, days, amounts) = sample();
    let text = Column::new("".into(), &customers);
    let date = Column::new("".into(), &days).cast(&DataType::Date).unwrap();
    let amount = Column::new("".into(), &amounts);
    let micros: Vec<i64> = days.iter().map(|&day| i64::from(day) * 86_400_000_000 + 86_399_000_000).collect();
    let clock = Column::new("".into(), micros).cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap();
    // Midnight in New York (winter) is 05:00 UTC; the day is the column's own.
    let nanos: Vec<i64> = days.iter().map(|&day| (i64::from(day) * 86_400 + 5 * 3600) * 1_000_000_000).collect();
    let zone = polars::prelude::TimeZone::opt_try_new(Some("Etc/GMT+5")).unwrap();
    let zoned = Column::new("".into(), nanos).cast(&DataType::Datetime(TimeUnit::Nanoseconds, zone)).unwrap();
    let categories = text.cast(&DataType::from_categories(Categories::global())).unwrap();
    let numbers = text.cast(&DataType::UInt64).unwrap();
    let decimals = amount.cast(&DataType::Decimal(12, 2)).unwrap();
    let written: Vec<String> = days.iter().map(|&day| Day(day).to_string()).collect();
    for frame in [
        usual(),
        orders(categories, clock, decimals),
        orders(numbers, zoned, amount.clone()),
        orders(text, Column::new("".into(), written), amount.clone()),
        // Two pieces, and a column that nobody asks for of a type that nobody could use.
        usual().head(Some(3000)).vstack(&usual().slice(3000, 4000)).unwrap(),
    ] {
        same(&summary_of(&mut log_of(&frame)), &known);
    }
    assert_eq!(date.len(), 6919);
}

#[test]
fn ids_keep_their_type() -> Done {
    let days = Column::new("".into(), [18_000_i32, 18_001, 18_009]).cast(&DataType::Date)?;
    let amounts = Column::new("".into(), [1.0, 2.0, 3.0]);
    let of = |ids: Column| -> clv::Result<CustomerIds> {
        let tables = [reader("orders", &orders(ids, days.clone(), amounts.clone()))].map(Ok);
        let mut log = read_tables(tables.into_iter(), &OrderOptions::default())?.0;
        let end = log.last_day().unwrap();
        Ok(log.summary(clv::summary::TimeUnit::Week, end, &Cohort::default())?.0.customers)
    };
    assert_eq!(of(Column::new("".into(), ["007", "7", "007"]))?, CustomerIds::Text(vec!["007".into(), "7".into()]));
    assert_eq!(of(Column::new("".into(), [9_i64, 7, 9]))?, CustomerIds::Number(vec![7, 9]));
    assert_eq!(of(Column::new("".into(), [u64::MAX, 7, 7]))?, CustomerIds::Unsigned(vec![7, u64::MAX]));
    Ok(())
}

#[test]
fn summaries_predictions_scores_and_descriptions() -> Done {
    let mut log = log_of(&usual());
    let summary = summary_of(&mut log);
    let customers = frame(&summary_file::table(&summary, false))?;
    assert_eq!(customers.column("first_purchase")?.dtype(), &DataType::Date);
    let options = SummaryOptions::default();
    same(&summary_file::read(&mut reader("summary", &customers), &options)?, &summary);

    let (model, _) = ModelFile::fit(&summary, &ModelOptions::default())?;
    // Fader, Hardie & Lee (2005), table 2.
    let log_likelihood = model.timing.as_ref().unwrap().fit.as_ref().unwrap().log_likelihood;
    assert!((log_likelihood - -9582.4).abs() < 0.05, "{log_likelihood}");
    let (predictor, uncertainty) = (model.predictor()?, model.uncertainty());
    let answers = predictions(&Questions::default().of(&predictor, &uncertainty, &summary, None)?)?;
    assert_eq!(answers.height(), 2357);
    assert_eq!(answers.column("customer_id")?, customers.column("customer_id")?);
    let alive = answers.column("p_alive")?.f64()?;
    assert!(alive.min() > Some(0.0) && alive.max() <= Some(1.0) && alive.null_count() == 0);

    let (split, until) = ("1997-09-30".parse()?, "1998-06-30".parse()?);
    let experiment = Experiment::new(&mut log, clv::summary::TimeUnit::Week, &Cohort::default(), split, until)?;
    let evaluation = evaluate(&experiment, &EvaluationOptions::default())?;
    for table in evaluation_tables::all(std::slice::from_ref(&evaluation)).iter().filter(|table| !table.is_empty()) {
        assert_eq!(frame(&table.table())?.height(), table.table().rows(), "{}", table.name);
    }
    let description = Description::of_orders(&mut log, &summary)?;
    for table in describe_tables(&description).iter().filter(|table| !table.is_empty()) {
        assert_eq!(frame(&table.table())?.width(), table.table().columns.len(), "{}", table.name);
    }
    Ok(())
}

#[test]
fn what_cannot_be_read_says_where() -> Done {
    let mut frame = usual();
    let lists = Series::new("lines".into(), vec![Series::new("".into(), [1]); frame.height()]);
    frame.with_column(lists.into_column())?;
    log_of(&frame);
    let mut options = OrderOptions::default();
    options.columns.customer = Some("lines".to_owned());
    let error = read_tables([reader("orders", &frame)].map(Ok).into_iter(), &options).unwrap_err().to_string();
    assert!(error.contains("orders: column `lines` is of type") && error.contains("neither text"), "{error}");
    Ok(())
}
