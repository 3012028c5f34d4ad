//! Orders in the forms in which they come.

use serde_json::Value;

use crate::command::{Folder, cdnow};

/// The CDNOW sample in calibration, read from other forms, must give the same summary bit for bit.
fn known_summary(folder: &Folder) -> String {
    let summary = folder.clv(&format!("summarize {} --until 1997-09-30", cdnow("orders-sample.csv")));
    assert_eq!(summary.code, 0, "{}", summary.stderr);
    summary.stdout
}

fn sample() -> String {
    std::fs::read_to_string(cdnow("orders-sample.csv")).unwrap()
}

#[track_caller]
fn same_summary(folder: &Folder, arguments: &[&str], stdin: &[u8]) {
    let mut words = vec!["summarize", "--until", "1997-09-30"];
    words.extend(arguments);
    let summary = folder.clv_with(&words, stdin);
    assert_eq!(summary.code, 0, "{}", summary.stderr);
    assert!(summary.stdout == known_summary(folder), "{arguments:?} differs");
}

#[test]
fn compression_delimiters_and_standard_input() {
    use std::io::Write;
    let folder = Folder::new();
    let sample = sample();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(sample.as_bytes()).unwrap();
    folder.write("orders.csv.gz", gzip.finish().unwrap());
    same_summary(&folder, &["orders.csv.gz"], b"");
    folder.write("orders.csv.zst", zstd::encode_all(sample.as_bytes(), 1).unwrap());
    same_summary(&folder, &["orders.csv.zst"], b"");
    for (name, delimiter) in [("orders.tsv", "\t"), ("orders.csv", ";"), ("orders.txt", "|")] {
        folder.write(name, sample.replace(',', delimiter));
        same_summary(&folder, &[name], b"");
    }
    same_summary(&folder, &["-"], sample.as_bytes());
    same_summary(&folder, &["-"], &zstd::encode_all(sample.as_bytes(), 1).unwrap());
    // Windows line ends, a byte order mark, quotes and padding
    let windows = "\u{feff}".to_owned() + &sample.replace('\n', "\r\n").replace("1997-01-01", "\" 1997-01-01 \"");
    same_summary(&folder, &["-"], windows.as_bytes());
}

#[test]
fn several_files_and_patterns_in_any_order() {
    let folder = Folder::new();
    let sample = sample();
    let (header, rows) = sample.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    for (i, part) in rows.chunks(3000).enumerate() {
        folder.write(&format!("part-{i}.csv"), format!("{header}\n{}\n", part.join("\n")));
    }
    same_summary(&folder, &["part-*.csv"], b"");
    same_summary(&folder, &["part-2.csv", "part-0.csv", "part-1.csv"], b"");
    let reversed: Vec<&str> = rows.iter().rev().copied().collect();
    same_summary(&folder, &["-"], format!("{header}\n{}\n", reversed.join("\n")).as_bytes());
}

/// What is told of the orders, and the summary in days without what it says of its times.
fn summarized(header: &str, rows: &str, options: &[&str]) -> (Value, String) {
    let folder = Folder::new();
    folder.write("orders.csv", format!("{header}\n{rows}"));
    let mut words = vec!["summarize", "orders.csv", "-o", "summary.csv", "--unit", "day", "--json"];
    words.extend(options);
    let results = folder.clv_with(&words, b"").json();
    let table = folder.read("summary.csv");
    let grain = results["summary"]["grain"].as_str().unwrap().to_owned();
    let told = format!(",day,{grain},{}", results["summary"]["end"].as_str().unwrap());
    let mut lines = table.lines();
    let header = lines.next().unwrap().strip_suffix(",unit,grain,observed_until").unwrap();
    let rows = lines.map(|line| line.strip_suffix(&told).unwrap());
    let summary = std::iter::once(header).chain(rows).map(|line| line.to_owned() + "\n").collect();
    (results, summary)
}

#[track_caller]
fn columns_chosen(header: &str, row: &str, options: &[&str], chosen: &str) {
    let (results, _) = summarized(header, row, options);
    assert_eq!(results["orders"]["files"][0]["columns"], chosen, "{header}");
}

#[test]
fn common_exports_are_recognised() {
    let day = &["--date-format", "%m/%d/%Y %H:%M"][..];
    // UCI Online Retail, first and second edition
    columns_chosen(
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        "536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom",
        day,
        "customer `CustomerID`, date `InvoiceDate`, amount `Quantity` x `UnitPrice`, order `InvoiceNo`",
    );
    columns_chosen(
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
        "489434,85048,LIGHTS,12,2009-12-01 07:45:00,6.95,13085,United Kingdom",
        &[],
        "customer `Customer ID`, date `InvoiceDate`, amount `Quantity` x `Price`, order `Invoice`",
    );
    // Shopify
    columns_chosen(
        "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price",
        "#1001,a@b.c,paid,2020-01-01 10:00:00 -0500,USD,20.00,5.00,0,25.00,2020-01-01 10:00:00 -0500,1,Mug,20.00",
        &[],
        "customer `Email`, date `Paid at`, amount `Total`, order `Name`",
    );
    // WooCommerce
    columns_chosen(
        "order_id,order_number,date_created,status,billing_email,customer_id,order_total",
        "7,7,2020-01-01 10:00:00,completed,a@b.c,3,25.00",
        &[],
        "customer `billing_email`, date `date_created`, amount `order_total`, order `order_id`",
    );
    // Stripe
    columns_chosen(
        "id,Description,Created (UTC),Amount,Currency,Customer ID,Customer Email",
        "ch_1,x,2020-01-01 10:00,25.00,usd,cus_9,a@b.c",
        &[],
        "customer `Customer ID`, date `Created (UTC)`, amount `Amount`",
    );
    // One's own names win.
    columns_chosen(
        "who,when,customer_id,amount,paid",
        "a,2020-01-01,b,5,6",
        &["--customer", "who", "--date", "when", "--amount", "paid"],
        "customer `who`, date `when`, amount `paid`",
    );
}

/// Line items of one day are one purchase, worth quantity times price of each.
#[test]
fn line_items_add_up() {
    let rows = "1,2,3.50,2020-01-01\n1,1,4,2020-01-01\n1,3,10,2020-01-11\n1,-1,10,2020-01-12\n";
    let (results, summary) = summarized("customer_id,quantity,unit_price,date", rows, &[]);
    assert_eq!(summary.lines().nth(1).unwrap(), "1,1,10,11,20,2020-01-01,2020-01-11,3,31");
    assert_eq!(results["orders"]["returns"], 1);
}

#[test]
fn returns_by_rule() {
    let rows = "a,2020-01-01,10\na,2020-01-11,30\na,2020-01-15,-12\nb,2020-01-03,-5\nb,2020-01-04,8\nb,2020-01-21,0\n";
    let header = "customer,date,amount";
    let (results, net) = summarized(header, rows, &[]);
    assert_eq!(
        net.lines().skip(1).collect::<Vec<_>>(),
        ["a,1,10,20,18,2020-01-01,2020-01-11,2,28", "b,1,17,17,0,2020-01-04,2020-01-21,2,8",]
    );
    assert_eq!(results["orders"]["unmatched_returns"], 1);
    assert_eq!(results["orders"]["at_price_zero"], 1);
    let (results, dropped) = summarized(header, rows, &["--returns", "drop"]);
    assert!(dropped.contains("a,1,10,20,30,2020-01-01,2020-01-11,2,40"), "{dropped}");
    assert_eq!(results["orders"]["left_out"]["return"]["rows"], 2);
}

#[test]
fn duplicates_by_rule() {
    let rows = "7,a,2020-01-01,10\n8,a,2020-01-01,10\n8,a,2020-01-01,10\n";
    let header = "order,customer,date,amount";
    let (_, kept) = summarized(header, rows, &["--ignore", "order"]);
    assert!(kept.ends_with(",3,30\n"), "{kept}");
    let (results, dropped) = summarized(header, rows, &["--duplicates", "drop"]);
    assert!(dropped.ends_with(",2,20\n"), "{dropped}");
    assert_eq!(results["orders"]["left_out"]["duplicate"]["place"], "orders.csv line 4");
    // The sample has 21 (6,919 records, 6,898 distinct).
    let folder = Folder::new();
    let sample = cdnow("orders-sample.csv");
    let results = folder.clv(&format!("summarize {sample} --duplicates drop -o s.csv --json")).json();
    assert_eq!(results["orders"]["left_out"]["duplicate"]["rows"], 21);
}

#[test]
fn the_time_zone_decides_the_day() {
    let rows = "a,2020-01-01T03:00:00Z,5\na,2020-01-02T12:00:00Z,5\n";
    let days = |options: &[&str]| {
        let (_, summary) = summarized("customer,date,amount", rows, options);
        summary.lines().nth(1).unwrap().split(',').skip(5).take(2).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(days(&[]), "2020-01-01 2020-01-02");
    assert_eq!(days(&["--timezone", "America/New_York"]), "2019-12-31 2020-01-02");
    assert_eq!(days(&["--timezone", "Pacific/Auckland"]), "2020-01-01 2020-01-03");
}

#[test]
fn european_amounts() {
    let rows = "a;2020-01-01;1.234,50\na;2020-01-05;12,25\n";
    let (_, summary) = summarized("customer;date;amount", rows, &["--decimal-comma"]);
    assert!(summary.ends_with(",2,1246.75\n"), "{summary}");
}

#[test]
fn customers_sort_by_number_or_by_text() {
    let ids = |rows: &str| {
        let (_, summary) = summarized("customer,date,amount", rows, &[]);
        summary.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("10,2020-01-01,5\n9,2020-01-01,5\n"), ["9", "10"]);
    assert_eq!(ids("10,2020-01-01,5\n09,2020-01-01,5\nx,2020-01-01,5\n"), ["09", "10", "x"]);
}

#[test]
fn a_summary_keeps_its_grain() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    for grain in ["week", "month"] {
        let made = folder.clv(&format!("summarize {orders} --until 1997-09-30 --grain {grain} -o s.csv"));
        assert!(made.stdout.contains("observed until 1997-09-30"), "{}", made.stdout);
        let fit = folder.clv("fit s.csv --json").json();
        assert_eq!(fit["model"]["data"]["grain"], grain);
        let other = folder.clv("fit s.csv --grain day");
        assert_eq!(other.code, 2);
        assert!(other.stderr.contains(&format!("merged by {grain}, not by day")), "{}", other.stderr);
    }
    // Horizons begin where the observation ended, not where its last month began.
    let run = folder.clv(&format!("run {orders} --until 1997-09-30 --grain month --json")).json();
    assert_eq!(run["forecast"]["totals"][0]["end"], "1997-12-30");
}

#[test]
fn summaries_from_elsewhere() {
    let folder = Folder::new();
    let orders = cdnow("orders-sample.csv");
    assert_eq!(folder.clv(&format!("summarize {orders} --until 1997-09-30 -o s.csv")).code, 0);
    // The columns of `lifetimes`, with its index under another name and no mean without a repeat purchase.
    let table = crate::command::cells(&folder.read("s.csv"));
    let rows = table[1..].iter().map(|row| {
        let spend = if row[1] == "0" { "" } else { &row[4] };
        format!("{},{},{},{},{spend}\n", row[0], row[1], row[2], row[3])
    });
    folder.write("l.csv", "ID,frequency,recency,T,monetary_value\n".to_owned() + &rows.collect::<String>());
    let fit = folder.clv("fit l.csv --customer ID --unit week --until 1997-09-30");
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    assert_eq!(fit.stdout, folder.clv("fit s.csv").stdout);
    // From a pipe, too.
    let piped = folder.clv_with(&["fit", "-"], folder.read("s.csv").as_bytes());
    assert_eq!(piped.stdout, fit.stdout);
    // One first day fits every unit: the end of the model's data decides, or the user.
    folder
        .write("one.csv", "customer_id,frequency,recency,T,first_purchase\na,0,0,10,2020-01-01\nb,1,2,10,2020-01-01\n");
    let fit = folder.clv("fit one.csv");
    assert_eq!(fit.code, 2);
    assert!(fit.stderr.contains("several time units fit"), "{}", fit.stderr);
    let model = format!("{}/models/fader-hardie-lee-2005-bg-nbd.json", env!("CARGO_MANIFEST_DIR"));
    let predict = folder.clv(&format!("predict one.csv --model {model}"));
    assert_eq!(predict.code, 2, "{}", predict.stderr);
    let predict = folder.clv(&format!("predict one.csv --model {model} --unit week"));
    assert_eq!(predict.code, 0, "{}", predict.stderr);
    folder
        .write("one.csv", "customer_id,frequency,recency,T,first_purchase\na,0,0,13,1997-07-01\nb,1,2,13,1997-07-01\n");
    let predict = folder.clv(&format!("predict one.csv --model {model}"));
    assert_eq!(predict.code, 0, "{}", predict.stderr);
}

#[cfg(unix)]
#[test]
fn pipes_and_links_are_respected() {
    let folder = Folder::new();
    let run = |script: &str| {
        let script = script.replace("clv", env!("CARGO_BIN_EXE_clv")).replace("ORDERS", &cdnow("orders-sample.csv"));
        let output =
            std::process::Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let known = run("clv fit ORDERS -q");
    assert!(run("clv fit <(cat ORDERS) -q") == known);
    assert!(run("cat ORDERS | clv fit /dev/stdin -q") == known);
    // A pipe is written to, a link stays a link.
    assert!(run("mkfifo pipe && (clv fit ORDERS -q -o pipe & cat pipe; wait)") == known);
    run("clv fit ORDERS --no-spend -q -o target.json && ln -s target.json link.json");
    run("clv fit ORDERS -q -o link.json && test -L link.json");
    assert!(std::fs::read(folder.path().join("target.json")).unwrap() == known);
}
