"""Which op types can be differentiated: those of TensorFlow."""

from __future__ import annotations

import json

import pytest

from evergraph.op import no_gradient, registry
from evergraph_conformance import golden

REGISTERED = json.loads((golden.FOLDER / "gradients" / "registered.json").read_text("utf-8"))

#: Op types whose gradient TensorFlow has and evergraph does not have yet.
MISSING = """
    Abs Acos Acosh ArgMax ArgMin Asin Asinh Atan Atanh BatchToSpace BatchToSpaceND BroadcastTo
    Cast Ceil CheckNumerics ClipByValue Complex ComplexAbs Concat ConcatV2 Conj
    ConjugateTranspose Cos Cosh Cumprod Cumsum DepthToSpace Diag DiagPart Elu EnsureShape Erf
    Erfc Exp ExpandDims Expm1 Fill Floor Gather GatherNd GatherV2 IdentityN Imag Inv L2Loss
    LeakyRelu Log Log1p MatrixBandPart MatrixDiag MatrixDiagPart MatrixDiagPartV3 MatrixDiagV3
    MatrixSetDiag MatrixSetDiagV3 Max Mean Min MirrorPad Neg Pack Pad PadV2
    PlaceholderWithDefault Prod Real Reciprocal Relu6 Reshape ResizeBilinear
    ResizeNearestNeighbor ResourceGather ResourceGatherNd Reverse ReverseV2 Rint Roll Round
    Rsqrt ScatterNd Select SelectV2 Selu Sigmoid Sign Sin Sinh Slice Softplus Softsign
    SpaceToBatch SpaceToBatchND SpaceToDepth Split SplitV Sqrt Square Squeeze StridedSlice Tan
    Tanh Tile TopKV2 Transpose Unpack
"""


def _known(kind):
    ops = {op.type: op.gradient for op in registry()}
    if kind == "differentiable":
        return {t for t, g in ops.items() if g not in (None, no_gradient)}
    return {t for t, g in ops.items() if g is no_gradient}


def test_what_tensorflow_differentiates_can_be_differentiated():
    wanted = set(REGISTERED["differentiable"]) & {op.type for op in registry()}
    # TensorFlow's function for these returns no gradient for any input.
    found = _known("differentiable") | _known("not")
    assert wanted - found == set(MISSING.split())


def test_what_tensorflow_does_not_differentiate_is_registered_as_such():
    wanted = set(REGISTERED["not"]) & {op.type for op in registry()}
    assert wanted <= _known("not")


@pytest.mark.parametrize("kind", ["differentiable", "not"])
def test_nothing_is_differentiated_that_tensorflow_does_not_know(kind):
    assert _known(kind) <= {*REGISTERED["differentiable"], *REGISTERED["not"]}
