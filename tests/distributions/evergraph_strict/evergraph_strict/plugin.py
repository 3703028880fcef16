"""The entry point: light, so that it can be asked about without loading the array library."""

from importlib import metadata

from evergraph.plugin import Backend, BackendInfo, SessionConfig, hookimpl


@hookimpl
def evergraph_backend(config: SessionConfig) -> Backend:
    """Create the backend."""
    from evergraph_strict.backend import StrictBackend

    return StrictBackend(config)


@hookimpl
def evergraph_backend_info() -> BackendInfo:
    """Describe the backend."""
    return BackendInfo(version=f"array_api_strict {metadata.version('array_api_strict')}")
