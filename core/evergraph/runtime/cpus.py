"""How many processors this process may use: by its affinity, and by the quota of its cgroups."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def usable_cpus(root: Path = Path("/")) -> int:
    """Return how many threads can compute at the same time: at least 1.

    Args:
      root: where `proc` and `sys` are.
    """
    quota = min(_quotas(root), default=math.inf)
    # A part of a processor is worth a thread.
    return max(min(affinity(), math.ceil(min(quota, 1e9))), 1)


def affinity() -> int:
    """Return on how many processors this process may be scheduled."""
    ask = getattr(os, "sched_getaffinity", None)
    return len(ask(0)) if ask is not None else os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[float]:
    """Yield the limits of all groups that the process is in, in processors."""
    groups = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers:
            for folder in _with_parents(path, groups, groups / "unified"):
                yield from _ratio(_text(folder / "cpu.max").split())
        elif "cpu" in controllers.split(","):
            for folder in _with_parents(path, groups / controllers, groups / "cpu"):
                files = "cpu.cfs_quota_us", "cpu.cfs_period_us"
                yield from _ratio([_text(folder / name).strip() for name in files])


def _with_parents(path: str, *mounts: Path) -> Iterator[Path]:
    """Yield the folders of a group and of those around it: a limit counts for all within.

    In a container the path may be that of the host, of which only the outermost folder is there.
    """
    relative = PurePosixPath(path.lstrip("/"))
    for mount in mounts:
        for part in (relative, *relative.parents):
            yield mount / part


def _ratio(texts: list[str]) -> Iterator[float]:
    """Yield quota / period; nothing where there is none (`max`, -1, or no file)."""
    if len(texts) == 2 and all(text.isdecimal() for text in texts) and int(texts[1]):
        yield int(texts[0]) / int(texts[1])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
