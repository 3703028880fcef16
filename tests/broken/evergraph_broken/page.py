"""The page docs/faults.md: each fault, and the share of cases that it breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from evergraph_broken.planting import Fault

#: A fault that breaks a smaller share of its suite is not found by chance.
FEW = 0.05

_HEAD = """\
# Does the kit find faults?

Each row is one fault, planted in a kernel, in the planner, in the executor, in a session or in
what compiles regions (`tests/broken/evergraph_broken`), and what it breaks of the suite that it
belongs to. A push tries {sample} of them, chosen anew every day. `tox -e faults` makes this
page, in about {minutes} minutes of one core; so does, where `.[test]` is installed,

```sh
PYTHONPATH=tests/broken:tests/kit:$PYTHONPATH python -m evergraph_broken --whole \\
    --output faults.json --page docs/faults.md
```

Of a suite with more than a thousand cases (`ops`) all are run that are about the op of the
fault, and one in ten of the others, which count tenfold. A fault that lets the suite
hang for ten minutes counts as breaking all of it.

{found} of {count} faults are found. {few} of them break fewer than {share:.0%} of the cases of
their suite, {single} no more than one.
"""


def as_markdown(faults: Sequence[Fault], counts: Mapping[str, tuple[int, int]]) -> str:
    """Return the page.

    Args:
      faults: those that were planted.
      counts: by what is wrong: how many cases broke, and of how many.
    """
    broken = [counts[f.about][0] for f in faults]
    shares = [b / counts[f.about][1] for b, f in zip(broken, faults, strict=True)]
    head = _HEAD.format(
        sample="fifteen",
        minutes="ten",
        found=sum(b > 0 for b in broken),
        count=len(faults),
        few=sum(0 < share < FEW for share in shares),
        share=FEW,
        single=broken.count(1),
    )
    suites = Counter(f.suite for f in faults)
    lines = [head, "| suite | faults |", "|---|--:|"]
    lines += [f"| {suite} | {count} |" for suite, count in sorted(suites.items())]
    lines += ["", "| fault | suite | backend | cases that break | of | share |"]
    lines.append("|---|---|---|--:|--:|--:|")
    for fault, share in zip(faults, shares, strict=True):
        some, cases = counts[fault.about]
        backend = "onnx" if fault.backend == "onnx" else "numpy"
        lines.append(
            f"| {fault.about} | {fault.suite} | {backend} | {some} | {cases} | {share:.1%} |"
        )
    return "\n".join(lines) + "\n"
