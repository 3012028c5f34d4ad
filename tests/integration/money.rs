//! Small exports on which money is easily lost, with what is right.

use serde_json::Value;

use crate::command::{Folder, Outcome, Records};

/// Summarises files, the first of which is named.
fn summarized(files: &[(&str, &str)], options: &[&str]) -> (Folder, Outcome) {
    let folder = Folder::new();
    files.iter().for_each(|(name, content)| _ = folder.write(name, content));
    let mut arguments = vec!["summarize"];
    arguments.extend(files.iter().map(|(name, _)| *name));
    arguments.extend(["--json", "-o", "s.csv"]);
    arguments.extend(options);
    let outcome = folder.clv_with(&arguments, b"");
    (folder, outcome)
}

/// What came out: customers, their total, and what was told.
#[track_caller]
fn read(content: &str, options: &[&str]) -> (usize, f64, Value) {
    let (folder, outcome) = summarized(&[("orders.csv", content)], options);
    let told = outcome.json();
    let records = Records::new(&folder.read("s.csv"));
    (records.rows.len(), records.sum("total"), told)
}

#[track_caller]
fn total(content: &str, options: &[&str], customers: usize, expected: f64) -> Value {
    let (found, sum, told) = read(content, options);
    assert_eq!((found, sum), (customers, expected), "{content}");
    told
}

/// The answers of a question.
#[track_caller]
fn asked(content: &str, options: &[&str], part: &str) -> Vec<String> {
    let (folder, outcome) = summarized(&[("orders.csv", content)], options);
    assert_eq!(outcome.code, 2, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains(part), "no `{part}` in {}", outcome.stderr);
    assert_eq!(folder.names(), ["orders.csv"]);
    let said: Value = serde_json::from_str(&outcome.stdout).unwrap();
    said["error"]["answers"].as_array().unwrap().iter().map(|answer| answer.as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn refused(content: &str, options: &[&str], parts: &[&str]) {
    let (folder, outcome) = summarized(&[("orders.csv", content)], options);
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
    for part in parts {
        assert!(outcome.stderr.contains(part), "no `{part}` in {}", outcome.stderr);
    }
    assert_eq!(folder.names(), ["orders.csv"]);
}

fn texts(values: &Value) -> String {
    values.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn amounts_as_spreadsheets_write_them() {
    let french = "customer_id,date,amount\na,2024-01-05,\"1 234,50\"\na,2024-02-05,\"999,00\"\n";
    let told = total(french, &[], 1, 2233.5);
    assert!(texts(&told["orders"]["told"]).contains("`amount` has decimal commas"), "{told}");
    total(french, &["--decimal-comma"], 1, 2233.5);
    for blank in ["\u{a0}", "\u{202f}", "\u{2009}", "'", "’"] {
        total(&french.replace("1 234", &format!("1{blank}234")), &[], 1, 2233.5);
    }
    for (sale, refund) in
        [("80.00", "80.00-"), ("$80.00", "$-80.00"), ("80,00 €", "−80,00 €"), ("CHF 80", "(CHF 80)"), ("80", "80 CR")]
    {
        let rows = format!("customer_id;date;amount\nk;2024-01-05;100\nk;2024-02-05;{sale}\nk;2024-02-09;{refund}\n");
        let told = total(&rows, &[], 1, 100.0);
        assert_eq!(told["orders"]["returns"], 1, "{refund}");
    }
    // Half of the column has a word before it.
    let rupees: String = (0..50).map(|i| format!("c{i},2024-01-01,10\nc{i},2024-02-01,Rs. 20\n")).collect();
    total(&format!("customer_id,date,amount\n{rupees}"), &[], 50, 1500.0);
}

#[test]
fn a_comma_that_may_be_either_is_asked_about() {
    let rows = "customer_id;date;amount\na;2024-01-05;1,101\na;2024-02-05;250\n";
    assert_eq!(asked(rows, &[], "the number 1.101, or 1101?"), ["--decimal-comma", "--thousands ,"]);
    total(rows, &["--decimal-comma"], 1, 251.101);
    total(rows, &["--thousands", ","], 1, 1351.0);
    total(rows, &["--thousands", " "], 1, 251.101);
    assert_eq!(asked(&rows.replace(',', "."), &[], "1.101, or 1101?"), ["--decimal-comma", "--thousands ,"]);
    // Something else in the column tells, even in its last row, and from a pipe.
    let told = format!("{rows}a;2024-03-05;12,5\n");
    total(&told, &[], 1, 263.601);
    total(&format!("{rows}a;2024-03-05;1,234,567\n"), &[], 1, 1_235_918.0);
    let folder = Folder::new();
    let points = told.replace("1,101", "1.101");
    let piped = folder.clv_with(&["summarize", "-", "-o", "s.csv"], points.as_bytes());
    assert_eq!(piped.code, 0, "{}", piped.stderr);
    assert_eq!(Records::new(&folder.read("s.csv")).sum("total"), 1363.5);
    // Two conventions cannot both be right.
    let mixed = format!("{rows}a;2024-03-05;12,5\na;2024-03-05;12.5\n");
    assert_eq!(asked(&mixed, &[], "which of them is right").len(), 2);
    let (_, outcome) = summarized(&[("orders.csv", rows)], &["--decimal-comma", "--thousands", ","]);
    assert_eq!(outcome.code, 2);
}

/// What is in doubt is written like the rest of the row.
#[test]
fn columns_of_one_file_are_written_alike() {
    let header = "customer_id;date;quantity;unit_price\n";
    total(&format!("{header}a;2024-01-05;1.000;12.50\na;2024-01-06;2.000;3.00\n"), &[], 1, 18.5);
    total(&format!("{header}a;2024-01-05;1,000;12,50\na;2024-01-06;2,000;3,00\n"), &[], 1, 18.5);
    assert_eq!(asked(&format!("{header}a;2024-01-05;1.000;12\n"), &[], "1.000, or 1000?").len(), 2);
}

/// A file in doubt is written like the others of its export.
#[test]
fn files_of_one_export_are_written_alike() {
    let files = |amount: &str, other: &str| {
        let file = |amount: &str| format!("customer_id;date;amount\na;2024-01-05;{amount}\n");
        let (one, two) = (file(amount), file(other));
        let (folder, outcome) = summarized(&[("a.csv", &one), ("b.csv", &two)], &["--json"].map(|_| "--strict"));
        (outcome.code == 0).then(|| Records::new(&folder.read("s.csv")).sum("total"))
    };
    assert_eq!(files("1,101", "12.50"), Some(1113.5));
    assert_eq!(files("12,50", "1.101"), Some(1113.5));
    assert_eq!(files("1,101", "7"), None);
}

#[test]
fn what_cannot_be_read_is_never_a_detail() {
    let rows = |bad: usize, cell: &str| {
        let row = |i: usize| format!("c{},2024-01-01,{}\n", i % 50, if i < bad { cell } else { "10" });
        format!("customer_id,date,amount\n{}", (0..1000).map(row).collect::<String>())
    };
    let warnings = |content: &str, options: &[&str]| texts(&read(content, options).2["warnings"]);
    let warned = warnings(&rows(20, "10 points"), &[]);
    assert!(
        warned.contains("20 of 1,000 rows with an unreadable amount (2%)")
            && warned.contains("`points` is not a known currency"),
        "{warned}"
    );
    assert!(!warnings(&rows(10, "10 points"), &[]).contains("unreadable"));
    refused(&rows(101, "10 points"), &[], &["101 of 1,000 rows with an unreadable amount (10%)", "--max-left-out"]);
    refused(&rows(60, "10 points"), &["--max-left-out", "5%"], &["60 of 1,000 rows"]);
    assert!(warnings(&rows(400, "10 points"), &["--max-left-out", "0.5"]).contains("400 of 1,000 rows"));
    // Nothing is not unreadable.
    for nothing in ["", "NULL", "#N/A"] {
        assert!(!warnings(&rows(300, nothing), &[]).contains("unreadable"), "{nothing}");
    }
    // The largest trouble is named, not the last.
    let mostly: String = (0..9).map(|_| "a,2024-01-01,ten\n").collect();
    refused(
        &format!("customer_id,date,amount\n{mostly}a,2024-01-01,-5\n"),
        &[],
        &["9 of 10 rows with an unreadable amount"],
    );
    // Rows left out on request do not count: 11 of 100 are too many, whatever else there is.
    let few = format!("{}{}", rows(11, "ten"), "");
    let few: String = few.lines().take(101).map(|line| format!("{line}\n")).collect();
    let many = few + &(0..900).map(|_| "x,2030-01-01,1\n").collect::<String>();
    refused(&many, &["--until", "2025-01-01"], &["11 of 100 rows"]);
}

#[test]
fn currencies_are_not_added() {
    let rows = "customer_id,date,amount,currency\nk,2024-01-05,100,USD\nk,2024-02-05,15000,JPY\nk,2024-03-05,50,usd\n";
    refused(rows, &[], &["USD (orders.csv line 2)", "JPY (orders.csv line 3)", "--currency", "--rates"]);
    let told = total(rows, &["--currency", "USD"], 1, 150.0);
    assert_eq!(told["orders"]["left_out"]["other_currency"]["rows"], 1);
    total(rows, &["--currency", "jpy"], 1, 15000.0);
    refused(rows, &["--currency", "EUR"], &["--currency EUR keeps none"]);
    let (_, outcome) = summarized(&[("orders.csv", rows)], &["--currency", "coins"]);
    assert_eq!(outcome.code, 2);
    // A sign and a column that can be one.
    let dollars = "customer_id,date,amount,currency\nk,2024-01-05,$100,CAD\nk,2024-02-05,$50,CAD\n";
    total(dollars, &[], 1, 150.0);
    refused(&dollars.replace("$50,CAD", "€50,CAD"), &[], &["cannot be added"]);
    let signs = "customer_id,date,amount\nk,2024-01-05,$100\nk,2024-02-05,€50\n";
    total(signs, &["--currency", "USD"], 1, 100.0);
    total(signs, &["--currency", "EUR"], 1, 50.0);
}

#[test]
fn amounts_are_converted_at_the_rate_of_their_day() {
    let rows = "customer_id,date,amount,currency\nk,2024-01-05,100,EUR\nk,2024-01-05,100,USD\nk,2024-02-05,100,USD\nk,2024-02-05,16000,JPY\n";
    let convert = |rates: &str| {
        let folder = Folder::new();
        folder.write("orders.csv", rows);
        folder.write("rates.csv", rates);
        let outcome = folder.clv("summarize orders.csv --currency EUR --rates rates.csv --json -o s.csv");
        let sum = (outcome.code == 0).then(|| Records::new(&folder.read("s.csv")).sum("total"));
        (sum, outcome.stderr)
    };
    // 100 + 90 + 95 + 100
    assert_eq!(
        convert("currency,rate,from\nUSD,0.90,2024-01-01\nUSD,0.95,2024-02-01\nJPY,0.00625,2024-01-01\n").0,
        Some(385.0)
    );
    assert_eq!(convert("currency,rate\nUSD,0.5\nJPY,0.00625\n").0, Some(300.0));
    assert!(convert("currency,rate\nUSD,0.5\n").1.contains("line 5: JPY has no rate in rates.csv"));
    assert!(
        convert("currency,rate,from\nUSD,0.9,2024-02-01\nJPY,1,2024-01-01\n")
            .1
            .contains("USD has no rate on 2024-01-05")
    );
    for wrong in [
        "a,b\n1,2\n",
        "currency,rate\nUSD,many\n",
        "currency,rate\nUSD,-1\n",
        "currency,rate\nXXX,1\n",
        "currency,rate\nUSD,1\nUSD,2\n",
    ] {
        assert!(convert(wrong).1.contains("rates.csv"), "{wrong}");
    }
}

const ORDER_TOTALS: &str = "\
order_id,order_date,status,order_total,customer_email,item_name,item_quantity,item_price
1,2023-01-05 10:00:00,completed,60.00,g1@example.org,Tea,1,10.00
1,2023-01-05 10:00:00,completed,60.00,g1@example.org,Cup,2,15.00
1,2023-01-05 10:00:00,completed,60.00,g1@example.org,Pot,1,20.00
2,2023-02-06 10:00:00,completed,10.00,g1@example.org,Tea,1,10.00
";

#[test]
fn a_total_on_each_line_counts_once() {
    let told = total(ORDER_TOTALS, &[], 1, 70.0);
    assert_eq!((&told["orders"]["used"], &told["orders"]["further_lines"]), (&2.into(), &2.into()));
    assert!(
        texts(&told["orders"]["told"]).contains("`order_total` is the same on all lines of each of 1 order"),
        "{told}"
    );
    total(ORDER_TOTALS, &["--quantity", "item_quantity", "--price", "item_price"], 1, 70.0);
    total(ORDER_TOTALS, &["--amount-per", "line"], 1, 190.0);
    // Lines in any order, and far apart.
    let mut lines: Vec<&str> = ORDER_TOTALS.lines().collect();
    lines[1..].reverse();
    total(&(lines.join("\n") + "\n"), &[], 1, 70.0);
    // An order whose total differs is a question, not a sum.
    let other = ORDER_TOTALS.to_owned()
        + "3,2023-03-06,completed,5,g1@example.org,A,1,2\n3,2023-03-06,completed,6,g1@example.org,B,1,3\n";
    assert_eq!(asked(&other, &[], "orders.csv line 2"), ["--amount-per order", "--amount-per line"]);
    refused(&other, &["--amount-per", "order"], &["orders.csv line 6"]);
}

#[test]
fn an_amount_of_any_name_is_looked_at() {
    let orders = |lines: usize, same: bool, orders: usize| {
        let line = |i: usize| {
            let (order, item) = (i / lines, i % lines);
            format!(
                "{order},c{},2024-01-{:02},sku{item},{}\n",
                order % 7,
                1 + order % 28,
                if same { 10 + order } else { 10 + i }
            )
        };
        format!("order_id,customer_id,date,sku,amount\n{}", (0..orders * lines).map(line).collect::<String>())
    };
    // 25 orders of 10, 11, ... 34.
    total(&orders(3, true, 25), &[], 7, 550.0);
    assert_eq!(asked(&orders(2, true, 20), &[], "the same on all lines of 20 of 20 orders").len(), 2);
    // 50 lines of 10, 11, ... 59.
    total(&orders(2, false, 25), &[], 7, 1725.0);
    let two = "order,customer,date,amount\n8,a,2020-01-01,10\n8,a,2020-01-01,10\n";
    assert_eq!(asked(two, &[], "or of each line?").len(), 2);
    total(two, &["--amount-per", "line"], 1, 20.0);
    total(two, &["--amount-per", "order"], 1, 10.0);
    total(two, &["--duplicates", "drop"], 1, 10.0);
    total(two, &["--ignore", "order"], 1, 20.0);
    let (_, outcome) = summarized(&[("orders.csv", two)], &["--amount-per", "line", "--ignore", "order"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("--order"), "{}", outcome.stderr);
    // A discount on a line of its own is no return.
    let told = total("order_id,customer,date,amount\n8,a,2020-01-01,30\n8,a,2020-01-01,-10\n", &[], 1, 20.0);
    assert_eq!(told["orders"]["returns"], 0);
}

#[test]
fn amazons_price_of_an_item_is_that_of_all_its_pieces() {
    let rows = "\
order-id\torder-item-id\tpurchase-date\tCustomer Email\tsku\tquantity\tcurrency\titem-price\titem-tax\tshipping-price
701-1\t1\t2024-03-01T18:54:21+00:00\tx1@example.org\ts1\t3\tUSD\t45.00\t0\t5
701-2\t2\t2024-04-01T18:54:21+00:00\tx1@example.org\ts1\t2\tUSD\t30.00\t0\t5
";
    let told = total(rows, &[], 1, 75.0);
    let told = texts(&told["orders"]["told"]);
    assert!(
        told.contains("the amount is `item-price` as it stands; beside it are `item-tax`, `shipping-price`"),
        "{told}"
    );
}

#[test]
fn lines_without_a_total_are_no_damage() {
    let rows = "\
Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price
#1,a@x.org,paid,2024-01-05 10:00:00 +0100,EUR,30,35,2024-01-05 09:00:00 +0100,1,Cup,10
#1,a@x.org,,,,,,2024-01-05 09:00:00 +0100,2,Pot,10
#2,a@x.org,refunded,2024-02-05 10:00:00 +0100,EUR,20,20,2024-02-05 09:00:00 +0100,1,Cup,10
#2,a@x.org,,,,,,2024-02-05 09:00:00 +0100,1,Pot,10
";
    let told = total(rows, &[], 1, 55.0);
    assert_eq!(told["orders"]["further_lines"], 2);
    assert_eq!(told["orders"]["left_out"], serde_json::json!({}));
    assert!(texts(&told["warnings"]).contains("--where 'Financial Status!=refunded'"));
    for condition in ["Financial Status!=refunded", "Financial Status=paid"] {
        let told = total(rows, &["--where", condition], 1, 35.0);
        assert_eq!(told["orders"]["left_out"]["not_selected"]["rows"], 2, "{condition}");
        let items = [
            "--where",
            condition,
            "--quantity",
            "Lineitem quantity",
            "--price",
            "Lineitem price",
            "--date",
            "Created at",
        ];
        total(rows, &items, 1, 30.0);
    }
    // A line whose order is nowhere is left out.
    let told = total(&(rows.to_owned() + "#3,a@x.org,,,,,,2024-02-05 09:00:00 +0100,1,Pot,10\n"), &[], 1, 55.0);
    assert_eq!(told["orders"]["left_out"]["no_date"]["place"], "orders.csv line 6");
}

#[test]
fn an_order_in_two_files_is_one() {
    let header = "order_id,customer_id,date,amount\n";
    let january = format!("{header}1,a,2024-01-05,10\n2,a,2024-01-31,20\n2,a,2024-01-31,5\n");
    let run = |february: &str, options: &[&str]| {
        let february = format!("{header}{february}");
        let (folder, outcome) = summarized(&[("january.csv", &january), ("february.csv", &february)], options);
        let sum = (outcome.code == 0).then(|| Records::new(&folder.read("s.csv")).sum("total"));
        (sum, outcome)
    };
    let (sum, outcome) = run("2,a,2024-01-31,5\n2,a,2024-01-31,20\n3,a,2024-02-05,30\n", &[]);
    assert_eq!(sum, Some(65.0));
    let repeated = &outcome.json()["orders"]["left_out"]["repeated_order"];
    assert_eq!((&repeated["rows"], &repeated["place"]), (&2.into(), &"february.csv line 2".into()));
    // The same id of somebody else is another order.
    assert_eq!(run("2,b,2024-01-31,20\n", &[]).0, Some(55.0));
    let (sum, outcome) = run("2,a,2024-01-31,99\n", &[]);
    assert!(sum.is_none() && outcome.code == 2 && outcome.stderr.contains("january.csv line 3"), "{}", outcome.stderr);
    for (which, expected) in [("first", 35.0), ("last", 109.0), ("add", 134.0)] {
        assert_eq!(run("2,a,2024-01-31,99\n", &["--repeated-orders", which]).0, Some(expected), "{which}");
    }
}

#[test]
fn conditions_and_refunds() {
    let rows = "\
customer_id,date,amount,status,refund,refunded_at
a,2024-01-05,100,completed,,
a,2024-02-05,50,refunded,50,2024-02-20
b,2024-01-10,80,completed,30,2024-03-01
b,2024-03-15,0,completed,,
";
    let told = total(rows, &["--ignore", "refund"], 2, 230.0);
    assert!(texts(&told["warnings"]).contains("1 row says `refunded` in `status`"), "{told}");
    let told = total(rows, &["--where", "status=Completed"], 2, 180.0);
    assert_eq!(told["orders"]["left_out"]["not_selected"]["rows"], 1);
    total(rows, &["--where", "status=completed", "--where", "amount>0"], 2, 180.0);
    total(rows, &["--where", "date>=2024-02-01"], 2, 50.0);
    refused(rows, &["--where", "status=complete"], &["no row says `complete`", "`completed`, `refunded`"]);
    refused(rows, &["--where", "state=paid"], &["no column `state`"]);
    refused(rows, &["--where", "status>5"], &["orders.csv line 2", "cannot be compared"]);
    let told = total(rows, &["--refund", "refund"], 2, 150.0);
    assert_eq!(told["orders"]["refunds"], 2);
    // On its day, a refund is after the end.
    let told = total(rows, &["--refund", "refund", "--until", "2024-02-25"], 2, 180.0);
    assert!(texts(&told["orders"]["told"]).contains("1 refund after the end"), "{told}");
    refused(rows, &["--refund", "refund", "--returns", "error"], &["orders.csv line 3", "-50"]);
    // A refund on each line of an order is that of the order, if it is always the same.
    let lines = "\
order_id,customer_id,date,sku,quantity,price,refund_amount
1,a,2024-01-05,x,1,60,10
1,a,2024-01-05,y,1,40,10
2,a,2024-02-05,x,1,60,0
2,a,2024-02-05,y,1,40,0
";
    total(lines, &["--refund", "refund_amount"], 1, 190.0);
    total(lines, &["--refund", "refund_amount", "--refund-per", "line"], 1, 180.0);
    assert_eq!(asked(&lines.replace("y,1,40,0", "y,1,40,5"), &["--refund", "refund_amount"], "refund_amount").len(), 2);
}

#[test]
fn who_is_who() {
    let guests = "\
order_id,order_date,order_total,order_currency,customer_id,customer_email
1,2023-01-05 10:00:00,20.00,USD,0,g1@example.org
2,2023-01-06 10:00:00,30.00,USD,0,g2@example.org
3,2023-02-06 10:00:00,30.00,USD,,G3@example.org
4,2023-03-06 10:00:00,40.00,USD,12,r1@example.org
5,2023-04-06 10:00:00,40.00,USD,12,r1@example.org
";
    let told = total(guests, &[], 4, 160.0);
    assert!(
        texts(&told["orders"]["told"])
            .contains("3 rows of guests without a customer number are known by `customer_email`"),
        "{told}"
    );
    total(guests, &["--exact-ids"], 2, 130.0);
    let both = guests.to_owned() + "6,2023-05-06 10:00:00,1.00,USD,0,R1@example.org\n";
    let told = total(&both, &[], 5, 161.0);
    assert!(texts(&told["warnings"]).contains("--customer customer_email"), "{told}");
    total(&both, &["--customer", "customer_email"], 4, 161.0);
    let spellings = "email,date,amount\nA@x.org,2024-01-01,5\na@x.org,2024-02-01,5\na@x.org\u{a0},2024-03-01,5\n";
    let told = total(spellings, &[], 1, 15.0);
    assert!(texts(&told["orders"]["told"]).contains("2 spellings of customers"), "{told}");
    total(spellings, &["--exact-ids"], 3, 15.0);
    let words = ["\\N", "(null)", "undefined", "#N/A", "#REF!", "-", "guest", "nan", "<NA>", "none"];
    let rows: String = words.iter().map(|word| format!("{word},2024-01-05,1\n")).collect();
    let told = total(&format!("user_id,date,amount\n7,2024-01-01,1\n{rows}"), &[], 1, 1.0);
    assert_eq!(told["orders"]["left_out"]["no_customer"]["rows"], 10);
}

#[test]
fn ids_that_are_not_those_of_customers_are_said() {
    let row = |i: usize| format!("o{i},c{i},2017-01-{:02},u{},10\n", 1 + i % 28, i / 2);
    let header = "order_id,customer_id,date,customer_unique_id,amount\n";
    let rows = format!("{header}{}", (0..40).map(row).collect::<String>());
    let warnings = |options: &[&str]| texts(&read(&rows, options).2["warnings"]);
    assert!(warnings(&[]).contains("`customer_id` has as many ids as there are orders, 40"));
    assert!(warnings(&[]).contains("`customer_unique_id` repeats: --customer customer_unique_id"));
    assert!(!warnings(&["--customer", "customer_unique_id"]).contains("as many ids"));
    // Everybody at the till is one customer.
    let till = |i: usize| format!("{},2017-01-{:02},10\n", if i.is_multiple_of(2) { 999 } else { i }, 1 + i % 28);
    let rows = format!("customer_id,date,amount\n{}", (0..100).map(till).collect::<String>());
    let told = texts(&read(&rows, &[]).2["warnings"]);
    assert!(
        told.contains("customer `999` has 50 of 100 orders (50%)") && told.contains("--where 'customer_id!=999'"),
        "{told}"
    );
}

#[test]
fn hints_fit_what_stands_there() {
    let rows = "customer_id,date,amount\na,01/25/2024,5\nb,01/26/2024,5\n";
    refused(rows, &["--date-format", "%d/%m/%Y"], &["--date-format '%m/%d/%Y'"]);
    refused(&rows.replace("01/25/2024", "Jan 25, 2024").replace("01/26", "Jan 26"), &[], &["with an unreadable date"]);
    let told = total("customer_id,date,amount\na,\"Jan 25, 2024\",5\n", &[], 1, 5.0);
    assert_eq!(texts(&told["orders"]["told"]), "`date` is read as --date-format '%b %d, %Y', the only form that fits");
    refused("customer_id,date,amount\na,2024-01-25,5\n", &["--date-format", "%d/%m/%Y"], &["without --date-format"]);
    refused("customer_id,date,amount\na,2024-01,5\n", &[], &["--grain month"]);
    total("user_id,date,amount\na,2024-01,10\na,2024-02,20\n", &["--grain", "month"], 1, 30.0);
    total("user_id,timestamp,amount\na,1704412800000,10\na,1707091200000,20\n", &[], 1, 30.0);
    refused("email,date,date,amount\na@x.org,2024-01-25,2024-01-26,5\n", &[], &["two columns are named `date`"]);
    let answers = asked(
        "email,Order Date,order_date,amount\na@x.org,2024-01-25,2024-01-26,5\n",
        &[],
        "in `Order Date` or in `order_date`?",
    );
    assert_eq!(answers, ["--date 'Order Date'", "--date order_date"]);
}

#[test]
fn a_first_line_of_excel_tells_the_delimiter() {
    for start in ["sep=;\r\n", "\u{feff}sep=;\r\n", "\"sep=;\"\n"] {
        let told = total(
            &format!("{start}customer_id;date;amount\r\nk;2024-01-05;100\r\nk;2024-02-05;x\r\n"),
            &["--max-left-out", "1"],
            1,
            100.0,
        );
        assert_eq!(told["orders"]["left_out"]["unreadable_amount"]["place"], "orders.csv line 4");
    }
    total("sep=\t\ncustomer_id\tdate\tamount\nk\t2024-01-05\t100\n", &[], 1, 100.0);
}

#[test]
fn formulas_of_spreadsheets_are_the_texts_in_them() {
    let rows = "=\"Customer ID\",Order ID,Date,Amount\n\
                =\"00123\",=\"A1\",=\"2024-01-05\",=\"12.50\"\n\
                \"=\"\"00123\"\"\",\"=\"\"A2\"\"\",\"=\"\"2024-02-05\"\"\",\"=\"\"1,012.50\"\"\"\n\
                00123,A2,2024-02-05,-12.50\n";
    let (folder, outcome) = summarized(&[("orders.csv", rows)], &[]);
    assert_eq!(outcome.json()["orders"]["used"], 2, "{}", outcome.stderr);
    let records = Records::new(&folder.read("s.csv"));
    assert_eq!((records.rows.len(), records.sum("total")), (1, 1012.5));
    assert_eq!(records.rows[0][0], "00123");
}

#[test]
fn a_comma_in_yen_needs_no_question() {
    total("user_id,date,amount\na,2024-01-05,\"¥1,200\"\na,2024-02-05,¥980\n", &[], 1, 2180.0);
    total("user_id,date,amount\na,2024-01-05,\"₩1,200\"\na,2024-02-05,\"₩2,000\"\n", &[], 1, 3200.0);
    asked("user_id,date,amount\na,2024-01-05,\"$1,200\"\n", &[], "or $1200?");
    asked("user_id,date,amount\na,2024-01-05,¥1.200\n", &[], "or ¥1200?");
}

#[test]
fn a_refund_larger_than_its_order_is_said() {
    // What is left after refunds, so that they would be subtracted twice.
    let net =
        "user_id,date,amount,refund\na,2024-01-05,100,0\na,2024-02-05,0,50\nb,2024-01-10,20,60\nb,2024-02-10,70,30\n";
    let told = total(net, &["--refund", "refund"], 2, 50.0);
    assert_eq!((&told["orders"]["refunds"], &told["orders"]["excess_refunds"]), (&3.into(), &2.into()));
    let warnings = texts(&told["warnings"]);
    for part in ["2 refunds in `refund`", "orders.csv line 3: 50.00 of 0.00", "leave --refund refund out"] {
        assert!(warnings.contains(part), "no `{part}` in {warnings}");
    }
    // The same of orders of several lines: what is paid is that of the order.
    let lines = "order_id,user_id,date,amount,refund\n1,a,2024-01-05,30,30\n1,a,2024-01-05,20,20\n2,a,2024-02-05,10,\n2,a,2024-02-05,5,16\n";
    let told = total(lines, &["--refund", "refund", "--refund-per", "line"], 1, -1.0);
    assert_eq!(told["orders"]["excess_refunds"], 1);
    assert!(texts(&told["warnings"]).contains("orders.csv line 5: 16.00 of 15.00"), "{told}");
    // A detail among many.
    let mut many = "user_id,date,amount,refund\n".to_owned();
    (0..200).for_each(|i| many += &format!("{i},2024-01-05,10,{}\n", if i == 7 { 11 } else { 10 }));
    let told = total(&many, &["--refund", "refund"], 200, -1.0);
    assert!(texts(&told["orders"]["told"]).contains("1 refund in `refund` larger than the order"), "{told}");
    assert!(!texts(&told["warnings"]).contains("larger than"), "{told}");
}

#[test]
fn nothing_is_paid_back_before_it_was_paid() {
    for order in ["", "7"] {
        let rows = format!("order_id,user_id,date,amount,refund,refund_date\n{order},a,2024-01-15,12,2,2023-01-15\n");
        total(&rows, &["--refund", "refund"], 1, 10.0);
    }
}

/// What was paid back after an order was exported for the first time stands in the later file only.
#[test]
fn refunds_of_an_order_in_two_files_count_once() {
    let header = "order_id,customer_id,date,amount,refund\n";
    let run = |first: &str, second: &str, options: &[&str]| {
        let row = |refund: &str| format!("{header}1,a,2024-01-05,100,{refund}\n");
        let options = [&["--refund", "refund"], options].concat();
        let (folder, outcome) = summarized(&[("one.csv", &row(first)), ("two.csv", &row(second))], &options);
        (outcome.code, (outcome.code == 0).then(|| Records::new(&folder.read("s.csv")).sum("total")), outcome.stderr)
    };
    assert_eq!(run("20", "20", &[]).1, Some(80.0));
    assert_eq!(run("20", "20", &["--repeated-orders", "add"]).1, Some(80.0));
    assert_eq!(run("", "20", &[]).1, Some(80.0));
    assert_eq!(run("", "20", &["--repeated-orders", "first"]).1, Some(100.0));
    let (code, _, said) = run("0", "20", &[]);
    assert!(code == 2 && said.contains("one.csv line 2 stands at two.csv line 2"), "{said}");
    for (which, expected) in [("first", 100.0), ("last", 80.0)] {
        assert_eq!(run("0", "20", &["--repeated-orders", which]).1, Some(expected), "{which}");
    }
}

/// Merged cells: the customer and the day stand on the first line of an order only.
#[test]
fn lines_without_a_date_are_refunded_and_converted_like_others() {
    let rows = "order_id,customer_id,date,amount,currency,refund\n\
                1,a,2024-01-05,10,EUR,\n1,,,20,EUR,5\n2,a,2024-02-05,100,EUR,\n2,,,50,EUR,\n";
    total(rows, &["--refund", "refund"], 1, 175.0);
    let dollars = rows.replace("20,EUR", "20,USD");
    refused(&dollars, &[], &["amounts in EUR (orders.csv line 2) and in USD (orders.csv line 3)"]);
    let run = |rates: &str| {
        let files = [("orders.csv", dollars.as_str()), ("rates.csv", rates)];
        let (folder, outcome) = summarized(&files[..1], &["--currency", "EUR"]);
        assert_eq!(Records::new(&folder.read("s.csv")).sum("total"), 160.0, "{}", outcome.stderr);
        let folder = Folder::new();
        files.iter().for_each(|(name, content)| _ = folder.write(name, content));
        let outcome = folder.clv("summarize orders.csv --currency EUR --rates rates.csv -o s.csv");
        ((outcome.code == 0).then(|| Records::new(&folder.read("s.csv")).sum("total")), outcome.stderr)
    };
    assert_eq!(run("currency,rate\nUSD,0.5\n").0, Some(170.0));
    let (sum, said) = run("currency,rate,from\nUSD,0.5,2024-01-01\n");
    assert!(sum.is_none() && said.contains("orders.csv line 3: USD is an amount without a date"), "{said}");
}

/// An order that was open in one export and cancelled in another is counted or not, and nobody but the user knows.
#[test]
fn an_order_that_meets_a_condition_in_one_file_alone_is_asked_about() {
    let header = "order_id,customer_id,date,amount,status\n";
    let run = |options: &[&str]| {
        let january = format!("{header}1,a,2024-01-05,100,pending\n2,a,2024-01-31,7,paid\n");
        let february =
            format!("{header}1,a,2024-01-05,100,cancelled\n2,b,2024-02-01,9,cancelled\n3,a,2024-02-05,30,paid\n");
        let options = [&["--where", "status!=cancelled"], options].concat();
        let (folder, outcome) = summarized(&[("january.csv", &january), ("february.csv", &february)], &options);
        let sum = (outcome.code == 0).then(|| Records::new(&folder.read("s.csv")).sum("total"));
        (outcome.code, sum, outcome.stderr)
    };
    let (code, _, said) = run(&[]);
    assert!(code == 2 && said.contains("january.csv line 2 stands at february.csv line 2"), "{said}");
    for (which, expected) in [("first", 137.0), ("last", 37.0), ("add", 137.0)] {
        assert_eq!(run(&["--repeated-orders", which]).1, Some(expected), "{which}");
    }
}

#[test]
fn what_looks_wrong_is_said() {
    let warned = |content: &str, part: &str| {
        let told = read(content, &[]).2;
        let warnings = texts(&told["warnings"]);
        assert!(warnings.contains(part), "no `{part}` in {warnings}");
    };
    warned(
        "customer_id,date,amount\n1.23457E+11,2024-01-05,5\n3,2024-01-05,5\n",
        "like `1.23457E+11`, which a spreadsheet",
    );
    warned("user_id,date,amount,type\na,2024-01-05,9,Sale\na,2024-02-05,5,Refund\n", "--where 'type!=Refund'");
    warned("user_id,date,amount,refunded\na,2024-01-05,9,true\na,2024-02-05,5,false\n", "--where 'refunded!=true'");
    // A refund that is negative is no sale already.
    let told = total("user_id,date,amount,type\na,2024-01-05,9,Sale\na,2024-02-05,-5,Refund\n", &[], 1, 4.0);
    assert_eq!(texts(&told["warnings"]), "");
    refused("user_id,date,amount,cur\na,2024-01-05,9,USD\na,2024-02-05,5,EUR\n", &[], &["in USD", "in EUR"]);
    let told = total("user_id,date,amount\na,45306,9\na,45337,9\n", &[], 1, 18.0);
    let serial = "`date` holds days as spreadsheets number them: 45306 is 2024-01-15";
    assert_eq!(texts(&told["orders"]["told"]), serial);
    let rows = "user_id,date,amount,refunded\na,2024-01-05,9,true\n";
    refused(rows, &["--refund", "refunded"], &["`true` is no amount", "--where leaves out"]);
    let plain = "user_id,date,amount\na,2024-01-05,9\n";
    let (_, outcome) = summarized(&[("one.csv", plain), ("two.csv", plain)], &[]);
    let told = outcome.json();
    assert!(texts(&told["warnings"]).contains("one.csv and two.csv hold the same"), "{told}");
}
