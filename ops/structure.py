"""`python -m ops.structure`: measures how far the code is from docs/adr/0007 and the layout it is moving to.

Each measure has a limit in structure.toml. `make check` fails when a measure exceeds its limit, so that no change
makes it worse; whoever improves one lowers the limit in the same commit. `python -m ops.structure NAME` also lists
what was counted.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from ops.paths import BACKEND, ROOT, WEB

LIMITS = Path(__file__).with_name("structure.toml")
MAX_COMPONENT_LINES = 130
# Words of the dialect that the code was first written in, looked for as parts of names: `told_at`, `isKept`, `Shelf`.
DIALECT = frozenset(
    (
        "told",
        "untold",
        "kept",
        "shelf",
        "hot",
        "asking",
        "touched",
        "lane",
        "doors",
        "frame",
        "desk",
        "stands",
        "stood",
        "met",
        "lot",
        "fate",
        "stray",
        "strays",
        "found",
        "wanted",
        "moved",
        "standing",
        "heard",
        "asked",
        "known",
        "mine",
        "theirs",
        "begun",
        "gone",
        "flacon",
        "bottles",
        "pools",
    )
)
# What only the demo house sells. A word inside a longer one ("accords", "according") does not count.
HOUSE = re.compile(
    r"(?i:\b(?:perfume|fragrance|scent|drydown|flacon|parfum|eau de|olfactory|sillage)s?\b)|\bNOIR.?EL\b"
)
_SKIPPED = {"node_modules", "build", "dist", ".react-router", "migrations", "__pycache__", ".venv", "public", "e2e"}
_TS_NAME = re.compile(
    r"^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:const|let|function|class|type|interface|enum)\s+(\w+)"
)
_TS_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*"((?:\.{1,2}/|@noirel/)[^"]+)\"""")


def main() -> None:
    limits: Mapping[str, int] = tomllib.loads(LIMITS.read_text())["limits"]
    exceeded = []
    for name, (title, measure) in MEASURES.items():
        found = sorted(set(measure()))
        verdict = "" if len(found) == limits[name] else f" (limit {limits[name]})"
        print(f"{len(found):5}  {title}{verdict}")
        if len(found) > limits[name]:
            exceeded.append(f"{title}: {len(found)}, at most {limits[name]}.\n  " + "\n  ".join(found))
        elif len(found) < limits[name]:
            print(f"       Lower `{name}` in {LIMITS.name} to {len(found)}.")
        if name in sys.argv[1:]:
            print("\n".join(f"       {each}" for each in found))
    if exceeded:
        sys.exit("\n".join(exceeded))


def dialect_names() -> Iterator[str]:
    """Modules, classes, functions, parameters and variables whose name contains a word of the dialect."""
    for path in _sources(BACKEND / "noirel", ".py"):
        for name in {path.stem, *names_of(path.read_text())}:
            if words_of(name) & DIALECT:
                yield f"{path.relative_to(ROOT)}: {name}"
    for path in _sources(WEB, ".ts", ".tsx"):
        names = (match[1] for line in path.read_text().splitlines() if (match := _TS_NAME.match(line)))
        for name in {path.stem, *names}:
            if words_of(name) & DIALECT:
                yield f"{path.relative_to(ROOT)}: {name}"


def names_of(source: str) -> Iterator[str]:
    """Every name that Python source defines: functions, classes, parameters, and targets of assignments."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.arg(arg=name)
            ):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name


def words_of(name: str) -> frozenset[str]:
    """`sendTold_at` consists of send, told and at."""
    return frozenset(word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name))


def naming_razorpay() -> Iterator[str]:
    """Files of the API that name one payment provider outside that provider's module."""
    for path in _sources(BACKEND / "noirel", ".py"):
        if "tests" not in path.parts and "razorpay" not in path.stem and "razorpay" in path.read_text().lower():
            yield str(path.relative_to(ROOT))


def naming_the_house() -> Iterator[str]:
    """Files of the platform that contain a word of the demo house's trade, or its name."""
    for folder, suffixes in ((BACKEND / "noirel", (".py",)), (WEB, (".ts", ".tsx"))):
        for path in _sources(folder, *suffixes):
            if {"tests", "themes"} & set(path.parts) or ".test." in path.name:
                continue
            if HOUSE.search(re.sub(r"@noirel/\w+", "", path.read_text())):
                yield str(path.relative_to(ROOT))


def python_cycles() -> Iterator[str]:
    import grimp

    sys.path.insert(0, str(BACKEND))
    graph = grimp.build_graph("noirel")
    modules = graph.modules
    yield from (
        " ".join(cycle) for cycle in cycles({name: graph.find_modules_directly_imported_by(name) for name in modules})
    )


def web_cycles() -> Iterator[str]:
    files = {path.resolve(): path for path in _sources(WEB, ".ts", ".tsx")}
    imports: dict[str, set[str]] = {}
    for path in files:
        specifiers = _TS_IMPORT.findall(path.read_text())
        targets = (resolve_import(path, specifier) for specifier in specifiers)
        imports[str(path.relative_to(WEB))] = {str(target.relative_to(WEB)) for target in targets if target in files}
    yield from (" ".join(cycle) for cycle in cycles(imports))


def resolve_import(importer: Path, specifier: str) -> Path | None:
    """The file that a relative or workspace import means; None if it is not a TypeScript file of ours."""
    package, _, rest = specifier.removeprefix("@noirel/").partition("/")
    base = WEB / package / rest if specifier.startswith("@noirel/") else importer.parent / specifier
    for candidate in (base, *(base.with_name(base.name + suffix) for suffix in (".ts", ".tsx")), base / "index.ts"):
        if candidate.is_file():
            return candidate.resolve()
    return None


def cycles(graph: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Groups of nodes that reach one another (strongly connected components of more than one node; Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(node: str) -> Iterator[list[str]]:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                yield from visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            component = stack[at:]
            del stack[at:]
            if len(component) > 1:
                yield sorted(component)

    for node in sorted(graph):
        if node not in index:
            yield from visit(node)


def too_complex() -> Iterator[str]:
    """Functions above a cyclomatic complexity of 12, or with more than 7 parameters."""
    settings = ["--config", "lint.mccabe.max-complexity=12", "--config", "lint.pylint.max-args=7"]
    command = [
        "ruff",
        "check",
        "--select",
        "C901,PLR0913",
        *settings,
        "--output-format",
        "json",
        "--exit-zero",
        "--quiet",
    ]
    for folder in ("backend", "gateway", "ops", "demo"):
        result = subprocess.run([*command, folder], cwd=ROOT, capture_output=True, text=True, check=True)
        for violation in json.loads(result.stdout):
            where = Path(violation["filename"]).relative_to(ROOT)
            yield f"{where}: {violation['message']}"


def long_components() -> Iterator[str]:
    """React components of more than MAX_COMPONENT_LINES lines."""
    for path in _sources(WEB, ".tsx"):
        for name, lines in components_of(path.read_text()):
            if lines > MAX_COMPONENT_LINES:
                yield f"{path.relative_to(ROOT)}: {name}"


def components_of(source: str) -> Iterator[tuple[str, int]]:
    """Name and number of lines of each top-level component; its closing brace is in the first column."""
    lines = source.splitlines()
    for start, line in enumerate(lines):
        if match := re.match(r"(?:export )?(?:default )?function ([A-Z]\w*)", line):
            end = next(at for at in range(start, len(lines)) if lines[at].startswith("}") or at == len(lines) - 1)
            yield match[1], end - start + 1


def _sources(folder: Path, *suffixes: str) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in suffixes and not _SKIPPED & set(path.relative_to(ROOT).parts) and path.name != "schema.d.ts":
            yield path


MEASURES: Mapping[str, tuple[str, Callable[[], Iterable[str]]]] = {
    "dialect_names": ("names with a word of the old dialect", dialect_names),
    "razorpay_files": ("API files outside the provider that name Razorpay", naming_razorpay),
    "house_files": ("platform files that name the demo house or its trade", naming_the_house),
    "python_cycles": ("import cycles between Python modules", python_cycles),
    "web_cycles": ("import cycles between web files, types included", web_cycles),
    "complex_functions": ("functions over complexity 12 or 7 parameters", too_complex),
    "long_components": (f"components over {MAX_COMPONENT_LINES} lines", long_components),
}


if __name__ == "__main__":
    main()
