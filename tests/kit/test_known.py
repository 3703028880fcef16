"""Known failures: what `conformance.toml` may say, and what stops a run."""

from __future__ import annotations

import pytest

from evergraph_conformance.known import Known, read, strays

CASES = ["ops::test_op[Tanh: float32, fed]", "ops::test_op[Tanh: float64, fed]"]
BACKEND = """
from evergraph.plugin import Backend, hookimpl, numpy_table

def wrong(x):
    return x

class Mine(Backend):
    name = "mine"
    host_arrays = True
    table = numpy_table() | {"Tanh": wrong}
    dtypes = frozenset({"float32"})

@hookimpl
def evergraph_backend(config):
    return Mine(config)
"""
ENTRY = "[evergraph.backends]\nmine = my_backend\n"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "conformance.toml"


@pytest.fixture
def written(path):
    def written(text):
        path.write_text(text, encoding="utf-8")
        return path

    return written


def entry(**fields):
    fields = {"case": "ops::test_op[Tanh: float32*", "kind": "todo", "reason": "it is", **fields}
    return "[[known]]\n" + "".join(f'{name} = "{value}"\n' for name, value in fields.items())


def test_no_file_is_no_known_failure(path):
    assert read(path) == []


def test_an_entry_has_a_case_a_kind_and_a_reason(written):
    path = written(entry() + 'error = "ValueError"\nrun = false\n')
    assert read(path) == [
        Known("ops::test_op[Tanh: float32*", "todo", "it is", error="ValueError", run=False)
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(kind="tody"), "'kind' is none of todo, upstream, never"),
        (entry(reason=""), "no 'reason'"),
        (entry(resaon="x"), "there is no field 'resaon'"),
        (entry() + "run = 1\n", "'run' is no bool"),
        ('[[knwon]]\ncase = "x"\n', "no table 'knwon'"),
        ("[known]\n", "an entry begins with [[known]]"),
        ("[[known]\n", "conformance.toml: "),
    ],
)
def test_what_is_not_valid_is_named(written, text, said):
    with pytest.raises(ValueError, match=r"conformance\.toml") as caught:
        read(written(text))
    assert said in str(caught.value)


def test_all_that_is_not_valid_is_named_at_once(written):
    with pytest.raises(ValueError, match="is not valid") as caught:
        read(written(entry(kind="x") + entry(reason="")))
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("ops::test_op[Tanhh: float32, fed]", f"there is no such case; did you mean {CASES[0]!r}?"),
        ("ops::test_op[Tanh: float64, fed]", "it is not claimed, and not run"),
        ("opps::test_op[Tanh*", "there is no suite 'opps'; did you mean 'ops'?"),
        ("Tanh", "there is no suite 'Tanh'"),
    ],
)
def test_an_entry_that_covers_no_case_is_a_stray(case, said):
    known = [Known(case, "todo", "it is"), Known("ops::test_op[Tanh: float32*", "todo", "it is")]
    assert strays(known, CASES[:1], CASES[1:], ["ops", "graph"]) == [f"{case}: {said}"]


def test_suites_that_were_not_collected_say_nothing():
    known = [Known("graph::test_x", "todo", "it is"), Known("interleave::test_x", "todo", "it is")]
    assert strays(known, CASES, [], ["ops", "graph"]) == []


def test_an_error_is_known_by_its_class_or_a_base_class():
    assert Known("", "todo", "it is").expects(ValueError())
    assert Known("", "todo", "it is", error="LookupError").expects(KeyError())
    assert not Known("", "todo", "it is", error="ValueError").expects(KeyError())


def test_a_stray_stops_the_run_before_it_begins(install, kit, written):
    install("my-backend", ENTRY, BACKEND)
    written(entry() + entry(case="ops::test_op[Tanhh: float32, fed]"))
    done = kit("mine", "--suite=ops", "-k", "Tanh")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "did you mean 'ops::test_op[Tanh: float32, fed]'?" in done.stderr
    assert "claimed cases pass" not in done.stdout


@pytest.mark.parametrize(("error", "fails"), [("AssertionError", False), ("ValueError", True)])
def test_a_known_failure_fails_with_the_error_that_is_known(install, kit, written, error, fails):
    install("my-backend", ENTRY, BACKEND)
    case = "ops::test_op[Tanh: float32, fed]"
    written(entry(case=case, error=error))
    done = kit("mine", "--suite=ops", "-k", "Tanh and float32 and fed and not TanhGrad")
    assert bool(done.returncode) is fails
    said = f"failed {case}\n  it fails with AssertionError, and was known to with ValueError"
    assert (said in done.stdout) is fails
