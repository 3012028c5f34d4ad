//! Tables in parts, whose folders say what stands in a column; and addresses, which are no files.

use crate::command::Folder;

fn days(folder: &Folder) {
    for (day, rows) in [("2024-01-01", "a,10\nb,5\n"), ("2024-01-03", "a,20\n"), ("2024-01-08", "a,30\na,30\n")] {
        std::fs::create_dir_all(folder.path().join(format!("orders/dt={day}/country=D%45"))).unwrap();
        folder.write(&format!("orders/dt={day}/country=D%45/part-0.csv"), format!("customer_id,amount\n{rows}"));
    }
    folder.write("orders/_SUCCESS", "");
}

const SUMMARY: &str = "\
customer_id,frequency,recency,T,monetary_value,first_purchase,last_purchase,orders,total,country,unit,grain,observed_until
a,2,7,9,40,2024-01-01,2024-01-08,4,90,DE,day,day,2024-01-10
b,0,0,9,0,2024-01-01,2024-01-01,1,5,DE,day,day,2024-01-10
";

#[test]
fn folders_say_the_day_and_whatever_else() {
    let folder = Folder::new();
    days(&folder);
    for orders in ["orders", "orders/*/*/*.csv", "orders/dt=2024-01-01 orders/dt=2024-01-03 orders/dt=2024-01-08"] {
        let outcome = folder.clv(&format!("summarize {orders} --until 2024-01-10 --unit day --keep country"));
        assert_eq!((outcome.code, &*outcome.stdout), (0, SUMMARY), "{orders}: {}", outcome.stderr);
    }
    // Equal rows are equal within a day.
    let outcome = folder.clv("summarize orders --until 2024-01-10 --unit day --duplicates drop --date dt");
    assert!(outcome.stdout.contains("\na,2,7,9,25,2024-01-01,2024-01-08,3,60,"), "{}", outcome.stdout);
}

#[test]
fn a_column_of_the_file_comes_before_that_of_its_folder() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("orders/dt=1999-01-01")).unwrap();
    folder.write("orders/dt=1999-01-01/part.csv", "customer_id,dt,amount\na,2024-01-01,1\n");
    let outcome = folder.clv("summarize orders --until 2024-01-10 --unit day");
    assert!(outcome.stdout.contains("\na,0,0,9,0,2024-01-01,"), "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn what_is_no_table_in_parts_is_refused() {
    let refused = |make: &dyn Fn(&Folder), words: &str| {
        let folder = Folder::new();
        days(&folder);
        make(&folder);
        let outcome = folder.clv("summarize orders --until 2024-01-10");
        assert!(outcome.code != 0 && outcome.stderr.contains(words), "{}", outcome.stderr);
    };
    refused(&|folder| _ = folder.write("orders/readme.txt", "hello"), "is a folder; name its files");
    refused(&|folder| _ = folder.write("orders/more.parquet", "PAR1"), "is a folder; name its files");
    refused(&|folder| std::fs::create_dir(folder.path().join("orders/older")).unwrap(), "is a folder; name its files");
    refused(
        &|folder| std::fs::create_dir(folder.path().join("orders/_delta_log")).unwrap(),
        "a Delta table, whose folder also",
    );
}

#[test]
fn an_address_is_no_file_and_its_secrets_are_told_to_nobody() {
    let folder = Folder::new();
    for (command, words) in [
        (
            "summarize s3://k:s3cr3t@bucket/orders.parquet -o s.csv",
            "aws s3 cp 's3://bucket/orders.parquet' - | clv run -",
        ),
        ("run https://a:s3cr3t@example.org/orders.csv?token=s3cr3t", "curl -sSL 'https://example.org/orders.csv'"),
        ("fit gs://bucket/*.csv", "gcloud storage cat"),
        ("summarize x.csv -o s3://k:s3cr3t@bucket/summary.csv", "clv writes files; write one, and copy it there"),
        ("predict x.csv -o p.csv --model https://example.org/model.json?s3cr3t", "is an address"),
        ("summarize x.csv -o s.csv --rates https://example.org/rates.csv?s3cr3t --currency EUR", "is an address"),
    ] {
        for json in ["", " --json"] {
            folder.write("x.csv", "customer_id,order_date,amount\na,2024-01-01,1\n");
            let outcome = folder.clv(&format!("{command}{json}"));
            assert_eq!(outcome.code, 2, "{command}: {}", outcome.stderr);
            assert!(outcome.stderr.contains(words), "{command}: {}", outcome.stderr);
            assert!(!(outcome.stderr + &outcome.stdout).contains("s3cr3t"), "{command}");
        }
    }
}
