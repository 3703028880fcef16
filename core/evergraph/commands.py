"""The command line: `python -m evergraph run | check | show | run-model | freeze | …`."""

from __future__ import annotations

import argparse
import platform
import sys
import tokenize
from importlib import metadata
from pathlib import Path

from evergraph import discovery, model_commands
from evergraph.errors import OpError
from evergraph.new_backend import write_backend
from evergraph.scripts import modules
from evergraph.scripts import run as run_script
from evergraph.scripts.names import missing_names
from evergraph.session.config_fields import fields


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return the exit status: 0, or 1 if it found or met a problem.

    What a script raises, under `run`, is raised.
    """
    parser = argparse.ArgumentParser(prog="python -m evergraph", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("backends", help="list the installed backends")
    listing.add_argument("--no-start", action="store_true", help="do not start them for devices")
    listing.set_defaults(run=_backends)
    commands.add_parser("run", help="run a program written for TensorFlow 1", add_help=False)
    check = commands.add_parser("check", help="say whether a script or a model will run")
    check.add_argument("path", help="a script (.py), a SavedModel's directory, or a GraphDef")
    check.add_argument("--backend", action="append", help="only this one; may be given again")
    model_commands.add_choice(check)
    check.set_defaults(run=_check)
    model_commands.add_commands(commands)
    info = commands.add_parser("info", help="say what is installed, and what settings do")
    info.add_argument("--config", action="store_true", help="the fields of ConfigProto")
    info.set_defaults(run=_info)
    new = commands.add_parser("new-backend", help="write the skeleton of a backend of your own")
    new.add_argument("name", help="as in ConfigProto(backend=NAME)")
    new.add_argument("--path", type=Path, default=Path(), metavar="DIR", help="where; by default .")
    new.set_defaults(run=_new_backend)
    discovery.add_commands(commands)
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["run"]:
        # What follows is the script's own; what it raises is Python's to report.
        return run_script.main(given[1:])
    options = parser.parse_args(given)
    try:
        return int(options.run(options))
    except (OpError, ValueError, TypeError, OSError, KeyError, SyntaxError, RuntimeError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _backends(options: argparse.Namespace) -> int:
    for listing in discovery.backends():
        shown = listing if options.no_start else discovery.started(listing)
        info = shown.info
        state = "available" if info.available else f"unavailable: {info.reason}"
        print(f"{shown.name:12}{info.version:16}{shown.distribution:20}{state}")
        for device in info.devices:
            print(f"            {device}")
        if not info.available and info.remedy:
            print(f"            to mend it: {info.remedy}")
    return 0


def _info(options: argparse.Namespace) -> int:
    print(f"evergraph {metadata.version('evergraph')}, Python {platform.python_version()}")
    print(f"backends: {', '.join(discovery.backend_names())}")
    if not options.config:
        return 0
    known = list(fields())
    width = max(len(path) for path, effect in known if effect)
    print("\nThese fields have an effect:")
    for path, effect in known:
        if effect:
            print(f"  {path:{width}}  {effect}")
    print("\nThese are accepted and kept, and have none:")
    for path, effect in known:
        if not effect:
            print(f"  {path}")
    return 0


def _check(options: argparse.Namespace) -> int:
    return (_check_script if options.path.endswith(".py") else model_commands.check_model)(options)


def _check_script(options: argparse.Namespace) -> int:
    with tokenize.open(options.path) as file:
        source = file.read()
    modules.install()
    uses, lacking = missing_names(source, options.path)
    for line, message in lacking:
        print(f"{options.path}:{line}: {message}")
    names = len({use.name for use in uses})
    print(f"{names} names of TensorFlow's in {len(uses)} places; {len(lacking)} places lack theirs")
    return 1 if lacking else 0


def _new_backend(options: argparse.Namespace) -> int:
    folder = write_backend(options.name, options.path)
    print(f"wrote {folder}; it passes what it claims:\n")
    print(f'    pip install -e "{folder.absolute()}[test]"')
    print(f"    python -m evergraph_conformance {options.name}")
    return 0
