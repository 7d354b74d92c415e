"""The browser's modules: valid, formatted, joined without changing what they mean, and small."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import absent

from adam_and_beyond import explorers, methods
from adam_and_beyond.explorers import module
from adam_and_beyond.explorers.boundary import METHODS

ROOT = Path(__file__).parents[1]
BROWSER = ROOT / "src" / "adam_and_beyond" / "explorers" / "browser"
LOADER = ROOT / "src" / "book_build" / "static" / "explorers.js"
DRIVER = ROOT / "tests" / "explorer_driver.mjs"
ALL = [
    getattr(explorers, name)
    for name in explorers.__all__
    if name.endswith("Explorer") and name != "Explorer"
]
LARGEST = 20_000  # bytes of an explorer's JavaScript and CSS, gzipped


def run(*command: str) -> None:
    """Run a command; the test fails with what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def write(folder: Path, **sources: str) -> None:
    """Write files of a browser folder: `a="..."` is a.js."""
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source, "utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty folder in place of `browser/`."""
    monkeypatch.setattr(module, "browser_file", lambda path: (tmp_path / path).read_text("utf-8"))
    return tmp_path


# The files


@pytest.mark.node
@pytest.mark.parametrize(
    "path", [*sorted(BROWSER.glob("*.js")), LOADER, DRIVER], ids=lambda p: p.name
)
def test_every_file_is_a_valid_module(path, node):
    run(node, "--check", str(path))


@pytest.mark.node
@pytest.mark.parametrize("explorer", ALL)
def test_every_explorer_as_joined_is_a_valid_module(explorer, node, tmp_path):
    joined = tmp_path / "joined.mjs"
    joined.write_text(str(explorer._esm), "utf-8")
    run(node, "--check", str(joined))


@pytest.mark.parametrize(
    "tool", [("oxfmt", "--check"), ("oxlint", "--deny-warnings")], ids=lambda tool: tool[0]
)
def test_files_are_formatted_and_use_only_what_they_import(tool):
    program, *options = tool
    beside_python = str(Path(sys.executable).parent)
    found = shutil.which(program, path=beside_python) or shutil.which(program)
    if found is None:
        absent(f"{program} isn't installed: it has no wheel for every platform")
    run(found, *options, str(BROWSER), str(LOADER), str(DRIVER))


def test_every_file_belongs_to_an_explorer():
    files = {path.name: path.read_text("utf-8") for path in BROWSER.glob("*.js")}
    entries = [name for name, source in files.items() if "\nexport default " in source]
    assert len(entries) == len(ALL)
    used = {path for entry in entries for path in module.modules(entry, METHODS)}
    assert set(files) == {path for path in used if "/" not in path}


def test_update_rules_in_javascript_are_generated_only():
    """No file of ours spells out a recursion; the rules come from SymPy's printer."""
    for path in BROWSER.glob("*.js"):
        text = path.read_text("utf-8")
        assert "beta2 *" not in text and "beta1 *" not in text.replace("beta1 * beta1", "")


# What an explorer ships


@pytest.mark.parametrize("explorer", ALL)
def test_an_explorer_is_one_text_under_20_kb_gzipped(explorer):
    code = str(explorer._esm)
    assert not re.search(r"^import\b", code, re.MULTILINE)
    assert code.count("export default ") == 1
    assert len(gzip.compress((code + str(explorer._css)).encode(), 9)) < LARGEST


def test_an_explorer_carries_only_what_it_uses():
    theorem_1 = set(module.modules("theorem_1.js"))
    assert not theorem_1 & {"sign_map.js", "checks.js", "plane.js", "generated/theorem_2.js"}
    conditions = set(module.modules("conditions.js", ("adam",)))
    assert not conditions & {"simulate.js", "chart.js", "runs.js", "select.js", "toggle.js"}
    grid = set(module.modules("grid.js", METHODS))
    assert not grid & {"generated/rules.js", "drift.js", "verdict.js"}
    assert "adagrad" not in module.compose("rarity.js", ("adam",))
    assert "adagrad" in module.compose("theorem_1.js", methods.PAPER)


# How files are joined


def test_each_file_stands_once_and_after_what_it_imports(folder):
    write(
        folder,
        entry='import { a } from "./a.js";\nimport { b } from "./b.js";\n\nexport default a + b;\n',
        a='import { b } from "./b.js";\n\nexport const a = b + 1;\n',
        b="export const b = 1;\n",
    )
    assert module.compose("entry.js") == ("const b = 1;\nconst a = b + 1;\nexport default a + b;\n")


def test_comments_and_indentation_go_but_no_text_does(folder):
    write(
        folder,
        entry=(
            "// A comment.\n"
            "const address = {\n"
            '  a: "https://example.org", // a note\n'
            '  b: "one; // two",\n'
            "\n"
            "  c: `; // ${1}`,\n"
            "};\n"
            "export default address;\n"
        ),
    )
    assert module.compose("entry.js") == (
        "const address = {\n"
        'a: "https://example.org",\n'
        'b: "one; // two",\n'
        "c: `; // ${1}`,\n"
        "};\n"
        "export default address;\n"
    )


def test_a_circle_is_refused_by_name(folder):
    write(
        folder,
        entry='import { a } from "./a.js";\n',
        a='import { b } from "./b.js";\n\nexport const a = 1;\n',
        b='import { a } from "./a.js";\n\nexport const b = 1;\n',
    )
    with pytest.raises(ValueError, match=r"in a circle: a\.js -> b\.js -> a\.js"):
        module.compose("entry.js")


def test_a_file_that_is_not_there_is_refused_by_name(folder):
    write(folder, entry='import { a } from "./a.js";\n')
    with pytest.raises(ValueError, match=r"entry\.js needs a\.js, which is not in browser/"):
        module.compose("entry.js")


def test_names_that_would_collide_are_refused(folder):
    write(
        folder,
        entry='import { a } from "./a.js";\n\nfunction same() {\n  return a;\n}\n',
        a="const same = 1;\nexport const a = same;\n",
    )
    with pytest.raises(ValueError, match=r"a\.js and entry\.js both declare 'same': rename one"):
        module.compose("entry.js")


def test_a_name_that_is_not_exported_is_refused(folder):
    write(folder, entry='import { b } from "./a.js";\n', a="export const a = 1;\nconst b = 2;\n")
    with pytest.raises(ValueError, match=r"entry\.js imports 'b' from a\.js, which exports: a"):
        module.compose("entry.js")


@pytest.mark.parametrize(
    "line",
    [
        'import * as a from "./a.js";',
        'import a from "./a.js";',
        'import { a as b } from "./a.js";',
        'import "./a.js";',
        "export let b = 1;",
        "export { a };",
        "let b = 1;",
        "const { b } = {};",
        "const [b] = [];",
        "export default 1;",
    ],
)
def test_what_the_joiner_does_not_understand_is_refused(line, folder):
    write(folder, entry='import { a } from "./a.js";\n', a=f"export const a = 1;\n{line}\n")
    with pytest.raises(ValueError, match=r"a\.js: got `.*`; write `import { name }"):
        module.compose("entry.js")


def test_a_style_sheet_loses_only_comments_and_indentation(folder):
    (folder / "a.css").write_text("/* one\n   two */\n.a {\n  color: red;\n}\n", "utf-8")
    assert module.style_sheet("a.css") == ".a {\ncolor: red;\n}\n"


# Computing between frames


@pytest.fixture
def frames(ask_node):
    """A function that returns what happens in each frame; a slice is 30 ms of an invented clock."""

    def ask(costs: list, finer: list = (), changes: list = (), frames: int = 8) -> list[list[str]]:
        asked = {"costs": costs, "finer": finer, "changes": changes, "frames": frames}
        [found] = ask_node("theorem_1.js", frames=[asked])["frames"]
        return [frame for frame in found if frame]

    return ask


@pytest.mark.node
def test_long_work_gives_the_page_its_turn_after_every_slice(frames):
    assert frames([20, 20, 20, 20, 20]) == [
        ["controls at 0", "0 works", "0 works"],
        ["0 works", "0 works"],
        ["0 works", "shows 0"],
    ]


@pytest.mark.node
def test_a_change_moves_the_controls_at_once_and_the_curves_when_the_result_is_done(frames):
    found = frames([40, 40, 40], changes=[1, 2])
    assert found == [
        ["controls at 0", "0 works"],
        ["controls at 1", "0 works"],
        ["controls at 2", "0 works", "shows 0"],
        ["controls at 2", "2 works"],
        ["2 works"],
        ["2 works", "shows 2"],
    ]


@pytest.mark.node
def test_what_rests_is_refined_until_a_change_stops_it(frames):
    assert frames([10], finer=[40, 40])[1:] == [
        ["0 finer works"],
        ["0 finer works", "shows 0 finer"],
    ]
    found = frames([10], finer=[40, 40, 40], changes=[2])
    assert found == [
        ["controls at 0", "0 works", "shows 0"],
        ["0 finer works"],
        ["controls at 2", "2 works", "shows 2"],
        ["2 finer works"],
        ["2 finer works"],
        ["2 finer works", "shows 2 finer"],
    ]


@pytest.mark.node
def test_nothing_is_asked_of_a_page_that_rests(frames):
    assert len(frames([10], frames=20)) == 1
