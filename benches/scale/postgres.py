"""A hundred million orders in PostgreSQL: fetched in batches, and summarised there.

    python3 benches/scale/postgres.py CLV [ORDERS]

Starts a server of its own in a temporary folder, copies simulated orders into it, and takes the summary on both roads, each in a process of
its own: time, the most memory that Python took, and a check that both summaries are the one of the file. Disk: some 60 bytes an order. Needs the
package clv, pyarrow, adbc_driver_postgresql and PostgreSQL.
"""

import math
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python" / "tests"))
PER_CUSTOMER = 3.45
UNTIL = "2023-12-31"
ROADS = {"query": {"query": "select customer_id, order_date, amount from orders"}, "push_down": {"table": "public.orders", "push_down": True}}


def on_road(road: str, address: str) -> None:
    """Takes the summary, and tells of it in one line."""
    from adbc_driver_postgresql import dbapi

    import clv

    begin = time.perf_counter()
    with dbapi.connect(address) as connection:
        summary = clv.summarize(connection, until=UNTIL, **ROADS[road])
    took = time.perf_counter() - begin
    totals = summary["total"]
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{road}: {len(totals):,} customers, {math.fsum(totals):.2f} in all, {took:.1f} s, {most:,.0f} MB at most", flush=True)


def main() -> None:
    if sys.argv[1] == "--road":
        on_road(sys.argv[2], sys.argv[3])
        return
    import postgres
    from adbc_driver_postgresql import dbapi

    clv, orders = sys.argv[1], int(float(sys.argv[2])) if len(sys.argv) > 2 else 100_000_000
    simulate = [clv, "simulate", "-c", str(int(orders / PER_CUSTOMER)), "--joining", "3y", "--length", "4y", "--start", "2020-01-01"]
    with postgres.running() as address:
        with dbapi.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("create unlogged table orders (customer_id bigint, order_date date, amount double precision)")
        begin = time.perf_counter()
        with subprocess.Popen(simulate, stdout=subprocess.PIPE) as simulated:
            copy = ["psql", "-q", address, "-c", r"\copy orders from stdin with (format csv, header)"]
            subprocess.run(copy, stdin=simulated.stdout, check=True)
        with dbapi.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute("select count(*), sum(amount) from orders")
            rows, total = cursor.fetchone()
        print(f"{rows:,} orders, {total:.2f} in all, copied in {time.perf_counter() - begin:.0f} s", flush=True)
        for road in ROADS:
            subprocess.run([sys.executable, __file__, "--road", road, address], check=True)


main()
