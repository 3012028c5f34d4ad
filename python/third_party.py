"""Writes LICENSE-THIRD-PARTY: the licences of the Rust packages whose code is in the wheel's engine, on any platform.

python3 python/third_party.py            # after a change of Cargo.lock; needs the sources, which cargo fetches
python3 python/third_party.py --check    # whether it is the one of Cargo.lock
"""

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LISTED = HERE / "LICENSE-THIRD-PARTY"
HEAD = "The engine of this package contains code of these Rust packages, each under the licence that is said with it.\n"


def _cargo(*arguments):
    return subprocess.run(["cargo", *arguments, "--locked"], cwd=HERE.parent, capture_output=True, text=True, check=True).stdout


def packages():
    """Name, version and licence of each, sorted."""
    lines = _cargo("tree", "-p", "clv-python", "-e", "normal", "--target", "all", "--prefix", "none", "-f", "{p}|{l}").splitlines()
    found = {(*line.split("|")[0].split()[:2], line.split("|")[1].removesuffix(" (*)")) for line in lines}
    return sorted((name, version.removeprefix("v"), licence) for name, version, licence in found if not name.startswith("clv"))


def heading(name, version, licence):
    """The line that begins a package's part."""
    return f"{name} {version} ({licence.replace('/', ' OR ')})"


def _texts(folder, licence):
    """The licences in a package's sources: of a choice that has MIT in it, MIT."""
    named = [path for path in sorted(folder.iterdir()) if re.match(r"(licen[sc]e|copying|unlicense|notice)", path.name, re.IGNORECASE)]
    files = [path for path in named if path.is_file()]
    chosen = [path for path in files if "MIT" in path.name.upper()] if re.search(r"\bMIT\b", licence) and " AND " not in licence else []
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in chosen or files]


def _of_siblings(package, others):
    """The licence of another package of the same repository, under the same terms."""
    same = [other for other in others if other["repository"] == package["repository"] and other["license"] == package["license"]]
    texts = (_texts(Path(other["manifest_path"]).parent, package["license"]) for other in same)
    return next((found for found in texts if found), [])


def _written():
    metadata = json.loads(_cargo("metadata", "--format-version", "1"))
    known = {(package["name"], package["version"]): package for package in metadata["packages"]}
    said = {}
    parts = []
    for name, version, licence in packages():
        package = known[name, version]
        texts = _texts(Path(package["manifest_path"]).parent, licence)
        lines = [heading(name, version, licence)]
        lines += [line for line in (package["repository"], f"by {', '.join(package['authors'])}" if package["authors"] else None) if line]
        if not texts:
            texts = _of_siblings(package, known.values())
        if not texts and licence == "Apache-2.0":
            texts = [(HERE / "LICENSE-APACHE").read_text(encoding="utf-8").strip()]
        if not texts:
            assert "MIT" in licence, f"{lines[0]} has no text of its licence: find it"
            holders = ", ".join(package["authors"]) or f"the authors of {name}"
            texts = [re.sub(r"Copyright .*", f"Copyright (c) {holders}", (HERE / "LICENSE-MIT").read_text(encoding="utf-8")).strip()]
        for text in texts:
            first = said.setdefault(re.sub(r"\s+", " ", text), lines[0])
            lines.append(f"\n{text}" if first == lines[0] else f"\nThe text is that of {first}.")
        parts.append("\n".join(lines))
    rule = "\n\n" + "-" * 80 + "\n\n"
    return HEAD + rule + rule.join(parts) + "\n"


def _missing():
    lines = set(LISTED.read_text(encoding="utf-8").splitlines())
    return [missing for missing in (heading(*package) for package in packages()) if missing not in lines]


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        missing = _missing()
        sys.exit(f"{LISTED.name} does not list {', '.join(missing)}: run python3 python/third_party.py" if missing else 0)
    LISTED.write_text(_written(), encoding="utf-8")
