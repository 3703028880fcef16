"""`python -m evergraph run`: a script or a module, as Python itself runs it."""

from __future__ import annotations

import argparse
import builtins
import importlib.util
import io
import os
import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType, TracebackType
from typing import Final

from evergraph import discovery
from evergraph.scripts import modules

#: Options with a value of their own.
_VALUED: Final = ("--backend", "-m")


def main(arguments: Sequence[str]) -> int:
    """Run a script with `tensorflow` meaning evergraph.

    What the script raises goes on to Python, which prints it and ends as it does for any script.

    Args:
      arguments: `[--backend NAME] SCRIPT ARGUMENT …` or `[--backend NAME] -m MODULE ARGUMENT …`.

    Returns:
      The exit status: 0, or 1 or 2 if there is nothing to run.
    """
    ours, rest = _divided(arguments)
    parser = argparse.ArgumentParser(
        prog="python -m evergraph run",
        usage="%(prog)s [-h] [--backend NAME] (SCRIPT | -m MODULE) [ARGUMENT ...]",
        description="Run a program written for TensorFlow 1, unmodified.",
    )
    parser.add_argument("--backend", metavar="NAME", help="by default EVERGRAPH_BACKEND, or numpy")
    parser.add_argument("-m", dest="module", metavar="MODULE", help="run a module, as Python does")
    options = parser.parse_args(ours)
    if options.module is None and not rest:
        parser.error("give a script, or -m and a module")
    if options.backend:
        if options.backend not in discovery.backend_names():
            known = ", ".join(discovery.backend_names())
            print(f"no backend {options.backend!r}; installed: {known}", file=sys.stderr)
            return 2
        os.environ["EVERGRAPH_BACKEND"] = options.backend
    modules.install()
    return _run_module(options.module, rest) if options.module else _run_script(rest)


def _divided(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return our own options, and the script with its arguments."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        module = arguments[at].startswith("-m")
        at += 2 if arguments[at] in _VALUED else 1
        if module:
            break
    return list(arguments[:at]), list(arguments[at:])


def _run_script(arguments: list[str]) -> int:
    path = os.path.abspath(arguments[0])
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        said = f"can't open file {path!r}: [Errno {error.errno}] {error.strerror}"
        print(f"evergraph: {said}", file=sys.stderr)
        return 2
    sys.argv[:] = arguments
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    main_module = ModuleType("__main__")
    main_module.__file__ = path
    main_module.__loader__ = SourceFileLoader("__main__", path)
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        _report_below(error, None)
        raise
    _execute(code, main_module)
    return 0


def _run_module(name: str, arguments: list[str]) -> int:
    if not sys.flags.safe_path:
        sys.path[0] = os.getcwd()
    spec = _spec_of(name)
    if spec is None:
        print(f"evergraph: No module named {name}", file=sys.stderr)
        return 1
    code = spec.loader.get_code(spec.name) if isinstance(spec.loader, InspectLoader) else None
    if code is None:
        print(f"evergraph: No code object available for {spec.name}", file=sys.stderr)
        return 1
    main_module = ModuleType("__main__")
    main_module.__spec__ = spec
    main_module.__loader__ = spec.loader
    main_module.__package__ = spec.parent
    main_module.__file__ = spec.origin
    sys.argv[:] = [spec.origin or name, *arguments]
    _execute(code, main_module)
    return 0


def _spec_of(name: str) -> ModuleSpec | None:
    """Return the spec of a module, or of `__main__` of a package."""
    parent = name.rpartition(".")[0]
    if parent and _spec_of_any(parent) is None:
        return None
    spec = _spec_of_any(name)
    if spec is not None and spec.submodule_search_locations is not None:
        return _spec_of_any(f"{name}.__main__")
    return spec


def _spec_of_any(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            return None
        raise


def _execute(code: CodeType, module: ModuleType) -> None:
    """Run code as the body of `__main__`."""
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    try:
        exec(code, module.__dict__)
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code is not code:
            trace = trace.tb_next
        _report_below(error, trace)
        raise


def _report_below(error: BaseException, trace: TracebackType | None) -> None:
    """Let Python report an exception as if it had come through the script's frames only.

    It still ends the interpreter: so exit statuses, signals, `sys.last_exc` and hooks that the
    script has set are as they always are.
    """
    hook = sys.excepthook

    def report(
        kind: type[BaseException], value: BaseException, given: TracebackType | None
    ) -> None:
        hook(kind, value.with_traceback(trace if value is error else given), value.__traceback__)

    sys.excepthook = report
