"""What distributions give, by name: `tf` is the only argument."""

from __future__ import annotations

from typing import Any


def values(tf: Any) -> dict[str, Any]:
    """Return tensors of what is compared with TensorFlow's."""
    D = tf.distributions
    n, m = D.Normal([0.0, 1.0], 2.0), D.Normal(0.5, [1.0, 3.0])
    u = D.Uniform(1.0, [2.0, 4.0])
    b, o = D.Bernoulli(probs=[0.2, 0.7]), D.Bernoulli(logits=[-1.0, 2.0])
    c = D.Categorical(logits=[[0.0, 1.0, 2.0], [1.0, 1.0, 0.0]])
    p = D.Categorical(probs=[0.2, 0.3, 0.5])
    x = [0.5, 1.5]
    return {
        "Normal log_prob": n.log_prob(x),
        "Normal prob": n.prob(x),
        "Normal cdf": n.cdf(x),
        "Normal entropy": n.entropy(),
        "Normal mean": n.mean(),
        "Normal mode": n.mode(),
        "Normal variance": n.variance(),
        "Normal stddev": n.stddev(),
        "Normal sample": n.sample(3, seed=5),
        "Normal sample shape": m.sample([2, 1], seed=5),
        "Normal kl": D.kl_divergence(n, m),
        "Uniform prob": u.prob(x),
        "Uniform log_prob": u.log_prob(x),
        "Uniform cdf": u.cdf(x),
        "Uniform entropy": u.entropy(),
        "Uniform mean": u.mean(),
        "Uniform variance": u.variance(),
        "Uniform sample": u.sample(2, seed=3),
        "Bernoulli log_prob": b.log_prob([0, 1]),
        "Bernoulli prob": o.prob([[0], [1]]),
        "Bernoulli entropy": b.entropy(),
        "Bernoulli mean": o.mean(),
        "Bernoulli mode": b.mode(),
        "Bernoulli variance": o.variance(),
        "Bernoulli sample": b.sample(6, seed=1),
        "Bernoulli kl": b.kl_divergence(o),
        "Categorical log_prob": c.log_prob([0, 2]),
        "Categorical prob": p.prob([0, 1, 2]),
        "Categorical entropy": c.entropy(),
        "Categorical mode": c.mode(),
        "Categorical sample": c.sample(4, seed=9),
        "Categorical sample one": p.sample(seed=9),
        "Categorical kl": c.kl_divergence(p),
    }
