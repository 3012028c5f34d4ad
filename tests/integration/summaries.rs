//! Summaries say what their times mean, and what is in doubt is asked.

use clv::summary::Summary;
use clv::summary_file::{self, SummaryOptions};
use clv::tables::{BytesRead, FileOptions, Input, TableReader};

use crate::command::{Folder, cdnow};

/// Forty customers who joined on several days, in one file, and a model of them in this unit.
fn shop(folder: &Folder, unit: &str, grain: &str) {
    let mut text = "customer_id,order_date,amount\n".to_owned();
    for customer in 0..40 {
        let first = 1 + customer % 4;
        for order in 0..=(customer % 6) {
            text += &format!(
                "{customer},2020-{:02}-{:02},{}\n",
                first + order,
                1 + (customer * 5 + order * 3) % 28,
                10 + customer % 7 + order
            );
        }
    }
    folder.write("orders.csv", text);
    let until = "--until 2020-12-31";
    for words in [
        format!("fit orders.csv --unit {unit} --grain {grain} {until} -o model.json"),
        format!("summarize orders.csv --unit {unit} --grain {grain} {until} -o summary.csv"),
    ] {
        let done = folder.clv(&words);
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
}

/// The header, and each row of a table.
fn rows(text: &str) -> (String, Vec<String>) {
    let mut lines = text.lines().map(str::to_owned);
    (lines.next().unwrap(), lines.collect())
}

#[test]
fn a_row_alone_is_predicted_as_among_all() {
    let folder = Folder::new();
    for (unit, grain) in
        [("day", "day"), ("week", "day"), ("month", "day"), ("year", "day"), ("week", "week"), ("month", "month")]
    {
        shop(&folder, unit, grain);
        let predict = |file: &str| {
            let predicted = folder.clv(&format!("predict {file} --model model.json --horizons 12m"));
            assert_eq!(predicted.code, 0, "{unit} {grain}: {}", predicted.stderr);
            rows(&predicted.stdout).1
        };
        let whole = predict("summary.csv");
        let (header, customers) = rows(&folder.read("summary.csv"));
        for pieces in [1, 7] {
            let mut predicted = Vec::new();
            for piece in customers.chunks(pieces) {
                folder.write("piece.csv", format!("{header}\n{}\n", piece.join("\n")));
                predicted.extend(predict("piece.csv"));
            }
            assert_eq!(predicted, whole, "{unit} {grain}, {pieces} rows at a time");
        }
    }
}

#[test]
fn a_summary_in_another_unit_is_refused_down_to_a_row() {
    let folder = Folder::new();
    shop(&folder, "week", "day");
    for unit in ["day", "month", "year"] {
        let done = folder.clv(&format!("summarize orders.csv --unit {unit} --until 2020-12-31 -o other.csv"));
        assert_eq!(done.code, 0, "{}", done.stderr);
        let (header, customers) = rows(&folder.read("other.csv"));
        for customer in &customers {
            folder.write("piece.csv", format!("{header}\n{customer}\n"));
            let refused = folder.clv("predict piece.csv --model model.json");
            assert_eq!(refused.code, 1, "{unit}: {}", refused.stdout);
            assert!(
                refused.stderr.contains(&format!("the model's time unit is the week, the data's is the {unit}")),
                "{}",
                refused.stderr
            );
        }
    }
}

/// As an earlier version of the program wrote it, or another tool: dates, but no unit.
#[test]
fn dates_that_fit_several_units_are_told_apart_by_the_model_or_asked_about() {
    let folder = Folder::new();
    shop(&folder, "week", "day");
    let header = "customer_id,frequency,recency,T,monetary_value,first_purchase,last_purchase,orders,total";
    let predict = |row: &str| {
        folder.write("piece.csv", format!("{header}\n{row}\n"));
        folder.clv("predict piece.csv --model model.json --horizons 12m")
    };
    // 21 days before the end of the model's data: T is 3 weeks, or 21 days.
    let weeks = predict("a,1,2,3,10,2020-12-10,2020-12-24,2,20");
    assert_eq!(weeks.code, 0, "{}", weeks.stderr);
    let days = predict("a,1,14,21,10,2020-12-10,2020-12-24,2,20");
    assert!(days.code == 1 && days.stderr.contains("the data's is the day"), "{}", days.stderr);
    // Of another end nobody knows.
    let unknown = predict("a,1,2,3,10,2020-11-10,2020-11-24,2,20");
    assert_eq!(unknown.code, 2, "{}", unknown.stdout);
    assert!(unknown.stderr.contains("2020-11-13 in days, 2020-12-01 in weeks"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("\n  --unit day\n  --unit week\n"), "{}", unknown.stderr);
    let question = folder.clv("--json fit piece.csv");
    let json: serde_json::Value = serde_json::from_str(&question.stdout).unwrap();
    assert_eq!((question.code, &json["error"]["kind"]), (2, &"question".into()));
    assert_eq!(json["error"]["answers"], serde_json::json!(["--unit day", "--unit week"]));
    // Customers who came last are as old in any unit, and the model's is taken.
    let new = predict("a,0,0,0,0,2020-12-31,2020-12-31,1,20");
    assert_eq!(new.code, 0, "{}", new.stderr);
}

#[test]
fn summaries_that_were_made_differently_are_not_one() {
    let folder = Folder::new();
    shop(&folder, "week", "day");
    let (header, customers) = rows(&folder.read("summary.csv"));
    let mix = |change: (&str, &str)| {
        let last = customers[1].replace(change.0, change.1);
        assert_ne!(last, customers[1]);
        folder.write("mixed.csv", format!("{header}\n{}\n{last}\n", customers[0]));
        folder.clv("fit mixed.csv")
    };
    let units = mix((",week,", ",day,"));
    assert!(
        units.code == 1
            && units.stderr.contains("mixed.csv line 3")
            && units.stderr.contains("is week, and of others day"),
        "{}",
        units.stderr
    );
    let ends = mix(("2020-12-31", "2020-11-30"));
    assert!(ends.code == 1 && ends.stderr.contains("the end of the observation is 2020-12-31"), "{}", ends.stderr);
    // An age that does not end where it says.
    folder.write("beyond.csv", format!("{header}\na,1,2,30,10,2020-12-10,2020-12-24,2,20,week,day,2020-12-31\n"));
    let beyond = folder.clv("fit beyond.csv");
    assert!(
        beyond.code == 1
            && beyond.stderr.contains("lead to 2021-07-08, and the customers were observed until 2020-12-31"),
        "{}",
        beyond.stderr
    );
    let given = folder.clv("fit summary.csv --unit day");
    assert!(given.code == 2 && given.stderr.contains("are in weeks, not in days"), "{}", given.stderr);
}

#[test]
fn columns_that_say_how_often_a_row_counts_are_asked_about() {
    let folder = Folder::new();
    for name in ["weights", "weight", "customers", "count", "Weights"] {
        folder.write("counted.csv", format!("customer_id,frequency,recency,T,{name}\n1,1,5,10,7\n2,0,0,12,3\n"));
        for command in [
            "fit counted.csv",
            "compare counted.csv",
            "predict counted.csv --model m.json",
            "report counted.csv -o r.html",
            "describe counted.csv",
        ] {
            folder.write("m.json", include_str!("../../models/fader-hardie-lee-2005-bg-nbd.json"));
            let asked = folder.clv(&format!("{command} --unit week --until 2020-12-31"));
            assert_eq!(asked.code, 2, "{command}: {}", asked.stderr);
            assert!(
                asked.stderr.contains(&format!("`{name}`")) && asked.stderr.contains(&format!("--ignore {name}")),
                "{}",
                asked.stderr
            );
        }
        let ignored =
            folder.clv(&format!("predict counted.csv --model m.json --unit week --until 1997-09-30 --ignore {name}"));
        assert_eq!(ignored.code, 0, "{}", ignored.stderr);
    }
    // Of orders they are nothing.
    folder.write("orders.csv", "customer_id,order_date,amount,count\na,2024-01-05,10,2\na,2024-02-05,10,2\n");
    assert_eq!(folder.clv("summarize orders.csv").code, 0);
}

/// Fader, Hardie & Shang (2010), table 2: donations of 11,104 supporters in six years.
const DONATIONS: [(u32, u32, u32); 22] = [
    (6, 6, 1203),
    (5, 6, 728),
    (4, 6, 512),
    (3, 6, 357),
    (2, 6, 234),
    (1, 6, 129),
    (5, 5, 335),
    (4, 5, 284),
    (3, 5, 225),
    (2, 5, 173),
    (1, 5, 119),
    (4, 4, 240),
    (3, 4, 181),
    (2, 4, 155),
    (1, 4, 78),
    (3, 3, 322),
    (2, 3, 255),
    (1, 3, 129),
    (2, 2, 613),
    (1, 2, 277),
    (1, 1, 1091),
    (0, 0, 3464),
];

#[test]
fn a_number_of_opportunities_is_the_age_of_bg_bb() {
    let folder = Folder::new();
    for name in ["n", "n_periods", "periods"] {
        let row = |&(x, t_x, customers): &(u32, u32, u32)| format!("{x},{t_x},6\n").repeat(customers as usize);
        let rows: String = DONATIONS.iter().map(row).collect();
        folder.write("donations.csv", format!("frequency,recency,{name}\n{rows}"));
        let missing = folder.clv("fit donations.csv --model bg-bb");
        assert_eq!(missing.code, 2, "{}", missing.stderr);
        for part in ["how long an opportunity is", "the end of the observation", "--unit month --grain month --until"] {
            assert!(missing.stderr.contains(part), "{}", missing.stderr);
        }
        let fit = folder.clv("--json fit donations.csv --model bg-bb --no-spend --unit year --until 2001-12-31");
        // Their table 3: 1.204, 0.750, 0.657, 2.783.
        let parameters = &fit.json()["model"]["timing"]["parameters"];
        for (name, published) in [("alpha", 1.204), ("beta", 0.750), ("gamma", 0.657), ("delta", 2.783)] {
            let found = parameters[name].as_f64().unwrap();
            assert!((found - published).abs() <= 0.0005, "{name} {found}");
        }
    }
}

#[test]
fn columns_are_known_in_other_letters_where_that_leaves_no_doubt() {
    let folder = Folder::new();
    shop(&folder, "week", "day");
    let fitted = |header: &str| {
        let (_, customers) = rows(&folder.read("summary.csv"));
        folder.write("other.csv", format!("{header}\n{}\n", customers.join("\n")));
        folder.clv("--json fit other.csv")
    };
    let (header, _) = rows(&folder.read("summary.csv"));
    let expected = fitted(&header).json()["model"]["timing"].clone();
    for (old, new) in [
        (",T,", ",t,"),
        ("frequency", "FREQUENCY"),
        ("recency", "Recency"),
        ("customer_id", "Customer_ID"),
        ("monetary_value", "Monetary_Value"),
    ] {
        assert_eq!(fitted(&header.replace(old, new)).json()["model"]["timing"], expected, "{new}");
    }
    let missing = fitted(&header.replace(",T,", ",total_age,"));
    assert!(
        missing.code == 1 && missing.stderr.contains("no column `T`") && !missing.stderr.contains("did you mean"),
        "{}",
        missing.stderr
    );
}

#[test]
fn customers_need_no_names_where_nobody_is_named() {
    let folder = Folder::new();
    shop(&folder, "week", "day");
    let nameless = folder
        .read("summary.csv")
        .lines()
        .map(|line| line.split_once(',').unwrap().1.to_owned() + "\n")
        .collect::<String>();
    folder.write("nameless.csv", nameless);
    for command in ["fit", "compare --models bg-nbd,nbd"] {
        let models = |file: &str| {
            let mut models = folder.clv(&format!("--json {command} {file}")).json();
            // How long it took is another matter.
            for model in models["models"].as_array_mut().into_iter().flatten() {
                model["seconds"].take();
            }
            (models["models"].take(), models["model"].take())
        };
        assert_eq!(models("nameless.csv"), models("summary.csv"), "{command}");
    }
    let predicted = folder.clv("predict nameless.csv --model model.json");
    assert!(predicted.code == 1 && predicted.stderr.contains("no column `customer_id`"), "{}", predicted.stderr);
}

#[cfg(feature = "parquet")]
#[test]
fn a_summary_in_parquet_says_its_currency() {
    let folder = Folder::new();
    shop(&folder, "week", "day");
    let end = "--until 2020-12-31";
    for (options, currency) in [("--currency EUR", Some("EUR")), ("", None), ("--currency EUR --no-spend", None)] {
        assert_eq!(folder.clv(&format!("summarize orders.csv {options} {end} -o s.parquet --overwrite")).code, 0);
        let read = folder.clv("fit s.parquet --model bg-nbd --json --no-spend").json();
        assert_eq!(read["summary"]["currency"].as_str(), currency, "{read}");
    }
    let done = folder.clv(&format!("summarize orders.csv --currency EUR {end} -o s.parquet --overwrite"));
    assert!(done.stdout.contains("\n  amounts in EUR\n"), "{}", done.stdout);
    let fitted = folder.clv("fit s.parquet --json").json();
    assert_eq!(fitted["model"]["data"]["currency"], "EUR");
    let text = std::fs::read(folder.path().join("s.parquet")).unwrap();
    assert!(text.windows(12).any(|bytes| bytes == b"clv-currency"));
    // A table of text has no place for it.
    let csv = |options: &str| {
        assert_eq!(folder.clv(&format!("summarize orders.csv {options} {end} -o s.csv --overwrite")).code, 0);
        folder.read("s.csv")
    };
    assert_eq!(csv("--currency EUR"), csv(""));
}

fn read_summary(folder: &Folder, name: &str) -> Result<Summary, String> {
    let input = Input::Path(folder.path().join(name));
    let mut table = TableReader::open(&input, &FileOptions::default(), &BytesRead::default()).unwrap();
    summary_file::read(&mut table, &SummaryOptions::default()).map_err(|error| error.to_string())
}

/// In text there is no place for counts, and there is one for a column.
#[test]
fn a_column_of_sums_chooses_the_number_of_stages() {
    let folder = Folder::new();
    let summarize = |more: &str| {
        let sample = cdnow("orders-sample.csv");
        let done = folder.clv(&format!("summarize {sample} --until 1997-09-30 {more}"));
        assert_eq!(done.code, 0, "{}", done.stderr);
    };
    summarize("--sum-log-interpurchase -o s.csv");
    summarize("-o plain.csv");
    let read = read_summary(&folder, "s.csv").unwrap();
    // By an independent count of the orders.
    let total: f64 = read.sum_log_interpurchase.as_ref().unwrap().iter().sum();
    assert!((total - 2909.504669).abs() < 5e-7, "{total}");
    assert_eq!(read_summary(&folder, "plain.csv").unwrap().sum_log_interpurchase, None);
    let rows = folder.read("s.csv");
    folder.write("half.csv", rows.split_inclusive('\n').take(1200).collect::<String>());
    let fit = |file: &str| folder.clv(&format!("fit {file} --model mbg-cnbd --no-spend -o m.json --overwrite --json"));
    for file in ["s.csv", "half.csv"] {
        let timing = fit(file).json()["model"]["timing"].clone();
        assert_eq!((&timing["model"], &timing["parameters"]["k"]), (&"mbg-cnbd".into(), &1.into()));
        assert_eq!(timing["fit"]["profile"].as_array().unwrap().len(), 3);
    }
    let refused = fit("plain.csv");
    assert!(refused.code == 1 && refused.stderr.contains("with a column sum_log_interpurchase"), "{}", refused.stderr);
}

#[test]
fn sums_that_no_times_have_are_refused() {
    let folder = Folder::new();
    let read = |rows: &str| {
        let head = "customer_id,frequency,recency,T,sum_log_interpurchase,unit,observed_until\n";
        folder.write("s.csv", format!("{head}{rows}"));
        read_summary(&folder, "s.csv").map(|read| read.sum_log_interpurchase.unwrap())
    };
    let known = [0.0, 10f64.ln(), 3.0 * 4f64.ln(), 1f64.ln() + 11f64.ln()];
    let sums = known.map(|sum| sum.to_string());
    let rows = format!(
        "a,0,0,20,,week,2024-01-07\nb,1,10,20,{},week,2024-01-07\nc,3,12,20,{},week,2024-01-07\nd,2,12,20,{},week,2024-01-07\n",
        sums[1], sums[2], sums[3]
    );
    assert_eq!(read(&rows).unwrap(), known);
    // In days, one time and three; too small for one; none; no number.
    for (wrong, why) in [
        ("b,1,10,20,4.248495242049359,week,2024-01-07", "of 1 times that add up to a recency of 10 sum to 2.3026"),
        (
            "c,3,12,20,9.996613530525266,week,2024-01-07",
            "of 3 times that add up to a recency of 12 sum to at most 4.1589",
        ),
        ("b,1,10,20,0.5,week,2024-01-07", "in the same unit of time?"),
        ("b,1,10,20,,week,2024-01-07", "sum_log_interpurchase is ``"),
        ("b,1,10,20,-inf,week,2024-01-07", "sum_log_interpurchase is `-inf`"),
        ("b,1,10,20,x,week,2024-01-07", "sum_log_interpurchase is `x`"),
    ] {
        let refused = read(&format!("{wrong}\n")).unwrap_err();
        assert!(refused.contains("s.csv line 2") && refused.contains(why), "{refused}");
    }
}

/// What BTYDplus' `elog2cbs` writes: `x`, `t.x`, `T.cal`, `litt`, `sales.x`, times in weeks. The same customers with the names that clv has.
#[test]
fn a_summary_of_r_is_read_as_it_is() {
    let folder = Folder::new();
    folder.write(
        "r.csv",
        ",cust,x,t.x,litt,sales,sales.x,first,T.cal\r\n\
         1,7,3,13.571428571428571,4.2,128.74,118.74,1997-01-01,21.571428571428573\r\n\
         2,8,0,0,0,10,0,1997-01-08,20.571428571428573\r\n\
         3,9,1,2,0.6931471805599453,30,20,1997-01-15,19.571428571428573\r\n",
    );
    folder.write(
        "clv.csv",
        "customer_id,frequency,recency,T,monetary_value,sum_log_interpurchase,observed_until,unit\n\
         7,3,13.571428571428571,21.571428571428573,39.58,4.2,1997-06-01,week\n\
         8,0,0,20.571428571428573,0,0,1997-06-01,week\n\
         9,1,2,19.571428571428573,20,0.6931471805599453,1997-06-01,week\n",
    );
    let fit = |file: &str| {
        let outcome = folder.clv(&format!("fit {file} --prior-sd 1 --json"));
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let model = outcome.json()["model"].clone();
        (model["timing"]["model"].clone(), model["spend"].clone(), model["data"]["end"].clone())
    };
    assert_eq!(fit("r.csv"), fit("clv.csv"));
    assert_eq!(fit("r.csv").2, "1997-06-01");
}
