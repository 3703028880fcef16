"""Targets and addresses: `grpc://HOST:PORT`, `grpc+tls://HOST:PORT`, `unix:///PATH`."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from evergraph.plugin import errors

#: What targets begin with, before `://`.
PREFIXES = ("grpc", "grpc+tls", "unix")


@dataclass(frozen=True)
class Address:
    """Where a server is.

    Attributes:
      name: as gRPC has it: `HOST:PORT` or `unix:/PATH`.
      tls: whether the connection is encrypted, and both ends show certificates.
    """

    name: str
    tls: bool = False

    @property
    def target(self) -> str:
        """The target of sessions."""
        if self.name.startswith("unix:"):
            return f"unix://{self.name.removeprefix('unix:')}"
        return f"{'grpc+tls' if self.tls else 'grpc'}://{self.name}"


def parsed(target: str) -> Address:
    """Return the address of a target.

    Raises:
      InvalidArgumentError: it is none of ours.
    """
    prefix, _, rest = target.partition("://")
    if prefix == "unix":
        if not rest.startswith("/"):
            raise _invalid(f'Could not interpret "{rest}" as the path of a socket.')
        return Address(f"unix:{rest}")
    split(rest)
    return Address(rest, prefix == "grpc+tls")


def split(text: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`.

    Raises:
      InvalidArgumentError: it is not of that form.
    """
    host, _, port = text.rpartition(":")
    digits = port.isascii() and port.isdigit() and len(port) < 6 and int(port) < 65536
    if not host or not digits or "/" in host or "," in host or " " in host:
        raise _invalid(f'Could not interpret "{text}" as a host-port pair.')
    return host.strip("[]"), int(port)


def is_local(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _invalid(message: str) -> errors.InvalidArgumentError:
    return errors.InvalidArgumentError(None, None, message)
