//! Bad input: the message says what, where, and what to do; the exit code is right; nothing is left half-written.

use serde_json::json;

use std::process::{Command, Stdio};

use crate::command::{Folder, Outcome, cdnow};

const HEADER: &str = "customer_id,order_date,amount\n";

/// Thirty customers who order every month for half a year, enough to fit.
fn orders() -> String {
    let mut text = HEADER.to_owned();
    for customer in 0..30 {
        for month in 1..=(1 + customer % 6) {
            let amount = 10.0 + f64::from(customer) * 1.5 + f64::from((month * 7 + customer) % 5);
            text += &format!("c{customer},2020-{month:02}-{:02},{amount}\n", 1 + customer % 28);
        }
    }
    text
}

/// Runs `clv run` on a file of this content, and checks that it fails and leaves nothing.
#[track_caller]
fn refused(content: impl AsRef<[u8]>, options: &str, code: i32, parts: &[&str]) {
    let folder = Folder::new();
    folder.write("orders.csv", content);
    let run = folder.clv(&format!("run orders.csv {options}"));
    assert_failure(&run, code, parts);
    let left = folder.path().join("clv-results");
    assert!(!left.exists() || std::fs::read_dir(left).unwrap().next().is_none(), "files were left behind");
}

#[track_caller]
fn assert_failure(outcome: &Outcome, code: i32, parts: &[&str]) {
    assert_eq!(outcome.code, code, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains("error: "), "{}", outcome.stderr);
    for part in parts {
        assert!(outcome.stderr.contains(part), "no `{part}` in: {}", outcome.stderr);
    }
}

#[test]
fn these_orders_are_good_ones() {
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    let run = folder.clv("run orders.csv --format csv");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(folder.names(), ["clv-results", "orders.csv"]);
}

#[test]
fn files_that_are_no_table() {
    let folder = Folder::new();
    assert_failure(&folder.clv("run nowhere.csv"), 1, &["cannot read nowhere.csv", "No such file"]);
    assert_failure(&folder.clv("run none-*.csv"), 1, &["pattern none-*.csv: no file matches"]);
    assert_failure(&folder.clv("run ."), 1, &["is a folder", "*.csv"]);
    assert_failure(&folder.clv("run"), 2, &["ORDERS"]);
    refused("", "", 1, &["orders.csv: the file is empty"]);
    refused(HEADER, "", 1, &["there is a header but no order"]);
    refused(b"\x7fELF\x02\x01\0\0\0\0", "", 1, &["binary file, neither CSV nor Parquet"]);
    refused(b"PK\x03\x04\x14\0", "", 1, &["a damaged zip archive"]);
    refused(b"\xff\xfec\0u\0", "", 1, &["which columns are the customer, the date and the amount?", "there are `cu`"]);
    refused(
        "1,2020-01-01,5\n2,2020-01-02,7\n",
        "",
        1,
        &["which columns are the customer, the date and the amount?", "--customer", "`2020-01-01`"],
    );
    let mut cut = gzip(orders().as_bytes());
    cut.truncate(cut.len() - 12);
    refused(cut, "", 1, &["the compressed file is cut short"]);
    let folder = Folder::new();
    folder.write("a.csv", orders());
    assert_failure(&folder.clv("run a.csv ./a.csv"), 1, &["named twice"]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn columns_that_are_not_there() {
    refused(orders(), "--customer customerid", 1, &["no column `customerid`", "did you mean `customer_id`?"]);
    refused(orders(), "--amount zzz", 1, &["no column `zzz`", "it has `customer_id`, `order_date`, `amount`"]);
    let line_items = orders().replace("amount", "UnitPrice");
    refused(line_items, "--quantity qty --price UnitPrice", 1, &["no column `qty`"]);
    refused(
        "id,date,date,amount\n1,2020-01-01,2020-01-01,5\n",
        "--customer id --date date",
        1,
        &["two columns are named `date`"],
    );
}

#[test]
fn rows_that_are_no_orders_are_counted_by_reason_with_a_line() {
    let folder = Folder::new();
    let bad = "c1,2020-02-01\n,2020-02-01,5\nNULL,2020-02-01,5\nc1,,5\nc1,2020-02-30,5\nc1,2020-02-01,\n\
               c1,2020-02-01,five\nc1,2020-02-01,NaN\nc1,2020-02-01,1e308\nc1,2020-02-01,inf\n";
    let lines = orders().lines().count();
    folder.write("orders.csv", orders() + bad);
    let run = folder.clv("run orders.csv --json --format csv").json();
    let left_out = &run["orders"]["left_out"];
    // Lines are those an editor shows, with Windows ends and blank lines too.
    let other = orders().replace('\n', "\r\n") + "\r\n\n" + &bad.replace('\n', "\r\n");
    folder.write("windows.csv", other.trim_end());
    let windows = folder.clv("run windows.csv --json --format csv").json();
    for (reason, rows, line) in [
        ("ragged", 1, 1),
        ("no_customer", 2, 2),
        ("no_date", 1, 4),
        ("unreadable_date", 1, 5),
        ("no_amount", 1, 6),
        ("unreadable_amount", 1, 7),
        ("impossible_amount", 3, 8),
    ] {
        assert_eq!(left_out[reason]["rows"], rows, "{reason}");
        assert_eq!(left_out[reason]["place"], format!("orders.csv line {}", lines + line), "{reason}");
        let place = &windows["orders"]["left_out"][reason]["place"];
        assert_eq!(*place, format!("windows.csv line {}", lines + 2 + line), "{reason}");
    }
    let total: u64 = left_out.as_object().unwrap().values().map(|reason| reason["rows"].as_u64().unwrap()).sum();
    assert_eq!(total, 10);
    assert_eq!(run["orders"]["rows"].as_u64().unwrap(), run["orders"]["used"].as_u64().unwrap() + total);

    let strict = folder.clv("run orders.csv --strict");
    assert_failure(
        &strict,
        1,
        &["with more or fewer fields than the header", &format!("line {}", lines + 1), "--strict"],
    );
}

#[test]
fn dates_in_doubt_are_asked_about() {
    let orders_in_iso = orders();
    let american = orders_in_iso.lines().map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        match fields[1].split('-').collect::<Vec<_>>()[..] {
            [year, month, day] => format!("{},{month}/{day}/{year},{}\n", fields[0], fields[2]),
            _ => line.to_owned() + "\n",
        }
    });
    let american: Vec<String> = american.collect();
    // Where no day is above the twelfth, either order fits.
    let is_early = |line: &&String| line.split('/').nth(1).is_none_or(|day| *day <= *"12");
    let early: String = american.iter().filter(is_early).map(String::as_str).collect();
    refused(
        &early,
        "",
        2,
        &["line 2", "`01/01/2020`", "which is the day and which the month", "--date-format '%m/%d/%Y'"],
    );
    let folder = Folder::new();
    let told = |content: &str, options: &str| {
        folder.write("orders.csv", content);
        let run = folder.clv(&format!("run orders.csv --json --overwrite {options}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.json()["orders"]["told"].to_string()
    };
    assert_eq!(told(&early, "--date-format %m/%d/%Y"), "[]");
    let all = told(&american.concat(), "");
    assert!(all.contains("`order_date` is read as --date-format '%m/%d/%Y', the only form that fits"), "{all}");
    // Some day is above the twelfth in front, and some behind.
    refused(american.concat() + "c1,31/01/2020,5\n", "", 2, &["neither reading fits all dates"]);

    let words = orders().replace("2020-", "in 2020 ");
    refused(words, "", 1, &["none of the", "with an unreadable date", "--date-format"]);
    refused(orders(), "--date-format %H:%M", 2, &["does not give a day"]);
    refused(orders(), "--timezone Mars/Olympus", 2, &["no time zone `Mars/Olympus`"]);
    refused(orders(), "--until 30.9.2020", 2, &["30.9.2020", "1997-09-30"]);
}

#[test]
fn a_date_a_century_off_is_found() {
    let early = orders() + "c1,1920-02-01,5\n";
    let line = early.lines().count();
    refused(&early, "", 1, &["no order for 9", "1920-02-01", &format!("line {line}"), "--from 2020-01-01"]);
    let late = orders() + "c1,2120-02-01,5\n";
    refused(&late, "", 1, &["2120-02-01", &format!("line {line}"), "--until 2020-06-"]);
    let folder = Folder::new();
    folder.write("orders.csv", &late);
    let run = folder.clv("run orders.csv --until 2020-06-30 --json").json();
    assert_eq!(run["orders"]["left_out"]["after_end"]["rows"], 1);
    folder.write("orders.csv", &early);
    let run = folder.clv("run orders.csv --from 2020-01-01 --json").json();
    assert_eq!(run["orders"]["outside_cohort"]["customers"], 1);
}

#[test]
fn histories_that_teach_nothing() {
    let once: String = orders()
        .lines()
        .filter(|line| !line.contains('-') || line.contains("2020-01-"))
        .fold(String::new(), |text, line| text + line + "\n");
    refused(&once, "", 1, &["0 of 30 customers have a repeat purchase", "at least 10"]);
    let one_day = orders().lines().fold(String::new(), |text, line| {
        let fields: Vec<&str> = line.split(',').collect();
        let date = if fields[1].contains('-') { "2020-01-01" } else { fields[1] };
        text + &format!("{},{date},{}\n", fields[0], fields[2])
    });
    refused(&one_day, "", 1, &["age T is 0", "all orders fall in the last period"]);
    refused(format!("{HEADER}a,2020-01-01,5\na,2020-03-01,5\n"), "", 1, &["1 of 1 customers have a repeat purchase"]);
    let amounts = |amount: &str| {
        orders().lines().fold(String::new(), |text, line| match line.rsplit_once(',') {
            Some((start, "amount")) => text + start + ",amount\n",
            Some((start, _)) => text + start + "," + amount + "\n",
            None => text,
        })
    };
    refused(amounts("0"), "", 1, &["0 of 30 customers have repeat purchases worth more than zero", "--no-spend"]);
    refused(amounts("-5"), "", 1, &["all 105 orders are returns", "nobody purchased"]);
    refused(amounts("-5"), "--returns drop", 1, &["none of the 105 rows is an order", "that are returns"]);
    refused(amounts("-5"), "--returns error", 1, &["line 2: the amount is -5", "--returns net"]);
    refused(amounts("NaN"), "", 1, &["none of the 105 rows", "not finite"]);
    refused(amounts("1e308"), "", 1, &["none of the 105 rows", "beyond 1e13"]);
    let folder = Folder::new();
    folder.write("orders.csv", amounts("0"));
    let run = folder.clv("run orders.csv --no-spend --json").json();
    assert_eq!(run["orders"]["at_price_zero"], 105);
    refused(orders(), "--until 2019-01-01", 1, &["none of the 105 rows", "after the end of the observation"]);
    refused(orders(), "--from 2021-01-01", 1, &["no customer with a purchase is left"]);
}

#[test]
fn amounts_with_a_comma_are_asked_about() {
    refused(orders() + "c1,2020-02-01,\"12,50\"\n", "", 2, &["line 107", "`12,50`", "--decimal-comma"]);
}

#[test]
fn several_currencies_are_not_added() {
    let both = ["line 107", "$", "line 108", "€", "cannot be added"];
    refused(orders() + "c1,2020-02-01,$12.50\nc1,2020-02-02,12.50 €\n", "", 1, &both);
    // In two files, and as a price.
    let folder = Folder::new();
    folder.write("a.csv", "customer,date,quantity,price\na,2020-01-01,2,£5.00\n");
    folder.write("b.csv", "customer,date,quantity,price\na,2020-02-01,1,¥500\n");
    let failure = folder.clv("summarize a.csv b.csv --quantity quantity --price price -o summary.csv");
    assert_failure(&failure, 1, &["a.csv", "£", "b.csv", "¥", "--rates"]);
    // One of them is no reason to stop, with or without its sign, and in whichever form.
    folder.write("one.csv", "customer,date,amount\na,2020-01-01,€5.00\na,2020-02-01,7\na,2020-03-01,-9.00 €\n");
    assert_eq!(folder.clv("summarize one.csv -o summary.csv").code, 0);
}

#[test]
fn text_that_is_partly_utf8_is_named() {
    let folder = Folder::new();
    let mut mixed = orders().into_bytes();
    mixed.extend("Müller,2020-02-01,5\n".as_bytes());
    mixed.extend(b"M\xfcller,2020-02-01,5\n");
    folder.write("orders.csv", mixed);
    let run = folder.clv("run orders.csv --json").json();
    assert_eq!(run["orders"]["left_out"]["not_utf8"]["rows"], 1);
}

#[test]
fn an_amount_that_is_always_the_same_says_so() {
    let same = orders().lines().fold(String::new(), |text, line| match line.rsplit_once(',') {
        Some((start, "amount")) => text + start + ",amount\n",
        Some((start, _)) => text + start + ",9.99\n",
        None => text,
    });
    refused(same, "", 1, &["worth 9.99 on average", "--no-spend"]);
}

#[test]
fn doubtful_circumstances_are_warned_of() {
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    let run = folder.clv("run orders.csv --until 2021-06-30");
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("warning: the last order is on 2020-06-"), "{}", run.stderr);
    let status = orders().lines().enumerate().fold(String::new(), |text, (i, line)| {
        text + line + ["", ",Financial Status", ",paid", ",voided"][if i == 0 { 1 } else { 2 + i % 2 }] + "\n"
    });
    folder.write("status.csv", status);
    let run = folder.clv("run status.csv");
    assert!(run.stderr.contains("rows say `voided` in `Financial Status`"), "{}", run.stderr);
}

#[test]
fn options_that_make_no_sense() {
    refused(orders(), "--margin 30", 2, &["margin is 30", "0.3, or 30%"]);
    refused(orders(), "--discount -0.1", 2, &["discount rate is -0.1", "0.1, or 10%"]);
    refused(orders(), "--discount ten", 2, &["discount rate is ten", "0.1, or 10%"]);
    refused(orders(), "--horizons 3q", 2, &["`3q` is not a horizon", "39w"]);
    refused(orders(), "--horizons 2020-01-01", 2, &["2020-01-01 is not after the end of the observation"]);
    refused(orders(), "--delimiter ab", 2, &["`ab` cannot be a delimiter"]);
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    assert_failure(&folder.clv("summarize orders.csv --json"), 2, &["--json takes standard output"]);
    assert_failure(&folder.clv("summarize orders.csv -o summary.xlsx"), 2, &["must end in .csv or .parquet"]);
    assert_eq!(folder.names(), ["orders.csv"]);
}

#[test]
fn an_unclosed_quote_does_not_swallow_the_file() {
    let mut text = orders() + "\"c1,2020-02-01,5\n";
    let line = text.lines().count();
    for _ in 0..20 {
        text += &orders();
    }
    refused(text, "", 1, &[&format!("line {line}: a quote opened here is not closed")]);
    // Nor does one near the end, which leaves a row with the right number of fields.
    let text = orders() + "c1,2020-02-01,\"5\nc2,2020-02-01,6\nc3,2020-02-01,7\n";
    let line = orders().lines().count() + 1;
    refused(text, "", 1, &[&format!("line {line}: a quote opened here is not closed within the file")]);
}

#[test]
fn summaries_that_cannot_be() {
    let folder = Folder::new();
    let fit = |rows: &str, options: &str| {
        folder.write("s.csv", format!("customer_id,frequency,recency,T,monetary_value\n{rows}"));
        folder.clv(&format!("fit s.csv {options}"))
    };
    let units = "--unit week --until 2020-06-30";
    assert_failure(&fit("a,1,5,10,3\n", "--decimal-comma"), 2, &["--decimal-comma applies when orders are summarised"]);
    assert_failure(&fit("a,1,5,10,3\n", ""), 2, &["does not say the time unit", "--unit"]);
    assert_failure(&fit("a,1000000000,5,10,3\n", units), 1, &["frequency is `1000000000`"]);
    assert_failure(&fit("a,1,5,10,3\n", "--unit week"), 2, &["does not say the end of the observation"]);
    assert_failure(&fit("a,1,11,10,3\n", units), 1, &["s.csv line 2: recency is beyond T"]);
    assert_failure(&fit("a,0,1,10,0\n", units), 1, &["recency without a repeat purchase"]);
    assert_failure(&fit("a,1,0,10,3\n", units), 1, &["repeat purchases at recency 0"]);
    assert_failure(&fit("a,1.5,1,10,3\n", units), 1, &["frequency is `1.5`"]);
    assert_failure(&fit("a,1,1,-10,3\n", units), 1, &["T is `-10`"]);
    assert_failure(&fit("a,1,1,NaN,3\n", units), 1, &["T is `NaN`"]);
    assert_failure(&fit("a,1,1,ten,3\n", units), 1, &["T is `ten`"]);
    assert_failure(&fit("a,1,1,10,3\na,1,1,10,3\n", units), 1, &["customer `a` appears twice"]);
    assert_failure(&fit("a,1,1,10\n", units), 1, &["4 fields, the header has 5"]);
}

#[test]
fn output_that_cannot_be_written() {
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    folder.write("taken", "a file, not a folder");
    assert_failure(&folder.clv("run orders.csv -o taken"), 1, &["cannot create the output folder taken"]);
    assert_failure(&folder.clv("run orders.csv -o taken/inside"), 1, &["cannot create the output folder"]);
    assert_failure(&folder.clv("summarize orders.csv -o nowhere/s.csv"), 1, &["cannot write nowhere/s.csv"]);
    std::fs::create_dir(folder.path().join("folder.csv")).unwrap();
    assert_failure(&folder.clv("summarize orders.csv -o folder.csv"), 1, &["cannot write folder.csv: it is a folder"]);
    assert_eq!(folder.names(), ["folder.csv", "orders.csv", "taken"]);
    assert_eq!(folder.read("taken"), "a file, not a folder");
}

/// A failed run leaves the files of the one before as they were.
#[test]
fn a_failed_run_leaves_the_old_results() {
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    assert_eq!(folder.clv("run orders.csv --format csv").code, 0);
    let before = folder.read("clv-results/customers.csv");
    assert_ne!(folder.clv("run orders.csv --format csv --until 2020-01-15").code, 0);
    assert_eq!(folder.read("clv-results/customers.csv"), before);
    assert_eq!(std::fs::read_dir(folder.path().join("clv-results")).unwrap().count(), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn full_and_broken_pipes() {
    let folder = Folder::new();
    let start = |stdout: Stdio| {
        Command::new(env!("CARGO_BIN_EXE_clv"))
            .args(["summarize", &cdnow("orders.csv")])
            .current_dir(folder.path())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    // Nobody reads: no error, as for any command before `head`.
    let mut child = start(Stdio::piped());
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8(output.stderr).unwrap().contains("error"));
    // The device is full: an error.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = start(full.into()).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("cannot write") && message.contains("No space left"), "{message}");
}

/// Amounts so far apart that their mean is infinite: purchases are predicted, values are not, and that is said.
#[test]
fn spend_without_a_mean_leaves_the_values_out() {
    let folder = Folder::new();
    let mut text = HEADER.to_owned();
    for customer in 0..60u32 {
        // A heavy tail by inversion: P(amount > m) = m^-0.5.
        let level = (f64::from(customer) + 0.5) / 60.0;
        for month in 1..=(1 + customer % 6) {
            let day = 1 + customer % 28;
            text += &format!(
                "c{customer},2020-{month:02}-{day:02},{:.2}\n",
                1.0 / (level * level) + f64::from(month) / 10.0
            );
        }
    }
    folder.write("orders.csv", text);
    let run = folder.clv("run orders.csv --format csv");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("infinite") && run.stderr.contains("Values are left out"), "{}", run.stderr);
    let header = folder.read("clv-results/customers.csv").lines().next().unwrap().to_owned();
    assert!(!header.contains("clv") && !header.contains("value_") && header.contains("purchases_12m"), "{header}");
    // Asked for values alone, `predict` refuses.
    let predict = folder.clv("predict orders.csv --model clv-results/model.json");
    assert_failure(&predict, 1, &["infinite", "largest"]);
}

#[test]
fn damaged_files_are_named_with_the_place() {
    let good = orders();
    let nul = good.replacen("c3,2020-02-04", "c3,2020\0-02-04", 1);
    let line = 1 + nul.lines().position(|line| line.contains('\0')).unwrap();
    refused(&nul, "", 1, &[&format!("orders.csv line {line}: a NUL byte")]);
    let long = [good.as_bytes(), &vec![b'7'; 40 << 20]].concat();
    let line = 1 + good.lines().count();
    refused(long, "", 1, &[&format!("orders.csv line {line}: a line of more than 16 MB")]);
    let text: String = HEADER.to_owned()
        + &(0..200_000).map(|i| format!("{},2020-01-01,{}\n", i % 999, i * 7919 % 1000)).collect::<String>();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    let mut short = encoder.finish().unwrap();
    short.truncate(short.len() / 2);
    refused(short, "", 1, &["orders.csv line ", "the compressed file is cut short"]);
}

#[cfg(feature = "parquet")]
#[test]
fn a_parquet_file_cut_short_is_named() {
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    assert_eq!(folder.clv("summarize orders.csv -o summary.parquet").code, 0);
    let whole = std::fs::read(folder.path().join("summary.parquet")).unwrap();
    for length in [5, 11, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        folder.write("short.parquet", &whole[..length]);
        let part = format!(
            "short.parquet: a damaged, encrypted or unsupported Parquet file of {length} bytes, cut short or still being written"
        );
        assert_failure(&folder.clv("fit short.parquet"), 1, &[&part]);
    }
    // Damage in the middle is found when the rows are read.
    let mut damaged = whole.clone();
    damaged[4..200].fill(0xff);
    folder.write("damaged.parquet", damaged);
    assert_failure(&folder.clv("fit damaged.parquet"), 1, &["damaged.parquet: a damaged", "in rows 1 to 30"]);
}

#[test]
fn a_date_whose_offset_is_not_ascii_is_a_row_left_out() {
    let folder = Folder::new();
    folder.write("orders.csv", "customer_id,order_date,amount\na,1997-01-18 10:00+1é2,5\nb,1997-02-01,5\n");
    let summary = folder.clv("summarize orders.csv");
    assert_eq!(summary.code, 0, "{}", summary.stderr);
    assert!(
        summary.stderr.contains("1 row with an unreadable date (first: orders.csv line 2: `1997-01-18 10:00+1é2`)"),
        "{}",
        summary.stderr
    );
    assert_eq!(summary.stdout.lines().count(), 2);
}

/// A system that has no thread to give: stacks so large that none can be made.
#[cfg(target_os = "linux")]
#[test]
fn work_goes_on_without_threads() {
    let folder = Folder::new();
    folder.write("orders.csv", orders());
    let run = |stack: Option<&str>, output: &str| {
        let mut clv = Command::new(env!("CARGO_BIN_EXE_clv"));
        clv.args(["run", "orders.csv", "--format", "csv", "--intervals", "80", "-o", output])
            .current_dir(folder.path());
        stack.map(|size| clv.env("RUST_MIN_STACK", size));
        let done = clv.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        folder.read(&format!("{output}/customers.csv"))
    };
    assert_eq!(run(Some("1000000000000000"), "alone"), run(None, "together"));
}

/// Names of files and customers stand in messages as they are, whatever options they look like.
#[test]
fn what_users_wrote_is_left_alone() {
    for name in ["a--strict", "--until", "x --unit week", "{x}", "%s", "-- --", "⟨--strict⟩", "unit = week"] {
        let folder = Folder::new();
        let file = format!("{name}.csv");
        folder.write(&file, format!("{HEADER}{name},2024-01-05,1\n{name},,5\n"));
        let path = format!("./{file}");
        let refused = folder.clv_with(&["summarize", &path, "--strict"], b"");
        assert_failure(&refused, 1, &[&path, "; --strict allows none"]);
        let twice = format!("customer_id,frequency,recency,T\n{name},0,0,5\n{name},0,0,6\n");
        folder.write(&file, twice);
        let refused = folder.clv_with(&["fit", &path, "--unit", "week", "--until", "2024-01-05", "--json"], b"");
        assert_failure(&refused, 1, &[&format!("{path}: customer `{}` appears twice", name.trim())]);
        let json: serde_json::Value = serde_json::from_str(&refused.stdout).unwrap();
        assert_eq!(json["error"]["kind"], "data");
        assert_eq!(json["error"]["message"], format!("{path}: customer `{}` appears twice", name.trim()));
        assert_eq!(json["error"]["file"], path);
        // A question about such a file, too.
        folder.write(&file, format!("customer_id,date,amount\n{name},03/04/2024,1\n"));
        let asked = folder.clv_with(&["summarize", &path], b"");
        assert_failure(
            &asked,
            2,
            &[&format!("{path} line 2: `03/04/2024` does not say"), "\n  --date-format '%d/%m/%Y'\n"],
        );
        folder.write(&file, format!("customer_id,{name},amount\na,2024-01-05,1\n"));
        let told = folder.clv_with(&["summarize", &path, "--date", "gone"], b"");
        assert_failure(&told, 1, &[&format!("{path}: no column `gone`; it has `customer_id`, `{name}`, `amount`")]);
    }
}

/// As an object, an error has the same keys whatever it is about.
#[test]
fn an_error_is_data_for_machines() {
    let folder = Folder::new();
    let error = |rows: &str, options: &[&str]| -> serde_json::Value {
        folder.write("orders.csv", rows);
        let given = [&["summarize", "orders.csv", "--json", "-o", "summary.csv"], options].concat();
        let json: serde_json::Value = serde_json::from_str(&folder.clv_with(&given, b"").stdout).unwrap();
        json["error"].clone()
    };
    let facts = |error: &serde_json::Value, expected: serde_json::Value| {
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&error[key], value, "{key}: {error}");
        }
        let keys: Vec<&str> = error.as_object().unwrap().keys().map(String::as_str).collect();
        for key in ["kind", "message", "option", "file", "row", "column", "value", "answers"] {
            assert!(keys.contains(&key), "{key}: {error}");
        }
    };
    let none = serde_json::Value::Null;
    let two = "customer_id,date,amount\na,2024-01-05,1\nb,2024-02-31,5\n";
    facts(
        &error(two, &["--strict"]),
        json!({"kind": "data", "option": "--strict", "file": "orders.csv", "row": 3, "value": "2024-02-31", "answers": []}),
    );
    facts(
        &error(two, &["--max-left-out", "0"]),
        json!({"kind": "data", "option": "--max-left-out", "file": "orders.csv", "row": 3, "column": none}),
    );
    let ambiguous = "customer_id,date,amount\na,03/04/2024,1\n";
    facts(
        &error(ambiguous, &[]),
        json!({
            "kind": "question",
            "option": "--date-format",
            "file": "orders.csv",
            "row": 2,
            "value": "03/04/2024",
            "answers": ["--date-format '%d/%m/%Y'", "--date-format '%m/%d/%Y'"],
        }),
    );
    let columns = "customer_id,day,total\na,2024-01-05,1\n";
    facts(
        &error(columns, &["--amount", "price"]),
        json!({"kind": "data", "option": none, "file": "orders.csv", "row": none, "column": "price"}),
    );
    facts(&error(two, &["--currency", "XXXX"]), json!({"kind": "usage", "option": "--currency"}));
    let gone = folder.clv_with(&["summarize", "gone.csv", "--json", "-o", "summary.csv"], b"");
    let gone: serde_json::Value = serde_json::from_str(&gone.stdout).unwrap();
    facts(&gone["error"], json!({"kind": "file", "file": "gone.csv", "row": none}));
}
