"""What is changed, and which suites are about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class About:
    """The cases for a module.

    Attributes:
      suites: those that come first.
      backends: what they run on: what survives on one is tried on the next. NumPy's has no regions:
        what makes them runs on one that compiles.
      tests: files of `tests/` that come after all suites: what only concerns evergraph.
    """

    suites: frozenset[str]
    backends: tuple[str, ...]
    tests: frozenset[str]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _about(suites: str, backends: str = "numpy onnx", tests: str = "") -> About:
    return About(_names(suites), tuple(backends.split()), _names(tests))


#: Suites that run afterwards, whatever the module: quick ones, of all kinds.
REST: Final = _names(
    "aliasing callable callable_options check_order checkpoints composites conditional_runs "
    "conditional_state conditions control_flow_order control_gradients coordinator defaults "
    "differentiation feed feed_keys feed_warnings fetch fetch_types folding freezing "
    "functional_loops graph import import_checks input_queues layers loops models optimizers "
    "page_callable page_default page_run page_session partial_run placement py_func queue_errors "
    "queues random readers regions run_errors saver seeds session_life switch_merge tensor_arrays "
    "tensor_handles tensor_lists threads tracing variable_sharing variables waiting_inside"
)

_RUNTIME: Final = {
    "assembly": _about("regions variables conditional_runs", "onnx strict"),
    "arrays": _about("tensor_arrays graphs"),
    "calls": _about("graphs import"),
    "claims": _about("regions placement functional_loops", "onnx numpy"),
    "conditions": _about("control_flow_order switch_merge", tests="runtime/test_lowering.py"),
    "driven": _about("control_flow_order conditional_runs", "onnx strict"),
    "executor": _about("run_errors tracing models waiting_inside"),
    "frames": _about("control_flow_order", tests="runtime/test_lowering.py"),
    "interpreter": _about("run_errors regions tracing loops", "strict onnx"),
    "lowering": _about("control_flow_order", tests="runtime/test_lowering.py"),
    "nesting": _about("control_flow_order conditional_state loops"),
    "plan": _about("page_run variables"),
    "planner": _about("variables control_flow_order page_run"),
    "preceding": _about("run_errors variables concurrency"),
    "progress": _about("partial_run queues queue_errors"),
    "prune": _about("page_run partial_run"),
    "regions": _about("regions control_flow_order conditional_runs", "onnx strict"),
    "stages": _about("queues partial_run py_func"),
    "transaction": _about("variables control_flow_order run_errors tracing concurrency"),
    "unused": _about("page_run run_errors optimizers"),
    "versions": _about("variables variable_sharing random"),
}
_SESSION: Final = {
    "arguments": _about("page_run page_callable page_session check_order"),
    "base": _about("page_run session_life fetch feed"),
    "call": _about("callable callable_options page_callable"),
    "config_fields": _about("page_session", tests="session/test_showing.py"),
    "defaults": _about("defaults page_default"),
    "devices": _about("placement page_session", tests="session/test_showing.py"),
    "engine": _about("session_life page_session"),
    "explain": _about("placement regions", tests="session/test_showing.py"),
    "feeds": _about("feed feed_keys feed_warnings"),
    "fetches": _about("fetch fetch_types"),
    "forking": _about("session_life"),
    "handles": _about("tensor_handles"),
    "losses": _about("variables session_life"),
    "metadata": _about("tracing", tests="session/test_observers.py"),
    "partial": _about("partial_run", tests="session/test_partial.py"),
    "prepared": _about("callable page_callable"),
    "results": _about("aliasing", "strict numpy"),
    "session": _about("session_life defaults"),
}

MODULES: Final = {f"evergraph.runtime.{name}": about for name, about in _RUNTIME.items()} | {
    f"evergraph.session.{name}": about for name, about in _SESSION.items()
}
