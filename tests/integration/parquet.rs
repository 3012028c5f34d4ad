//! Parquet in the types other programs write.

use polars::prelude::*;

use crate::command::{Folder, cdnow};

/// The sample's columns as text, days since 1970 and amounts.
fn sample() -> (Vec<String>, Vec<i32>, Vec<f64>) {
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        columns.0.push(fields[0].to_owned());
        columns.1.push(fields[1].parse::<clv::summary::Day>().unwrap().0);
        columns.2.push(fields[3].parse().unwrap());
    }
    columns
}

fn write(folder: &Folder, customer: Column, date: Column, amount: Column) {
    let columns = vec![
        customer.with_name("customer_id".into()),
        date.with_name("date".into()),
        amount.with_name("amount".into()),
    ];
    let mut frame = DataFrame::new(columns[0].len(), columns).unwrap();
    let file = std::fs::File::create(folder.path().join("orders.parquet")).unwrap();
    ParquetWriter::new(file).with_row_group_size(Some(1000)).finish(&mut frame).unwrap();
}

#[track_caller]
fn same_summary(folder: &Folder, input: &str) {
    let known = folder.clv(&format!("summarize {} --until 1997-09-30", cdnow("orders-sample.csv")));
    let ours = folder.clv(&format!("summarize {input} --until 1997-09-30"));
    assert_eq!(ours.code, 0, "{}", ours.stderr);
    assert!(ours.stdout == known.stdout);
}

#[test]
fn types_of_columns() {
    let folder = Folder::new();
    let (customers, days, amounts) = sample();
    let text = Column::new("".into(), &customers);
    let date = Int32Chunked::from_vec("".into(), days.clone()).into_date().into_column();
    let amount = Column::new("".into(), &amounts);

    write(&folder, text.clone(), date.clone(), amount.clone());
    same_summary(&folder, "orders.parquet");

    let categories = text.cast(&DataType::from_categories(Categories::global())).unwrap();
    let micros: Vec<i64> = days.iter().map(|&day| i64::from(day) * 86_400_000_000 + 86_399_000_000).collect();
    let clock =
        Int64Chunked::from_vec("".into(), micros.clone()).into_datetime(TimeUnit::Microseconds, None).into_column();
    let decimal = amount.cast(&DataType::Decimal(12, 2)).unwrap();
    write(&folder, categories, clock, decimal);
    same_summary(&folder, "orders.parquet");

    let nanos: Vec<i64> = micros.iter().map(|micros| (micros - 86_399_000_000 + 3_600_000_000 * 5) * 1000).collect();
    // Midnight in New York (winter) is 05:00 UTC; the day is the column's own.
    let winter: Vec<i64> = nanos;
    let zoned = Int64Chunked::from_vec("".into(), winter)
        .into_datetime(TimeUnit::Nanoseconds, polars::prelude::TimeZone::opt_try_new(Some("Etc/GMT+5")).unwrap())
        .into_column();
    write(&folder, text.clone(), zoned, amount.clone());
    same_summary(&folder, "orders.parquet");

    let numbers: Vec<i64> =
        days.iter().map(|&day| clv::summary::Day(day).to_string().replace('-', "").parse().unwrap()).collect();
    write(&folder, text, Column::new("".into(), numbers), amount);
    same_summary(&folder, "orders.parquet");
}

#[test]
fn nulls_are_counted_and_whole_number_ids_stay_numbers() {
    let folder = Folder::new();
    let customers = Column::new("".into(), [Some(10i32), None, Some(9), Some(9)]);
    let days = Column::new("".into(), ["2020-01-01", "2020-01-01", "2020-01-02", "2020-01-05"]);
    let amounts = Column::new("".into(), [Some(1f32), Some(2.0), Some(3.5), None]);
    write(&folder, customers, days, amounts);
    let results = folder.clv("summarize orders.parquet -o s.parquet --json").json();
    assert_eq!(results["orders"]["left_out"]["no_customer"]["place"], "orders.parquet row 2");
    assert_eq!(results["orders"]["left_out"]["no_amount"]["place"], "orders.parquet row 4");
    let frame = ParquetReader::new(std::fs::File::open(folder.path().join("s.parquet")).unwrap()).finish().unwrap();
    assert_eq!(frame.column("customer_id").unwrap().i64().unwrap().iter().collect::<Vec<_>>(), [Some(9), Some(10)]);
    assert_eq!(frame.column("first_purchase").unwrap().dtype(), &DataType::Date);
}

#[test]
fn summaries_and_standard_input() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    assert_eq!(folder.clv(&format!("summarize {orders} --until 1997-09-30 -o s.parquet")).code, 0);
    let from_summary = folder.clv("fit s.parquet");
    let from_orders = folder.clv(&format!("fit {orders} --until 1997-09-30"));
    assert_eq!(from_summary.code, 0, "{}", from_summary.stderr);
    assert_eq!(from_summary.stdout, from_orders.stdout);

    let (customers, days, amounts) = sample();
    let date = Int32Chunked::from_vec("".into(), days).into_date().into_column();
    write(&folder, Column::new("".into(), customers), date, Column::new("".into(), amounts));
    let bytes = std::fs::read(folder.path().join("orders.parquet")).unwrap();
    let known = folder.clv(&format!("summarize {orders}"));
    assert_eq!(folder.clv_with(&["summarize", "-"], &bytes).stdout, known.stdout);
    let dropped = folder.clv("summarize orders.parquet --duplicates drop -o d.parquet --json").json();
    // Without the quantity 21 more pairs of the 6,919 records are not told apart than with it, or as many.
    assert!(dropped["orders"]["left_out"]["duplicate"]["rows"].as_u64().unwrap() >= 21);

    for cut in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
        folder.write("cut.parquet", &bytes[..cut]);
        let outcome = folder.clv("summarize cut.parquet");
        assert_eq!(outcome.code, 1, "cut at {cut}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("cut.parquet"), "{}", outcome.stderr);
    }
}
