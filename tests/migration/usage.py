"""How much of what old programs use is there: python tests/migration/usage.py [COUNT]

`api_usage.tsv` tells how often 37 public TensorFlow-1 repositories use each name. Prints the shares
that are there, and the COUNT names that are missing and used most (by default 60).
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import NamedTuple

from evergraph.scripts import modules

PATH = Path(__file__).parent / "api_usage.tsv"

#: Prefixes of what is out of scope.
LEFT_OUT = (
    "tf.contrib.cluster_resolver",
    "tf.contrib.tpu",
    "tf.estimator",
    "tf.keras",
    "tf.python.estimator",
    "tf.tpu",
)


class Name(NamedTuple):
    """A name that programs use."""

    name: str
    uses: int
    #: `yes`: TensorFlow 2.21 has it, `keras2`: tf_keras has it, `no`: neither does.
    kept: str


def names() -> list[Name]:
    """Return all names in scope, those used most first."""
    with PATH.open(encoding="utf-8", newline="") as file:
        rows = [
            Name(row["symbol"], int(row["uses"]), row["in_tf2.21_compat_v1"])
            for row in csv.DictReader(file, delimiter="\t")
        ]
    return [row for row in rows if not f"{row.name}.".startswith(tuple(f"{p}." for p in LEFT_OUT))]


def there(name: str) -> bool:
    """Return whether evergraph has a name such as `tf.nn.relu`."""
    try:
        modules.look_up(f"tensorflow{name.removeprefix('tf')}")
    except (AttributeError, ImportError):
        return False
    return True


def groups() -> dict[str, list[Name]]:
    """Return the names that TensorFlow still has, those of contrib, and the others."""
    found: dict[str, list[Name]] = {
        "kept by TensorFlow or tf_keras": [],
        "contrib": [],
        "other": [],
    }
    for row in names():
        kept, contrib, other = found.values()
        (kept if row.kept != "no" else contrib if ".contrib." in row.name else other).append(row)
    return found


def share(rows: list[Name]) -> float:
    """Return the share of the uses whose names are there."""
    return sum(row.uses for row in rows if there(row.name)) / sum(row.uses for row in rows)


def main(count: int = 60) -> None:
    """Print the shares, and what is missing most."""
    modules.install()
    for group, rows in groups().items():
        print(f"{share(rows):6.1%} of {sum(row.uses for row in rows)} uses: {group}")
    for row in [row for row in names() if not there(row.name)][:count]:
        print(f"{row.uses:5} {row.name} ({row.kept})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
