"""tf.logging: messages of programs, on standard error."""

from __future__ import annotations

import logging
import sys
import threading
from collections import Counter
from typing import Any, Final

__all__ = [
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "TaskLevelStatusMessage",
    "debug",
    "error",
    "fatal",
    "flush",
    "get_verbosity",
    "info",
    "log",
    "log_every_n",
    "log_first_n",
    "log_if",
    "set_verbosity",
    "vlog",
    "warn",
    "warning",
]

DEBUG: Final = logging.DEBUG
INFO: Final = logging.INFO
WARN: Final = logging.WARNING
ERROR: Final = logging.ERROR
FATAL: Final = logging.FATAL

_LOCK: Final = threading.Lock()
#: How often each place has logged by `log_every_n` and `log_first_n`.
_COUNTS: Final[Counter[tuple[str, int]]] = Counter()


def _logger() -> logging.Logger:
    """Return the logger `tensorflow`, which programs also ask Python for by this name."""
    logger = logging.getLogger("tensorflow")
    with _LOCK:
        if not logger.level:
            logger.setLevel(WARN)
        if not logger.handlers and not logging.getLogger().handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
            logger.addHandler(handler)
    return logger


def log(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    """Log a message of a level; `args` are filled in as by `%`."""
    _logger().log(level, msg, *args, **_from_caller(kwargs))


def debug(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Log a message for who looks for mistakes."""
    _logger().debug(msg, *args, **_from_caller(kwargs))


def info(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Log a message that is of interest to who watches."""
    _logger().info(msg, *args, **_from_caller(kwargs))


def warning(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Log a warning."""
    _logger().warning(msg, *args, **_from_caller(kwargs))


def warn(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Log a warning."""
    _logger().warning(msg, *args, **_from_caller(kwargs))


def error(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Log an error."""
    _logger().error(msg, *args, **_from_caller(kwargs))


def fatal(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Log an error of the worst kind; the program goes on."""
    _logger().fatal(msg, *args, **_from_caller(kwargs))


def vlog(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    """Log a message of a level; see `log`."""
    _logger().log(level, msg, *args, **_from_caller(kwargs))


def log_every_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """Log the first of every `n` messages of this place of the program."""
    count = _counted()
    log_if(level, msg, not count % n, *args)


def log_first_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """Log the first `n` messages of this place of the program."""
    count = _counted()
    log_if(level, msg, count < n, *args)


def log_if(level: int, msg: Any, condition: Any, *args: Any) -> None:
    """Log a message if a condition holds."""
    if condition:
        _logger().log(level, msg, *args, **_from_caller({}))


def get_verbosity() -> int:
    """Return the lowest level of messages that are shown."""
    return _logger().getEffectiveLevel()


def set_verbosity(v: int | str) -> None:
    """Show messages of a level, and of those above it."""
    _logger().setLevel(v)


def flush() -> None:
    """Let others see what has been logged."""
    for handler in _logger().handlers:
        handler.flush()


def TaskLevelStatusMessage(msg: Any) -> None:
    """Log an error about the whole task."""
    error(msg)


def _from_caller(arguments: dict[str, Any]) -> dict[str, Any]:
    """Let a message seem to come from where the public function was called."""
    return {"stacklevel": 2} | arguments


def _counted() -> int:
    """Return how often the caller of the caller has been here before."""
    frame = sys._getframe(2)
    place = frame.f_code.co_filename, frame.f_lineno
    with _LOCK:
        count = _COUNTS[place]
        _COUNTS[place] += 1
    return count
