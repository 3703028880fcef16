"""Faults of what compiles: how a step is divided into regions, and what a region is compiled to.

They are planted in the planner and in `evergraph_onnx`, whose regions they break.
"""

from __future__ import annotations

from evergraph_broken.planting import Fault, Plant, edit, runtime


def fault(about: str, suite: str, *plants: Plant, where: str = "") -> Fault:
    """Return a fault that a suite, or some of its cases, find on a backend that compiles."""
    return Fault(about, suite, where, plants, backend="onnx")


def onnx(place: str, old: str, new: str) -> Plant:
    """Edit a function of the backend."""
    return edit(f"evergraph_onnx.{place}", old, new)


COMPILER_FAULTS = [
    # Specialisation
    fault("a region is not compiled anew for another static value", "regions", onnx(
        "executable:OnnxExecutable._model", "v.tobytes() if i in static", 'b"" if i in static')),
    fault("a region is compiled anew in every run", "compilations", onnx(
        "executable:OnnxExecutable._model", "found = self._models.get(key)", "found = None")),
    fault("regions that differ in constants are one", "regions", runtime(
        "program:_add_array", "digest.update(np.ascontiguousarray(array).tobytes())", "pass")),
    fault("regions that differ in attributes are one", "regions", runtime(
        "program:_attribute_bytes", "{value!r}", "")),
    fault("static inputs are not told", "regions", runtime(
        "assembly:_Assembler._parts",
        "frozenset(k for k, s in enumerate(inputs) if s in piece.static)", "frozenset()")),
    # Checks
    fault("value checks of a region are dropped", "run_errors", onnx(
        "executable:Model.__call__", "for check in self._checks", "for check in ()")),
    fault("only the first check of a region counts", "regions", onnx(
        "executable:Model.__call__", "for check in self._checks", "for check in self._checks[:1]")),
    fault("of several failing checks the last one is raised", "regions", onnx(
        "executable:Model.__call__", "looked_at = iter(results[count:])",
        "looked_at = iter(results[count:])\n    failures = []"),
        onnx("executable:Model.__call__", "raise NodeError(check.node, error) from error",
        "failures.append(NodeError(check.node, error))"),
        onnx("executable:Model.__call__", "    return [Array(",
        "    if failures:\n        raise failures[-1]\n    return [Array(")),
    fault("what fails in a region is its first node", "run_errors", onnx(
        "executable:Model.__call__", "NodeError(check.node, error)", "NodeError(0, error)")),
    # Memory that is given away
    fault("memory is given away although the region fails", "variables", onnx(
        "executable:OnnxExecutable.__call__", "outputs = self._model(inputs)(inputs)",
        "try:\n        outputs = self._model(inputs)(inputs)\n    except NodeError:\n"
        "        [inputs[i].give_away() for i, _ in self.program.donated]\n        raise")),
    fault("what is fetched as well is given away", "variables", runtime(
        "assembly:_donated", "slot not in kept and ", "")),
    fault("what later regions read is given away", "regions", runtime(
        "assembly:_Assembler._parts", " if i == len(pieces) - 1 else ()", "")),
    fault("what leaves a step is the memory of a variable", "regions", runtime(
        "transaction:Transaction._copy_leaving", "if id(value) in held", "if False")),
    fault("a host node runs before the region that it reads", "regions", runtime(
        "regions:_stages", "stage = max(stage, _after(stage_of.get(slot, 0), host))",
        "stage = stage if host else max(stage, _after(stage_of.get(slot, 0), host))")),
    fault("a region does not end before what decides a shape", "regions", runtime(
        "regions:_stages", "stage = max(stage, stage_of[slot] + 2)\n        key",
        "pass\n        key")),
    fault("what the host needs stays on the device", "regions", runtime(
        "assembly:_Assembler._parts", "self._on_device(s, stage, division, producer)", "False")),
    fault("a value between regions does not leave the first", "regions", runtime(
        "assembly:_Assembler._ends", "if s in wanted or s in elsewhere", "if s in wanted")),
]  # fmt: skip
