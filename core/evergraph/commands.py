"""The command line: `python -m evergraph run | check | backends | run-model | info | …`."""

from __future__ import annotations

import argparse
import platform
import sys
import tokenize
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from evergraph import discovery
from evergraph.errors import OpError
from evergraph.graph.graph import Graph
from evergraph.graph.importer import import_graph_def
from evergraph.model import Model, load, read_graph_def
from evergraph.new_backend import write_backend
from evergraph.protos import ConfigProto
from evergraph.scripts import modules
from evergraph.scripts import run as run_script
from evergraph.scripts.names import missing_names
from evergraph.session.config_fields import fields
from evergraph.session.session import Session


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
    check = commands.add_parser("check", help="say whether a script or a frozen graph will run")
    check.add_argument("path", help="a script (.py), or a binary GraphDef (.pb)")
    check.add_argument("--backend", action="append", help="only this one; may be given again")
    check.set_defaults(run=_check)
    run = commands.add_parser("run-model", help="run a frozen graph on arrays from files")
    run.add_argument("model", help="a binary GraphDef (.pb)")
    run.add_argument("--input", action="append", default=[], metavar="NAME=FILE.npy")
    run.add_argument("--output", action="append", metavar="NAME", help="a tensor to print")
    run.add_argument("--save", metavar="FILE.npz", help="write the outputs there")
    run.add_argument("--backend", help="by default EVERGRAPH_BACKEND, or numpy")
    run.set_defaults(run=_run_model)
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
    except (OpError, ValueError, TypeError, OSError, KeyError, SyntaxError) as error:
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
    return (_check_script if options.path.endswith(".py") else _check_graph)(options)


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


def _check_graph(options: argparse.Namespace) -> int:
    graph_def = read_graph_def(options.path)
    types = Counter(node.op for node in graph_def.node)
    print(f"{len(graph_def.node)} nodes of {len(types)} op types")
    graph = Graph()
    with graph.as_default():
        import_graph_def(graph_def, name="")
    status = 0
    for name in options.backend or discovery.backend_names():
        try:
            with Session(graph=graph, config=ConfigProto(backend=name)) as session:
                model = Model(graph, name)
                explained = session.explain(list(model.outputs.values()), [*model.inputs.values()])
                model.close()
            print(f"{name:8} runs it: {str(explained).splitlines()[0]}")
            for node in explained.host_nodes:
                print(f"         host: {node.type} {node.name} ({node.reason})")
            print(f"         {explained.share_inside:.1%} of the nodes on the backend")
        except OpError as error:
            status = 1
            print(f"{name:8} cannot run it: {error}")
    return status


def _run_model(options: argparse.Namespace) -> int:
    model = load(options.model, options.backend)
    inputs = {}
    for text in options.input:
        name, equals, path = text.partition("=")
        if not equals:
            raise ValueError(f"--input takes NAME=FILE.npy, not {text!r}")
        inputs[name] = np.load(path, allow_pickle=False)
    result = model.run(inputs, options.output)
    outputs = (
        result
        if isinstance(result, dict)
        else {next(iter(options.output or model.outputs)): result}
    )
    for name, value in outputs.items():
        array = np.asarray(value)
        print(f"{name}: {array.dtype} {list(array.shape)}")
        print(array)
    if options.save:
        arrays: dict[str, Any] = {n: np.asarray(v) for n, v in outputs.items()}
        np.savez(options.save, **arrays)
    return 0


def _new_backend(options: argparse.Namespace) -> int:
    folder = write_backend(options.name, options.path)
    print(f"wrote {folder}; it passes what it claims:\n")
    print(f'    pip install -e "{folder.absolute()}[test]"')
    print(f"    python -m evergraph_conformance {options.name}")
    return 0
