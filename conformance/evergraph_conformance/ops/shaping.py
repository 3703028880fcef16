"""Cases of ops that rearrange, repeat or pad elements."""

import numpy as np

from evergraph_conformance.cases import UNRANKED, array, case, ramp, spread


def ints(*values):
    return array(list(values), "int32")


WORDS = np.array([["a", "bc", ""], ["d", "e", "f\u00e9"]], dtype=object)

RESHAPING = [
    case("Reshape", "flatten", spread((2, 3)), ints(-1)),
    case("Reshape", "int64 shape", spread((2, 3)), array([3, 2], "int64")),
    case("Reshape", "one free", ramp((2, 3, 4), "int32"), ints(4, -1, 3)),
    case("Reshape", "to a scalar", spread((1, 1)), ints()),
    case("Reshape", "from a scalar", array(True, "bool"), ints(1, 1)),
    case("Reshape", "empty, one free", spread((0, 3)), ints(-1, 3)),
    case("Reshape", "empty to empty", spread((0, 3)), ints(5, 0)),
    case("Reshape", "strings", WORDS, ints(3, 2)),
    case("Reshape", "bfloat16", spread((4,), "bfloat16"), ints(2, -1)),
    case("Reshape", "other number of elements", spread((2, 3)), ints(4, 2)),
    case("Reshape", "not divisible", spread((2, 3)), ints(4, -1)),
    case("Reshape", "two free", spread((2, 3)), ints(-1, -1)),
    case("Reshape", "negative", spread((2, 3)), ints(-2, -3)),
    case("Reshape", "free beside zero", spread((0, 3)), ints(0, -1)),
    case("Reshape", "shape not a vector", spread((2, 3)), array([[3, 2]], "int32")),
    case("Reshape", "shape a scalar", spread((2, 3)), array(6, "int32")),
    case("Squeeze", "all", spread((1, 2, 1, 3))),
    case("Squeeze", "one", spread((1, 2, 1)), axis=[2]),
    case("Squeeze", "negative axes", spread((1, 2, 1)), axis=[-1, 0]),
    case("Squeeze", "nothing to do", spread((2, 3))),
    case("Squeeze", "to a scalar", array([[7]], "int64")),
    case("Squeeze", "strings", np.array([["a"], ["b"]], dtype=object), axis=[1]),
    case("Squeeze", "empty", spread((1, 0, 1))),
    case("Squeeze", "not 1", spread((1, 2)), axis=[1]),
    case("Squeeze", "axis out of range", spread((1, 2)), axis=[2]),
    case("ExpandDims", "first", spread((2, 3)), array(0, "int32")),
    case("ExpandDims", "last", ramp((2,), "int64"), array(-1, "int64")),
    case("ExpandDims", "the middle", spread((2, 3)), array(1, "int32")),
    case("ExpandDims", "negative", spread((2, 3)), array(-2, "int32")),
    case("ExpandDims", "a scalar", array(1.5, "float16"), array(0, "int32")),
    case("ExpandDims", "a string scalar", "word", array(0, "int32")),
    case("ExpandDims", "axis of one element", spread((2,)), ints(1)),
    case("ExpandDims", "axis out of range", spread((2, 3)), array(3, "int32")),
    case("ExpandDims", "axis too negative", spread((2, 3)), array(-4, "int32")),
    case("ExpandDims", "two axes", spread((2, 3)), ints(0, 1)),
    case("Transpose", "matrix", spread((2, 3)), ints(1, 0)),
    case("Transpose", "three axes", ramp((2, 3, 4), "int32"), ints(2, 0, 1)),
    case("Transpose", "int64 permutation", spread((2, 3), "float64"), array([1, 0], "int64")),
    case("Transpose", "strings", WORDS, ints(1, 0)),
    case("Transpose", "scalar", array(3, "int32"), ints()),
    case("Transpose", "empty", spread((0, 2, 1)), ints(1, 2, 0)),
    case("Transpose", "bfloat16", spread((2, 1, 3), "bfloat16"), ints(2, 1, 0)),
    case("Transpose", "complex", array([[1 + 2j, 3]], "complex64"), ints(1, 0)),
    case("Transpose", "bool", array([[True, False]], "bool"), ints(1, 0)),
    case("Transpose", "negative axis", spread((2, 3)), ints(-1, 0)),
    case("Transpose", "axis out of range", spread((2, 3)), ints(0, 2)),
    case("Transpose", "axis twice", spread((2, 3)), ints(0, 0)),
    case("Transpose", "wrong length", spread((2, 3)), ints(0, 1, 2), modes=UNRANKED),
    case("Transpose", "permutation not a vector", spread((2, 3)), array([[1, 0]], "int32")),
    case("ConjugateTranspose", "complex", array([[1 + 2j, 3 - 1j]], "complex64"), ints(1, 0)),
    case("ConjugateTranspose", "complex128", array([1j, 2], "complex128"), ints(0)),
    case("ConjugateTranspose", "float32", spread((2, 3)), ints(1, 0)),
    case("ConjugateTranspose", "int32", ramp((2, 2, 2), "int32"), ints(2, 1, 0)),
    case("ConjugateTranspose", "axis twice", spread((2, 3)), ints(1, 1)),
]

REPEATING = [
    case("Tile", "vector", ramp((3,), "int32"), ints(2)),
    case("Tile", "matrix", spread((2, 3)), ints(2, 2)),
    case("Tile", "int64 multiples", spread((1, 2), "float64"), array([3, 1], "int64")),
    case("Tile", "strings", np.array(["a", "b"], dtype=object), ints(2)),
    case("Tile", "bool", array([[True, False]], "bool"), ints(2, 1)),
    case("Tile", "half", spread((2,), "float16"), ints(3)),
    case("Tile", "no times", spread((2, 3)), ints(0, 1)),
    case("Tile", "scalar", array(3, "int32"), ints()),
    case("Tile", "empty", spread((0, 2)), ints(3, 2)),
    case("Tile", "three axes", ramp((1, 2, 2), "int64"), ints(2, 1, 2)),
    case("Tile", "negative", spread((2,)), ints(-1)),
    case("Tile", "wrong length", spread((2, 3)), ints(2)),
    case("Tile", "nothing, very often", spread((1, 2)), ints(2**31 - 1, 0)),
    case("Tile", "far too large", spread((2, 3)), ints(2**30, 2**30)),
    case("Pad", "matrix", spread((2, 3)), array([[1, 0], [0, 2]], "int32")),
    case("Pad", "int64 paddings", ramp((2,), "int32"), array([[1, 1]], "int64")),
    case("Pad", "nothing", spread((2, 1)), array([[0, 0], [0, 0]], "int32")),
    case("Pad", "bool", array([True], "bool"), array([[1, 1]], "int32")),
    case("Pad", "bfloat16", spread((2,), "bfloat16"), array([[1, 0]], "int32")),
    case("Pad", "strings", np.array(["a", "b"], dtype=object), array([[1, 2]], "int32")),
    case("Pad", "scalar", array(3.0), array(np.zeros((0, 2)), "int32")),
    case("Pad", "empty", spread((0, 2)), array([[1, 1], [0, 1]], "int32")),
    case("Pad", "complex", array([1 + 2j], "complex64"), array([[0, 1]], "int32")),
    case("Pad", "negative", spread((3,)), array([[-1, 1]], "int32")),
    case("Pad", "wrong number of rows", spread((2, 3)), array([[1, 1]], "int32"), modes=UNRANKED),
    case("Pad", "not pairs", spread((2,)), array([[1, 1, 1]], "int32"), modes=UNRANKED),
    case("Pad", "far too large", spread((2,)), array([[2**30, 2**60]], "int64")),
    case("PadV2", "float32", spread((2, 2)), array([[1, 0], [0, 1]], "int32"), array(-1.5)),
    case("PadV2", "int64", ramp((2,), "int64"), array([[0, 2]], "int32"), array(9, "int64")),
    case("PadV2", "infinity", spread((2,)), array([[1, 1]], "int32"), array(float("-inf"))),
    case("PadV2", "strings", np.array(["a"], dtype=object), array([[1, 0]], "int32"), "p"),
    case("PadV2", "value a vector", spread((2,)), array([[1, 0]], "int32"), array([1, 2])),
    case("MirrorPad", "reflect", ramp((2, 3)), array([[1, 1], [2, 0]], "int32"), mode="REFLECT"),
    case(
        "MirrorPad", "symmetric", ramp((2, 3)), array([[2, 1], [3, 1]], "int32"), mode="SYMMETRIC"
    ),
    case("MirrorPad", "int64", ramp((4,), "int64"), array([[1, 3]], "int64"), mode="REFLECT"),
    case("MirrorPad", "nothing", ramp((2,)), array([[0, 0]], "int32"), mode="REFLECT"),
    case(
        "MirrorPad",
        "strings",
        np.array(["a", "b", "c"], dtype=object),
        array([[1, 2]], "int32"),
        mode="SYMMETRIC",
    ),
    case("MirrorPad", "reflect too far", ramp((3,)), array([[3, 0]], "int32"), mode="REFLECT"),
    case("MirrorPad", "symmetric too far", ramp((3,)), array([[0, 4]], "int32"), mode="SYMMETRIC"),
    case("MirrorPad", "negative", ramp((3,)), array([[-1, 0]], "int32"), mode="REFLECT"),
]

REPEATING += [
    case("MirrorPadGrad", label, x, array(paddings, "int32"), mode=mode)
    for label, x, paddings, mode in (
        ("reflect", spread((4, 5)), [[1, 1], [2, 0]], "REFLECT"),
        ("symmetric", spread((5, 7)), [[2, 1], [3, 1]], "SYMMETRIC"),
        (
            "three axes of float64",
            spread((2, 4, 3), "float64"),
            [[0, 0], [1, 1], [0, 1]],
            "REFLECT",
        ),
        ("half", spread((5,), "float16"), [[1, 1]], "SYMMETRIC"),
        ("nothing", spread((2,)), [[0, 0]], "REFLECT"),
        ("as far as it goes", spread((6,)), [[2, 2]], "SYMMETRIC"),
        ("reflect too far", spread((6,)), [[3, 0]], "REFLECT"),
        ("negative", spread((3,)), [[-1, 0]], "REFLECT"),
    )
]

REVERSING = [
    case("ReverseV2", "one axis", spread((2, 3)), ints(1)),
    case("ReverseV2", "negative axis", ramp((2, 3), "int32"), array([-2], "int64")),
    case("ReverseV2", "both", spread((2, 3), "float64"), ints(0, 1)),
    case("ReverseV2", "none", spread((2, 3)), ints()),
    case("ReverseV2", "strings", WORDS, ints(1)),
    case("ReverseV2", "bool", array([True, False, False], "bool"), ints(0)),
    case("ReverseV2", "scalar", array(2, "int32"), ints()),
    case("ReverseV2", "axis twice", spread((2, 3)), ints(0, -2)),
    case("ReverseV2", "axis out of range", spread((2, 3)), ints(2)),
    case("ReverseV2", "axis a scalar", spread((2, 3)), array(0, "int32")),
    case("Reverse", "one axis", spread((2, 3)), array([False, True], "bool")),
    case("Reverse", "both", ramp((2, 3), "int64"), array([True, True], "bool")),
    case("Reverse", "none", spread((2, 3), "float16"), array([False, False], "bool")),
    case("Reverse", "strings", WORDS, array([True, False], "bool")),
    case("Reverse", "wrong length", spread((2, 3)), array([True], "bool"), modes=UNRANKED),
    case("Roll", "one axis", ramp((5,)), array(2, "int32"), array(0, "int32")),
    case("Roll", "negative", ramp((2, 3), "int32"), array(-1, "int32"), array(1, "int32")),
    case("Roll", "two axes", ramp((3, 4)), ints(1, -2), ints(0, 1)),
    case("Roll", "an axis twice", ramp((5,), "int64"), array([2, -3], "int64"), ints(0, 0)),
    case("Roll", "further than its size", ramp((3,)), array(7, "int32"), array(-1, "int64")),
    case(
        "Roll", "strings", np.array(["a", "b", "c"], object), array(1, "int32"), array(0, "int32")
    ),
    case("Roll", "empty", spread((0, 2)), array(1, "int32"), array(0, "int32")),
    case("Roll", "axis out of range", ramp((3,)), array(1, "int32"), array(1, "int32")),
    case("Roll", "shift and axis differ", ramp((3, 2)), ints(1, 1), ints(0), modes=UNRANKED),
    case("Roll", "a scalar", array(1.0), array(1, "int32"), array(0, "int32")),
]


#: TF: the size of block_shape must be known when the graph is built.
SIZE_KNOWN = ("ranked", "constant")


def to_batch(label, x, block, paddings, dtype="int32", modes=SIZE_KNOWN):
    inputs = x, array(block, dtype), array(paddings, dtype)
    return case("SpaceToBatchND", label, *inputs, modes=modes)


def from_batch(label, x, block, crops, dtype="int32", modes=SIZE_KNOWN):
    inputs = x, array(block, dtype), array(crops, dtype)
    return case("BatchToSpaceND", label, *inputs, modes=modes)


BLOCKS = [
    to_batch("2 by 2", ramp((1, 4, 4, 1)), [2, 2], [[0, 0], [0, 0]]),
    to_batch("channels and padding", ramp((2, 3, 5, 2)), [2, 3], [[1, 0], [0, 1]]),
    to_batch("one axis", ramp((2, 6), "int32"), [3], [[0, 0]]),
    to_batch("three axes", ramp((1, 2, 2, 2), "float64"), [2, 1, 2], [[0, 0]] * 3),
    to_batch("int64", ramp((1, 4, 1), "int64"), [2], [[1, 1]], "int64"),
    to_batch("no spatial axis", ramp((2, 3)), [], np.zeros((0, 2))),
    to_batch("half", ramp((1, 4, 2), "float16"), [2], [[2, 0]]),
    to_batch("empty batch", ramp((0, 4, 2)), [2], [[0, 0]]),
    to_batch("not divisible", ramp((1, 3, 1)), [2], [[0, 0]]),
    to_batch("block of 0", ramp((1, 4, 1)), [0], [[0, 0]]),
    to_batch("negative padding", ramp((1, 4, 1)), [2], [[-1, 1]]),
    to_batch("rank too low", ramp((4,)), [2], [[0, 0]], modes=("constant",)),
    to_batch("a scalar", array(2.0), [2], [[0, 0]], modes=("constant",)),
    from_batch("a scalar", array(2.0), [2], [[0, 0]], modes=("constant",)),
    from_batch("2 by 2", ramp((4, 2, 2, 1)), [2, 2], [[0, 0], [0, 0]]),
    from_batch("channels and crops", ramp((6, 2, 2, 2)), [2, 3], [[1, 0], [0, 2]]),
    from_batch("one axis", ramp((6, 2), "int32"), [3], [[0, 1]]),
    from_batch("int64", ramp((4, 3, 1), "int64"), [2], [[1, 1]], "int64"),
    from_batch("no spatial axis", ramp((2, 3)), [], np.zeros((0, 2))),
    from_batch("bfloat16", ramp((2, 2, 2), "bfloat16"), [2], [[0, 0]]),
    from_batch("cropped to nothing", ramp((2, 2)), [2], [[2, 2]]),
    from_batch("batch not divisible", ramp((3, 2)), [2], [[0, 0]]),
    from_batch("cropped too much", ramp((2, 2)), [2], [[3, 2]]),
    from_batch("negative crop", ramp((2, 2)), [2], [[-1, 0]]),
    case(
        "SpaceToBatch", "plain", ramp((1, 4, 4, 1)), array([[0, 0], [0, 0]], "int32"), block_size=2
    ),
    case(
        "SpaceToBatch", "padded", ramp((1, 3, 2, 2)), array([[1, 2], [1, 0]], "int32"), block_size=3
    ),
    case(
        "SpaceToBatch",
        "int32",
        ramp((2, 2, 2, 1), "int32"),
        array([[0, 0]] * 2, "int64"),
        block_size=2,
    ),
    case(
        "SpaceToBatch",
        "not divisible",
        ramp((1, 3, 4, 1)),
        array([[0, 0]] * 2, "int32"),
        block_size=2,
    ),
    case(
        "BatchToSpace", "plain", ramp((4, 2, 2, 1)), array([[0, 0], [0, 0]], "int32"), block_size=2
    ),
    case(
        "BatchToSpace",
        "cropped",
        ramp((4, 2, 3, 2)),
        array([[1, 0], [2, 1]], "int32"),
        block_size=2,
    ),
    case(
        "BatchToSpace",
        "int64",
        ramp((4, 1, 1, 1), "int64"),
        array([[0, 0]] * 2, "int64"),
        block_size=2,
    ),
    case(
        "BatchToSpace",
        "not divisible",
        ramp((3, 2, 2, 1)),
        array([[0, 0]] * 2, "int32"),
        block_size=2,
    ),
    case("SpaceToDepth", "plain", ramp((1, 2, 4, 1)), block_size=2),
    case("SpaceToDepth", "channels", ramp((2, 4, 4, 3)), block_size=2),
    case("SpaceToDepth", "int32", ramp((1, 3, 3, 2), "int32"), block_size=3),
    case("SpaceToDepth", "half", ramp((1, 2, 2, 2), "float16"), block_size=2),
    case("SpaceToDepth", "not divisible", ramp((1, 3, 4, 1)), block_size=2),
    case("SpaceToDepth", "rank 3", ramp((2, 4, 1)), block_size=2),
    case("DepthToSpace", "plain", ramp((1, 1, 2, 4)), block_size=2),
    case("DepthToSpace", "channels", ramp((2, 2, 1, 8)), block_size=2),
    case("DepthToSpace", "int64", ramp((1, 1, 1, 9), "int64"), block_size=3),
    case("DepthToSpace", "bfloat16", ramp((1, 1, 2, 4), "bfloat16"), block_size=2),
    case("DepthToSpace", "not divisible", ramp((1, 2, 2, 3)), block_size=2),
    case("DepthToSpace", "rank 5", ramp((1, 1, 2, 2, 4)), block_size=2),
]

STEPS = ramp((2, 4))
SEQUENCES = [
    case("ReverseSequence", "rows", STEPS, ints(3, 2), seq_dim=1),
    case("ReverseSequence", "columns", STEPS, ints(1, 2, 0, 1), seq_dim=0, batch_dim=1),
    case("ReverseSequence", "vectors", ramp((2, 3, 2)), array([3, 1], "int64"), seq_dim=1),
    case(
        "ReverseSequence",
        "inner axes",
        ramp((2, 3, 2), "int32"),
        ints(1, 2),
        seq_dim=1,
        batch_dim=2,
    ),
    case("ReverseSequence", "all and none", STEPS, ints(4, 0), seq_dim=1),
    case("ReverseSequence", "strings", [["a", "b"], ["c", "d"]], ints(2, 1), seq_dim=1),
    case("ReverseSequence", "bool", array([[True, False, False]], "bool"), ints(3), seq_dim=1),
    case("ReverseSequence", "empty", ramp((2, 0)), ints(0, 0), seq_dim=1),
    case("ReverseSequence", "too long", STEPS, ints(3, 5), seq_dim=1),
    case("ReverseSequence", "negative", STEPS, ints(-1, 2), seq_dim=1),
    case("ReverseSequence", "one axis", STEPS, ints(3, 2), seq_dim=0),
    case("ReverseSequence", "no such axis", STEPS, ints(3, 2), seq_dim=2),
    case("ReverseSequence", "too few lengths", STEPS, ints(3), seq_dim=1),
    case("ReverseSequence", "a matrix of lengths", STEPS, array([[3, 2]], "int32"), seq_dim=1),
]

CASES = [*SEQUENCES, *RESHAPING, *REPEATING, *REVERSING, *BLOCKS]

P = array([[1, 0], [0, 2]], "int32")
WIDE = spread((1, 4, 4, 1), "float64")
NONE = array([[0, 0], [0, 0]], "int32")
#: Where TensorFlow does not build the gradient for unknown shapes.
KNOWN = ("ranked", "constant")
#: Further cases of gradients.
GRADIENTS = [
    case("Reshape", "float64", spread((2, 3), "float64"), ints(3, 2)),
    case("Squeeze", "float64", spread((1, 2, 1), "float64")),
    case("ExpandDims", "float64", spread((2,), "float64"), array(1, "int32")),
    case("ExpandDims", "empty", spread((0, 2)), array(1, "int32")),
    case("Transpose", "complex64 matrix", array([[1 + 2j, 3, 1j]], "complex64"), ints(1, 0)),
    case("ConjugateTranspose", "three axes", spread((2, 1, 3), "float64"), ints(2, 0, 1)),
    case("ConjugateTranspose", "empty", spread((0, 3)), ints(1, 0)),
    case("Tile", "float64 three axes", spread((1, 2, 2), "float64"), ints(2, 1, 3)),
    case("Tile", "bfloat16", spread((2, 1), "bfloat16"), ints(1, 2)),
    case("Pad", "float64", spread((2, 3), "float64"), P),
    case("PadV2", "float64", spread((2, 3), "float64"), P, array(1.0, "float64")),
    case("PadV2", "empty", spread((0, 3)), P, array(1.0)),
    case(
        "MirrorPad",
        "float64",
        spread((3, 3), "float64"),
        array([[1, 1], [2, 2]], "int32"),
        mode="REFLECT",
    ),
    case("ReverseV2", "empty", spread((0, 3)), ints(0, 1)),
    case("Reverse", "float64", spread((2, 3), "float64"), array([True, False], "bool")),
    case("Roll", "float64", spread((2, 3), "float64"), ints(1, 2), ints(1, 0)),
    case("SpaceToBatch", "float64", WIDE, NONE, block_size=2),
    case("SpaceToBatch", "empty", spread((0, 2, 2, 1)), NONE, block_size=2),
    case("BatchToSpace", "float64", spread((4, 1, 2, 1), "float64"), NONE, block_size=2),
    case("SpaceToDepth", "float64", WIDE, block_size=2),
    case("DepthToSpace", "float64", spread((1, 1, 2, 4), "float64"), block_size=2),
    # TensorFlow pads nothing that is empty in this way.
    case("MirrorPad", "one row", spread((1, 3)), [[0, 0], [1, 1]], mode="SYMMETRIC"),
    case("MirrorPadGrad", "one row", spread((1, 5)), [[0, 0], [1, 1]], mode="SYMMETRIC"),
    case("Reverse", "two of three axes", spread((2, 2, 2)), [True, False, True]),
    case("Reverse", "no columns", spread((3, 0)), [True, False]),
    case("BatchToSpaceND", "no rows", spread((4, 0, 2, 1)), ints(2, 2), NONE, modes=KNOWN),
    case("BatchToSpace", "no rows", spread((4, 0, 2, 1)), NONE, block_size=2),
    case("SpaceToDepth", "empty batch", spread((0, 2, 4, 1)), block_size=2),
    case("DepthToSpace", "empty batch", spread((0, 1, 2, 4)), block_size=2),
]
