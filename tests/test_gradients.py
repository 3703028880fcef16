"""Which op types can be differentiated: those of TensorFlow."""

from __future__ import annotations

from evergraph.op import no_gradient, registry
from evergraph_conformance.gradient_cases import registered

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
