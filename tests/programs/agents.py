"""Scripts that act: values, policies, and several workers in threads."""

from __future__ import annotations

import collections
import threading
from typing import Any, Final

import numpy as np
from parts import Log, Script, numbers, start


class Corridor:
    """A world of seven places in a row: a step left or right, a reward at the right end."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> np.ndarray[Any, Any]:
        self.place, self.time = 2, 0
        return self._seen()

    def step(self, action: int) -> tuple[np.ndarray[Any, Any], float, bool]:
        self.place = min(max(self.place + (1 if action else -1), 0), 6)
        self.time += 1
        return self._seen(), float(self.place == 6) - 0.01, self.place == 6 or self.time == 12

    def _seen(self) -> np.ndarray[Any, Any]:
        return np.eye(7, dtype=np.float32)[self.place]


def deep_q(tf: Any, log: Log) -> None:
    """Two networks, one a copy of the other now and then, and a memory to learn from."""

    def build(s: Any, c_names: list[str]) -> Any:
        w_init, b_init = tf.random_normal_initializer(0.0, 0.3), tf.constant_initializer(0.1)
        with tf.variable_scope("l1"):
            w1 = tf.get_variable("w1", [7, 10], initializer=w_init, collections=c_names)
            b1 = tf.get_variable("b1", [1, 10], initializer=b_init, collections=c_names)
            l1 = tf.nn.relu(tf.matmul(s, w1) + b1)
        with tf.variable_scope("l2"):
            w2 = tf.get_variable("w2", [10, 2], initializer=w_init, collections=c_names)
            b2 = tf.get_variable("b2", [1, 2], initializer=b_init, collections=c_names)
            return tf.matmul(l1, w2) + b2

    s = tf.placeholder(tf.float32, [None, 7], name="s")
    s_ = tf.placeholder(tf.float32, [None, 7], name="s_")
    a = tf.placeholder(tf.int32, [None])
    r = tf.placeholder(tf.float32, [None])
    done = tf.placeholder(tf.float32, [None])
    with tf.variable_scope("eval_net"):
        q_eval = build(s, ["eval_net_params", tf.GraphKeys.GLOBAL_VARIABLES])
    with tf.variable_scope("target_net"):
        q_next = build(s_, ["target_net_params", tf.GraphKeys.GLOBAL_VARIABLES])
    q_target = tf.stop_gradient(r + 0.9 * tf.reduce_max(q_next, axis=1) * (1.0 - done))
    rows = tf.stack([tf.range(tf.shape(a)[0], dtype=tf.int32), a], axis=1)
    q_taken = tf.gather_nd(params=q_eval, indices=rows)
    loss = tf.reduce_mean(tf.squared_difference(q_target, q_taken, name="TD_error"))
    e_params, t_params = (
        tf.get_collection("eval_net_params"),
        tf.get_collection("target_net_params"),
    )
    train = tf.train.RMSPropOptimizer(0.02).minimize(loss, var_list=e_params)
    replace = [tf.assign(t, e) for t, e in zip(t_params, e_params, strict=True)]
    random, world = np.random.RandomState(601), Corridor()
    memory: collections.deque[Any] = collections.deque(maxlen=50)
    with tf.Session() as sess:
        start(tf, sess, log)
        steps = 0
        for _episode in range(6):
            observation, finished = world.reset(), False
            while not finished:
                action = random.randint(2)
                if random.uniform() < 0.7:
                    action = np.argmax(sess.run(q_eval, {s: observation[np.newaxis, :]}))
                found, reward, finished = world.step(action)
                memory.append((observation, action, reward, float(finished), found))
                observation, steps = found, steps + 1
                if steps % 15 == 0:
                    sess.run(replace)
                if steps >= 16 and steps % 2 == 0:
                    picked = [memory[i] for i in random.choice(len(memory), 8)]
                    feeds = dict(zip((s, a, r, done, s_), zip(*picked, strict=True), strict=True))
                    log(loss=sess.run([train, loss], feeds)[1])
        log(steps=steps, values=sess.run(q_eval, {s: np.eye(7)}))


def policy_gradient(tf: Any, log: Log) -> None:
    """REINFORCE: gradients are gathered over episodes, then fed to be applied."""

    def discounted(rewards: list[float]) -> np.ndarray[Any, Any]:
        found, running = np.zeros(len(rewards), np.float32), 0.0
        for t in reversed(range(len(rewards))):
            running = running * 0.95 + rewards[t]
            found[t] = running
        return (found - found.mean()) / (found.std() + 1e-6)

    state_in = tf.placeholder(shape=[None, 7], dtype=tf.float32)
    hidden = tf.layers.dense(state_in, 8, tf.nn.relu, use_bias=False)
    output = tf.layers.dense(hidden, 2, tf.nn.softmax, use_bias=False)
    reward_holder = tf.placeholder(shape=[None], dtype=tf.float32)
    action_holder = tf.placeholder(shape=[None], dtype=tf.int32)
    indexes = tf.range(0, tf.shape(output)[0]) * tf.shape(output)[1] + action_holder
    responsible = tf.gather(tf.reshape(output, [-1]), indexes)
    loss = -tf.reduce_mean(tf.log(responsible) * reward_holder)
    tvars = tf.trainable_variables()
    gradient_holders = [tf.placeholder(tf.float32, name=f"{i}_holder") for i in range(len(tvars))]
    gradients = tf.gradients(loss, tvars)
    optimizer = tf.train.AdamOptimizer(learning_rate=0.05)
    update_batch = optimizer.apply_gradients(zip(gradient_holders, tvars, strict=True))
    random, world = np.random.RandomState(602), Corridor()
    with tf.Session() as sess:
        start(tf, sess, log)
        buffer = [np.zeros_like(g) for g in sess.run(tf.trainable_variables())]
        for episode in range(8):
            s, finished, history = world.reset(), False, []
            while not finished:
                a_dist = sess.run(output, feed_dict={state_in: [s]})[0]
                a = int(random.uniform() < a_dist[1])
                s1, r, finished = world.step(a)
                history.append((s, a, r))
                s = s1
            states, actions, rewards = zip(*history, strict=True)
            feed_dict = {
                reward_holder: discounted(list(rewards)),
                action_holder: actions,
                state_in: np.vstack(states),
            }
            value, *grads = sess.run([loss, *gradients], feed_dict=feed_dict)
            log(loss=value, length=len(history))
            buffer = [b + g for b, g in zip(buffer, grads, strict=True)]
            if episode % 2 == 1:
                sess.run(update_batch, dict(zip(gradient_holders, buffer, strict=True)))
                buffer = [b * 0 for b in buffer]
        log(policy=sess.run(output, {state_in: np.eye(7)}))


def actor_critic(tf: Any, log: Log) -> None:
    """Workers in threads under a Coordinator: networks of their own, and one that they share."""

    class ACNet:
        def __init__(self, scope: str, shared: Any = None) -> None:
            with tf.variable_scope(scope):
                self.s = tf.placeholder(tf.float32, [None, 7], "S")
                initial = tf.random_normal_initializer(0.0, 0.2)
                with tf.variable_scope("actor"):
                    hidden = tf.layers.dense(self.s, 8, tf.nn.relu6, kernel_initializer=initial)
                    self.prob = tf.layers.dense(hidden, 2, tf.nn.softmax, name="ap")
                with tf.variable_scope("critic"):
                    hidden = tf.layers.dense(self.s, 6, tf.nn.relu6, kernel_initializer=initial)
                    self.v = tf.layers.dense(hidden, 1, name="v")
            names = (f"{scope}/actor", f"{scope}/critic")
            a_params, c_params = (
                tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope=name) for name in names
            )
            self.params = a_params + c_params
            if shared is None:
                return
            self.a_his = tf.placeholder(tf.int32, [None], "A")
            self.v_target = tf.placeholder(tf.float32, [None, 1], "Vtarget")
            td = tf.subtract(self.v_target, self.v, name="TD_error")
            self.c_loss = tf.reduce_mean(tf.square(td))
            log_prob = tf.reduce_sum(
                tf.log(self.prob + 1e-5) * tf.one_hot(self.a_his, 2, dtype=tf.float32),
                axis=1,
                keep_dims=True,
            )
            entropy = -tf.reduce_sum(self.prob * tf.log(self.prob + 1e-5), axis=1, keep_dims=True)
            a_loss = tf.reduce_mean(-(0.01 * entropy + log_prob * tf.stop_gradient(td)))
            grads = tf.gradients(a_loss, a_params) + tf.gradients(self.c_loss, c_params)
            self.pull = [p.assign(g) for p, g in zip(self.params, shared.params, strict=True)]
            self.push = optimizer.apply_gradients(zip(grads, shared.params, strict=True))

    with tf.device("/cpu:0"):
        optimizer = tf.train.RMSPropOptimizer(0.02, name="RMSProp")
        shared = ACNet("Global_Net")
        nets = [ACNet(f"W_{i}", shared) for i in range(2)]
    coord = tf.train.Coordinator()
    turns = [threading.Semaphore(1), threading.Semaphore(0)]
    told: list[tuple[float, int]] = []
    sess = tf.Session()

    def work(number: int) -> None:
        net, world, random = nets[number], Corridor(), np.random.RandomState(603 + number)
        while not coord.should_stop():
            # One after the other, so that what they learn does not depend on the clock.
            turns[number].acquire()
            if len(told) < 12:
                sess.run(net.pull)
                s, finished, history = world.reset(), False, []
                while not finished:
                    p = sess.run(net.prob, feed_dict={net.s: s[np.newaxis, :]})
                    a = int(random.uniform() < p[0, 1])
                    s_, r, finished = world.step(a)
                    history.append((s, a, r))
                    s = s_
                value = sess.run(net.v, {net.s: s[np.newaxis, :]})[0, 0]
                targets = []
                for _, _, r in reversed(history):
                    value = r + 0.9 * value
                    targets.insert(0, [value])
                states, actions, _ = zip(*history, strict=True)
                feeds = {net.s: np.vstack(states), net.a_his: actions, net.v_target: targets}
                told.append((sess.run([net.c_loss, net.push], feeds)[0], len(history)))
            else:
                coord.request_stop()
            turns[1 - number].release()

    start(tf, sess, log)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    coord.join(threads)
    for loss, length in told:
        log(loss=loss, length=length)
    log(policy=sess.run(shared.prob, {shared.s: np.eye(7)}))
    sess.close()


def bandits(tf: Any, log: Log) -> None:
    """A contextual bandit whose chosen weight alone is learned, with slices of a variable."""
    payoffs = np.array([[0.2, 0, -1.0], [0.1, -2.0, 0.25], [-1.5, 1.0, 1.0]])
    state_in = tf.placeholder(shape=[1], dtype=tf.int32)
    weights = tf.get_variable("w", [3, 3], initializer=tf.ones_initializer())
    output = tf.reshape(tf.nn.sigmoid(tf.gather(weights, state_in)), [-1])
    chosen_action = tf.argmax(output, 0)
    reward_holder = tf.placeholder(shape=[1], dtype=tf.float32)
    action_holder = tf.placeholder(shape=[1], dtype=tf.int32)
    responsible_weight = tf.slice(output, action_holder, [1])
    loss = -(tf.log(responsible_weight) * reward_holder)
    update = tf.train.GradientDescentOptimizer(learning_rate=0.1).minimize(loss)
    random = np.random.RandomState(605)
    noise = numbers(606, 20)
    with tf.Session() as sess:
        start(tf, sess, log)
        for i in range(20):
            s = random.randint(3)
            action = sess.run(chosen_action, feed_dict={state_in: [s]})
            if random.rand() < 0.25:
                action = random.randint(3)
            reward = 1 if noise[i] > payoffs[s, action] else -1
            feed_dict = {reward_holder: [reward], action_holder: [action], state_in: [s]}
            _, ww, value = sess.run([update, weights, loss], feed_dict=feed_dict)
            log(loss=value, action=action)
        log(means=np.mean(ww, axis=1), W=sess.run(weights))


AGENTS: Final[dict[str, Script]] = {
    "deep_q": deep_q,
    "policy_gradient": policy_gradient,
    "actor_critic": actor_critic,
    "bandits": bandits,
}
