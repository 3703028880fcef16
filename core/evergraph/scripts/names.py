"""The names of TensorFlow's interface that a script uses, found in its source."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import NamedTuple

from evergraph.scripts import modules


class Use(NamedTuple):
    """A name at a line of a script, in full: `tensorflow.nn.relu`."""

    line: int
    name: str


class Missing(NamedTuple):
    """A name that evergraph does not have, and what is said of it."""

    line: int
    message: str


def missing_names(source: str, filename: str = "<script>") -> tuple[list[Use], list[Missing]]:
    """Return all uses in a script, and those that evergraph lacks, in the order of lines.

    Names that are reached through variables, arguments or `getattr` are not seen.

    Raises:
      SyntaxError: it is not Python.
    """
    uses = sorted(set(uses_of(source, filename)))
    reasons = {name: _lacking(name) for name in {use.name for use in uses}}
    return uses, [Missing(line, said) for line, name in uses if (said := reasons[name])]


def uses_of(source: str, filename: str = "<script>") -> list[Use]:
    """Return what a script uses of TensorFlow: imports, and the longest chains of attributes."""
    found = _Finder()
    found.visit(ast.parse(source, filename))
    return found.uses


@dataclass
class _Finder(ast.NodeVisitor):
    """Walks a script; a name that stands for something of TensorFlow's does so to its end."""

    aliases: dict[str, str] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)

    def visit_Import(self, node: ast.Import) -> None:
        for each in node.names:
            if _is_ours(each.name):
                self.uses.append(Use(node.lineno, each.name))
                self.aliases[each.asname or "tensorflow"] = (
                    each.name if each.asname else "tensorflow"
                )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or node.module is None or not _is_ours(node.module):
            return
        for each in node.names:
            name = node.module if each.name == "*" else f"{node.module}.{each.name}"
            self.uses.append(Use(node.lineno, name))
            if each.name != "*":
                self.aliases[each.asname or each.name] = name

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        name = self._name_of(node.value)
        if name is not None:
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self.aliases[target.id] = name

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self._name_of(node)
        if name is None:
            self.generic_visit(node)
        elif isinstance(node.ctx, ast.Load):
            self.uses.append(Use(node.lineno, name))

    def _name_of(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Attribute):
            inner = self._name_of(node.value)
            return None if inner is None else f"{inner}.{node.attr}"
        return self.aliases.get(node.id) if isinstance(node, ast.Name) else None


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "tensorflow"


def _lacking(name: str) -> str:
    """Return what is said of a name that is not there; "" of one that is."""
    found: object = None
    for reached in _prefixes(name):
        if found is not None and not isinstance(found, ModuleType):
            # What values have is known when the script runs; of classes it is known now.
            if not inspect.isclass(found) or hasattr(found, reached.rpartition(".")[2]):
                return ""
            return modules.missing(name)
        try:
            found = modules.look_up(reached)
        except (AttributeError, ImportError):
            return modules.missing(name)
    return ""


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])
