"""Write the tables of docs/migrating.md: what is there of `tensorflow.compat.v1` and of contrib.

python tests/migration/page.py
"""

from __future__ import annotations

import ast
import gzip
import importlib
import inspect
import json
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "migrating.md"
MARK = "<!-- Made by tests/migration/page.py from here on. -->\n"

#: Where tests are that a change must pass.
TESTED = ("tests", "conformance")

#: What is said of a name, in the order of the table's columns.
STATES = ("counted", "untested", "other arguments", "missing")


def main(page: Path = PAGE) -> None:
    """Write the table below the mark."""
    text = PAGE.read_text(encoding="utf-8").partition(MARK)[0] + MARK
    page.write_text(f"{text}\n{table()}\n{contrib()}", encoding="utf-8")


def table() -> str:
    """Return the table of namespaces, and the lists of what does not count."""
    recorded = json.loads(gzip.decompress((HERE / "compat_v1.json.gz").read_bytes()))
    used = tested_names()
    namespaces: dict[str, dict[str, list[str]]] = defaultdict(lambda: {s: [] for s in STATES})
    for name, (_, arguments) in sorted(recorded.items()):
        namespace, _, short = f"tf.{name}".rpartition(".")
        namespaces[namespace][state(name, arguments, used)].append(short)
    lines = ["| Namespace | Names | " + " | ".join(s.capitalize() for s in STATES) + " |"]
    lines.append("|---|" + "---:|" * (len(STATES) + 1))
    for namespace, states in sorted(namespaces.items()):
        lines.append(row(namespace, [len(states[s]) for s in STATES]))
    sums = [sum(len(states[s]) for states in namespaces.values()) for s in STATES]
    lines.append(row("**all**", sums))
    for wanted in STATES[1:]:
        lines += ["", f"### {wanted.capitalize()}", ""]
        for namespace, states in sorted(namespaces.items()):
            if states[wanted]:
                names = f"- **{namespace}**: {', '.join(states[wanted])}"
                lines += textwrap.wrap(names, 100, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def contrib() -> str:
    """Return the names of `tf.contrib`, and what is said of those that are left out."""
    found = importlib.import_module("evergraph.v1.contrib")
    advice = importlib.import_module("evergraph.v1.contrib.advice").ADVICE
    elsewhere = {*found.layers.__all__, *found.framework.__all__}
    lines = ["### Names of tf.contrib", ""]
    for namespace in found.__all__:
        names = set(getattr(found, namespace).__all__)
        also = ""
        if namespace == "slim":
            names, also = names - elsewhere, "the names of layers, most of framework, "
        listed = f"- **tf.contrib.{namespace}**: {also}{', '.join(sorted(names))}"
        lines += textwrap.wrap(listed, 100, subsequent_indent="  ", break_on_hyphens=False)
    lines += ["", "### Left out of tf.contrib", "", "| Name | Instead |", "|---|---|"]
    lines += [f"| {name} | {text} |" for name, text in sorted(advice.items())]
    return "\n".join(lines) + "\n"


def row(namespace: str, counts: list[int]) -> str:
    """Return a row of the table."""
    return f"| {namespace} | {sum(counts)} | " + " | ".join(map(str, counts)) + " |"


def state(name: str, arguments: list[str] | None, used: set[str]) -> str:
    """Return what is said of a name."""
    found: Any = importlib.import_module("evergraph.v1")
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            return "missing"
    if isinstance(found, ModuleType) or not arguments_match(found, arguments):
        return "other arguments"
    return "counted" if name in used else "untested"


def arguments_match(value: Any, recorded: list[str] | None) -> bool:
    """Return whether the arguments of a function, or of a class, are those recorded."""
    if recorded is None or recorded[:1] == ["*args"]:
        return True
    try:
        signature = inspect.signature(value.__init__ if inspect.isclass(value) else value)
    except (TypeError, ValueError):
        return False
    ours = [p for p in signature.parameters.values() if p.name != "self"]
    return len(ours) == len(recorded) and all(map(argument_matches, ours, recorded))


def argument_matches(ours: inspect.Parameter, recorded: str) -> bool:
    """Return whether an argument has the name and the default that are recorded."""
    name, equals, default = recorded.partition("=")
    if ours.name != name.lstrip("*") or bool(equals) is (ours.default is inspect.Parameter.empty):
        return False
    if not equals or default == "...":
        return True
    # An infinity is no literal.
    wanted = float(default) if default.lstrip("-") == "inf" else ast.literal_eval(default)
    return bool(ours.default == wanted)


def tested_names() -> set[str]:
    """Return the names that tests use, all prefixes of `tf.a.b` among them, without `tf.`."""
    found: set[str] = set()
    for folder in TESTED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    parts = list(chain(node))
                    if parts[-1] == "tf":
                        found.add(".".join(parts[-2::-1]))
    return found


def chain(node: ast.expr) -> Iterator[str]:
    """Return the names of a chain of attributes, the last one first; "" if it has no name."""
    while isinstance(node, ast.Attribute):
        yield node.attr
        node = node.value
    yield node.id if isinstance(node, ast.Name) else ""


if __name__ == "__main__":
    main()
