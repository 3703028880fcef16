"""`python -m evergraph export --stablehlo MODEL`: a model as XLA's portable text."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import jax

import evergraph
from evergraph_jax.functions import function_of


def export(options: argparse.Namespace) -> int:
    """Write a model as StableHLO; return the exit status.

    Raises:
      ValueError: a shape is missing, or is none.
    """
    model = evergraph.load(options.model, "numpy", signature=options.signature, tags=options.tag)
    pure = evergraph.pure_program(model)
    model.close()
    shapes = dict(_shape(text) for text in options.shape)
    # JAX does not say what its constructor takes.
    struct: Any = jax.ShapeDtypeStruct
    fed = []
    types = pure.program.input_dtypes
    for name, static, dtype in zip(pure.feeds, pure.shapes, types, strict=False):
        shape = shapes.pop(name, None)
        if shape is None:
            if not static.is_fully_defined():
                raise ValueError(f"--shape {name}=… must say which of {static} the model is for")
            shape = tuple(static.as_list())
        fed.append(struct(shape, dtype.as_numpy_dtype))
    if shapes:
        raise ValueError(f"the model has no input {', '.join(shapes)}")
    # As the model has them: of 64 bits, too.
    with jax.enable_x64(True):
        lowered = jax.jit(function_of(pure)).lower(dict(pure.params), *fed)
        text = lowered.as_text(dialect="stablehlo")
    names = [f"{name}: {value.dtype} {value.shape}" for name, value in sorted(pure.params.items())]
    names += [f"{name}: {s.dtype} {s.shape}" for name, s in zip(pure.feeds, fed, strict=True)]
    head = "".join(f"// %arg{i} is {name}\n" for i, name in enumerate(names))
    if options.output is None:
        print(head + text, end="")
    else:
        Path(options.output).write_text(head + text, encoding="utf-8")
    return 0


def _shape(text: str) -> tuple[str, Any]:
    name, equals, sizes = text.partition("=")
    parts = [size for size in sizes.split(",") if size]
    if not equals or not all(size.isdigit() for size in parts):
        raise ValueError(f"--shape takes NAME=2,3, not {text!r}")
    return name, tuple(map(int, parts))
