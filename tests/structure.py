"""Holds the laws of the house over what the files of `src/` import and say.

Parts stand in an order, and a part knows only those before it; no files know each other in a circle; the command, which is last, adds no
methods to the library's types. A name that a `mod.rs` hands on counts as its file's own. Below the command no text has an option as the
command writes it: messages hold options as data.

    python3 tests/structure.py          # tells what breaks a law, and how; nothing if nothing does
    python3 tests/structure.py --arrows # all imports between parts
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"

# From the ground up. Parts of one line know nothing of each other.
ORDER = [
    ["address", "message", "limits", "random", "linear", "number_format", "file_record", "columns"],
    ["error", "task"],
    ["options", "parallel", "special"],
    ["summary"],
    ["tables", "models", "covariates"],
    ["orders", "parts", "fit", "survivor_file", "summary_file", "customer_table"],
    ["predict", "sql", "state_file", "counts_file", "subscriptions"],
    ["describe", "evaluate", "retention"],
    ["model_file"],
    ["answers", "simulate"],
    ["polars", "report"],
    ["outputs"],
    ["cli"],
]
RANK = {part: rank for rank, parts in enumerate(ORDER) for part in parts}


def code(path: Path) -> str:
    """The text of a file without comments and tests."""
    text = path.read_text(encoding="utf-8").split("#[cfg(test)]\nmod ")[0]
    return re.sub(r"//[^\n]*", "", text)


def modules() -> dict[tuple[str, ...], Path]:
    """Files by their place among the modules."""
    files = {}
    for path in sorted(SOURCE.rglob("*.rs")):
        place = path.relative_to(SOURCE).with_suffix("").parts
        if place[-1] in ("mod", "lib"):
            place = place[:-1]
        if place != ("main",) and place[-1:] != ("tests",):
            files[place] = path
    return files


def paths(tree: str) -> list[tuple[str, ...]]:
    """The paths in a `use` tree such as `a::{b, c::{d, e as f}}`."""
    tree = tree.strip()
    before, brace, inside = tree.partition("{")
    prefix = tuple(part.strip() for part in before.split("::") if part.strip())
    if not brace:
        return [tuple(part.split(" as ")[0].strip() for part in prefix)]
    inside = inside.rsplit("}", 1)[0]
    parts, depth, start = [], 0, 0
    for i, sign in enumerate(inside + ","):
        depth += (sign == "{") - (sign == "}")
        if sign == "," and depth == 0:
            parts.append(inside[start:i])
            start = i + 1
    return [prefix + path for part in parts if part.strip() for path in paths(part)]


FILES = modules()


def absolute(path: tuple[str, ...], place: tuple[str, ...]) -> tuple[str, ...] | None:
    """The path from the root of the crate; none if it leads out of it."""
    if path[0] == "crate":
        return path[1:]
    if path[0] == "self":
        return place + path[1:]
    if path[0] == "super":
        return absolute(("self", *path[1:]), place[:-1]) if path[1:] else place[:-1]
    return place + path if place + path[:1] in FILES else None


def uses(place: tuple[str, ...], public: bool) -> list[tuple[str, ...]]:
    """What a file imports, or hands on."""
    found = re.findall(r"^\s*(pub(?:\([a-z]+\))? )?use ([^;]+);", code(FILES[place]), re.M | re.S)
    trees = [tree for hands_on, tree in found if bool(hands_on) == public]
    return [path for tree in trees for one in paths(tree) if (path := absolute(one, place))]


HANDED_ON = {place: {path[-1]: path for path in uses(place, True)} for place in FILES}


def owner(path: tuple[str, ...]) -> tuple[str, ...]:
    """The file that a path leads to, through whatever hands it on."""
    for length in range(len(path), -1, -1):
        place = path[:length]
        if place in FILES:
            rest = path[length:]
            if rest and rest[0] in HANDED_ON[place]:
                return owner(HANDED_ON[place][rest[0]] + rest[1:])
            return place
    return ()


def arrows() -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    """Which files each file knows."""
    known = {}
    for place in FILES:
        inline = [tuple(path.split("::")) for path in re.findall(r"\b((?:crate|super)(?:::\w+)+)", code(FILES[place]))]
        reached = uses(place, False) + [path for one in inline if (path := absolute(one, place))]
        known[place] = {owner(path) for path in reached} - {place, ()}
        # A folder's `mod.rs` that only hands on stands for nobody.
    return known


def circles(known: dict[tuple[str, ...], set[tuple[str, ...]]]) -> list[list[tuple[str, ...]]]:
    """Groups of files that know each other in a circle (Tarjan's strongly connected components)."""
    index: dict[tuple[str, ...], int] = {}
    low: dict[tuple[str, ...], int] = {}
    stack: list[tuple[str, ...]] = []
    groups = []

    def visit(place: tuple[str, ...]) -> None:
        index[place] = low[place] = len(index)
        stack.append(place)
        for other in sorted(known[place]):
            if other not in index:
                visit(other)
                low[place] = min(low[place], low[other])
            elif other in stack:
                low[place] = min(low[place], index[other])
        if low[place] == index[place]:
            group = []
            while not group or group[-1] != place:
                group.append(stack.pop())
            if len(group) > 1:
                groups.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for place in FILES:
        if place not in index:
            visit(place)
    return groups


# Text, comments, and characters, which may hold a quote.
TOKEN = re.compile(r"""//[^\n]*|r(#*)".*?"\1|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\\n])'""", re.S)

# As the command writes an option, or as a format makes one; not a variable of a style sheet.
FLAG = re.compile(r"(?<!var\()(?<![\w-])--(?:[a-z]|\{)")


def flags() -> list[str]:
    """Texts of the library, below the command, that write an option as the command does."""
    found = []
    for place, path in FILES.items():
        if place[:1] == ("cli",) or place == ():
            continue
        text = path.read_text(encoding="utf-8").split("#[cfg(test)]\nmod ")[0]
        for token in TOKEN.finditer(text):
            if token[0][0] in "r\"" and FLAG.search(token[0]):
                line = text.count("\n", 0, token.start()) + 1
                found.append(f"{path.relative_to(SOURCE.parent)}:{line} writes an option as the command does: {token[0][:80]}")
    return found


IMPL = re.compile(r"^ *impl(?:<[^{>]*>)? (?:(?P<trait>[\w:]+)(?:<[^{]*>)? for )?(?P<type>[\w:]+)", re.M)
# A macro makes structs of flags: `FitFlags => FitOptions {`.
TYPE = re.compile(r"\b(?:struct|enum) (\w+)|^(\w+) => \w+ \{", re.M)


def methods_in_cli() -> list[str]:
    """Types of the library with methods or traits of their own in the command. What arguments become is no method."""
    files = {place: code(path) for place, path in FILES.items() if place[:1] == ("cli",)}
    own = {name for text in files.values() for names in TYPE.findall(text) for name in names}
    found = []
    for place, text in sorted(files.items()):
        for match in IMPL.finditer(text):
            if match["trait"] != "From" and match["type"] not in own:
                found.append(f"`{match['type']}` is the library's, and has methods in {'::'.join(place)}")
    return found


def main() -> int:
    known = arrows()
    between = defaultdict(set)
    for place, others in known.items():
        for other in others:
            if place and place[0] != other[0]:
                between[place[0], other[0]].add(("::".join(place), "::".join(other)))
    if "--arrows" in sys.argv[1:]:
        for (part, other), files in sorted(between.items()):
            print(f"{part} -> {other} ({len(files)})")
        return 0
    wrong = [f"`{part}` stands nowhere in ORDER" for part in sorted({place[0] for place in FILES if place} - RANK.keys())]
    for (part, other), files in sorted(between.items()):
        if RANK.get(part, 0) <= RANK.get(other, 0):
            wrong += [f"`{part}` must not know `{other}`: {one} imports from {two}" for one, two in sorted(files)]
    wrong += flags()
    wrong += methods_in_cli()
    wrong += ["in a circle: " + ", ".join("::".join(place) for place in group) for group in circles(known)]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
