"""Faults of conditionals and loops: how they are found in a graph, planned and run."""

from __future__ import annotations

from evergraph_broken.planting import Fault, Plant, edit, ops, runtime


def fault(about: str, *plants: Plant, where: str = "", backend: str = "broken") -> Fault:
    """Return a fault that the cases of control flow find."""
    return Fault(about, "control_flow_order", where, plants, backend)


CONTROL_FAULTS = [
    # How they are found
    fault("one predicate decides once", runtime(
        "conditions:_gathered", "levels.get(source, 0) + out", "levels.get(source, 0)")),
    fault("a nested condition is its own outer one", runtime(
        "conditions:_gathered", "key = guard[:-1], guard[-1][0]", "key = (), guard[-1][0]")),
    fault("branches that a merge takes in reverse are mixed", edit(
        "evergraph.graph.guards:told_apart", "(1, 0) if branch else (0, 1)", "(0, 1)")),
    fault("a trigger is as dead as what it waits for", runtime(
        "conditions:_Guards.add", 'item._type == "ControlTrigger"', "False")),
    fault("a conditional waits for no operation", runtime(
        "lowering:sources", "yield from item.controls", "yield from ()")),
    fault("a nested loop runs outside", runtime(
        "frames:with_loops", "parent = key[0]", "parent = None")),
    # How they are planned
    fault("what one branch alone writes is lost", runtime(
        "nesting:_Joint.__init__", "(v for b in branches for v in b.versions.written)",
        "(branches[0].versions.written)")),
    fault("a first value that a branch gives is lost", runtime(
        "nesting:_Joint.__init__", "if not all(b.versions.settled(variable) for b in branches)",
        "if False")),
    fault("the index of a merge is the branch", runtime(
        "nesting:add_conditional", "dtypes.int32, order[b])", "dtypes.int32, b)")),
    fault("what does not leave a branch is there", runtime(
        "nesting:_lowered_branch", "if tensor in planner.fetched", "if False")),
    fault("a dead output of a switch is fetched", runtime(
        "planner:Planner._switch", "zip(op._outputs, (no, yes), strict=True)", "()")),
    fault("a condition sees the iteration before", runtime(
        "nesting:add_repeated", "again = condition(ends)", "again = condition(starts)")),
    fault("a first value that a loop gives is lost", runtime(
        "nesting:add_repeated", "unsettled = [v for v in carried if not outer.settled(v)]",
        "unsettled = []")),
    fault("every iteration finds a variable as the first one did", runtime(
        "nesting:add_repeated", "ends += [versions.current(v, op, optional=True) for v in carried]",
        "ends += [versions.start(v) for v in carried]")),
    # How they run
    fault("both branches run", ops(
        "control:conditional", "branch = int(bool(predicate))",
        "branch = int(bool(predicate))\n    _blocks[1 - branch](captured)")),
    fault("a loop runs at least once", ops(
        "control:loop", "while predicate:", "predicate = True\n    while predicate:")),
    fault("values of a loop are handed on one after the other", ops(
        "control:loop", "predicate, *values = body([*values, *fixed])",
        "for i in range(len(values)):\n            predicate, *new = body([*values, *fixed])\n"
        "            values[i] = new[i]")),
    fault("what fails in a block is its first node", runtime(
        "driven:Driven._block", "place[id(failed.part.piece.nodes[error.index])]", "0"),
        backend="onnx"),
    fault("a block on the host forgets its constants", runtime(
        "driven:Driven._block", "store = dict(block.constants)",
        "store = dict.fromkeys(block.constants, 0)"), backend="onnx"),
]  # fmt: skip
