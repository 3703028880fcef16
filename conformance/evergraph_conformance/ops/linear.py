"""Cases of products of matrices and what generalises them: MatMul, Einsum, Cross."""

from evergraph_conformance.cases import array, case, ramp, spread

NAN, INF = float("nan"), float("inf")


def _complex(shape, dtype="complex64", seed=0):
    real = spread(shape, "float64", seed=seed)
    return array(real + 1j * spread(shape, "float64", seed=seed + 50), dtype)


def _einsum(label, equation, *operands, **more):
    return case("Einsum", f"{equation}: {label}", list(operands), equation=equation, **more)


_LEFT, _RIGHT = spread((2, 3)), spread((3, 4), seed=1)

CASES = [
    case("MatMul", "plain", _LEFT, _RIGHT),
    case("MatMul", "transposed left", spread((3, 2)), _RIGHT, transpose_a=True),
    case("MatMul", "transposed right", _LEFT, spread((4, 3)), transpose_b=True),
    case(
        "MatMul",
        "both transposed",
        spread((3, 2)),
        spread((4, 3)),
        transpose_a=True,
        transpose_b=True,
    ),
    case("MatMul", "vector of one column", spread((5, 3)), spread((3, 1))),
    case("MatMul", "float64", spread((2, 3), "float64"), spread((3, 2), "float64")),
    case(
        "MatMul", "half accumulates wider", spread((2, 40), "float16"), spread((40, 2), "float16")
    ),
    case("MatMul", "bfloat16", spread((2, 40), "bfloat16"), spread((40, 2), "bfloat16")),
    case("MatMul", "int32 wraps around", array([[2**30, 3]], "int32"), array([[4], [5]], "int32")),
    case("MatMul", "int64", array([[2**40, 3]], "int64"), array([[4], [-5]], "int64")),
    case(
        "BatchMatMulV2",
        "int16 wraps around",
        array([[20000, 3]], "int16"),
        array([[2], [5]], "int16"),
    ),
    case("MatMul", "complex64", _complex((2, 3)), _complex((3, 2), seed=1)),
    case(
        "MatMul",
        "complex128 transposed, not conjugated",
        _complex((3, 2), "complex128"),
        _complex((3, 2), "complex128", 1),
        transpose_a=True,
    ),
    case("MatMul", "no inner dimension gives zeros", ramp((2, 0)), ramp((0, 3))),
    case("MatMul", "no rows", ramp((0, 3)), _RIGHT),
    case("MatMul", "no columns", _LEFT, ramp((3, 0))),
    case("MatMul", "infinity and NaN", array([[INF, 1], [NAN, 0]]), array([[1, 0], [2, 1]])),
    case("MatMul", "inner sizes that differ", _LEFT, spread((4, 2))),
    case("MatMul", "transposed sizes that differ", _LEFT, spread((3, 2)), transpose_a=True),
    case("MatMul", "a vector is no matrix", spread((3,)), _RIGHT),
    case("MatMul", "three axes are too many", spread((2, 2, 3)), _RIGHT),
    #
    case("BatchMatMul", "batch of two", spread((2, 2, 3)), spread((2, 3, 2), seed=1)),
    case("BatchMatMul", "plain matrices", _LEFT, _RIGHT),
    case("BatchMatMul", "adjoints", spread((2, 3, 2)), spread((2, 4, 3)), adj_x=True, adj_y=True),
    case(
        "BatchMatMul",
        "complex adjoint is conjugated",
        _complex((1, 3, 2)),
        _complex((1, 3, 2), seed=1),
        adj_x=True,
    ),
    case("BatchMatMul", "batches that differ", spread((2, 2, 3)), spread((1, 3, 2))),
    case("BatchMatMul", "inner sizes that differ", spread((2, 2, 3)), spread((2, 2, 3))),
    case("BatchMatMul", "empty batch", spread((0, 2, 3)), spread((0, 3, 2))),
    #
    case("BatchMatMulV2", "batch of two", spread((2, 2, 3)), spread((2, 3, 2), seed=1)),
    case("BatchMatMulV2", "broadcast batches", spread((2, 1, 2, 3)), spread((3, 3, 2), seed=1)),
    case("BatchMatMulV2", "matrix against batch", _LEFT, spread((2, 3, 2), seed=1)),
    case("BatchMatMulV2", "adjoint left", spread((2, 3, 2)), spread((2, 3, 4), seed=1), adj_x=True),
    case(
        "BatchMatMulV2", "adjoint right", spread((2, 2, 3)), spread((2, 4, 3), seed=1), adj_y=True
    ),
    case(
        "BatchMatMulV2",
        "complex adjoints are conjugated",
        _complex((2, 3, 2), "complex128"),
        _complex((4, 3), "complex128", 1),
        adj_x=True,
        adj_y=True,
    ),
    case(
        "BatchMatMulV2", "half", spread((2, 2, 9), "float16"), spread((2, 9, 2), "float16", seed=1)
    ),
    case(
        "BatchMatMulV2",
        "bfloat16",
        spread((2, 2, 9), "bfloat16"),
        spread((2, 9, 2), "bfloat16", seed=1),
    ),
    case("BatchMatMulV2", "int32", ramp((2, 2, 2), "int32"), ramp((2, 2, 2), "int32", -3)),
    case("BatchMatMulV2", "int64", ramp((2, 2, 2), "int64"), ramp((2, 2), "int64", -3)),
    case("BatchMatMulV2", "no inner dimension gives zeros", ramp((2, 2, 0)), ramp((2, 0, 3))),
    case("BatchMatMulV2", "empty batch broadcasts", ramp((0, 2, 3)), ramp((1, 3, 2))),
    case("BatchMatMulV2", "batches that do not fit", spread((2, 2, 3)), spread((3, 3, 2))),
    case("BatchMatMulV2", "inner sizes that differ", spread((2, 2, 3)), spread((2, 2, 3))),
    case("BatchMatMulV2", "a vector is no matrix", spread((3,)), spread((2, 3, 2))),
    #
    case("BatchMatMulV3", "float32", spread((2, 2, 3)), spread((2, 3, 2), seed=1), Tout="float32"),
    case(
        "BatchMatMulV3",
        "broadcast batches",
        spread((2, 1, 2, 3)),
        spread((3, 3, 2), seed=1),
        Tout="float32",
    ),
    case(
        "BatchMatMulV3",
        "int8 into int32",
        array([[[100, 100]]], "int8"),
        array([[[100], [-3]]], "int8"),
        Tout="int32",
    ),
    case(
        "BatchMatMulV3",
        "uint8 and int8 into int32",
        array([[200, 100]], "uint8"),
        array([[100], [-3]], "int8"),
        Tout="int32",
    ),
    case(
        "BatchMatMulV3",
        "bfloat16 and int8",
        spread((2, 9), "bfloat16"),
        spread((9, 2), "int8", -9, 9),
        Tout="bfloat16",
    ),
    case(
        "BatchMatMulV3",
        "inner sizes that differ",
        spread((2, 2, 3)),
        spread((2, 2, 3)),
        Tout="float32",
    ),
    #
    _einsum("matrix product", "ij,jk->ik", _LEFT, _RIGHT),
    _einsum("transposed", "ij->ji", _LEFT),
    _einsum("sum of everything", "ij->", _LEFT),
    _einsum("trace", "ii->", spread((3, 3))),
    _einsum("diagonal", "ii->i", spread((3, 3))),
    _einsum("diagonal between others", "iai->a", spread((3, 2, 3))),
    _einsum("diagonal of three", "iii->i", spread((2, 2, 2))),
    _einsum("sum to a row", "ij->j", _LEFT),
    _einsum("outer product", "i,j->ij", spread((3,)), spread((2,))),
    _einsum("inner product", "i,i->", spread((3,)), spread((3,), seed=1)),
    _einsum("element by element", "ij,ij->ij", _LEFT, spread((2, 3), seed=1)),
    _einsum("batched, output transposed", "bij,bjk->kbi", spread((2, 2, 3)), spread((2, 3, 4))),
    _einsum(
        "attention scores", "BTNH,BSNH->BNTS", spread((2, 3, 2, 4)), spread((2, 5, 2, 4), seed=1)
    ),
    _einsum("label summed in one operand only", "ij,k->k", _LEFT, spread((4,))),
    _einsum("two contracted labels", "abc,bcd->ad", spread((2, 3, 2)), spread((3, 2, 2))),
    _einsum("ellipsis on both", "...ij,...jk->...ik", spread((2, 2, 3)), spread((2, 3, 2))),
    _einsum("ellipses broadcast", "...ij,...jk->...ik", spread((2, 1, 2, 3)), spread((3, 3, 2))),
    _einsum("ellipsis on one", "...ij,jk->...ik", spread((2, 2, 2, 3)), spread((3, 2))),
    _einsum("empty ellipsis", "i...,i->...", spread((3,)), spread((3,))),
    _einsum("ellipsis alone", "...,...->...", spread((2, 3)), spread((3,))),
    _einsum("ellipsis moved", "a...b->b...a", spread((2, 3, 4))),
    _einsum("ellipsis summed out", "...i->i", spread((2, 3))),
    _einsum("ellipses summed out", "...i,...i->", spread((2, 3)), spread((2, 3))),
    _einsum("diagonal of an operand", "iij,jk->ik", spread((2, 2, 3)), spread((3, 2))),
    _einsum("output repeats a label", "i->ii", spread((3,))),
    _einsum("output repeats a contracted label", "ij,j->ii", _LEFT, spread((3,))),
    _einsum("blanks are labels", "ij , jk -> ik", _LEFT, _RIGHT),
    _einsum("size 1 does not broadcast", "ij,jk->ik", spread((2, 1)), spread((3, 2))),
    _einsum(
        "named size 1 does not broadcast in an output", "ij,ij->ij", spread((2, 1)), spread((2, 3))
    ),
    _einsum("int32", "ij,jk->ik", ramp((2, 3), "int32"), ramp((3, 2), "int32", -2)),
    _einsum("int64 sum", "ij->i", ramp((2, 3), "int64")),
    _einsum("float64", "ij,jk->ik", spread((2, 3), "float64"), spread((3, 2), "float64")),
    _einsum("half", "ij,jk->ik", spread((2, 9), "float16"), spread((9, 2), "float16")),
    _einsum(
        "bfloat16", "bij,bjk->bik", spread((1, 2, 9), "bfloat16"), spread((1, 9, 2), "bfloat16")
    ),
    _einsum("complex is not conjugated", "ij,jk->ik", _complex((2, 3)), _complex((3, 2), seed=1)),
    _einsum("empty contraction", "ij,jk->ik", ramp((2, 0)), ramp((0, 3))),
    _einsum("empty diagonal", "ii->i", ramp((0, 0))),
    _einsum("scalar operand", ",i->i", array(3.0), spread((3,))),
    _einsum("sizes that differ", "ij,jk->ik", _LEFT, spread((4, 2))),
    _einsum("a repeated label of two sizes", "ii->i", spread((2, 3))),
    _einsum("too few axes", "ijk->k", _LEFT),
    _einsum("too many axes", "i->i", _LEFT),
    _einsum("batches that do not broadcast", "...i,...i->...", spread((2, 3)), spread((4, 3))),
    _einsum("unknown output label", "ij->ik", _LEFT),
    _einsum("more operands than subscripts", "ij->ij", _LEFT, _LEFT),
    _einsum("three operands", "i,i,i->i", spread((3,)), spread((3,)), spread((3,))),
    _einsum("no arrow", "ij,jk", _LEFT, _RIGHT),
    _einsum("blanks are labels in every operand", "i j,jk-> ik", spread((2, 2, 3)), spread((3, 2))),
    _einsum("digits are labels", "1j->j", _LEFT),
    #
    case("Cross", "one pair", spread((3,)), spread((3,), seed=1)),
    case("Cross", "batch", spread((2, 4, 3)), spread((2, 4, 3), seed=1)),
    case("Cross", "float64", spread((2, 3), "float64"), spread((2, 3), "float64", seed=1)),
    case("Cross", "int32", ramp((2, 3), "int32"), ramp((2, 3), "int32", -4)),
    case("Cross", "uint8 wraps around", array([1, 2, 3], "uint8"), array([7, 5, 6], "uint8")),
    case("Cross", "half", spread((2, 3), "float16"), spread((2, 3), "float16", seed=1)),
    case("Cross", "bfloat16", ramp((2, 3), "bfloat16"), ramp((2, 3), "bfloat16", -4)),
    case("Cross", "empty batch", ramp((0, 3)), ramp((0, 3))),
    case("Cross", "last axis is not 3", spread((2, 4)), spread((2, 4))),
    case("Cross", "shapes that differ", spread((2, 3)), spread((1, 3))),
    case("Cross", "a scalar", array(1.0), array(1.0)),
]

#: Further cases of gradients.
GRADIENTS = [
    *[
        case(
            "BatchMatMulV3", f"both {t}", spread((2, 2, 3), t), spread((2, 3, 2), t, seed=1), Tout=t
        )
        for t in ("bfloat16", "float64")
    ],
    case("BatchMatMulV3", "no batches", spread((0, 2, 3)), spread((0, 3, 2)), Tout="float32"),
]
