"""Between-graph training as TensorFlow-1 programs do it: one task of a cluster.

    python between_graph.py JOB TASK PS_ADDRESSES WORKER_ADDRESSES [STEPS]

Parameter servers run until they are killed. Worker 0 initialises the variables; all workers train,
each on data of its own, without waiting for each other.
"""

import os
import sys
import time
from importlib import import_module

import numpy as np

tf = import_module(os.environ.get("EVERGRAPH_CONFORMANCE_API", "evergraph.v1"))


def main() -> None:
    """Run the task."""
    job, task = sys.argv[1], int(sys.argv[2])
    cluster = tf.train.ClusterSpec({"ps": sys.argv[3].split(","), "worker": sys.argv[4].split(",")})
    server = tf.train.Server(cluster, job_name=job, task_index=task)
    print("up", flush=True)
    if job == "ps":
        server.join()
    train(cluster, task, server.target, int(sys.argv[5]))


def train(cluster, task: int, target: str, steps: int) -> None:
    """Fit a plane; print the number of all workers' steps, and what was learnt."""
    worker = f"/job:worker/task:{task}"
    with tf.device(tf.train.replica_device_setter(worker_device=worker, cluster=cluster)):
        x = tf.placeholder(tf.float32, [None, 2])
        y = tf.placeholder(tf.float32, [None])
        slopes = tf.get_variable("slopes", [2], initializer=tf.zeros_initializer())
        shift = tf.get_variable("shift", [], initializer=tf.zeros_initializer())
        step = tf.train.get_or_create_global_step()
        loss = tf.reduce_mean(tf.square(tf.reduce_sum(x * slopes, 1) + shift - y))
        update = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
        missing = tf.report_uninitialized_variables()
        initialize = tf.global_variables_initializer()
    random = np.random.RandomState(task)
    with tf.Session(target) as session:
        if task == 0:
            session.run(initialize)
        while session.run(missing).size:
            time.sleep(0.02)
        print("begun", flush=True)
        for _ in range(steps):
            inputs = random.uniform(-1, 1, (32, 2))
            session.run(update, {x: inputs, y: inputs @ [2.0, -3.0] + 0.5})
        count, learnt, offset = session.run([step, slopes, shift])
    print(count, *learnt, offset, flush=True)


if __name__ == "__main__":
    main()
