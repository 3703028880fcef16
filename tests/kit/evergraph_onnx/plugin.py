"""The entry point of the backend."""

from __future__ import annotations

from importlib import metadata

from evergraph.plugin import Backend, BackendInfo, SessionConfig, hookimpl


@hookimpl
def evergraph_backend(config: SessionConfig) -> Backend:
    """Create the backend; ONNX Runtime is imported here."""
    from evergraph_onnx.backend import OnnxBackend

    return OnnxBackend(config)


@hookimpl
def evergraph_backend_info() -> BackendInfo:
    """Say which ONNX Runtime would run."""
    return BackendInfo(
        version=f"onnxruntime {metadata.version('onnxruntime')}",
        remedy="pip install onnxruntime onnx",
        devices=["CPU"],
    )
