"""Holds what the dependencies in `Cargo.lock` ask for: licences, and a version of Rust.

Cargo tells both without a network once it has the packages.

    python3 tests/dependencies.py      # tells what is wrong; nothing if nothing is
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = set(tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))["licenses"]["allow"])


def is_allowed(licence: str) -> bool:
    """Whether an SPDX expression can be satisfied by licences that are allowed; an old `/` is an `OR`."""
    tokens = re.findall(r"\(|\)|[^\s()]+", licence.replace("/", " OR "))

    def either() -> bool:
        holds = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            # Without short circuits, which would leave tokens.
            holds = both() | holds
        return holds

    def both() -> bool:
        holds = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            holds = one() & holds
        return holds

    def one() -> bool:
        name = tokens.pop(0)
        if name == "(":
            holds = either()
            tokens.pop(0)
            return holds
        if tokens and tokens[0] == "WITH":
            name = f"{name} WITH {tokens[1]}"
            del tokens[:2]
        return name in ALLOWED

    return either()


def version(text: str | None) -> tuple[int, ...]:
    """A version as numbers, without trailing zeros."""
    numbers = [int(number) for number in (text or "0").split(".")]
    return tuple((numbers + [0, 0])[:3])


def used(*features: str) -> set[tuple[str, str]]:
    """Name and version of every package that is compiled with these features, on any platform."""
    command = ["cargo", "tree", "--locked", "--workspace", "--target", "all", "--prefix", "none", "-f", "{p}", *features]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return {(line.split()[0], line.split()[1].removeprefix("v")) for line in lines if line}


def problems() -> list[str]:
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--all-features"]
    packages = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    known = {(package["name"], package["version"]): package for package in packages["packages"]}
    members = [package for package in known.values() if package["id"] in packages["workspace_members"]]
    stated = {package["rust_version"] for package in members}
    if len(stated) != 1 or None in stated:
        return [f"the members of the workspace state different versions of Rust: {stated}"]
    (ours,) = stated
    (of_all,) = (notes["clv"]["rust-version-of-all-features"] for package in members if (notes := package["metadata"]))
    found = []
    for what, rust, packages_used in [("rust-version", ours, used()), ("that of all features", of_all, used("--all-features"))]:
        needed = max(packages_used, key=lambda package: version(known[package]["rust_version"]))
        if version(known[needed]["rust_version"]) > version(rust):
            found.append(f"{' '.join(needed)} needs Rust {known[needed]['rust_version']}, and {what} is {rust}")
    for package in sorted(used("--all-features")):
        licence = known[package]["license"]
        if licence is None or not is_allowed(licence):
            found.append(f"{' '.join(package)} has the licence {licence}, which deny.toml does not allow")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(problems()) or 0)
