"""What a client or server may be told by the environment: certificates, a token, limits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from evergraph.plugin import errors


@dataclass(frozen=True)
class Credentials:
    """What one end shows to the other.

    Attributes:
      ca, certificate, key: in PEM: who is trusted, and what is shown; all three or none.
      token: what a client says, and a server asks for; "" for nothing.
    """

    ca: bytes = b""
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""

    @property
    def has_tls(self) -> bool:
        """Whether connections are to be encrypted, with certificates at both ends."""
        return bool(self.ca)


@dataclass(frozen=True)
class Limits:
    """What a server grants, so that no client exhausts it.

    Attributes:
      message_bytes: of one message. Values come in pieces of 1 MiB.
      nodes: of the graph of one session.
      sessions: that are open at the same time.
      session_bytes: of what a session has uploaded, or has yet to download.
      calls: that are under way at the same time; each has a thread.
      lease_seconds: after which a session that was not heard of ends.
    """

    message_bytes: int = 64 << 20
    nodes: int = 1_000_000
    sessions: int = 1000
    session_bytes: int = 4 << 30
    calls: int = 1000
    lease_seconds: float = 600.0


def credentials(ca: str = "", certificate: str = "", key: str = "", token: str = "") -> Credentials:
    """Return credentials from files, and a token; by default those that the environment names.

    The variables are `EVERGRAPH_GRPC_CA`, `…_CERT`, `…_KEY` and `…_TOKEN`.

    Raises:
      FailedPreconditionError: a file cannot be read, or is missing beside the others.
    """
    named = {
        "EVERGRAPH_GRPC_CA": ca,
        "EVERGRAPH_GRPC_CERT": certificate,
        "EVERGRAPH_GRPC_KEY": key,
    }
    paths = [path or os.environ.get(name, "") for name, path in named.items()]
    if any(paths) and not all(paths):
        missing = ", ".join(name for name, path in zip(named, paths, strict=True) if not path)
        raise _refused(
            f"TLS needs a certificate, its key, and the authority that both ends trust: {missing} "
            "is not given"
        )
    read = [_read(path) if path else b"" for path in paths]
    token = token or os.environ.get("EVERGRAPH_GRPC_TOKEN", "")
    return Credentials(read[0], read[1], read[2], token)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _refused(f"cannot read {path}: {error.strerror}") from error


def _refused(message: str) -> errors.FailedPreconditionError:
    return errors.FailedPreconditionError(None, None, message)
