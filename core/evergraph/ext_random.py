"""Primitives of random numbers: bits, and what turns them into numbers lane by lane."""

from __future__ import annotations

from typing import Final

#: Philox 4x32-10 (Salmon et al., 2011): the multipliers of a round, and what is added to the key
#: between two rounds.
MULTIPLIERS: Final = (0xD2511F53, 0xCD9E8D57)
WEYL: Final = (0x9E3779B9, 0xBB67AE85)
ROUNDS: Final = 10
WORD: Final = 0xFFFFFFFF


def random_bits(xp, key, counter, groups):
    """Return random bits, uint32 [n, 4]: the words of groups 0 … n - 1 after `counter`.

    Args:
      key: uint32 [2], the low word first.
      counter: uint32 [4], the lowest word first: the counter of group 0.
      groups: the number n, or the offsets of the groups that are wanted, uint64 [n].
    """
    offsets = xp.arange(groups, dtype=xp.uint64) if isinstance(groups, int) else groups
    # Words travel in 64 bits: a product of two needs them, and nothing is converted on the way.
    c0, c1, c2, c3 = counters(xp, counter, offsets)
    k0, k1 = (xp.astype(key[i : i + 1], xp.uint64) for i in range(2))
    for _ in range(ROUNDS):
        p, q = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
        c0, c1, c2, c3 = (q >> 32) ^ c1 ^ k0, q & WORD, (p >> 32) ^ c3 ^ k1, p & WORD
        k0, k1 = (k0 + WEYL[0]) & WORD, (k1 + WEYL[1]) & WORD
    return xp.astype(xp.stack([c0, c1, c2, c3], axis=-1), xp.uint32)


def counters(xp, counter, offsets):
    """Return the four words, as uint64 [n] or [1], of a counter plus each of the offsets."""
    w0, w1, w2, w3 = (xp.astype(counter[i : i + 1], xp.uint64) for i in range(4))
    start = w0 | (w1 << 32)
    low = start + offsets
    high = (w2 | (w3 << 32)) + xp.astype(low < start, xp.uint64)
    return low & WORD, low >> 32, high & WORD, high >> 32


def blocks(xp, fill, count):
    """Return rows 0 … count - 1 of what `fill(start, n)` makes n rows of, from row `start`.

    A library without a compiler asks for blocks that stay in the cache.
    """
    return fill(0, count)


def retry(xp, attempt, state, fixed=()):
    """Repeat `attempt(state, fixed)` until every lane is done; return the final state.

    Args:
      attempt: from arrays of the state to those of the next one. Lanes do not see each other.
      state: arrays with the lanes on their first axis, of which the first says which are done:
        bool [lanes]. A lane that is done stays as it is.
      fixed: further arrays of that kind, which do not change.
    """
    while not bool(xp.all(state[0])):
        state = undone(xp, state, attempt(state, fixed))
    return state


def undone(xp, old, new):
    """Return the new state in the lanes that were not done before."""
    done = old[0]

    def chosen(a, b):
        return xp.where(xp.reshape(done, (-1, *(1,) * (a.ndim - 1))), a, b)

    return tuple(chosen(a, b) for a, b in zip(old, new, strict=True))


def swaps(xp, targets):
    """Return 0 … n as int32 after swapping, for each i in turn, place i with place targets[i].

    Args:
      targets: integers [n]; none is below its own place, or above n.
    """
    order = list(range(targets.shape[0] + 1))
    for i in range(targets.shape[0]):
        j = int(targets[i])
        order[i], order[j] = order[j], order[i]
    return xp.asarray(order, dtype=xp.int32)
