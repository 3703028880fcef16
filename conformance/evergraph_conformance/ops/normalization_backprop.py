"""Cases of the gradients of normalisation: FusedBatchNormGrad and its later versions, LRNGrad."""

import numpy as np

from evergraph_conformance.cases import case, spread


def _fused(label, shape, version="", dtype="float32", channels=None, **more):
    first = more.get("data_format", "NHWC").startswith("NC")
    count = channels or (shape[1] if first else shape[-1])
    wide = "float64" if dtype == "float64" else "float32"
    x, dy = spread(shape, dtype, seed=1), spread(shape, dtype, seed=2)
    axes = tuple(i for i in range(len(shape)) if i != (1 if first else len(shape) - 1))
    mean = x.astype(wide).mean(axis=axes)[:count] if x.size else np.zeros(count, wide)
    variance = x.astype(wide).var(axis=axes)[:count] if x.size else np.ones(count, wide)
    scale = spread((count,), wide, 0.5, 2.0, seed=3)
    op = f"FusedBatchNormGrad{version}"
    rest = [np.zeros(0, wide)] if version == "V3" else []
    return case(op, label, dy, x, scale, mean, variance, *rest, **more)


def _lrn(label, shape, dtype="float32", **more):
    x = spread(shape, dtype, seed=1)
    wide = x.astype("float32")
    return case(
        "LRNGrad", label, spread(shape, dtype, seed=2), x, (wide * 0.7).astype(x.dtype), **more
    )


CASES = [
    *(
        one
        for version in ("", "V2", "V3")
        for one in (
            _fused("training", (2, 3, 4, 3), version),
            _fused("inference", (2, 3, 4, 3), version, is_training=False),
            _fused("another epsilon", (2, 3, 4, 2), version, epsilon=0.1),
            _fused("one element a channel", (1, 1, 1, 3), version),
            _fused("one channel", (3, 2, 2, 1), version),
            _fused("empty batch", (0, 2, 2, 3), version),
            _fused("channels that do not fit", (2, 3, 4, 3), version, channels=2),
        )
    ),
    _fused("half", (2, 3, 4, 3), "V2", "float16"),
    _fused("bfloat16", (2, 3, 4, 3), "V2", "bfloat16"),
    _fused("half", (2, 3, 4, 3), "V3", "float16"),
    _fused("bfloat16", (2, 3, 4, 3), "V3", "bfloat16"),
    _fused("half inference", (2, 3, 4, 3), "V3", "float16", is_training=False),
    _fused("NCHW", (2, 3, 4, 5), "V3", data_format="NCHW"),
    _fused("NDHWC", (2, 2, 3, 4, 3), "V3", data_format="NDHWC"),
    _fused("three axes", (2, 3, 3), "V3"),
    #
    _lrn("defaults", (1, 2, 2, 7)),
    _lrn("radius 1", (2, 2, 3, 5), depth_radius=1, bias=2.0, alpha=0.5, beta=0.75),
    _lrn("radius 0", (1, 2, 2, 3), depth_radius=0),
    _lrn("radius larger than the depth", (1, 2, 2, 3), depth_radius=9, alpha=0.1),
    _lrn("half", (1, 2, 2, 5), "float16", depth_radius=2),
    _lrn("empty batch", (0, 2, 2, 3)),
    _lrn("three axes", (2, 2, 3)),
]
