"""Makes the pages that the browser tests open, by the command itself.

    python3 tests/browser/pages.py CLV FOLDER

normal.html is CDNOW's whole cohort, hostile.html an export whose every name is an attack, million.html a million simulated
customers.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    "<script>window.__pwned=1;alert(1)</script>",
    "</script><script>window.__pwned=2</script>",
    '"><img src=x onerror="window.__pwned=3">',
    "' onmouseover='window.__pwned=4",
    "javascript:window.__pwned=5",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- ]]> -->",
    "evil\u202egnp.exe",
    "bell\u0007",
    "👩‍👩‍👧 zoë العربية",
    "__proto__",
    "constructor",
    "&lt;b&gt; &amp;",
    "line\u2028separator",
    "x" * 10_000,
]


def hostile_orders():
    """Twelve customers of each name, more and less active ones."""
    yield "customer_id,order_date,amount\n"
    for number in range(12 * len(HOSTILE)):
        name = HOSTILE[number % len(HOSTILE)]
        # The first of each name is called that and nothing else, and purchases most.
        first = number < len(HOSTILE)
        name = (name if first else f"{name} {number}").replace('"', '""')
        for purchase in range(9 if first else 1 + number % 4):
            day = 10 * purchase + number % 9
            yield f'"{name}",2026-{1 + day // 28:02}-{1 + day % 28:02},{20 + 7 * (number % 11)}.5\n'


def main(clv, folder):
    def run(*arguments):
        subprocess.run([clv, *arguments, "--quiet"], cwd=folder, check=True)

    run("report", str(ROOT / "data/cdnow/orders.csv"), "--compare", "-o", "normal.html")
    # Where a file system allows such names.
    orders = Path(folder, "<img src=x onerror=window.__pwned=6>.csv")
    orders.write_text("".join(hostile_orders()), encoding="utf-8")
    run("report", orders.name, "-o", "hostile.html")
    run("simulate", "--customers", "1000000", "-o", "million.csv")
    run("report", "million.csv", "-o", "million.html")
    Path(folder, "million.csv").unlink()


main(*sys.argv[1:])
