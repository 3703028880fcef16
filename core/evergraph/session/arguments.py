"""The arguments of sessions, checked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from evergraph import discovery, protos
from evergraph.errors import InvalidArgumentError, NotFoundError
from evergraph.graph.device import DeviceSpec
from evergraph.graph.graph import Graph
from evergraph.hooks import SessionTarget


def checked_target(target: Any) -> str:
    """Return the target as a string, None as ""; a TypeError says what else it is."""
    if target is None:
        return ""
    if isinstance(target, bytes):
        target = target.decode()
    if isinstance(target, str):
        return target
    name = type(target).__name__
    hint = (
        '. Did you do "Session(config)" instead of "Session(config=config)"?'
        if name == "ConfigProto"
        else ""
    )
    raise TypeError(f'Argument `target` must be a string, but got "{name}"{hint}')


def checked_config(config: Any) -> protos.ConfigProto:
    """Return a copy of the config as our message; a TypeError says what else it is."""
    if config is None:
        return protos.ConfigProto()
    try:
        own = protos.adopt(config, protos.ConfigProto)
    except TypeError:
        raise TypeError(
            f'Argument `config` must be a tf.ConfigProto, but got "{type(config).__name__}"'
        ) from None
    copied = protos.ConfigProto()
    copied.CopyFrom(own)
    return copied


def backend_name(config: protos.ConfigProto) -> str:
    """Return the name of the backend: the config's, the environment's, or `numpy`."""
    return config.backend or os.environ.get("EVERGRAPH_BACKEND") or "numpy"


def strict_feeds(config: protos.ConfigProto) -> bool:
    """Return whether a fed value that does not fit its type is an error, and not a warning.

    Raises:
      InvalidArgumentError: the option is neither `strict` nor `warn`.
    """
    option = config.backend_options.get("feeds", "warn")
    if option not in ("strict", "warn"):
        raise InvalidArgumentError(
            None, None, f"backend_options['feeds'] = {option!r}: one of strict, warn"
        )
    return option == "strict"


def check_containers(containers: Any) -> None:
    """Raise TypeError for what are no names of containers; None stands for no names."""
    if not isinstance(containers, Iterable | None):
        raise TypeError(
            "Argument `containers` must be names of containers: "
            f"'{type(containers).__name__}' object is not iterable"
        )
    for name in () if containers is None else containers:
        if not isinstance(name, str | bytes | bytearray):
            raise TypeError(
                "Argument `containers` must be names of containers: Expected binary or unicode "
                f"string, got {name!r}"
            )


def check_device_count(config: protos.ConfigProto) -> None:
    """Raise NotFoundError for a configuration without a CPU, where a session could not run."""
    count = config.device_count.get("CPU", 1)
    if count <= 0:
        raise NotFoundError(
            None,
            None,
            f"No CPU devices are available in this process: device_count['CPU'] is {count}",
        )


def check_device_filters(config: protos.ConfigProto) -> None:
    """Raise InvalidArgumentError for a filter that is no device string."""
    for given in config.device_filters:
        try:
            DeviceSpec.from_string(given)
        except ValueError as error:
            raise InvalidArgumentError(None, None, f"Invalid device filter: {given}") from error


def found_target(target: str, config: protos.ConfigProto) -> SessionTarget:
    """Return what a plugin offers for a target.

    Raises:
      NotFoundError: no plugin does.
    """
    found = discovery.session_target(target)
    if found is not None:
        return found
    factories = [f"{name.upper()}_SESSION" for name in discovery.target_plugins()]
    raise NotFoundError(
        None,
        None,
        f'No session factory registered for the given session options: {{target: "{target}" '
        f"config: {str(config).strip()}}} Registered factories are "
        f"{{{', '.join([*factories, 'DIRECT_SESSION'])}}}.",
    )


def check_not_empty(graph: Graph) -> None:
    """Raise RuntimeError for a graph without operations."""
    if graph.version == 0:
        raise RuntimeError(
            "The Session graph is empty. Add operations to the graph before calling run()."
        )


def seconds(milliseconds: int) -> float | None:
    """Return a time limit in seconds; None where there is none."""
    return milliseconds / 1000 if milliseconds > 0 else None


def checked_options(
    options: Any, run_metadata: Any, config: protos.ConfigProto
) -> protos.RunOptions:
    """Return the options as ours, checked; the metadata must be such a message, too."""
    checked = protos.RunOptions()
    if options is not None:
        try:
            checked = protos.adopt(options, protos.RunOptions)
        except TypeError:
            raise TypeError(
                f"Argument `options` must be a tf.RunOptions, but got {type(options).__name__}"
            ) from None
        # TF: -1 stands for the caller's thread; without pools of its own a session has one.
        pools = max(len(config.session_inter_op_thread_pool), 1)
        if not -1 <= checked.inter_op_thread_pool < pools:
            raise InvalidArgumentError(
                None, None, f"Invalid inter_op_thread_pool: {checked.inter_op_thread_pool}"
            )
    if run_metadata is not None and not hasattr(run_metadata, "ParseFromString"):
        raise TypeError(
            "Argument `run_metadata` must be a tf.RunMetadata, but got "
            f"{type(run_metadata).__name__}"
        )
    return checked
