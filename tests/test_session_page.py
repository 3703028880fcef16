"""docs/session_page.md and the suites `page_*` of the kit name the same cases."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "session_page.md").read_text(encoding="utf-8")
SUITES = ROOT / "conformance" / "evergraph_conformance" / "suites"

#: What stands in place of a case for a sentence that has none.
WITHOUT = ("notice",)


def rows():
    """The rows of the tables: section, number, and what stands for the case."""
    for section in PAGE.split("\n## ")[1:]:
        title = section.splitlines()[0]
        for number, case in re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", section, re.MULTILINE):
            yield title, int(number), case.strip("`")


def cases():
    """The cases of the suites, by suite."""
    found = set()
    for path in sorted(SUITES.glob("test_page_*.py")):
        suite = path.stem.removeprefix("test_")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(f"{suite}::{node.name}")
    return found


def indexed():
    return [case for _, _, case in rows() if case not in WITHOUT]


def test_every_case_of_the_page_is_in_a_suite():
    assert set(indexed()) <= cases()


def test_every_case_of_the_suites_is_on_the_page():
    assert cases() <= set(indexed())


def test_a_case_stands_for_one_sentence():
    assert len(indexed()) == len(set(indexed()))


@pytest.mark.parametrize("title", sorted({title for title, _, _ in rows()}))
def test_the_sentences_of_a_member_are_counted_without_a_gap(title):
    numbers = [number for section, number, _ in rows() if section == title]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_page_says_how_its_cases_are_run():
    suites = {case.split("::")[0] for case in cases()}
    assert set(re.findall(r"--suite (\w+)", PAGE)) == suites
