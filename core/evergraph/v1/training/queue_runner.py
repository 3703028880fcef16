"""tf.train.queue_runner: what fills queues."""

from __future__ import annotations

from evergraph.v1.training.queue_runners import (
    QueueRunner as QueueRunner,
)
from evergraph.v1.training.queue_runners import (
    add_queue_runner as add_queue_runner,
)
from evergraph.v1.training.queue_runners import (
    start_queue_runners as start_queue_runners,
)
