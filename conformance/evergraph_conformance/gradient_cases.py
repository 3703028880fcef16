"""Golden gradient cases: `tf.gradients` of one op, TensorFlow's values recorded beside it.

The cases are those of the op families (`evergraph_conformance.ops`): every one that TensorFlow
runs, of an op that it differentiates, with a floating-point input and output. A module of a family
may have a list `GRADIENTS` of further cases, for gradients alone. What a dtype lacks then is made
of those in float32 (`gradient_dtypes`).

To add a family: name it in `FAMILIES`, record it where TensorFlow is installed (the golden values
of the ops first, if there are new cases),

    PYTHONPATH=conformance python tests/oracle/record_golden.py FAMILY
    PYTHONPATH=conformance python tests/oracle/record_gradients.py FAMILY

and run `python -m evergraph_conformance numpy --suite gradients`. Values lie in one file a family,
`golden/gradients/FAMILY.npz`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from evergraph_conformance import golden
from evergraph_conformance.cases import Built, Case, built, family_cases, spread
from evergraph_conformance.gradient_dtypes import in_all_dtypes

#: The families whose ops are differentiated.
FAMILIES: tuple[str, ...] = (
    "arithmetic",
    "math",
    "comparison",
    "reduction",
    "array",
    "indexing",
    "segment",
    "joining",
    "shaping",
    "activation",
    "flow",
    "variables",
    "random",
    "streams",
    "linear",
    "convolution",
    "pooling",
    "normalization",
    "resize",
    "convolution_backprop",
    "pooling_backprop",
    "normalization_backprop",
    "resize_backprop",
    "decomposition",
    "elements",
    "sparse",
    "special",
    "fourier",
    "rnn_blocks",
    "ordering",
    "fake_quantization",
    "sparse_parts",
    "ragged",
    "bands_solved",
    "images_colours",
    "images_windows",
)

#: How the inputs of a case are given: all through placeholders of unknown shape, or the
#: differentiable ones through placeholders of known shape and the others as constants.
MODES = ("fed", "known")

#: Cases, or modes of cases (`CASE, MODE`), that are not differentiated, with the reason.
_ONEDNN = "TensorFlow runs this layout on the CPU by oneDNN alone, which fails in the gradient"
SKIPPED: dict[str, str] = {
    "MaxPool: NCHW": _ONEDNN,
    "AvgPool: NCHW": _ONEDNN,
    "MaxPool3D: NCDHW": _ONEDNN,
    "AvgPool3D: NCDHW": _ONEDNN,
    "MaxPool: over the channels": "TensorFlow refuses it when the gradient runs",
    "DepthwiseConv2dNative: dilations": "TensorFlow's gradient on the CPU ignores the dilations",
    **{
        f"{op}: empty batch": "TensorFlow leaves the memory as it finds it"
        for op in ("DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput")
    },
    "Conv2DBackpropInput: empty batch": "TensorFlow's gradient has the shape of another tensor",
    **{
        f"{op}: int64 axis, fed": "TensorFlow mixes int32 and int64 in the gradient"
        for op in ("Sum", "Mean", "Prod", "Max", "Min")
    },
    **{
        f"SparseSegment{kind}{number}: nothing": "TensorFlow leaves the memory as it finds it"
        for kind in ("Sum", "Mean", "SqrtN")
        for number in ("", "WithNumSegments")
    },
    "ConcatV2: int64 axis": "TensorFlow mixes int32 and int64 in the gradient",
    "TopKV2: int64 indices": "TensorFlow mixes int32 and int64 in the gradient",
    "GatherNd: whole": "TensorFlow's ScatterNd refuses what is its own gradient",
    "Transpose: negative axis": "TensorFlow inverts no permutation of negative axes",
    "ResourceGather: batches": "TensorFlow's gradient forgets the batches, and fails",
    "MaxPool3DGrad: empty batch": "TensorFlow refuses it when the gradient runs",
    "MaxPoolWithArgmax: int32 positions": "TensorFlow has no kernel for its gradient on the CPU",
    "MatrixDeterminant: zeros": "TensorFlow refuses it when the gradient runs",
    "LogMatrixDeterminant: zeros": "TensorFlow refuses it when the gradient runs",
    "Svd: no rows": "TensorFlow's gradient fails where there is no rank",
    "Svd: no rows, full": "TensorFlow's gradient fails where there is no rank",
    "Angle: infinite": "one over an infinite complex number is NaN in NumPy",
    **{
        f"{op}: cropped": "TensorFlow's gradient mixes the two lengths, and fails"
        for op in ("RFFT", "IRFFT", "RFFT2D", "IRFFT2D")
    },
    **{
        f"QuantizeAndDequantizeV4Grad: {label}": "TensorFlow's gradient of it cannot be called"
        for label in ("float32", "channels", "double", "vector", "empty")
    },
    **{
        f"Extract{kind}Patches: {label}, fed": "TensorFlow needs a shape for the gradient"
        for kind, labels in (
            ("Image", "float32,other,same,strides,rates,same rates,one,double,no images,too large"),
            ("Volume", "float32,other,same,strides,double,no volumes,too large"),
        )
        for label in labels.split(",")
    },
    "TridiagonalSolve: nothing": "TensorFlow refuses it when the gradient runs",
    "SparseMatMul: bfloat16": "TensorFlow's gradient multiplies two types",
    "Selu: close to zero": "TensorFlow's Selu is 0 there, where its slope changes",
}


#: How many outputs are differentiated, where the others are not computed.
OUTPUTS: dict[str, int] = {
    "FusedBatchNormGrad": 3,
    "FusedBatchNormGradV2": 3,
    "FusedBatchNormGradV3": 3,
    "Svd": 1,
    "SelfAdjointEigV2": 1,
}


#: Op types whose values are held to the last bit, and whose gradients TensorFlow rounds on the way.
ROUNDED = ("RandomGamma", "StatelessRandomGammaV2", "StatelessRandomGammaV3")


def gradient_cases(family: str) -> list[Case]:
    """Return the cases of a family that are differentiated.

    Raises:
      ValueError: two of them have the same name.
    """
    recorded = golden.read(family)
    more = getattr(import_module(f"evergraph_conformance.ops.{family}"), "GRADIENTS", [])
    cases = [*(c for c in family_cases(family) if _eligible(c, recorded[c.id])), *more]
    groups = kernel_dtypes()
    for op in dict.fromkeys(c.op for c in cases):
        cases += in_all_dtypes([c for c in cases if c.op == op], groups[op])
    names = [c.id for c in cases]
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise ValueError(f"two cases are named {twice!r}")
    return cases


def _eligible(case: Case, answers: dict[str, golden.Answer]) -> bool:
    outputs = next(iter(answers.values())).outputs
    if case.id in SKIPPED or outputs is None or case.op not in registered()["differentiable"]:
        return False
    arrays = [a for i in case.inputs for a in (i if isinstance(i, list) else [i])]
    return all(any(a.dtype.name in _FLOATING for a in part) for part in (arrays, outputs))


@cache
def registered() -> dict[str, list[str]]:
    """Return the op types that TensorFlow can differentiate, and those registered as `not`."""
    text = (golden.FOLDER / "gradients" / "registered.json").read_text(encoding="utf-8")
    found: dict[str, list[str]] = json.loads(text)
    return found


@cache
def kernel_dtypes() -> dict[str, list[dict[str, Any]]]:
    """Return the floating dtypes of TensorFlow's CPU kernels, as `in_all_dtypes` takes them."""
    text = (golden.FOLDER / "gradients" / "dtypes.json").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, Any]]] = json.loads(text)
    return found


_FLOATING = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")


@dataclass(frozen=True)
class Question:
    """The graph of a case, ready to be differentiated.

    Attributes:
      graph: the case.
      ys: the outputs of the op that can be differentiated.
      xs: its inputs that can be, variables included.
      given: placeholders for the gradients of `ys`.
    """

    graph: Built
    ys: list[Any]
    xs: list[Any]
    given: list[Any]

    def feeds(self, shapes: list[tuple[int, ...]]) -> dict[Any, Any]:
        """Return all feeds, where the outputs have these shapes."""
        given = [
            incoming(shape, y.dtype.base_dtype.name, i)
            for i, (y, shape) in enumerate(zip(self.ys, shapes, strict=True))
        ]
        return {**self.graph.feeds, **dict(zip(self.given, given, strict=True))}


def question(tf: Any, case: Case, mode: str) -> Question:
    """Build a case in the default graph, in one of `MODES`."""
    graph = built(tf, case, mode)
    ys = [y for y in graph.outputs[: OUTPUTS.get(case.op)] if _is_floating(y)]
    xs = [x for x in graph.operation.inputs if _is_floating(x) or x.dtype == tf.resource]
    return Question(graph, ys, xs, [tf.placeholder(y.dtype.base_dtype, y.shape) for y in ys])


def _is_floating(tensor: Any) -> bool:
    return bool(tensor.dtype.is_floating or tensor.dtype.is_complex)


def modes_of(case: Case) -> tuple[str, ...]:
    """Return those of `MODES` in which TensorFlow builds the case."""
    modes = MODES if "fed" in case.modes else MODES[1:]
    return tuple(m for m in modes if f"{case.id}, {m}" not in SKIPPED)


def tolerance_of(case: Case) -> tuple[float, float, float] | None:
    """Return the tolerance of a case's gradients; None for that of the dtype."""
    return None if case.op in ROUNDED else case.tolerance


def incoming(shape: tuple[int, ...], dtype: str, position: int) -> np.ndarray[Any, Any]:
    """Return the gradient that output number `position` is given."""
    if dtype.startswith("complex"):
        parts = (spread(shape, "float64", seed=101 + 2 * position + i) for i in range(2))
        real, imaginary = parts
        return np.asarray((real + 1j * imaginary).astype(dtype))
    return spread(shape, dtype, seed=101 + 2 * position)


@dataclass(frozen=True)
class Gradients:
    """What was recorded of a case.

    Attributes:
      shapes: of the floating outputs, in order.
      values: for each input that can be differentiated None, an array, or the values and indices of
        IndexedSlices.
    """

    shapes: list[tuple[int, ...]]
    values: list[Any]


def packed(found: Gradients) -> list[np.ndarray[Any, Any]]:
    """Return gradients as the arrays of a golden answer; the first one says what the others are."""
    kinds, arrays = [], []
    for value in found.values:
        parts = [] if value is None else list(value) if isinstance(value, tuple) else [value]
        kinds.append(len(parts))
        arrays += parts
    told = json.dumps({"shapes": found.shapes, "kinds": kinds})
    return [np.array(told.encode(), object), *arrays]


def unpacked(arrays: list[np.ndarray[Any, Any]]) -> Gradients:
    """Return the gradients of a golden answer."""
    told, rest, values = json.loads(arrays[0].item()), list(arrays[1:]), []
    for kind in told["kinds"]:
        parts = [rest.pop(0) for _ in range(kind)]
        values.append(tuple(parts) if kind == 2 else parts[0] if parts else None)
    return Gradients([tuple(s) for s in told["shapes"]], values)
