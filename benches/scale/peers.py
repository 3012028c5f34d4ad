"""What run.py has other programs do: count rows, summarise orders, make and compare files."""

import sys


def source(path):
    if path.endswith("parquet"):
        return f"read_parquet('{path}')"
    return f"read_csv('{path}')"


def connect(path):
    import duckdb
    import pathlib

    connection = duckdb.connect()
    connection.execute(f"set temp_directory = '{pathlib.Path(path).parent / 'duckdb'}'")
    return connection


def inputs(by_customer, text, parquet):
    connection = connect(text)
    columns = "{'customer_id': 'BIGINT', 'order_date': 'DATE', 'amount': 'DOUBLE'}"
    orders = f"select * from read_csv('{by_customer}', columns = {columns}) order by order_date, hash(customer_id)"
    connection.execute(f"copy ({orders}) to '{parquet}' (format parquet)")
    connection.execute(f"copy (from '{parquet}') to '{text}'")


def names(parquet, text):
    name = "'customer-' || lpad(customer_id::varchar, 9, '0') as customer_id"
    connect(text).execute(f"copy (select * replace ({name}) from '{parquet}') to '{text}'")


def scan(path):
    import polars as pl

    orders = pl.scan_parquet(path) if path.endswith("parquet") else pl.scan_csv(path, try_parse_dates=True)
    print(orders.select(pl.len()).collect(engine="streaming").item())


def duckdb(path, out):
    query = f"""
        with days as (
            select customer_id, order_date, sum(amount) as amount, count(*) as orders from {source(path)} group by all
        ), observed as (select max(order_date) as until from days)
        select customer_id,
            count(*) - 1 as frequency,
            date_diff('day', min(order_date), max(order_date)) / 7.0 as recency,
            date_diff('day', min(order_date), any_value(until)) / 7.0 as T,
            case when count(*) > 1 then (sum(amount) - arg_min(amount, order_date)) / (count(*) - 1) else 0 end as monetary_value,
            min(order_date) as first_purchase, max(order_date) as last_purchase, sum(orders) as orders, sum(amount) as total
        from days, observed group by customer_id order by customer_id"""
    connect(out).execute(f"copy ({query}) to '{out}' (format parquet)")


def polars(path, out):
    import polars as pl

    orders = pl.scan_parquet(path) if path.endswith("parquet") else pl.scan_csv(path, try_parse_dates=True)
    days = orders.group_by("customer_id", "order_date").agg(pl.col("amount").sum(), orders=pl.len())
    date, amount = pl.col("order_date"), pl.col("amount")
    customers = days.group_by("customer_id").agg(
        frequency=pl.len() - 1,
        first_purchase=date.min(),
        last_purchase=date.max(),
        orders=pl.col("orders").sum(),
        total=amount.sum(),
        first=amount.sort_by("order_date").first(),
    )
    weeks = lambda until: (pl.col(until) - pl.col("first_purchase")).dt.total_days() / 7.0
    repeat = pl.when(pl.col("frequency") > 0).then((pl.col("total") - pl.col("first")) / pl.col("frequency")).otherwise(0.0)
    summary = (
        customers.join(orders.select(until=date.max()), how="cross")
        .with_columns(recency=weeks("last_purchase"), T=weeks("until"), monetary_value=repeat)
        .drop("until", "first")
        .sort("customer_id")
    )
    summary.collect(engine="streaming").write_parquet(out)


def compare(*paths):
    """All summaries say the same; sums of money to what their rounding allows."""
    import polars as pl

    first, *others = (pl.read_parquet(path) for path in paths)
    for path, other in zip(paths[1:], others):
        assert len(first) == len(other), path
        for column in ["customer_id", "frequency", "first_purchase", "last_purchase", "orders"]:
            assert (first[column] == other[column]).all(), (path, column)
        for column in ["recency", "T", "monetary_value", "total"]:
            a, b = first[column].cast(pl.Float64), other[column]
            assert ((a - b).abs() <= 1e-9 * a.abs() + 1e-9).all(), (path, column)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
