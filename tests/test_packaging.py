"""Tests of what is installed: version, entry points, files."""

import configparser
import re
import tomllib
from importlib import import_module, metadata, resources
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import evergraph

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = [
    "evergraph",
    "evergraph_conformance",
    "evergraph_grpc",
    "evergraph_jax",
    "evergraph_numpy",
    "evergraph_trace",
]


def test_the_version_is_the_distributions():
    assert evergraph.__version__ == metadata.version("evergraph")


def test_the_changelog_has_the_version_or_what_comes_next():
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] in ("Unreleased", evergraph.__version__)


def test_every_folder_of_source_is_in_the_wheel():
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    found = [
        str(folder.parent.relative_to(ROOT))
        for top in PROJECT["tool"]["hatch"]["build"]["dev-mode-dirs"]
        for folder in (ROOT / top).glob("*/__init__.py")
    ]
    assert sorted(wheel) == sorted(found)
    assert sorted(Path(folder).name for folder in wheel) == PACKAGES


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_that_it_is_typed(package):
    assert (resources.files(package) / "py.typed").is_file()


@pytest.mark.parametrize(
    ("group", "name", "module"),
    [
        ("evergraph.backends", "numpy", "evergraph_numpy.plugin"),
        ("evergraph.backends", "jax", "evergraph_jax.plugin"),
        ("evergraph.plugins", "trace", "evergraph_trace.plugin"),
        ("evergraph.plugins", "grpc", "evergraph_grpc.plugin"),
    ],
)
def test_an_entry_point_loads(group, name, module):
    (entry,) = metadata.entry_points(group=group, name=name)
    assert entry.value == module
    assert entry.load() is import_module(module)


def test_the_command_line_is_installed():
    (entry,) = metadata.entry_points(group="console_scripts", name="evergraph")
    assert callable(entry.load())


def test_pytest_loads_nothing_of_evergraph_unasked():
    plugins = metadata.distribution("evergraph").entry_points.select(group="pytest11")
    assert not list(plugins)


def test_the_oldest_versions_allowed_are_tested():
    extras = PROJECT["project"]["optional-dependencies"]
    allowed = PROJECT["project"]["dependencies"]
    allowed += [
        r for n in ("jax", "grpc", "image", "conformance") for r in extras[n] if "[" not in r
    ]
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    tested = versions(tox["testenv:min"]["deps"].split())
    assert versions(allowed).items() <= tested.items()


def versions(requirements):
    parsed = [Requirement(text) for text in requirements]
    return {each.name: Version(next(iter(each.specifier)).version) for each in parsed}
