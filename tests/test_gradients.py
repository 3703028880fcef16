"""Which op types can be differentiated: those of TensorFlow."""

from __future__ import annotations

import pytest

from evergraph.op import no_gradient, registry
from evergraph_conformance import golden
from evergraph_conformance.gradient_cases import (
    FAMILIES,
    gradient_cases,
    kernel_dtypes,
    registered,
)

REGISTERED = registered()

#: Op types whose gradient in TensorFlow is none for every input.
WITHOUT = {
    "ArgMax",
    "ArgMin",
    "Ceil",
    "Floor",
    "FloorDiv",
    "Rint",
    "Round",
    "TruncateDiv",
}


def _known(kind):
    ops = {op.type: op.gradient for op in registry()}
    if kind == "differentiable":
        return {t for t, g in ops.items() if g not in (None, no_gradient)}
    return {t for t, g in ops.items() if g is no_gradient}


def test_what_tensorflow_differentiates_can_be_differentiated():
    wanted = set(REGISTERED["differentiable"]) & {op.type for op in registry()}
    assert wanted - _known("differentiable") == WITHOUT


def test_what_tensorflow_does_not_differentiate_is_registered_as_such():
    wanted = set(REGISTERED["not"]) & {op.type for op in registry()}
    assert _known("not") == wanted | WITHOUT


def test_nothing_is_differentiated_that_tensorflow_does_not_differentiate():
    assert _known("differentiable") <= set(REGISTERED["differentiable"])


#: Op types, and dtypes of theirs, that cases of fewer than two shapes must do for.
FEWER = {
    **dict.fromkeys(["ArgMax", "ArgMin"], "there is no gradient, of an output of integers"),
    "BatchNormWithGlobalNormalization": "TensorFlow builds no such node any more",
    **dict.fromkeys(
        ["ExtractImagePatches", "ExtractVolumePatches"],
        "TensorFlow's gradient fails where there is no image, which makes the second shape",
    ),
    "Fill": "the input is a scalar",
    "BatchMatMulV3": "TensorFlow's kernels take some combinations of dtypes only",
    "MaxPool3DGrad: bfloat16": "TensorFlow has no kernel for the gradient",
    "OptionalFromValue": "they cannot be fetched; the suite graphs has conditionals of version 2",
    **{
        type: "lists cannot be fetched; the suite tensor_lists has cases"
        for type in REGISTERED["differentiable"]
        if type.startswith("TensorList")
    },
    "Print": "it shows values; tests/v1/test_printing.py has its gradient",
    "QuantizeAndDequantizeV4Grad": "TensorFlow's gradient of it cannot be called",
    "Qr: float16": "TensorFlow has no kernel for the gradient",
}


@pytest.fixture(scope="module")
def shapes():
    """Return the shapes of the cases that TensorFlow runs, by op type, position and dtype."""
    found = {}
    for family in FAMILIES:
        answers = golden.read(f"gradients/{family}")
        for case in gradient_cases(family):
            if all(a.stage == "run" for a in answers[case.id].values()):
                continue
            inputs = [i if isinstance(i, list) else [i] for i in case.inputs]
            shapes = tuple(tuple(a.shape for a in i) for i in inputs)
            for position, arrays in enumerate(inputs):
                for array in arrays:
                    key = case.op, position, array.dtype.name
                    found.setdefault(key, set()).add(shapes)
    return found


WANTED = sorted(set(REGISTERED["differentiable"]) & {op.type for op in registry()})


@pytest.mark.parametrize("op", [o for o in WANTED if o not in FEWER])
def test_every_input_has_cases_of_two_shapes_in_every_dtype(op, shapes):
    wanted = [
        (op, position, dtype)
        for group in kernel_dtypes()[op]
        for position in group["inputs"]
        for dtype in group["dtypes"]
        if f"{op}: {dtype}" not in FEWER
    ]
    assert [key for key in wanted if len(shapes.get(key, ())) < 2] == []
