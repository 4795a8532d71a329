"""Registries find what lies in a package, and what other distributions offer by entry points."""

import sys
from dataclasses import dataclass

import pytest

from mllmu.errors import UserError
from mllmu.registry import Registry


@dataclass(frozen=True)
class Spice:
    name: str


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package ``spices`` of two modules, and a function that makes its registry."""
    folder = tmp_path / "spices"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "pepper.py").write_text(
        "from tests.test_registry import Spice\nBLACK = Spice('black')\nWHITE = Spice('white')\nOTHER = 3\n"
    )
    (folder / "salt.py").write_text("from tests.test_registry import Spice\nSALT = Spice('salt')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda: Registry("spice", "spices", "test.spices", lambda value: isinstance(value, Spice))
    for name in [name for name in sys.modules if name.split(".")[0] == "spices"]:
        del sys.modules[name]


def offer(folder, monkeypatch, target, text="from tests.test_registry import Spice\nMINT = Spice('mint')\n"):
    """Install a distribution that offers ``target`` in the group ``test.spices``."""
    (folder / "garden.py").write_text(text)
    info = folder / "garden-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: garden\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[test.spices]\nmint = {target}\n")
    monkeypatch.delitem(sys.modules, "garden", raising=False)


def test_what_lies_in_the_package_is_found(package):
    assert package().names() == ["black", "white", "salt"]


def test_rooms_of_the_package_are_searched_after_it(package, tmp_path):
    room = tmp_path / "spices" / "herbs"
    room.mkdir()
    (room / "__init__.py").write_text("")
    (room / "basil.py").write_text("from tests.test_registry import Spice\nBASIL = Spice('basil')\n")
    assert package().names() == ["black", "white", "salt", "basil"]


def test_near_names_are_suggested(package):
    with pytest.raises(UserError, match=r"unknown spice 'sallt': did you mean 'salt'\?"):
        package().get("sallt")


@pytest.mark.parametrize("target", ["garden", "garden:MINT"])
def test_other_distributions_offer_modules_and_objects(package, tmp_path, monkeypatch, target):
    offer(tmp_path, monkeypatch, target)
    assert package().get("mint").name == "mint"


@pytest.mark.parametrize(
    ("target", "text", "said"),
    [
        ("garden", "raise RuntimeError('frost')", "cannot be loaded: frost"),
        ("garden", "", "is no spice, and no module that holds one"),
        ("garden:MINT", "MINT = 3", "is no spice"),
        ("garden", "from tests.test_registry import Spice\nM = Spice('salt')", "a second spice 'salt'"),
        (
            "garden",
            "from tests.test_registry import Spice\nM = Spice('x-2')",
            "names a spice 'x-2'; ex",
        ),
    ],
)
def test_what_cannot_be_used_is_named(package, tmp_path, monkeypatch, target, text, said):
    offer(tmp_path, monkeypatch, target, text)
    with pytest.raises(UserError, match=said):
        package().names()


def test_a_class_that_lacks_something_is_named(tmp_path, monkeypatch):
    (tmp_path / "dishes").mkdir()
    (tmp_path / "dishes" / "__init__.py").write_text("")
    (tmp_path / "dishes" / "soup.py").write_text(
        "from abc import ABC, abstractmethod\nclass Soup(ABC):\n    name = 'soup'\n"
        "    @abstractmethod\n    def taste(self): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry("dish", "dishes", "test.dishes", lambda value: isinstance(value, Spice))
    with pytest.raises(UserError, match=r"Soup in dishes.soup is no dish yet; expected taste"):
        registry.get("soup")
    with pytest.raises(UserError, match="unknown dish 'soap'"):
        registry.get("soap")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_thing", r"spices.mint cannot be imported: ModuleNotFoundError: .*mint.py, line 1\)"),
        ("\n1 / 0", r"spices.mint cannot be imported: ZeroDivisionError: .*mint.py, line 2\)"),
        (
            "from tests.test_registry import Spice\nM = Spice('black')",
            r"spices.pepper, after spices.mint, names",
        ),
    ],
)
def test_a_file_that_somebody_put_there_is_named(package, tmp_path, text, said):
    (tmp_path / "spices" / "mint.py").write_text(text)
    with pytest.raises(UserError, match=said):
        package().names()


def test_a_notebook_adds_its_own_once(package):
    registry = package()
    mint = Spice("mint")
    registry.add(mint)
    registry.add(mint)
    assert registry.get("mint") is mint
    with pytest.raises(UserError, match="a second spice 'salt'"):
        registry.add(Spice("salt"))


@pytest.mark.parametrize("name", ["", "x-2", "-x", "2x", "a b", "a/b", "..", "a\n", "<b>", "é", None])
def test_what_is_no_name_is_refused(package, name):
    """A view is asked for under names that end in numbers, and whatever is named may name a file."""
    with pytest.raises(UserError, match="an object of this process names a spice"):
        package().add(Spice(name))


@pytest.mark.parametrize("name", ["x", "x2", "my_own", "rougeL_f", "mllmu-bench", "a-b2-c_d"])
def test_letters_digits_underscores_and_hyphens_before_letters_are_names(package, name):
    registry = package()
    registry.add(Spice(name))
    assert registry.get(name).name == name
