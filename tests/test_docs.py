"""The Python code in README.md and docs/ runs, page by page, and prints what the page says."""

import contextlib
import io
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def check_output(example: Example) -> None:
    """A block of `text` is what the Python code above it prints."""
    printed = example.namespace["printed"]
    assert printed.getvalue() == example.parsed
    printed.seek(0)
    printed.truncate()


SYBIL = Sybil(
    [
        PythonCodeBlockParser(),
        CodeBlockParser(language="text", evaluator=check_output),
        SkipParser(),
    ],
    path=str(ROOT),
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_code_of_a_page_runs(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    document = SYBIL.parse(page)
    printed = document.namespace["printed"] = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for example in document:
            example.evaluate()
    assert not printed.getvalue(), "the page does not show this output"
