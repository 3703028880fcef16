"""What is built for users: sdist and wheel, installed in a fresh environment and used.

    python3 tests/check_wheel.py [--extra jax]

Needs nothing but Python and pip. The wheel that comes from the sdist must be the wheel that comes
from the checkout; it is installed without the checkout in sight, and a small program runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Files of each kind that the wheel must have.
SAMPLES = (
    "evergraph/__init__.py",
    "evergraph/py.typed",
    "evergraph/templates/backend/plugin.py.template",
    "evergraph/vocabulary.binpb",
    "evergraph/protos/__init__.pyi",
    "evergraph/protos/descriptors.binpb",
    "evergraph/protos/graph.proto",
    "evergraph_numpy/plugin.py",
    "evergraph_jax/plugin.py",
    "evergraph_trace/plugin.py",
    "evergraph_grpc/protos/service.binpb",
    "evergraph_grpc/protos/service.proto",
    "evergraph_conformance/__main__.py",
    "evergraph_conformance/golden/arithmetic.npz",
)

PROGRAM = """
import numpy as np
import evergraph
import evergraph.v1 as tf

config = tf.ConfigProto()
config.backend = "BACKEND"
with tf.Graph().as_default(), tf.Session(config=config) as session:
    x = tf.placeholder(tf.float32, [None, 2])
    y = session.run(tf.reduce_sum(tf.matmul(x, tf.constant([[1.0], [2.0]]))), {x: [[1, 2], [3, 4]]})
    assert y == np.float32(16), y
print("evergraph", evergraph.__version__, "runs on BACKEND from", evergraph.__path__[0])
"""


def main() -> None:
    """Build, compare, install and use."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--extra", choices=["jax"], help="install and use this extra as well")
    extra = parser.parse_args().extra
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tools = environment(folder / "tools")
        run(tools, "pip", "install", "--quiet", "build")
        run(tools, "build", "--wheel", "--outdir", str(folder / "direct"), str(ROOT))
        run(tools, "build", "--outdir", str(folder / "dist"), str(ROOT))
        (wheel,) = (folder / "dist").glob("*.whl")
        (direct,) = (folder / "direct").glob("*.whl")
        check_contents(wheel, direct)

        user = environment(folder / "user")
        run(user, "pip", "install", "--quiet", f"{wheel}[{extra}]" if extra else str(wheel))
        run(user, "pip", "check")
        for backend in ["numpy", extra] if extra else ["numpy"]:
            run_program(user, PROGRAM.replace("BACKEND", backend), folder)
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, as it should be")


def environment(folder: Path) -> Path:
    """Make a virtual environment and return its Python."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(python: Path, module: str, *arguments: str) -> None:
    """Run a module; its output is shown when it fails."""
    # With -I, neither the current folder nor the user's packages are in sight.
    command = [str(python), "-I", "-m", module, *arguments]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}")


def run_program(python: Path, program: str, folder: Path) -> None:
    """Run a program of a user's, far from the checkout."""
    command = [str(python), "-I", "-W", "error", "-c", program]
    if subprocess.run(command, cwd=folder).returncode:
        sys.exit(f"does not run in a fresh environment:\n{program}")


def check_contents(wheel: Path, direct: Path) -> None:
    """Check what is in the wheel, and that the other wheel is the same."""
    names = contents(wheel)
    problems = [f"missing: {name}" for name in SAMPLES if name not in names]
    problems += [f"not in both: {name}" for name in names.items() ^ contents(direct).items()]
    packages = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    problems += [f"should not be there: {name}" for name in packages if "evergraph" not in name]
    if problems:
        sys.exit("\n".join([f"{wheel.name}:", *problems]))


def contents(wheel: Path) -> dict[str, int]:
    """Return the checksum of every file."""
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist()}


if __name__ == "__main__":
    main()
