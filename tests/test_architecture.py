"""The house rules that can be counted."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = sorted(path for folder in ("src", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
LONGEST = 350


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_holds_two_subjects(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize(
    "path", [path for path in PYTHON if path.name != "__init__.py"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text()))

    assert said
    assert len(said.splitlines()[0]) <= 120


def test_logs_carry_ids_and_counts_only() -> None:
    calls = [
        call
        for path in (ROOT / "src").rglob("*.py")
        for call in re.findall(r"log\.(?:debug|info|warning|error|exception)\((.*?)\)\n", path.read_text(), re.DOTALL)
    ]

    assert calls
    assert not [call for call in calls if re.search(r"\b(phone|body|name=|note|mood|hope|text)\b", call)]


@pytest.mark.parametrize(
    "path",
    [path for path in (ROOT / "src").rglob("*.py") if path.parent.name != "flows"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_only_flows_open_transactions(path: Path) -> None:
    opened = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "transaction"
    ]

    assert opened == []


def test_nothing_in_the_repository_names_a_machine_or_a_registry() -> None:
    names = re.compile(r"(/work/|/root/|/home/\w+/|index-url|find-links|pypi\.org/simple)")
    kept = [
        path
        for path in ROOT.iterdir()
        if path.is_file() and path.suffix in {".txt", ".toml", ".md", ""} and path.name not in {".git", ".gitignore"}
    ]

    assert [path.name for path in kept if names.search(re.sub(r"--no-emit-[a-z-]+", "", path.read_text()))] == []
