"""The pages in docs/reference say what the tables, the tests and the commands say now."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BUILD = Path(__file__).resolve().parents[2] / "docs" / "build.py"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """docs/build.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("docs_build", BUILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # A dataclass looks its own module up.
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date(build: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code = build.main(["--check"])
    assert exit_code == 0, capsys.readouterr().out


def test_a_page_that_differs_is_named_with_the_remedy(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build.write(tmp_path)
    assert build.stale(tmp_path) == []
    (tmp_path / "codes.md").write_text("# Old\n", encoding="utf-8")
    (tmp_path / "law.md").unlink()
    (tmp_path / "gone.md").write_text("# Nothing makes this page\n", encoding="utf-8")
    assert build.stale(tmp_path) == ["codes.md", "gone.md", "law.md"]
