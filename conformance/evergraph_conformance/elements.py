"""What a dataset's iterator gives, for the cases of datasets."""

from __future__ import annotations

from typing import Any

import numpy as np

#: More elements than any case expects.
_ENOUGH = 100


def elements(tf: Any, session: Any, dataset: Any, feed_dict: Any = None) -> list[Any]:
    """Return all elements of a dataset; arrays as lists."""
    iterator = tf.data.make_initializable_iterator(dataset)
    element = iterator.get_next()
    session.run(iterator.initializer, feed_dict)
    return rest(tf, session, element)


def rest(tf: Any, session: Any, element: Any) -> list[Any]:
    """Return what an iterator still gives; arrays as lists."""
    found = []
    for _ in range(_ENOUGH):
        try:
            found.append(plain(session.run(element)))
        except tf.errors.OutOfRangeError:
            return found
    raise AssertionError(f"there are more than {_ENOUGH} elements")


def plain(value: Any) -> Any:
    """Return an element with lists and Python's numbers in place of arrays."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple([plain(part) for part in value])
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
