"""`.env.example` and the table in README.md name what the code reads, with the defaults that the code has."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLE = (PROJECT / ".env.example").read_text("utf-8")
README = (PROJECT / "README.md").read_text("utf-8")
COMPOSE = (PROJECT / "compose.yaml").read_text("utf-8")

FOLDERS = ("config", "prompts", "providers", "audit", "benchmarks")
READERS = {"str", "integer", "seconds", "flag", "words", "url", "choice", "endpoints"}
# Set by the shell, by pytest, by our own conftest.py and fuzzing, or an option of granian's.
FOREIGN = {"PATH", "PYTEST_XDIST_WORKER", "TEST_SERVER_FOLDER", "GRANIAN_PORT", "FUZZ_FACTOR"}

LINE = re.compile(r"^# ([A-Z][A-Z0-9_<>]*)=(.*)$")
ROW = re.compile(r"^\| `([A-Z][A-Z0-9_<>]*)` \| (?:`(.*?)`)? ?\| (.*) \|$", re.MULTILINE)
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


class Variable(NamedTuple):
    name: str
    default: str
    meaning: str


def example() -> list[Variable]:
    """The variables of `.env.example`, each with the comment right above it."""
    found, meaning = [], ""
    for line in EXAMPLE.splitlines():
        if match := LINE.match(line):
            found.append(Variable(match[1], match[2], meaning))
        meaning = line.removeprefix("# ") if line.startswith("# ") else ""
    return found


def sources() -> Iterator[ast.AST]:
    """Every node of every module that may read the environment, tests of a single test's own values left out."""
    files = [PROJECT / "manage.py", PROJECT / "conftest.py"]
    files += [file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py")]
    for file in files:
        if file != Path(__file__).with_name("test_environment.py"):
            yield from ast.walk(ast.parse(file.read_text("utf-8")))


def name_read_by(node: ast.AST) -> ast.expr | None:
    """The expression that names the variable, where `node` reads one: env.x(…), os.environ[…] and its kind."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        owner, method = ast.unparse(node.func.value), node.func.attr
        if (owner in {"env", "self"} and method in READERS) or (owner, method) in ENVIRON_READERS:
            return node.args[0]
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and ast.unparse(node.value) == "os.environ":
        return node.slice
    if isinstance(node, ast.Compare) and "os.environ" in map(ast.unparse, node.comparators):
        return node.left
    return None


ENVIRON_READERS = {("os.environ", "get"), ("os.environ", "pop"), ("os", "getenv")}


def reads_env(node: ast.Call) -> bool:
    """Whether it is one of Environment's readers, which alone know the default that holds."""
    return isinstance(node.func, ast.Attribute) and node.func.attr in READERS


def names_read() -> set[str]:
    """What the code reads under a name that it writes out."""
    names = {name_read_by(node) for node in sources()}
    return {name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)}


def names_passed_on() -> set[str]:
    """What config/environment.py reads through variables: the names in its tables and in its f-strings."""
    tree = ast.parse((PROJECT / "config" / "environment.py").read_text("utf-8"))
    constants = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    patterns = {
        "".join(part.value if isinstance(part, ast.Constant) else "<NAME>" for part in node.values)  # type: ignore[misc]
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
    }
    return {text for text in constants if VARIABLE.fullmatch(text)} | {
        text for text in patterns if VARIABLE.fullmatch(text.replace("<NAME>", "NAME"))
    }


def defaults_in_code() -> dict[str, str]:
    """The default of each variable whose default is written out beside its name."""
    found = {}
    for node in sources():
        name = name_read_by(node)
        if isinstance(name, ast.Constant) and isinstance(node, ast.Call) and len(node.args) > 1 and reads_env(node):
            default = written_out(node.args[1])
            if default is not None:
                found[str(name.value)] = default
    return found


def written_out(node: ast.expr) -> str | None:
    """The value of a literal, or of a product of them, as `.env` would spell it; None for what is no default."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return str(ast.literal_eval(node.left) * ast.literal_eval(node.right))
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    if isinstance(value, set):
        return None
    if isinstance(value, bool):
        return str(int(value))
    return ",".join(value) if isinstance(value, list) else str(value)


def names_of_containers() -> set[str]:
    """What compose.yaml takes from `.env`."""
    return set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))


def test_the_example_names_every_variable_that_is_read_and_no_other() -> None:
    read = names_read() | names_passed_on() | names_of_containers()
    assert {variable.name for variable in example()} == read - FOREIGN


def test_the_example_names_no_variable_twice() -> None:
    names = [variable.name for variable in example()]
    assert len(names) == len(set(names))


def test_the_defaults_of_the_example_are_those_of_the_code() -> None:
    documented = {variable.name: variable.default for variable in example()}
    code = {name: default for name, default in defaults_in_code().items() if name in documented}
    assert {name: documented[name] for name in code} == code


@pytest.mark.parametrize("variable", example(), ids=lambda variable: variable.name)
def test_the_example_explains_in_a_sentence(variable: Variable) -> None:
    assert re.fullmatch(r"[A-Z`].{15,}[.)]", variable.meaning), variable


def test_the_example_sets_nothing_by_itself() -> None:
    assert [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")] == []


def test_the_table_of_the_readme_is_the_example() -> None:
    rows = [f"| `{name}` | {f'`{default}` ' if default else ''}| {meaning} |" for name, default, meaning in example()]
    shown = [match[0] for match in ROW.finditer(README)]
    assert shown == rows, "\n".join(rows)


def test_the_example_with_everything_uncommented_changes_nothing(tmp_path: Path) -> None:
    assignments = [f"{variable.name}={variable.default}" for variable in example() if "<" not in variable.name]
    (tmp_path / ".env").write_text("\n".join(assignments), "utf-8")
    assert settings_with(tmp_path / ".env", tmp_path) == settings_with(tmp_path / "none.env", tmp_path)


def settings_with(env_file: Path, data_dir: Path) -> str:
    """All settings, as a command sees them that has nothing but this file."""
    environment = {"ENV_FILE": str(env_file), "DATA_DIR": str(data_dir), "PYTHONHASHSEED": "0"}
    result = subprocess.run(
        [sys.executable, "manage.py", "diffsettings"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return re.sub(r" at 0x[0-9a-f]+", "", result.stdout)
