"""Writes tests/data/parquet: the same 240 orders as CSV and as Parquet by pyarrow, polars and DuckDB, in the encodings, codecs and types
that they have. Needs python/tests/requirements.txt; run it from the root of the repository.
"""

import datetime as dt
import decimal
import pathlib
import random
import uuid

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption

FOLDER = pathlib.Path("tests/data/parquet")
random.seed(20240229)
START = dt.date(2023, 1, 1)
rows = sorted(
    (f"c{random.randrange(60):03d}", START + dt.timedelta(days=random.randrange(400)), random.randrange(100, 9999)) for _ in range(240)
)
customers = [customer for customer, _, _ in rows]
days = [day for _, day, _ in rows]
amounts = [cents / 100 for _, _, cents in rows]
with (FOLDER / "orders.csv").open("w") as file:
    file.write("customer_id,order_date,amount\n")
    file.writelines(f"{c},{d},{a}\n" for c, d, a in zip(customers, days, amounts, strict=True))

noon = [dt.datetime.combine(day, dt.time(12, 30)) for day in days]
text, date, real = pa.array(customers), pa.array(days), pa.array(amounts)
exact = pa.array([decimal.Decimal(f"{amount:.2f}") for amount in amounts])


def table(customer=text, order_date=date, amount=real, **others):
    return pa.table({"customer_id": customer, "order_date": order_date, "amount": amount, **others})


def write(name, table, **options):
    pq.write_table(table, FOLDER / f"{name}.parquet", row_group_size=options.pop("row_group_size", 100), **options)


for codec in ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]:
    write(f"pyarrow-{codec}", table(), compression=codec, use_dictionary=codec in ("snappy", "zstd"))
write("pyarrow-pages-2", table(), data_page_version="2.0", data_page_size=256, compression="zstd")
write(
    "pyarrow-delta",
    table(order_date=pa.array(noon).cast(pa.timestamp("us"))),
    use_dictionary=False,
    data_page_version="2.0",
    column_encoding={"customer_id": "DELTA_BYTE_ARRAY", "order_date": "DELTA_BINARY_PACKED", "amount": "BYTE_STREAM_SPLIT"},
)
write("pyarrow-delta-length", table(), use_dictionary=False, column_encoding={"customer_id": "DELTA_LENGTH_BYTE_ARRAY"})
write("pyarrow-checksums", table(), write_page_checksum=True, use_content_defined_chunking=True)
# As Spark has it: moments of 96 bits, and nothing of Arrow's.
write("spark", table(order_date=pa.array(noon)), flavor="spark", use_deprecated_int96_timestamps=True, store_schema=False)
write("pyarrow-decimal128", table(amount=exact.cast(pa.decimal128(12, 2))), store_decimal_as_integer=True)
write("pyarrow-decimal256", table(amount=exact.cast(pa.decimal256(60, 2))))
write("pyarrow-moments", table(order_date=pa.array(noon).cast(pa.timestamp("ns", "Europe/Berlin"))))
write("pyarrow-milliseconds", table(order_date=pa.array(noon).cast(pa.timestamp("ms"))))
write("pyarrow-dictionary", table(customer=text.dictionary_encode(), order_date=pa.array(map(str, days)).dictionary_encode()))
write("pyarrow-views", table(customer=text.cast(pa.string_view()), order_date=pa.array(map(str, days)).cast(pa.large_string())))
write("pyarrow-binary", table(customer=text.cast(pa.binary())), store_schema=False)
nested = {
    "lines": pa.array([[{"sku": "a", "n": i}] * (i % 3) for i in range(240)]),
    "labels": pa.array([[("k", "v")] * (i % 2) for i in range(240)], pa.map_(pa.string(), pa.string())),
    "place": pa.array([{"country": "SE", "zip": i} for i in range(240)]),
    "half": pa.array([float(i % 7) for i in range(240)], pa.float16()),
    "length": pa.array([dt.timedelta(seconds=i) for i in range(240)]),
    "nothing": pa.nulls(240),
}
write("pyarrow-nested", table(**nested))
write("pyarrow-one-group", table(), row_group_size=1000)
write("pyarrow-many-groups", table(), row_group_size=7)

frame = pl.DataFrame({"customer_id": customers, "order_date": days, "amount": amounts})
frame.write_parquet(FOLDER / "polars.parquet", row_group_size=100)
categories = frame.with_columns(pl.col("customer_id").cast(pl.Categorical), pl.col("amount").cast(pl.Decimal(10, 2)))
categories.write_parquet(FOLDER / "polars-categories.parquet", compression="gzip")

duckdb.sql(f"copy (select * from frame) to '{FOLDER}/duckdb.parquet'")
duckdb.sql(f"copy (select * from frame) to '{FOLDER}/duckdb-2.parquet' (parquet_version v2, compression zstd, row_group_size 2048)")
# Customers as UUIDs, the same as text in CSV.
names = {customer: uuid.UUID(int=random.getrandbits(128), version=4) for customer in customers}
ids = pl.DataFrame({"customer_id": [str(names[customer]) for customer in customers], "order_date": days, "amount": amounts})
duckdb.sql(f"copy (select customer_id::uuid as customer_id, order_date, amount from ids) to '{FOLDER}/duckdb-uuid.parquet'")
ids.write_csv(FOLDER / "orders-uuid.csv")
half = table(amount=pa.array([round(amount) / 1 for amount in amounts], pa.float16()))
write("pyarrow-half", half)
with (FOLDER / "orders-half.csv").open("w") as file:
    file.write("customer_id,order_date,amount\n")
    file.writelines(f"{c},{d},{a}\n" for c, d, a in zip(customers, days, half["amount"].cast(pa.float64()).to_pylist(), strict=True))

key = pq.encryption
try:

    class Keys(key.KmsClient):
        def __init__(self, _):
            super().__init__()

        def wrap_key(self, key_bytes, _):
            return key_bytes.hex().encode()

        def unwrap_key(self, wrapped, _):
            return bytes.fromhex(wrapped.decode())

    factory = key.CryptoFactory(lambda config: Keys(config))
    for name, plain in [("encrypted", False), ("encrypted-columns", True)]:
        chosen = key.EncryptionConfiguration(footer_key="f", column_keys={"c": ["customer_id"]}, plaintext_footer=plain)
        properties = factory.file_encryption_properties(key.KmsConnectionConfig(), chosen)
        write(name, table(), encryption_properties=properties)
except AttributeError:
    print("this pyarrow encrypts nothing")
