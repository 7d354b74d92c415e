"""Docstrings have the sections that apply, and name a page that uses what they describe."""

import ast
import functools
import importlib
import inspect
import pkgutil
import re
import textwrap
from pathlib import Path

import pytest

import adam_and_beyond
from adam_and_beyond import drift, methods, optax_bridge, problems, proofs, regret, simulate

ROOT = Path(__file__).resolve().parents[1]


def public_objects():
    """Every public function and class that a module of the package defines or hands on."""
    found = {}
    for info in pkgutil.walk_packages(adam_and_beyond.__path__, "adam_and_beyond."):
        if info.name.rpartition(".")[2].startswith("_"):
            continue
        module = importlib.import_module(info.name)
        names = getattr(module, "__all__", None)
        if names is None and "." in info.name.removeprefix("adam_and_beyond."):
            package = importlib.import_module(info.name.rpartition(".")[0])
            if getattr(package, "__all__", None):
                continue  # the package says what of this module is public
        for name in names or [name for name in vars(module) if not name.startswith("_")]:
            thing = getattr(module, name)
            ours = getattr(thing, "__module__", "").startswith("adam_and_beyond")
            # A name that a module merely imports belongs to the other module.
            defined_here = names is not None or getattr(thing, "__module__", "") == info.name
            if ours and defined_here and (inspect.isfunction(thing) or inspect.isclass(thing)):
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return found


PUBLIC = public_objects()
FUNCTIONS = {key: thing for key, thing in PUBLIC.items() if inspect.isfunction(thing)}
CLASSES = {key: thing for key, thing in PUBLIC.items() if inspect.isclass(thing)}
SECTIONS = ("Args:", "Returns:", "Yields:", "Raises:", "References:")


def sections(thing):
    lines = inspect.getdoc(thing).splitlines()
    return [line for line in lines if line in SECTIONS]


def raises_value_error(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return any(
        isinstance(node, ast.Raise) and "ValueError" in ast.unparse(node) for node in ast.walk(tree)
    )


def needed_sections(function):
    signature = inspect.signature(function)
    needed = []
    if signature.parameters:
        needed.append("Args:")
    if signature.return_annotation not in (None, "None"):
        is_generator = inspect.isgeneratorfunction(inspect.unwrap(function))
        needed.append("Yields:" if is_generator else "Returns:")
    if raises_value_error(function):
        needed.append("Raises:")
    return needed


# What such a function says is in the object that it returns, with its source.
SPEAKING = (proofs.Step, proofs.Certificate, proofs.Implication)


def speaks_for_itself(function):
    returned = inspect.signature(function, eval_str=True).return_annotation
    return returned in SPEAKING or returned in [tuple[kind, ...] for kind in SPEAKING]


def test_the_public_names_of_the_design_are_found():
    wanted = [methods.get, problems.theorem_1, simulate.run, simulate.sweep, optax_bridge.as_optax]
    wanted += [drift.number, drift.critical, regret.of_sequence]
    assert {f"{thing.__module__}.{thing.__qualname__}" for thing in wanted} <= set(FUNCTIONS)


DESCRIBED = [key for key, function in FUNCTIONS.items() if not speaks_for_itself(function)]


@pytest.mark.parametrize("key", FUNCTIONS)
def test_a_public_function_begins_with_one_whole_sentence(key):
    first = (inspect.getdoc(FUNCTIONS[key]) or "").split("\n", 1)[0]
    assert first.endswith((".", ".)")), key


@pytest.mark.parametrize("key", DESCRIBED)
def test_a_public_function_documents_arguments_results_errors_and_source(key):
    function = FUNCTIONS[key]
    found = sections(function)
    missing = [name for name in needed_sections(function) if name not in found]
    assert not missing, f"{key}: its docstring lacks {missing}"
    assert found == sorted(found, key=SECTIONS.index), f"{key}: the order is {SECTIONS}"
    if "References:" in found:
        assert references(function), f"{key}: its references are empty"


@pytest.mark.parametrize("key", DESCRIBED)
def test_every_argument_is_described(key):
    function = FUNCTIONS[key]
    doc = inspect.getdoc(function) or ""
    if not inspect.signature(function).parameters:
        return
    part = re.split("Returns:|Yields:", doc.split("Args:")[1])[0]
    described = {
        name.strip().lstrip("*")
        for line in part.splitlines()
        if line.startswith("  ") and not line.startswith("   ") and ":" in line
        for name in line.split(":")[0].split(",")
    }
    assert described == set(inspect.signature(function).parameters), key


@pytest.mark.parametrize("key", CLASSES)
def test_a_public_class_and_its_methods_are_documented(key):
    thing = CLASSES[key]
    # Python writes a docstring of its own where a class has none.
    assert thing.__doc__ and not thing.__doc__.startswith(f"{thing.__name__}("), key
    for name, member in vars(thing).items():
        documented = inspect.isfunction(member) or isinstance(member, property)
        if documented and not name.startswith("_"):
            assert inspect.getdoc(member), f"{key}.{name}"


# --- where a name is introduced ---
CODE = re.compile(r"^(`{3,})\{?[\w-]+.*?^\1`*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


@functools.cache
def pages():
    """The code of each page, fenced or inline, by its title; a long title also by its beginning."""
    found = {}
    for path in sorted((ROOT / "chapters").rglob("*.md")):
        text = path.read_text("utf-8")
        title = re.search(r"^# (.+)$", text, re.MULTILINE).group(1)
        code = "\n".join(match.group() for match in CODE.finditer(text))
        found[title] = found[title.partition(":")[0]] = code
    return found


def uses(code, name):
    """Whether code uses a name: as itself, and not as a string or as the name of an argument."""
    return re.search(rf"(?<![\w\"'])(?:\w+\.)*{name}(?![\w\"']|=[^=])", code) is not None


def references(function):
    """What stands under References, on one line; empty without."""
    return " ".join((inspect.getdoc(function) or "").partition("References:")[2].split())


def introductions(function):
    """The titles of the pages that a docstring names."""
    said = re.findall(
        r"Introduced (?:in|on) [^\"]*((?:\"[^\"]+\"(?: and | )?)+)", references(function)
    )
    return [title for group in said for title in re.findall(r'"([^"]+)"', group)]


INTRODUCED = [key for key, function in FUNCTIONS.items() if introductions(function)]


@pytest.mark.parametrize("key", INTRODUCED)
def test_the_page_that_a_docstring_names_uses_the_name(key):
    name, named = key.rpartition(".")[2], introductions(FUNCTIONS[key])
    absent = [title for title in named if title not in pages()]
    assert not absent, f"{key}: there is no page {absent}"
    idle = [title for title in named if not uses(pages()[title], name)]
    assert not idle, f"{key}: {name} is not used by {idle}"


def test_most_of_what_is_public_is_introduced_somewhere():
    assert len(INTRODUCED) > len(DESCRIBED) // 2
    mentioned = [key for key in FUNCTIONS if "Introduced" in references(FUNCTIONS[key])]
    assert mentioned == INTRODUCED  # each such line names a page in quotes


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("x = drift.number(a)", True),
        ("map(number, a)", True),
        ("from adam_and_beyond.drift import number", True),
        ("`drift.number`", True),
        ("f(number=3)", False),
        ("print('number')", False),
        ("renumber(3)", False),
        ("number_of(3)", False),
    ],
)
def test_a_use_of_a_name_is_told_from_a_word(code, used):
    assert uses(code, "number") is used
