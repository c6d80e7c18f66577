"""What a user registers is named, constructed and verified like what is shipped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from click.testing import CliRunner

from gsae_theory import ModelSpec, build_model, verify
from gsae_theory.errors import InvalidInput, UnreadableFile
from gsae_theory.loading import LOADED, load_file
from gsae_theory.model import (
    DICTIONARIES,
    DIRECTIONS,
    NOISES,
    RADIUS_LAWS,
    SUPPORTS,
    RadiusLaw,
    TwoPointRadius,
    UniformDirection,
    UniformSupport,
    register_dictionary,
    register_law,
)
from gsae_theory.network import ACTIVATIONS, GROUP_RELU, Activation, register_activation
from gsae_theory.network.activations import GroupReLU
from gsae_theory.theory import THEOREMS

TABLES = (DICTIONARIES, DIRECTIONS, NOISES, RADIUS_LAWS, SUPPORTS, ACTIVATIONS, THEOREMS)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Take away what a test registered."""
    before = [dict(table) for table in TABLES]
    modules, path, loaded = dict(sys.modules), list(sys.path), list(LOADED)
    yield
    for table, kept in zip(TABLES, before, strict=True):
        table.clear()
        table.update(kept)
    for name in set(sys.modules) - set(modules):
        if name.startswith("own_"):
            del sys.modules[name]
    sys.path[:], LOADED[:] = path, loaded


@dataclass(frozen=True)
class Ends(TwoPointRadius):
    """Either end with probability one half, under another name."""

    weight: float = 0.5
    name: ClassVar[str] = "ends"


def test_a_law_of_the_norm_gives_what_the_shipped_law_gives() -> None:
    """Catches a registered law that is constructed with other arguments, or whose moments are not read."""
    register_law(Ends)
    sizes = {"dim": 12, "groups": 3, "block": 2, "dictionary": "orthogonal", "radius_max": 1.3}
    mine = build_model(ModelSpec(radius="ends", **sizes))
    shipped = build_model(ModelSpec(radius="two_point", **sizes))
    assert mine.constants() == shipped.constants()
    first, second = (verify("gamma1.contraction", model, lam=0.3, steps=20) for model in (mine, shipped))
    assert first.status.name == second.status.name == "HOLDS"
    assert first.measured == second.measured


def test_direction_and_support_laws_are_constructed_from_the_spec() -> None:
    """Catches a registered support that is silently replaced by the uniform one (as it was before)."""

    @register_law
    @dataclass(frozen=True)
    class FirstGroups(UniformSupport):
        name: ClassVar[str] = "first_groups"
        breaks: ClassVar[tuple[str, ...]] = ("uniform-support",)

        def sample(self, rng: np.random.Generator, N: int, G: int) -> np.ndarray:
            return np.tile(np.arange(self.gamma), (N, 1))

    @register_law
    @dataclass(frozen=True)
    class Same(UniformDirection):
        name: ClassVar[str] = "same"

    spec = ModelSpec(dim=12, groups=4, block=2, active=2, support="first_groups", direction="same")
    sample = build_model(spec).sample(5, np.random.default_rng(0))
    assert sample.support.tolist() == [[0, 1]] * 5


def test_a_dictionary_is_built_with_the_spec_s_sizes() -> None:
    @register_dictionary("identity_blocks", "columns of the identity")
    def identity_blocks(order, rng):
        return np.eye(order.n)[:, : order.G * order.d].reshape(order.n, order.G, order.d)

    model = build_model(ModelSpec(dim=8, groups=4, block=2, dictionary="identity_blocks"))
    assert np.array_equal(model.dictionary.reshape(8, 8), np.eye(8))
    with pytest.raises(InvalidInput, match="not registered yet"):
        register_dictionary("identity_blocks", "again")


def test_an_activation_is_used_by_name() -> None:
    class Mine(GroupReLU):
        name = "mine"

    register_activation(Mine())
    model = build_model(ModelSpec(dim=8, groups=4, block=2, dictionary="orthogonal"))
    runs = [
        verify("gamma1.contraction", model, lam=0.3, steps=5, activation=a) for a in ("mine", "group_relu")
    ]
    assert runs[0].measured == runs[1].measured
    assert runs[0].setting["activation"] == "mine"


class NoName(GroupReLU):
    """Has the name of a shipped activation."""


class Half(RadiusLaw):
    """Lacks its methods."""

    name = "half"


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: register_activation(NoName()), "group_relu"),
        (lambda: register_activation(GROUP_RELU.name), "instance"),
        (lambda: register_law(Half), "abstract"),
        (lambda: register_law(Activation), "RadiusLaw"),
        (lambda: register_law(TwoPointRadius), "not registered yet"),
        (lambda: register_dictionary("Upper Case", "no"), "lower-case"),
    ],
)
def test_what_cannot_be_registered_says_why(call, what: str) -> None:
    """Catches a shipped part that is overwritten, and a class that would fail only when it is used."""
    with pytest.raises(InvalidInput, match=what):
        call()


OWN = """
import sympy as sp
from gsae_theory import Theorem, register
from gsae_theory.theory import THEOREMS
parent = THEOREMS["gamma1.limit.generating"]
register(Theorem("own.bias", "t", "s", parent.hypotheses, sp.Le(parent.conclusion.lhs, sp.Integer(9)), parent.observable, "own"))
"""


def test_load_registers_for_every_command_and_replays_load_it_again(tmp_path: Path) -> None:
    """Catches a replay command that fails because the theorem is not known to it."""
    from gsae_theory.cli import main

    path = tmp_path / "own_theorem.py"
    path.write_text(OWN)
    options = [
        "--dim",
        "8",
        "--groups",
        "4",
        "--block",
        "2",
        "--dictionary",
        "orthogonal",
        "--lam",
        "0.3",
        "--steps",
        "30",
        "--json",
    ]
    done = CliRunner().invoke(main, ["--load", str(path), "verify", "--theorem", "own.*", *options])
    assert done.exit_code == 0, done.output
    assert f"gsae --load {path} verify --theorem own.bias" in done.stdout
    load_file(path)
    assert LOADED.count(path) == 1


@pytest.mark.parametrize(
    ("name", "text", "error", "what"),
    [
        ("own_a.toml", "", InvalidInput, "Python file"),
        ("own_b.py", None, UnreadableFile, "no such file"),
        ("own_c.py", "1/0", UnreadableFile, "ZeroDivisionError"),
        (
            "own_d.py",
            "from gsae_theory import get_theorem; get_theorem('gamma1.contration')",
            InvalidInput,
            "contraction",
        ),
    ],
)
def test_what_cannot_be_loaded_is_a_typed_error(tmp_path: Path, name: str, text, error, what: str) -> None:
    """Catches a traceback for a mistake in the user's file, and a half-imported module that stays."""
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(error, match=what):
        load_file(path)
    assert path.stem not in sys.modules
    assert path not in LOADED
