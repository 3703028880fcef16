"""What a fresh process costs: `PYTHON fresh.py WHAT ARGUMENT …` prints one line of JSON.

    import MODULE …       CPU seconds of importing modules
    result API BACKEND    CPU seconds to a first result, and the peak of memory
    size REQUIREMENT …    bytes installed, with what that needs in turn

Imports nothing beforehand that what it measures might import.
"""

import sys
import time


def import_modules(*names: str) -> dict[str, float]:
    """Import modules and say what that took."""
    start = time.process_time()
    for name in names:
        __import__(name)
    return {"cpu": time.process_time() - start}


def first_result(api: str, backend: str) -> dict[str, float]:
    """Import a library, build a small graph, and run it once."""
    start = time.process_time()
    if api == "tensorflow":
        import tensorflow.compat.v1 as tf  # type: ignore[import-not-found]

        tf.disable_v2_behavior()
        config = tf.ConfigProto()
    else:
        import evergraph.v1 as tf

        config = tf.ConfigProto(backend=backend)
    a = tf.placeholder(tf.float32, [])
    b = tf.placeholder(tf.float32, [])
    with tf.Session(config=config) as session:
        assert session.run(a * b + a, {a: 2.0, b: 3.0}) == 8.0
    return {"cpu": time.process_time() - start, "bytes": peak()}


def peak() -> int:
    """Return the most memory, in bytes, that this process has had."""
    try:
        # Not `ru_maxrss`, which on Linux begins with the memory of the parent process.
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def installed(*wanted: str) -> dict[str, float]:
    """Add up the files, without bytecode, of distributions and all that they need."""
    from importlib import metadata

    from packaging.requirements import Requirement

    stack = [Requirement(text) for text in wanted]
    seen: set[tuple[str, str]] = set()
    total = 0
    while stack:
        requirement = stack.pop()
        if requirement.name == "evergraph":
            total += own_bytes()
            continue
        distribution = metadata.distribution(requirement.name)
        needs = [Requirement(text) for text in distribution.requires or ()]
        for extra in ("", *requirement.extras):
            if (distribution.name, extra) not in seen:
                seen.add((distribution.name, extra))
                total += 0 if extra else listed(distribution)
                stack += [
                    n for n in needs if n.marker is None or n.marker.evaluate({"extra": extra})
                ]
    return {"bytes": total}


def listed(distribution) -> int:  # type: ignore[no-untyped-def]
    """Return the bytes of the files that a distribution lists."""
    files = [f.locate() for f in distribution.files or () if f.suffix != ".pyc"]
    return sum(f.stat().st_size for f in files if f.exists())


def own_bytes() -> int:
    """Return the bytes of the folders in our wheel, which an editable install does not list."""
    from importlib.util import find_spec
    from pathlib import Path

    total = 0
    for name in ("", "_numpy", "_jax", "_trace", "_conformance"):
        spec = find_spec(f"evergraph{name}")
        assert spec is not None
        assert spec.origin is not None
        files = [f for f in Path(spec.origin).parent.rglob("*") if f.suffix != ".pyc"]
        total += sum(f.stat().st_size for f in files if f.is_file())
    return total


WHATS = {"import": import_modules, "result": first_result, "size": installed}

if __name__ == "__main__":
    found = WHATS[sys.argv[1]](*sys.argv[2:])
    import json

    print(json.dumps(found))
