"""All rows, in the order of the table."""

from __future__ import annotations

from typing import Final

import contract
import remote
import rows
import sequences
import training

ROWS: Final = [*rows.ROWS, *training.ROWS, *sequences.ROWS, *contract.ROWS, *remote.ROWS]
