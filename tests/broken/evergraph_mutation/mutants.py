"""Mutants of a module: one small change of one function each."""

from __future__ import annotations

import ast
import copy
import difflib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import CodeType
from typing import Any, Final

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COMPUTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_JOINED: Final[dict[type[ast.boolop], type[ast.boolop]]] = {ast.And: ast.Or, ast.Or: ast.And}


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    Attributes:
      module: where it is.
      function: which one: `function`, or `Class.method`.
      line: of the change.
      about: the kind of change.
      diff: lines that go, and lines that come.
      code: the code of the changed function.
    """

    module: str
    function: str
    line: int
    about: str
    diff: str
    code: CodeType

    def plant(self) -> None:
        """Change the function, for the rest of the process, and for whoever has it already."""
        original(self.module, self.function).__code__ = self.code


def original(module: str, function: str) -> Any:
    """Return a function without its decorators."""
    owner: Any = import_module(module)
    *path, last = function.split(".")
    for name in path:
        owner = getattr(owner, name)
    found = inspect.getattr_static(owner, last)
    found = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
    return inspect.unwrap(found)


def mutants(module: str) -> list[Mutant]:
    """Return all mutants of a module whose functions can be replaced in place."""
    source = inspect.getsource(import_module(module))
    path = import_module(module).__file__ or module
    tree = ast.parse(source)
    result = []
    for name, function in _functions(tree.body, ""):
        known = original(module, name).__code__
        for change in list(_changes(function)):
            before = ast.unparse(function)
            undo = change.make()
            after = ast.unparse(function)
            if after != before:
                code = _found(compile(ast.fix_missing_locations(tree), path, "exec"), name)
                # A closure has the cells that the original has.
                if code.co_freevars == known.co_freevars:
                    diff = _diff(before, after)
                    result.append(Mutant(module, name, change.line, change.about, diff, code))
            undo()
    return result


@dataclass(frozen=True)
class _Change:
    about: str
    line: int
    node: Any
    field: str
    value: Any

    def make(self) -> Callable[[], None]:
        """Change the tree; return what changes it back."""
        old = getattr(self.node, self.field)
        setattr(self.node, self.field, self.value)
        return lambda: setattr(self.node, self.field, old)


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            if not any("overload" in ast.unparse(d) for d in statement.decorator_list):
                yield prefix + statement.name, statement
        elif isinstance(statement, ast.ClassDef):
            yield from _functions(statement.body, f"{prefix}{statement.name}.")


def _found(code: CodeType, name: str) -> CodeType:
    for part in name.split("."):
        # The last of that name: what an overload declares comes first.
        code = [c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == part][-1]
    return code


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if line[:2] not in ("--", "++", "@@"))


def _changes(function: ast.FunctionDef) -> Iterator[_Change]:
    """Find the changes of a function, but for its documentation, its types and its messages.

    Its defaults stay: they are not in its code.
    """
    for part in [function, *(n for statement in function.body for n in _walk(statement))]:
        for make in (_of_bodies, _of_expressions, _of_calls):
            yield from make(part)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, (ast.JoinedStr, ast.Assert)):
                yield from _walk(child)


def _of_bodies(node: Any) -> Iterator[_Change]:
    """A statement is left out."""
    for field in ("body", "orelse", "finalbody"):
        statements = getattr(node, field, None)
        if not isinstance(statements, list):
            continue
        for i, old in enumerate(statements):
            is_text = isinstance(old, ast.Expr) and isinstance(old.value, ast.Constant)
            stores = isinstance(old, ast.Assign) and not isinstance(old.targets[0], ast.Name)
            if is_text or not (
                stores or isinstance(old, (ast.Expr, ast.AugAssign, ast.Raise, ast.Continue))
            ):
                continue
            left = [*statements[:i], ast.copy_location(ast.Pass(), old), *statements[i + 1 :]]
            yield _Change("statement left out", old.lineno, node, field, left)


def _of_expressions(node: Any) -> Iterator[_Change]:
    """An operator or a constant is another one, a condition is negated, nothing is returned."""
    match node:
        case ast.Compare():
            other = _COMPARED[type(node.ops[0])]()
            yield _Change("compared", node.lineno, node, "ops", [other, *node.ops[1:]])
        case ast.BinOp() if type(node.op) in _COMPUTED:
            yield _Change("computed", node.lineno, node, "op", _COMPUTED[type(node.op)]())
        case ast.BoolOp():
            yield _Change("joined", node.lineno, node, "op", _JOINED[type(node.op)]())
        case ast.Constant(value=bool() as value):
            yield _Change("constant", node.lineno, node, "value", not value)
        case ast.Constant(value=int() as value):
            yield _Change("off by one", node.lineno, node, "value", value + 1)
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            nothing = ast.copy_location(ast.Constant(None), value)
            yield _Change("None returned", node.lineno, node, "value", nothing)
        case ast.If() | ast.While() | ast.IfExp():
            test = ast.copy_location(ast.UnaryOp(ast.Not(), copy.deepcopy(node.test)), node.test)
            yield _Change("negated", node.test.lineno, node, "test", test)
        case ast.comprehension(ifs=[first, *others]):
            test = ast.copy_location(ast.UnaryOp(ast.Not(), copy.deepcopy(first)), first)
            yield _Change("negated", first.lineno, node, "ifs", [test, *others])


def _of_calls(node: Any) -> Iterator[_Change]:
    """An argument is left out."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func).endswith("Error"):
        return
    for field in ("args", "keywords"):
        arguments = getattr(node, field)
        if arguments and not isinstance(arguments[-1], ast.Starred):
            yield _Change("argument left out", node.lineno, node, field, arguments[:-1])
