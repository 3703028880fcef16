"""docs/capabilities.md is current."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_its_script_writes(call, tmp_path):
    # In a process of its own, where no plugin adds ops.
    program = (
        "import runpy\n"
        "from pathlib import Path\n"
        f"script = runpy.run_path({str(ROOT / 'tests/distributions/capabilities.py')!r})\n"
        "script['main'](Path('page.md'))\n"
    )
    done = call("-c", program, EVERGRAPH_PLUGINS="jax")
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "page.md").read_text(encoding="utf-8")
    current = (ROOT / "docs" / "capabilities.md").read_text(encoding="utf-8")
    assert written == current, "python tests/distributions/capabilities.py writes it again"
