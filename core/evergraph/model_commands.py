"""Commands about models: `check`, `show`, `run-model` and `freeze`."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from google.protobuf import text_format

from evergraph import discovery, protos
from evergraph.builder import build
from evergraph.dtypes import as_dtype
from evergraph.errors import MissingKernelError, OpError, UnimplementedError
from evergraph.graph.graph import Graph
from evergraph.graph.tensor import Tensor
from evergraph.model import load
from evergraph.model_drawing import drawn
from evergraph.saved_model.guessing import targets
from evergraph.saved_model.opening import Opened, Source, open_model, read_model
from evergraph.saved_model.reading import read_saved_model
from evergraph.saved_model.signatures import signature_names, tensor_names
from evergraph.session.explain import Explanation
from evergraph.session.session import Session
from evergraph.shapes import TensorShape
from evergraph.v1.freezing import convert_variables_to_constants
from evergraph.vocabulary import vocabulary

_MODEL = "a SavedModel's directory, or a GraphDef (.pb, .pbtxt)"


def add_commands(commands: Any) -> None:
    """Add the commands to those of a parser; `check` is one of scripts, too."""
    run = commands.add_parser("run-model", help="run a model on arrays from files")
    _add_model(run)
    run.add_argument("--input", action="append", default=[], metavar="NAME=FILE.npy")
    run.add_argument("--output", action="append", metavar="NAME", help="an output to print")
    run.add_argument("--save", metavar="FILE.npz", help="write the outputs there")
    run.add_argument("--backend", help="by default EVERGRAPH_BACKEND, or numpy")
    run.set_defaults(run=_run_model)
    show = commands.add_parser("show", help="say what is in a model")
    _add_model(show)
    form = show.add_mutually_exclusive_group()
    form.add_argument("--text", action="store_true", help="print the graph as text")
    form.add_argument("--dot", action="store_true", help="print the graph for Graphviz")
    show.set_defaults(run=_show)
    freeze = commands.add_parser("freeze", help="write a model as a GraphDef with its values")
    _add_model(freeze)
    freeze.add_argument("target", metavar="FILE.pb")
    freeze.add_argument("--output", action="append", metavar="NAME", help="by default all")
    freeze.set_defaults(run=_freeze)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help=_MODEL)
    add_choice(parser)


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the graph of a SavedModel, and its signature."""
    parser.add_argument("--signature", help="by default serving_default, or the only one")
    parser.add_argument("--tag", action="append", help="of the graph in a SavedModel")


# check


def check_model(options: argparse.Namespace) -> int:
    """Print whether the backends will run a model, and what runs where; return the exit status."""
    source = read_model(options.path, options.tag)
    types = op_types(source.meta_graph.graph_def)
    print(f"{types.total()} nodes of {len(types)} op types")
    unknown = {t: n for t, n in types.items() if vocabulary().get(t) is None}
    if unknown:
        print(f"TensorFlow has no {_counted(unknown)}")
        return 1
    opened = open_model(source, options.signature)
    if opened.signature.name:
        print(f"signature {opened.signature.name}")
    _print_tensors("input ", opened.signature.inputs)
    _print_tensors("output", opened.signature.outputs)
    status = 0
    for name in options.backend or discovery.backend_names():
        try:
            status |= _check_backend(name, opened, types)
        except OpError as error:
            status = 1
            print(f"{name:8} cannot run it: {error}")
    return status


def _check_backend(name: str, opened: Opened, types: Mapping[str, int]) -> int:
    """Print what a backend does of a model: its outputs, and what gives variables their values."""
    outputs: list[Any] = list(opened.signature.outputs.values())
    if not opened.signature.name:
        # A graph that trains, say, has more to run than what it gives.
        outputs += targets(opened.graph)
    runs: list[tuple[str, Any, Any]] = [
        ("outputs", outputs, list(opened.signature.inputs.values()))
    ]
    runs += [(f"'{op.name}', before", op, feeds) for op, feeds in opened.initializing()]
    problems = []
    missing: set[str] = set()
    explained: list[Explanation] = []
    with Session(graph=opened.graph, config=protos.ConfigProto(backend=name)) as session:
        for what, fetches, feeds in runs:
            try:
                explained.append(session.explain(fetches, feeds))
            except MissingKernelError as error:
                missing |= error.ops
                problems.append(f"{what}: {error}")
    if problems:
        print(f"{name:8} cannot run it")
        if missing:
            lacking = {t: types.get(t, 0) for t in missing}
            print(f"         missing: {_counted(lacking)}")
        for problem in problems:
            print(f"         {problem}")
        return 1
    print(f"{name:8} runs it: {str(explained[0]).splitlines()[0]}")
    on_host = Counter((n.type, n.reason) for n in explained[0].host_nodes)
    for (type, reason), count in sorted(on_host.items()):
        print(f"         host: {type} ({_nodes(count)}; {reason})")
    print(f"         {explained[0].share_inside:.1%} of the nodes on the backend")
    return 0


def op_types(graph_def: protos.GraphDef) -> Counter[str]:
    """Return how often each op type occurs in a graph, and in the functions of its library."""
    functions = {f.signature.name for f in graph_def.library.function}
    nodes = [graph_def.node, *(f.node_def for f in graph_def.library.function)]
    return Counter(n.op for group in nodes for n in group if n.op not in functions)


def _counted(types: Mapping[str, int]) -> str:
    return ", ".join(f"{type} ({_nodes(n)})" for type, n in sorted(types.items()))


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"


def _print_tensors(what: str, tensors: Mapping[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        print(f"{what} {name}: {tensor.dtype.name} {_shape(tensor.shape)}")


def _shape(shape: TensorShape) -> str:
    if shape.rank is None:
        return "of any shape"
    return f"[{', '.join('?' if d is None else str(d) for d in shape.as_list())}]"


# show


def _show(options: argparse.Namespace) -> int:
    source = read_model(options.model, options.tag)
    if options.text:
        print(text_format.MessageToString(source.meta_graph.graph_def), end="")
    elif options.dot:
        print("\n".join(drawn(source.meta_graph.graph_def)))
    else:
        for line in _described(source, options.signature):
            print(line)
    return 0


def _described(source: Source, wanted: str | None) -> Iterator[str]:
    meta_graph = source.meta_graph
    if source.directory:
        for other in read_saved_model(source.directory).meta_graphs:
            chosen = " (this one)" if other == meta_graph else ""
            yield f"graph for {', '.join(other.meta_info_def.tags) or 'no tag'}{chosen}"
    version = meta_graph.meta_info_def.tensorflow_version
    if version:
        yield f"written by TensorFlow {version}"
    types = op_types(meta_graph.graph_def)
    functions = len(meta_graph.graph_def.library.function)
    yield f"{types.total()} nodes of {len(types)} op types; {functions} functions"
    for type, count in sorted(types.items(), key=lambda item: (-item[1], item[0])):
        yield f"  {count:6} {type}"
    for name in signature_names(meta_graph):
        if wanted not in (None, name):
            continue
        signature = meta_graph.signature_def[name]
        yield f"signature {name} ({signature.method_name or 'without method'})"
        for what, infos in (("input ", signature.inputs), ("output", signature.outputs)):
            for key in sorted(infos):
                shape = _shape(TensorShape(infos[key].tensor_shape))
                for public, tensor in tensor_names(key, infos[key]):
                    type = as_dtype(infos[key].dtype).name
                    yield f"  {what} {public}: {type} {shape}, {tensor}"
    if not meta_graph.signature_def:
        opened = open_model(source)
        for what, tensors in (
            ("input ", opened.signature.inputs),
            ("output", opened.signature.outputs),
        ):
            for name, found in tensors.items():
                yield f"{what} {name}: {found.dtype.name} {_shape(found.shape)}"


# run-model


def _run_model(options: argparse.Namespace) -> int:
    model = load(options.model, options.backend, signature=options.signature, tags=options.tag)
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


# freeze


def _freeze(options: argparse.Namespace) -> int:
    model = load(options.model, "numpy", signature=options.signature, tags=options.tag)
    outputs = {name: model._output(name) for name in options.output or model.outputs}
    names = sorted({tensor.op.name for tensor in outputs.values()})
    _add_reads(model.graph)
    frozen = convert_variables_to_constants(model.session, model.graph.as_graph_def(), names)
    tables = [type for type in op_types(frozen) if "HashTable" in type]
    if tables:
        raise UnimplementedError(
            None, None, f"a graph has no place for what is in tables ({', '.join(sorted(tables))})"
        )
    with open(options.target, "wb") as file:
        file.write(frozen.SerializeToString(deterministic=True))
    for what, tensors in (("input ", model.inputs), ("output", outputs)):
        for name, tensor in tensors.items():
            print(f"{what} {name}: {tensor.name}")
    print(f"wrote {options.target}: {_nodes(len(frozen.node))}")
    return 0


def _add_reads(graph: Graph) -> None:
    """Let every resource variable have the node that its value is taken from."""
    with graph.as_default(), graph.name_scope(""):
        for op in graph.get_operations():
            read = f"{op.name}/Read/ReadVariableOp"
            if op.type == "VarHandleOp" and not graph._by_name.get(read):
                arguments = {"resource": op.outputs[0], "dtype": op.get_attr("dtype")}
                build("ReadVariableOp", arguments, f"{read}/")
