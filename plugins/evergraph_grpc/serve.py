"""`python -m evergraph serve`: a server for sessions of other processes."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import Any, Final

_HELP: Final = "run the sessions of other processes, until SIGTERM or Ctrl-C"


def add_command(commands: Any) -> None:
    """Add the command to a parser."""
    parser = commands.add_parser("serve", help=_HELP, description=_HELP)
    parser.add_argument("--address", default="127.0.0.1:0", help="HOST:PORT, or unix:/PATH")
    parser.add_argument("--backend", help="by default EVERGRAPH_BACKEND, or numpy")
    parser.add_argument("--tls-ca", default="", metavar="FILE", help="who clients are trusted by")
    parser.add_argument("--tls-cert", default="", metavar="FILE", help="what clients are shown")
    parser.add_argument("--tls-key", default="", metavar="FILE", help="the key of that")
    parser.add_argument("--insecure", action="store_true", help="anyone may connect, unencrypted")
    parser.add_argument("--lease", type=float, default=600.0, metavar="SECONDS")
    parser.set_defaults(run=serve)


def serve(options: argparse.Namespace) -> int:
    """Run the command."""
    from evergraph import protos
    from evergraph.targets import backend_name
    from evergraph_grpc.listener import Listener
    from evergraph_grpc.master import Master
    from evergraph_grpc.settings import Limits, credentials

    # The token is no argument: everyone sees the arguments of a process.
    shown = credentials(options.tls_ca, options.tls_cert, options.tls_key)
    config = protos.ConfigProto(backend=options.backend or "")
    master = Master(
        "/job:localhost/replica:0/task:0",
        backend_name(config),
        config,
        Limits(lease_seconds=options.lease),
    )
    listener = Listener(master, options.address, shown, options.insecure)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    listener.start()
    print(listener.address.target, flush=True)
    stop.wait()
    listener.stop()
    sys.stdout.flush()
    return 0
