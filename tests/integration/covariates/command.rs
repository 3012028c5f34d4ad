//! The command: fits with covariates of orders and of a table, predictions, new customers, refusals.

use crate::command::Folder;

/// Sixty customers with orders in which the channel stands, and a table with their age; online ones come twice as often.
pub(super) fn shop() -> Folder {
    let folder = Folder::new();
    let (mut orders, mut ages) = ("customer_id,date,amount,channel\n".to_owned(), "customer_id,age\n".to_owned());
    for customer in 0..160u32 {
        let online = customer % 3 == 0;
        let repeats = (customer * 7 % 5) * if online { 2 } else { 1 } / (1 + customer % 4);
        for order in 0..=repeats {
            let day = (customer * 11 % 60) + order * (9 + customer % 13);
            let (month, day) = (1 + day / 28, 1 + day % 28);
            let amount = 10 + (customer * 13 + order * 5) % 30 + if online { 8 } else { 0 };
            let channel = if online { "online" } else { "store" };
            orders += &format!("{customer},2020-{month:02}-{day:02},{amount},{channel}\n");
        }
        if customer != 5 {
            ages += &format!("{customer},{}\n", 20 + customer * 17 % 50);
        }
    }
    ages += "9999,40\n";
    folder.write("orders.csv", orders);
    // Few patterns, where many would only take time.
    let decade = |line: &str| line.split_once(',').map(|(id, age)| format!("{id},{}0\n", &age[..1])).unwrap();
    folder
        .write("decades.csv", format!("customer_id,decade\n{}", ages.lines().skip(1).map(decade).collect::<String>()));
    folder.write("ages.csv", ages);
    folder
}

pub(super) const UNTIL: &str = "--until 2020-12-31";

#[test]
fn a_fit_tells_what_covariates_do_and_predictions_follow_them() {
    let folder = shop();
    let fit = folder
        .clv(&format!("fit orders.csv {UNTIL} --purchase-covariates channel --spend-covariates channel -o model.json"));
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    for part in [
        "purchases: channel=online",
        "times ",
        "likelihood ratio",
        "channel online purchases ",
        "channel online spends ",
    ] {
        assert!(fit.stdout.contains(part), "{part}: {}", fit.stdout);
    }
    let predict = folder.clv(&format!("predict orders.csv {UNTIL} --model model.json --horizons 6m -o table.csv"));
    assert_eq!(predict.code, 0, "{}", predict.stderr);
    assert!(folder.read("table.csv").lines().count() == 161);

    // A new customer of each channel, whose expected purchases differ by less than the rates.
    let new = |channel: &str| {
        let run =
            folder.clv(&format!("predict --new --with channel={channel} --model model.json --horizons 6m --json"));
        run.json()["forecast"].to_string()
    };
    assert_ne!(new("online"), new("store"));
    let without = folder.clv("predict --new --model model.json --horizons 6m");
    assert_eq!(without.code, 2);
    assert!(
        without.stderr.contains("the model's customers differ by channel: say which a new one is, with --with"),
        "{}",
        without.stderr
    );
    let other = folder.clv("predict --new --with plan=basic --model model.json --horizons 6m");
    assert!(
        other.stderr.contains("`plan`, which is no covariate of the model; the model has channel"),
        "{}",
        other.stderr
    );
    let unknown = folder.clv("predict --new --with channel=phone --model model.json --horizons 6m");
    assert!(unknown.stderr.contains("covariate channel: `phone` was not in the fit"), "{}", unknown.stderr);
    // A value is taken whole, commas and all.
    let comma = folder.clv("predict --new --with channel=online,plan=basic --model model.json --horizons 6m");
    assert!(comma.stderr.contains("covariate channel: `online,plan=basic` was not in the fit"), "{}", comma.stderr);
    let twice = folder.clv("predict --new --with channel=online --with channel=store --model model.json --horizons 6m");
    assert!(twice.stderr.contains("--with names `channel` twice"), "{}", twice.stderr);
    let taken =
        folder.clv("predict --new --with channel=phone --unknown-levels reference --model model.json --horizons 6m");
    assert_eq!(taken.code, 0, "{}", taken.stderr);
}

#[test]
fn covariates_come_from_a_table_joined_by_id() {
    let folder = shop();
    let fit = folder.clv(&format!(
        "fit orders.csv {UNTIL} --no-spend --purchase-covariates channel,age,first_month --customer-table ages.csv -o model.json"
    ));
    assert_eq!(fit.code, 0, "{}", fit.stderr);
    assert!(fit.stdout.contains("1 customer without a row there, such as `5`"), "{}", fit.stdout);
    assert!(fit.stdout.contains("1 row of customers who have no orders here"), "{}", fit.stdout);
    assert!(fit.stdout.contains("purchases: age missing"), "{}", fit.stdout);
    let predict = folder.clv(&format!(
        "predict orders.csv {UNTIL} --customer-table ages.csv --model model.json --horizons 6m -o table.csv"
    ));
    assert_eq!(predict.code, 0, "{}", predict.stderr);
    let without = folder.clv(&format!("predict orders.csv {UNTIL} --model model.json --horizons 6m -o table.csv"));
    assert!(without.code != 0 && without.stderr.contains("no column `age`"), "{}", without.stderr);

    let amounts =
        folder.clv(&format!("fit orders.csv {UNTIL} --no-spend --purchase-covariates first_amount -o amounts.json"));
    assert!(amounts.code != 0 && amounts.stderr.contains("first amounts are not known"), "{}", amounts.stderr);
    let amounts = folder.clv(&format!("fit orders.csv {UNTIL} --purchase-covariates first_amount -o amounts.json"));
    assert!(amounts.code == 0 && amounts.stdout.contains("first_amount one more purchases "), "{}", amounts.stderr);

    folder.write("twice.csv", "customer_id,age\n1,20\n1,21\n");
    let fit = |rest: &str| folder.clv(&format!("fit orders.csv {UNTIL} --no-spend {rest} -o other.json"));
    let twice = fit("--purchase-covariates age --customer-table twice.csv");
    assert!(twice.stderr.contains("customer `1` stands twice, and `age` differs"), "{}", twice.stderr);
    folder.write("strangers.csv", "customer_id,age\nx,20\n");
    let strangers = fit("--purchase-covariates age --customer-table strangers.csv");
    assert!(strangers.stderr.contains("none of the customers has a row there"), "{}", strangers.stderr);
    folder.write("two.csv", "customer_id,user_id,age\n1,7,20\n");
    let two = fit("--purchase-covariates age --customer-table two.csv");
    assert_eq!(two.code, 2);
    assert!(two.stderr.contains("which column has the customer, customer_id or user_id?"), "{}", two.stderr);
    let unused = fit("--purchase-covariates channel --customer-table ages.csv");
    assert!(unused.stderr.contains("--customer-table has no column that is wanted"), "{}", unused.stderr);
    assert!(!folder.names().contains(&"other.json".to_owned()));
}
