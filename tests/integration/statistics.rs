//! What is counted of purchases goes with the summary: by files, by states, and not with some of its customers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow_array::UInt32Array;
use arrow_select::take::take_record_batch;
use clv::evaluate::Experiment;
use clv::summary::{Cohort, Day, PurchaseLog, PurchaseStatistics, Summary, TimeUnit};
use clv::summary_file::{self, METADATA_KEY, PURCHASES_KEY, SummaryOptions};
use clv::tables::{BytesRead, FileOptions, Input, TableReader};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::KeyValue;

use crate::command::{Folder, cdnow};

const UNTIL: &str = "1997-09-30";

fn summary(folder: &Folder, name: &str) -> Result<Summary, String> {
    let input = Input::Path(folder.path().join(name));
    let mut table = TableReader::open(&input, &FileOptions::default(), &BytesRead::default()).unwrap();
    summary_file::read(&mut table, &SummaryOptions::default()).map_err(|error| error.to_string())
}

fn statistics(folder: &Folder, name: &str) -> Option<PurchaseStatistics> {
    summary(folder, name).unwrap().statistics
}

#[track_caller]
fn run(folder: &Folder, words: &str) {
    let done = folder.clv(words);
    assert_eq!(done.code, 0, "{words}: {}", done.stderr);
}

/// Days of every customer of the sample up to a day, who came first on these days.
fn days(first: impl Fn(Day) -> bool, until: Day) -> Vec<BTreeSet<i32>> {
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    let mut customers = BTreeMap::<String, BTreeSet<i32>>::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let day: Day = fields[1].parse().unwrap();
        if day <= until {
            customers.entry(fields[0].to_owned()).or_default().insert(day.0);
        }
    }
    customers.into_values().filter(|days| first(Day(*days.first().unwrap()))).collect()
}

/// From the orders, one by one.
fn counted(customers: &[BTreeSet<i32>]) -> (BTreeMap<u32, u64>, BTreeMap<Day, u64>, f64) {
    let (mut lengths, mut on, mut sum) = (BTreeMap::new(), BTreeMap::new(), 0.0);
    for days in customers {
        for (earlier, later) in days.iter().zip(days.iter().skip(1)) {
            *lengths.entry((later - earlier) as u32).or_default() += 1;
            *on.entry(Day(*later)).or_default() += 1;
            sum += (f64::from(later - earlier) / 7.0).ln();
        }
    }
    (lengths, on, sum)
}

#[track_caller]
fn same(statistics: &PurchaseStatistics, (lengths, on, sum): &(BTreeMap<u32, u64>, BTreeMap<Day, u64>, f64)) {
    assert_eq!(statistics.interpurchase_days(), lengths);
    assert_eq!(statistics.repeat_purchases(), on);
    assert!((statistics.log_interpurchase_times() - sum).abs() < 1e-9 * sum.abs());
}

#[test]
fn a_file_has_them_of_the_cohort_and_the_window_that_it_is_of() {
    let folder = Folder::new();
    let day = |text: &str| text.parse::<Day>().unwrap();
    let windows = [
        ("", UNTIL, (Day::FIRST, Day::LAST)),
        ("", "1998-06-30", (Day::FIRST, Day::LAST)),
        ("--from 1997-02-01 --first-purchase-before 1997-03-01", UNTIL, (day("1997-02-01"), day("1997-02-28"))),
    ];
    for (cohort, until, (from, to)) in windows {
        run(
            &folder,
            &format!("summarize {} --until {until} {cohort} -o s.parquet --overwrite", cdnow("orders-sample.csv")),
        );
        let expected = counted(&days(|first| (from..=to).contains(&first), day(until)));
        let read = summary(&folder, "s.parquet").unwrap();
        same(read.statistics.as_ref().unwrap(), &expected);
        assert_eq!(read.counted_histories().statistics(), read.statistics.as_ref());
    }
    // Text has no place for them, and does not change.
    run(&folder, &format!("summarize {} --until {UNTIL} -o s.csv", cdnow("orders-sample.csv")));
    assert_eq!(statistics(&folder, "s.csv"), None);
    assert!(folder.read("s.csv").starts_with("customer_id,frequency,recency,T,monetary_value,first_purchase,last_purchase,orders,total,unit,grain,observed_until\n"));
}

#[test]
fn a_split_has_them_of_what_came_before_it() {
    let day = |text: &str| text.parse::<Day>().unwrap();
    let mut log = PurchaseLog::default();
    for (customer, days) in days(|_| true, day("1998-06-30")).iter().enumerate() {
        days.iter().for_each(|&on| log.add(&customer.to_string(), Day(on), 1.0).unwrap());
    }
    let cohort = Cohort { from: Some(day("1997-02-01")), first_purchase_before: None };
    let (split, until) = (day(UNTIL), day("1998-06-30"));
    let mut experiment = Experiment::new(&mut log, TimeUnit::Week, &cohort, split, until).unwrap();
    same(experiment.summary.statistics.as_ref().unwrap(), &counted(&days(|first| first >= day("1997-02-01"), split)));
    let earlier = experiment.earlier.swap_remove(0).summary;
    let before = counted(&days(|first| first >= day("1997-02-01"), earlier.observation.end));
    same(earlier.statistics.as_ref().unwrap(), &before);
}

#[test]
fn a_summary_of_an_earlier_version_has_none_and_is_the_same_otherwise() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    folder.write("orders.csv", text.split_inclusive('\n').take(120).collect::<String>());
    let earlier = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/summary-version-1.parquet");
    folder.write("earlier.parquet", std::fs::read(earlier).unwrap());
    run(&folder, "summarize orders.csv --until 1998-06-30 -o now.parquet");
    let (earlier, now) = (summary(&folder, "earlier.parquet").unwrap(), summary(&folder, "now.parquet").unwrap());
    assert!(earlier.statistics.is_none() && now.statistics.is_some());
    assert_eq!(earlier, Summary { statistics: None, ..now });
}

/// From orders and from a state, of every customer one by one; and a fit from it is that from the counts.
#[test]
fn a_column_has_the_sum_of_each_customer_on_request() {
    let folder = Folder::new();
    let sample = cdnow("orders-sample.csv");
    let sum = |days: &BTreeSet<i32>| {
        let days: Vec<f64> = days.iter().map(|&day| f64::from(day)).collect();
        days.windows(2).fold(0.0, |sum, pair| sum + ((pair[1] - pair[0]) / 7.0).ln())
    };
    // Ids are digits of one length, so that their order is that of the text.
    let expected: Vec<f64> = days(|_| true, UNTIL.parse().unwrap()).iter().map(sum).collect();
    for (file, more) in [("s.parquet", ""), ("state.csv", "--state state.parquet")] {
        run(&folder, &format!("summarize {sample} --until {UNTIL} {more} --sum-log-interpurchase -o {file}"));
        let read = summary(&folder, file).unwrap();
        let sums = read.sum_log_interpurchase.clone().unwrap();
        assert_eq!(sums.len(), expected.len());
        assert!(sums.iter().zip(&expected).all(|(sum, known)| (sum - known).abs() < 1e-12), "{file}");
        assert_eq!(read.statistics.is_some(), file.ends_with("parquet"));
    }
    let fit = |file: &str| folder.clv(&format!("fit {file} --model mbg-cnbd --no-spend -o m.json --overwrite --json"));
    let timing = |file: &str| fit(file).json()["model"]["timing"].clone();
    assert_eq!(timing("s.parquet")["parameters"], timing("state.csv")["parameters"]);
}

#[test]
fn orders_that_come_day_by_day_are_counted_as_all_at_once() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut by_day = BTreeMap::<&str, String>::new();
    for row in rows.lines().filter(|row| row.split(',').nth(1) < Some("1997-01-25")) {
        let day = by_day.entry(row.split(',').nth(1).unwrap()).or_default();
        *day += row;
        *day += "\n";
    }
    assert!(by_day.len() > 20);
    let mut all = String::new();
    for (i, rows) in by_day.values().enumerate() {
        folder.write("day.csv", format!("{header}\n{rows}"));
        all += rows;
        let append = if i == 0 { "" } else { "--append" };
        run(
            &folder,
            &format!(
                "summarize day.csv --state state.parquet {append} --until 1997-01-24 -o bit-by-bit.parquet --overwrite"
            ),
        );
        if i % 8 == 7 {
            folder.write("all.csv", format!("{header}\n{all}"));
            run(&folder, "summarize all.csv --until 1997-01-24 -o at-once.parquet --overwrite");
            assert!(statistics(&folder, "at-once.parquet").unwrap().purchases() > 0);
            let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
            assert!(bytes("bit-by-bit.parquet") == bytes("at-once.parquet"), "{i} days");
        }
    }
}

/// Writes rows of the summary into another file, as other programs do that keep some of what it says of itself.
fn rewrite(folder: &Folder, rows: impl IntoIterator<Item = u32>, said: &[(&str, &str)]) {
    let file = std::fs::File::open(folder.path().join("s.parquet")).unwrap();
    let batch = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .with_batch_size(1 << 20)
        .build()
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let rows = take_record_batch(&batch, &UInt32Array::from_iter_values(rows)).unwrap();
    let file = std::fs::File::create(folder.path().join("rewritten.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    for (key, text) in said {
        writer.append_key_value_metadata(KeyValue::new((*key).to_owned(), (*text).to_owned()));
    }
    writer.close().unwrap();
}

/// What a Parquet file says of itself under a key.
fn said(path: &Path, key: &str) -> String {
    let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
    let said = reader.metadata().file_metadata().key_value_metadata().unwrap();
    said.iter().find(|said| said.key == key).unwrap().value.clone().unwrap()
}

const TIMES: &str = r#"{"version":1,"unit":"week","grain":"day","end":"1997-09-30"}"#;

/// Other programs take some rows, sort them, add some, and write what the table said of all of them.
#[test]
fn rows_that_others_chose_have_them_only_if_they_are_all() {
    let folder = Folder::new();
    run(&folder, &format!("summarize {} --until {UNTIL} -o s.parquet", cdnow("orders-sample.csv")));
    let known = summary(&folder, "s.parquet").unwrap();
    let count = known.len() as u32;
    let purchases = said(&folder.path().join("s.parquet"), PURCHASES_KEY);
    let attributes = serde_json::json!({"attributes": {
        "clv": {"unit": "week", "grain": "day", "until": UNTIL}, "clv-purchases": purchases,
    }});
    let pandas = attributes.to_string();
    let repeat = (0..count).filter(|&row| known.frequency[row as usize] > 0);
    for keys in [&[(METADATA_KEY, TIMES), (PURCHASES_KEY, &purchases)][..], &[("pandas", &pandas)]] {
        rewrite(&folder, (0..count).rev(), keys);
        let sorted = summary(&folder, "rewritten.parquet").unwrap();
        assert_eq!((sorted.statistics, sorted.observation), (known.statistics.clone(), known.observation));
        // Those who came back made all repeat purchases, and are others all the same.
        rewrite(&folder, repeat.clone(), keys);
        assert_eq!(statistics(&folder, "rewritten.parquet"), None);
        rewrite(&folder, 1..count, keys);
        assert_eq!(statistics(&folder, "rewritten.parquet"), None);
        rewrite(&folder, 0..1, keys);
        assert_eq!(statistics(&folder, "rewritten.parquet"), None);
    }
    // What vouches for the rows vouches for what is said of their purchases.
    let times = said(&folder.path().join("s.parquet"), METADATA_KEY);
    rewrite(&folder, 0..count, &[(METADATA_KEY, &times), (PURCHASES_KEY, &purchases)]);
    assert_eq!(statistics(&folder, "rewritten.parquet"), known.statistics);
    run(&folder, &format!("summarize {} --until 1998-06-30 -o later.parquet", cdnow("orders-sample.csv")));
    let later = said(&folder.path().join("later.parquet"), PURCHASES_KEY);
    rewrite(&folder, 0..count, &[(METADATA_KEY, &times), (PURCHASES_KEY, &later)]);
    let refused = summary(&folder, "rewritten.parquet").unwrap_err();
    assert!(refused.contains("rewritten.parquet: ") && refused.contains("of other customers"), "{refused}");
}

#[test]
fn what_is_damaged_is_refused_with_the_name_of_the_file() {
    let folder = Folder::new();
    run(&folder, &format!("summarize {} --until {UNTIL} -o s.parquet", cdnow("orders-sample.csv")));
    let count = summary(&folder, "s.parquet").unwrap().len() as u32;
    let purchases = said(&folder.path().join("s.parquet"), PURCHASES_KEY);
    let other = purchases.replacen("[[1,", "[[2,", 1);
    assert_ne!(other, purchases);
    let not_text = serde_json::json!({"attributes": {"clv-purchases": [1, 2]}}).to_string();
    for (key, text) in [(PURCHASES_KEY, "{"), (PURCHASES_KEY, &*other), ("pandas", &*not_text)] {
        rewrite(&folder, 0..count, &[(METADATA_KEY, TIMES), (key, text)]);
        let refused = folder.clv("fit rewritten.parquet");
        assert_eq!(refused.code, 1, "{}", refused.stdout);
        for part in
            ["rewritten.parquet: what the summary says of its purchases", "is damaged", "Summarise the orders again"]
        {
            assert!(refused.stderr.contains(part), "{}", refused.stderr);
        }
    }
}
