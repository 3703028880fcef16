"""tf.app: programs with flags."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from evergraph.v1 import flags
from evergraph.v1.flags import FLAGS

__all__ = ["flags", "run"]

#: What asks for help rather than for a run.
_HELP: Final = {"--help", "-help", "--helpshort", "-helpshort", "--helpfull", "-helpfull", "-?"}


def run(main: Callable[[Any], Any] | None = None, argv: Sequence[str] | None = None) -> None:
    """Set the flags from the command line, run a function, and end the program.

    Words that look like flags, but are none, are left for the function. `--help` shows what there
    is, and ends the program with the status 1.

    Args:
      main: takes what is left of the command line; what it returns is the status of the program. By
        default `main` of the program.
      argv: the command line; by default `sys.argv`.

    Raises:
      SystemExit: always, at the end.
      flags.Error: a flag has a value that it may not have.
    """
    program: Any = sys.modules["__main__"]
    called = program.main if main is None else main
    words = list(sys.argv if argv is None else argv)
    before = words[: words.index("--")] if "--" in words else words
    if not _HELP.isdisjoint(before) and "help" not in FLAGS:
        _show_help()
    sys.exit(called(FLAGS(words, known_only=True)))


def _show_help() -> None:
    about = sys.modules["__main__"].__doc__ or f"\n       USAGE: {sys.argv[0]} [flags]"
    print(about)
    print(f"flags:\n\n{FLAGS.main_module_help()}\n\nTry --helpfull to get a list of all flags.")
    sys.exit(1)
