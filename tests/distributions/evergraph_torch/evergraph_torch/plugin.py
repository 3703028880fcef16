"""The entry point: light, so that it can be asked about without loading PyTorch."""

from importlib import metadata

from evergraph.plugin import Backend, BackendInfo, SessionConfig, hookimpl


@hookimpl
def evergraph_backend(config: SessionConfig) -> Backend:
    """Create the backend."""
    from evergraph_torch.backend import TorchBackend

    return TorchBackend(config)


@hookimpl
def evergraph_backend_info() -> BackendInfo:
    """Describe the backend."""
    return BackendInfo(version=f"torch {metadata.version('torch')}", devices=("CPU:0",))
