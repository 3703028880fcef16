"""Where in the user's program a node was defined."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import CodeType
from typing import Final

#: Frames below these folders are evergraph's own.
_OWN: Final = str(Path(__file__).resolve().parent.parent) + "/"

#: The code and instruction of each frame, outermost last. Lines are looked up when asked for.
Frames = tuple[tuple[CodeType, int], ...]


def capture() -> Frames:
    """Return the calling stack, cheaply, from the innermost frame outside evergraph on."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OWN):
        frame = frame.f_back
    found = []
    current = frame
    for _ in range(16):
        found.append((current.f_code, current.f_lasti))
        if current.f_back is None:
            break
        current = current.f_back
    return tuple(found)


def depth() -> int:
    """Return how far up the user's program is: the `stacklevel` of a warning of the caller's."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OWN):
        frame, level = frame.f_back, level + 1
    return level


def _line(code: CodeType, instruction: int) -> int:
    number = code.co_firstlineno
    for start, end, line in code.co_lines():
        if start <= instruction < end and line is not None:
            number = line
    return number


def summary(frames: Frames) -> traceback.StackSummary:
    """Return the frames as Python's own traceback summary, outermost first."""
    return traceback.StackSummary.from_list(
        [
            traceback.FrameSummary(code.co_filename, _line(code, at), code.co_name)
            for code, at in reversed(frames)
        ]
    )


def site(frames: Frames) -> str:
    """Return `file:line` of the user's innermost frame, or ""."""
    if not frames:
        return ""
    code, at = frames[0]
    return f"{code.co_filename}:{_line(code, at)}"


def described(frames: Frames) -> str:
    """Return the user's innermost frame as Python prints one."""
    if not frames:
        return ""
    code, at = frames[0]
    return f'  File "{code.co_filename}", line {_line(code, at)}, in {code.co_name}'
