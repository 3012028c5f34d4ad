//! Orders delivered bit by bit, in any order, more than once: the state and the summary are those of everything at once.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use clv::error::Cause;
use clv::orders::OrderOptions;
use clv::state_file::StateFile;
use clv::summary::{Cohort, Summary, TimeUnit};
use clv::summary_file::{self, SummaryOptions};
use clv::tables::{BytesRead, FileOptions, Input, TableReader};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::command::{Folder, cdnow};

/// Ids of every form: numbers, names, numbers too large or too small to be their own codes.
const CUSTOMERS: [&str; 9] = ["1", "2", "17", "007", "-3", "9999999999999", "549755813888", "ann", "Ünal, É."];

#[derive(Clone, Debug)]
struct Row {
    customer: usize,
    day: u32,
    cents: i64,
    country: usize,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..CUSTOMERS.len(), 0..400u32, prop_oneof![-500..0i64, 0..100_000i64, Just(0)], 0..4usize);
    let row = row.prop_map(|(customer, day, cents, country)| Row { customer, day, cents, country });
    prop::collection::vec(row, 1..80)
}

fn csv(rows: &[Row]) -> String {
    let mut text = "customer_id,order_date,amount,country\n".to_owned();
    for row in rows {
        let date = clv::summary::Day(19_000 + row.day as i32);
        let amount = row.cents as f64 / 100.0;
        text += &format!("\"{}\",{date},{amount},{}\n", CUSTOMERS[row.customer], ["", "DE", "FR", "US"][row.country]);
    }
    text
}

fn options() -> OrderOptions {
    OrderOptions { attributes: vec!["country".to_owned()], ..OrderOptions::default() }
}

/// Delivers each of these groups of files, one group after the other, and leaves the state's file in the folder.
fn deliver(folder: &Folder, state: &str, groups: &[Vec<String>]) -> Option<Summary> {
    let path = folder.path().join(state);
    let mut summary = None;
    for group in groups {
        let mut file = if path.exists() {
            StateFile::open(&path, &options(), &BytesRead::default()).unwrap()
        } else {
            StateFile::begin(&path, &options()).unwrap()
        };
        let inputs: Vec<Input> = group.iter().map(|name| Input::Path(folder.path().join(name))).collect();
        let delivered = file.deliver(&inputs, &options(), false, &BytesRead::default()).unwrap();
        summary = summarised(&mut file);
        if delivered.report.is_some() {
            file.stage().unwrap().commit().unwrap();
        }
    }
    summary
}

/// None if nobody purchased.
fn summarised(state: &mut StateFile) -> Option<Summary> {
    let end = state.log().last_day().unwrap();
    match state.log().summary(TimeUnit::Week, end, &Cohort::default()) {
        Ok((summary, _)) => Some(summary),
        Err(error) if matches!(error.cause(), Cause::NoCustomers { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn deliveries_add_up(rows in rows(), parts in 1..5usize, again in prop::collection::vec(0..5usize, 0..4), seed in any::<u64>()) {
        // What a customer orders on a day comes in one file; which one is as good as drawn.
        let part_of = |row: &Row| (seed ^ (row.customer as u64 * 1000 + u64::from(row.day)).wrapping_mul(0x9e37_79b9_7f4a_7c15)) as usize >> 7;
        let folder = Folder::new();
        let mut names = Vec::new();
        for part in 0..parts {
            let rows: Vec<Row> = rows.iter().filter(|row| part_of(row) % parts == part).cloned().collect();
            if !rows.is_empty() {
                let name = format!("{part}.csv");
                folder.write(&name, csv(&rows));
                names.push(name);
            }
        }
        let at_once = deliver(&folder, "at-once.parquet", &[names.clone()]);

        // In another order, some files together, some again.
        let mut groups: Vec<Vec<String>> = Vec::new();
        for (i, name) in names.iter().rev().enumerate() {
            match groups.last_mut() {
                Some(group) if seed >> i & 1 == 1 => group.push(name.clone()),
                _ => groups.push(vec![name.clone()]),
            }
        }
        for &i in &again {
            groups.push(vec![names[i % names.len()].clone()]);
        }
        let bit_by_bit = deliver(&folder, "bit-by-bit.parquet", &groups);
        prop_assert_eq!(at_once, bit_by_bit);
        let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        prop_assert!(bytes("at-once.parquet") == bytes("bit-by-bit.parquet"), "the states differ");
    }

    #[test]
    fn a_day_of_a_customer_that_comes_twice_is_refused(rows in rows(), cut in any::<prop::sample::Index>()) {
        let folder = Folder::new();
        folder.write("all.csv", csv(&rows));
        let some = &rows[cut.index(rows.len())..];
        // Another file with some of the same days.
        folder.write("some.csv", csv(some) + "\n");
        for (first, second) in [("all.csv", "some.csv"), ("some.csv", "all.csv")] {
            let path = folder.path().join("state.parquet");
            let input = |name: &str| [Input::Path(folder.path().join(name))];
            let mut state = StateFile::begin(&path, &options()).unwrap();
            state.deliver(&input(first), &options(), false, &BytesRead::default()).unwrap();
            let days: std::collections::BTreeSet<(usize, u32)> = some.iter().map(|row| (row.customer, row.day)).collect();
            let refused = state.deliver(&input(second), &options(), false, &BytesRead::default()).unwrap_err().to_string();
            prop_assert!(refused.contains(&format!("{} day", days.len())), "{}", refused);
            let added = state.deliver(&input(second), &options(), true, &BytesRead::default()).unwrap();
            prop_assert!(added.report.is_some());
        }
    }
}

#[test]
fn the_command_adds_days_to_a_state() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let part = |name: &str, takes: &dyn Fn(&str) -> bool| {
        let rows: Vec<&str> = rows.lines().filter(|row| takes(row.split(',').nth(1).unwrap())).collect();
        folder.write(name, format!("{header}\n{}\n", rows.join("\n")));
    };
    part("early.csv", &|date| date < "1997-06-01");
    part("late.csv", &|date| date >= "1997-06-01");
    let good = |words: &str| {
        let run = folder.clv(words);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout
    };
    good("summarize late.csv --state state.parquet --memory 1K -o summary.csv");
    let told = good("summarize early.csv --state state.parquet --append -o summary.csv");
    assert!(told.contains("State state.parquet: 2 files with 6,919 rows"), "{told}");
    let at_once = good(&format!("summarize {}", cdnow("orders-sample.csv")));
    assert!(folder.read("summary.csv") == at_once);
    // Again: nothing changes. An earlier end, another grain: the state has the days.
    let told = good("summarize early.csv --state state.parquet --append -o summary.csv");
    assert!(told.contains("early.csv was delivered before, as early.csv: it adds nothing"), "{told}");
    assert!(folder.read("summary.csv") == at_once);
    let mid_month = "--grain month --unit month --until 1997-09-10";
    for options in ["--until 1997-09-30", "--grain week --from 1997-02-03", "--unit day", mid_month] {
        let at_once = good(&format!("summarize {} {options}", cdnow("orders-sample.csv")));
        assert!(good(&format!("summarize --state state.parquet {options}")) == at_once, "{options}");
    }

    let refused = |words: &str, code: i32, part: &str| {
        let before = std::fs::read(folder.path().join("state.parquet")).unwrap();
        let run = folder.clv(words);
        assert_eq!(run.code, code, "{}", run.stderr);
        assert!(run.stderr.contains(part), "no `{part}` in: {}", run.stderr);
        assert!(std::fs::read(folder.path().join("state.parquet")).unwrap() == before);
    };
    refused("summarize early.csv --state state.parquet", 2, "state.parquet exists: --append adds orders to it");
    refused("summarize early.csv --state other.parquet --append", 2, "there is no such state; leave out --append");
    refused("summarize --state other.parquet", 2, "there is no such state; name the orders");
    refused("summarize early.csv --state state.csv", 2, "its name must end in .parquet");
    refused("summarize early.csv --state early.csv", 2, "early.csv is an input");
    refused(
        "summarize late.csv --state state.parquet --append --returns drop",
        2,
        "orders were read with --returns net",
    );
    refused(
        "summarize late.csv --state state.parquet --append --keep quantity",
        2,
        "orders were read with --keep nothing",
    );
    refused("summarize - --state state.parquet --append", 2, "standard input: a state takes files");
    part("some.csv", &|date| date < "1997-01-20");
    refused("summarize some.csv --state state.parquet --append", 1, "If these are the same orders again");
    good("summarize early.csv -o summary.parquet");
    refused("summarize late.csv --state summary.parquet --append", 1, "summary.parquet: this is not a state");
    refused("summarize --state state.parquet --returns drop", 2, "--returns applies when orders are summarised");
    refused("summarize --state state.parquet --append", 2, "--append takes orders");
    refused("summarize --state state.parquet --keep quantity", 2, "--keep takes orders");
    folder.write("typo.csv", format!("{header}\n00001,2205-02-28,1,10.00\n"));
    refused(
        "summarize typo.csv --state state.parquet --append",
        1,
        "no order for 206 years between 1998-06-30 and 2205-02-28",
    );
    let both = "summarize some.csv --state state.parquet --append --overlap add --duplicates drop";
    refused(both, 2, "orders were read with --duplicates keep");
    // A summary that cannot be written keeps the state from being begun.
    refused("summarize late.csv --state new.parquet --keep quantity,quantity", 2, "named twice");
    folder.write("frequent.csv", "customer_id,order_date,amount,frequency\n1,1997-01-01,2,3\n");
    for output in ["-o new.csv", ""] {
        let words = format!("summarize frequent.csv --state new.parquet --keep frequency {output}");
        refused(&words, 2, "two columns would be named `frequency`");
    }
    refused("summarize late.csv --state new.parquet -o nowhere/new.csv", 1, "cannot write nowhere/new.csv");
    assert!(!folder.path().join("new.parquet").exists());
    let held = std::fs::File::open(folder.path().join("state.parquet")).unwrap();
    held.lock().unwrap();
    refused("summarize some.csv --state state.parquet --append", 1, "another run is adding to it");
    drop(held);
    assert!(!folder.names().iter().any(|name| name.starts_with('.')), "{:?}", folder.names());
    assert!(Path::new(&folder.path().join("state.parquet")).exists());
}

/// A process that another thread is starting holds every open file for a moment, and must not hold the lock.
#[test]
fn a_state_is_free_as_soon_as_it_is_dropped() {
    let folder = Folder::new();
    folder.write("orders.csv", csv(&[Row { customer: 0, day: 1, cents: 500, country: 1 }]));
    deliver(&folder, "state.parquet", &[vec!["orders.csv".to_owned()]]);
    let path = folder.path().join("state.parquet");
    let opened = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !opened.load(Ordering::Relaxed) {
                    Command::new(env!("CARGO_BIN_EXE_clv")).arg("--version").output().unwrap();
                }
            });
        }
        let failed = (0..500).find_map(|_| StateFile::open(&path, &options(), &BytesRead::default()).err());
        opened.store(true, Ordering::Relaxed);
        assert!(failed.is_none(), "{failed:?}");
    });
}

/// What came before checksums is read, and what is written next has one.
#[test]
fn a_state_of_version_1_is_read() {
    let folder = Folder::new();
    folder.write(
        "a.csv",
        "customer_id,order_date,amount,country\n1,2020-01-05,10.10,DE\n1,2020-02-07,0.30,FR\n2,2020-01-09,19.99,\n\
         007,2020-03-01,5,US\n\"Ünal, É.\",2020-02-02,7.25,TR\n\"Ünal, É.\",2020-03-09,-2.25,TR\n1,2020-02-07,4.70,FR\n",
    );
    folder.write(
        "b.csv",
        "customer_id,order_date,amount,country\n2,2020-04-01,1.01,SE\n9999999999999,2020-04-02,3.00,SE\n",
    );
    folder.write("c.csv", "customer_id,order_date,amount,country\n2,2020-05-01,1.01,SE\n");
    let good = |words: &str| {
        let run = folder.clv(words);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout
    };
    folder.write("state.parquet", data("state-version-1.parquet"));
    assert_eq!(good("summarize --state state.parquet"), good("summarize a.csv b.csv --keep country"));
    good("summarize a.csv c.csv --state state.parquet --append -o summary.csv");
    assert_eq!(folder.read("summary.csv"), good("summarize a.csv b.csv c.csv --keep country"));
    good("summarize a.csv b.csv c.csv --state new.parquet --keep country -o summary.csv");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("state.parquet") == bytes("new.parquet"));
}

fn data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

#[test]
fn a_state_without_rows_is_an_error() {
    let folder = Folder::new();
    let path = folder.write("state.parquet", data("state-without-rows.parquet"));
    folder.write("orders.csv", csv(&[Row { customer: 0, day: 1, cents: 500, country: 1 }]));
    for words in ["summarize --state state.parquet", "summarize orders.csv --state state.parquet --append -o s.csv"] {
        let run = folder.clv(words);
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains("state.parquet: a state without orders"), "{}", run.stderr);
    }
    assert!(std::fs::read(path).unwrap() == data("state-without-rows.parquet"));
    assert_eq!(folder.names(), ["orders.csv", "state.parquet"]);
}

/// Bits that have turned over anywhere in a file give the same numbers or an error.
#[test]
fn damage_is_found() {
    let folder = Folder::new();
    let rows: Vec<Row> = (0..200u32)
        .map(|i| Row {
            customer: (i * 7 % 9) as usize,
            day: i * 37 % 400,
            cents: i64::from(i) * 1001 % 9000,
            country: (i % 4) as usize,
        })
        .collect();
    folder.write("orders.csv", csv(&rows));
    let run = folder.clv("summarize orders.csv --state state.parquet --keep country -o summary.parquet");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let state = |path: &Path| {
        let mut state = StateFile::open_to_read(path, &options(), &BytesRead::default()).ok()?;
        Some((summarised(&mut state), state.counts().clone(), state.deliveries().to_vec(), state.keep().to_vec()))
    };
    let summary = |path: &Path| {
        let mut table =
            TableReader::open(&Input::Path(path.to_owned()), &FileOptions::default(), &BytesRead::default()).ok()?;
        let options = SummaryOptions { attributes: vec!["country".to_owned()], ..SummaryOptions::default() };
        summary_file::read(&mut table, &options).ok()
    };
    let mut rng = Pcg64::seed_from_u64(16);
    let mut found = 0;
    for (name, cases) in [("state.parquet", 1500), ("summary.parquet", 1500)] {
        let path = folder.path().join(name);
        let bytes = std::fs::read(&path).unwrap();
        let (whole, whole_summary) = (state(&path), summary(&path));
        assert!(whole.is_some() != whole_summary.is_some());
        for case in 0..cases {
            let mut damaged = bytes.clone();
            let from = rng.random_range(0..damaged.len() - 8);
            for _ in 0..=case % 3 {
                damaged[from + rng.random_range(0..8)] ^= 1 << rng.random_range(0..8);
            }
            std::fs::write(&path, &damaged).unwrap();
            let (read, read_summary) = (state(&path), summary(&path));
            found += u32::from(read.is_none() && read_summary.is_none());
            assert!(read.is_none() || read == whole, "{name}, case {case}: other numbers in silence");
            // Where the name of what it says of its purchases is another one, it says nothing of them.
            let same = read_summary.is_none_or(|mut read| {
                read.statistics = read.statistics.or_else(|| whole_summary.as_ref()?.statistics.clone());
                Some(read) == whole_summary
            });
            assert!(same, "{name}, case {case}: other numbers in silence");
        }
    }
    assert!(found > 1500, "only {found} were found");
}

/// A folder with three files, and what runs of the command say there.
fn shop() -> Folder {
    let folder = Folder::new();
    let rows = |customer: u32, currency: &str| {
        format!(
            "customer_id,order_date,amount,currency,status\n{customer},2020-01-05,10,{currency},paid\n{customer},2020-02-05,20,{currency},open\n"
        )
    };
    for (name, customer, currency) in [("a", 1, "EUR"), ("b", 2, "EUR"), ("usd", 3, "USD"), ("unknown", 4, "")] {
        folder.write(&format!("{name}.csv"), rows(customer, currency));
    }
    folder
}

#[track_caller]
fn delivered(folder: &Folder, words: &str) {
    let run = folder.clv(&format!("summarize {words} -o summary.csv --overwrite"));
    assert_eq!(run.code, 0, "{words}: {}", run.stderr);
}

#[track_caller]
fn not_delivered(folder: &Folder, words: &str, part: &str) {
    let before = std::fs::read(folder.path().join("state.parquet")).unwrap();
    let run = folder.clv(&format!("summarize {words} --state state.parquet --append -o summary.csv --overwrite"));
    assert!(run.code != 0 && run.stderr.contains(part), "{words}: {}", run.stderr);
    assert!(std::fs::read(folder.path().join("state.parquet")).unwrap() == before);
}

#[test]
fn deliveries_are_read_by_the_same_options() {
    let folder = shop();
    folder.write("rates.csv", "currency,rate\nUSD,0.9\n");
    folder.write("again.csv", "rate,currency\n0.90,USD\n");
    folder.write("others.csv", "currency,rate\nUSD,0.8\n");
    let options = "--where status=paid --currency EUR --rates rates.csv --exact-ids";
    delivered(&folder, &format!("a.csv --state state.parquet {options}"));
    for (words, part) in [
        ("", "orders were read with --currency EUR, and these would be without --currency"),
        ("--where status=paid --currency EUR --exact-ids", "and these would be without --rates"),
        ("--where status=paid --currency EUR --rates others.csv --exact-ids", "with --rates of SHA-256"),
        ("--where status=open --currency EUR --rates rates.csv --exact-ids", "would be with --where 'status=open'"),
        ("--where status=paid --currency EUR --rates rates.csv", "with --exact-ids, and these would be without"),
        ("--where status=paid --currency USD --rates rates.csv --exact-ids", "with --currency USD"),
        (&format!("{options} --refund amount"), "read without --refund, and these would be with --refund amount"),
        (&format!("{options} --order status"), "would be with --order status"),
    ] {
        not_delivered(&folder, &format!("usd.csv {words}"), part);
    }
    // The name of the table of rates is nobody's business, nor how a currency is written.
    let same = "--where status=paid --currency € --rates again.csv --exact-ids";
    delivered(&folder, &format!("usd.csv --state state.parquet --append {same}"));
    delivered(&folder, &format!("a.csv usd.csv --state at-once.parquet {options}"));
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("state.parquet") == bytes("at-once.parquet"));
}

#[test]
fn a_state_knows_its_currency() {
    let folder = shop();
    delivered(&folder, "a.csv --state state.parquet");
    not_delivered(&folder, "usd.csv", "amounts in EUR and in USD cannot be added");
    delivered(&folder, "unknown.csv --state state.parquet --append");
    not_delivered(&folder, "usd.csv", "amounts in EUR and in USD cannot be added");
    delivered(&folder, "b.csv --state state.parquet --append");
    let run = folder.clv("summarize --state state.parquet --json -o summary.csv --overwrite");
    assert_eq!(run.json()["summary"]["currency"], "EUR");
    delivered(&folder, "unknown.csv b.csv --state other.parquet");
    delivered(&folder, "a.csv --state other.parquet --append");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("state.parquet") == bytes("other.parquet"));
}

#[test]
fn a_sign_is_told_from_other_currencies() {
    let folder = Folder::new();
    for (name, customer, amount) in [
        ("dollar", 1, "$10"),
        ("euro", 2, "10 EUR"),
        ("usd", 3, "10 USD"),
        ("cad", 4, "10 CAD"),
        ("krone", 5, "kr. 10"),
    ] {
        folder
            .write(&format!("{name}.csv"), format!("customer_id,order_date,amount\n{customer},2020-01-05,{amount}\n"));
    }
    delivered(&folder, "dollar.csv --state state.parquet");
    not_delivered(&folder, "euro.csv", "amounts in $ and in EUR cannot be added");
    not_delivered(&folder, "krone.csv", "amounts in $ and in kr cannot be added");
    delivered(&folder, "usd.csv --state state.parquet --append");
    not_delivered(&folder, "cad.csv", "amounts in USD and in CAD cannot be added");
    delivered(&folder, "usd.csv --state other.parquet");
    not_delivered(&folder, "euro.csv", "begin it anew");
    delivered(&folder, "dollar.csv --state other.parquet --append");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("state.parquet") == bytes("other.parquet"));
}

#[test]
fn what_settles_a_question_holds_for_later_deliveries() {
    let folder = Folder::new();
    // Two lines with the same amount: one order of 10, or of 20.
    let twice = |customer: u32| {
        format!("order_id,customer_id,order_date,amount\n1,{customer},2020-01-05,10\n1,{customer},2020-01-05,10\n")
    };
    for customer in 1..=3 {
        folder.write(&format!("{customer}.csv"), twice(customer));
    }
    folder.write("first.csv", "order_id,customer_id,order_date,amount\n9,9,2020-01-05,10\n");
    folder.write("last.csv", "order_id,customer_id,order_date,amount\n9,9,2020-01-05,30\n");
    folder.write("plain.csv", "customer_id,order_date,amount\n7,2020-01-05,10\n");
    delivered(&folder, "1.csv --state state.parquet --amount-per order");
    not_delivered(
        &folder,
        "2.csv --amount-per line",
        "read with --amount-per order, and these would be with --amount-per line",
    );
    delivered(&folder, "2.csv --state state.parquet --append");
    let run = folder.clv("summarize 3.csv --state state.parquet --append -o summary.csv --overwrite");
    assert!(run.code == 0 && run.stdout.contains("as before, with --amount-per order"), "{}{}", run.stdout, run.stderr);
    // Which of them counts is settled in the same way; orders without ids are not in question.
    delivered(&folder, "plain.csv --state state.parquet --append");
    delivered(&folder, "first.csv last.csv --state state.parquet --append --repeated-orders last");
    not_delivered(&folder, "2.csv --repeated-orders first", "read with --repeated-orders last");
    let total: f64 = crate::command::Records::new(&folder.read("summary.csv")).sum("total");
    assert_eq!(total, 10.0 * 3.0 + 10.0 + 30.0);
}
