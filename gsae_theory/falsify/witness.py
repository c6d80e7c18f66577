"""Witnesses: a refutation as a small file that can be read, shrunk and repeated.

A witness holds plain data only (sizes, laws, seeds, and the row that contradicts the claim); it is
validated like a spec when it is read, and nothing in it is evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from gsae_theory import __version__
from gsae_theory.check import Setting, Status, Verdict
from gsae_theory.errors import GsaeError, InvalidInput, UnknownName, UnreadableFile
from gsae_theory.falsify.values import BenchContext
from gsae_theory.files import read_json
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.output import prepare_folder, write_atomic
from gsae_theory.pipeline import verify
from gsae_theory.plain import plain
from gsae_theory.spec import TrainSpec, parse
from gsae_theory.strategies import Instance
from gsae_theory.theory import THEOREMS
from gsae_theory.theory.theorem import Theorem

FORMAT = "gsae-witness-1"
MAX_BYTES = 1_000_000
RELATIONS = ("<=", ">=", "<", ">", "==")


@dataclass(frozen=True)
class Witness:
    """A claim, an instance and the row on which they disagree.

    Attributes
    ----------
    claim : str
        Id of a registered theorem, or of a mutant.
    instance : Instance
    row : dict
        ``where``, ``covariates``, ``measured``, ``relation``, ``bound``, ``error``.
    """

    claim: str
    instance: Instance
    row: dict[str, Any] = field(default_factory=dict)

    def theorem(self) -> Theorem:
        """Return the claim as it is run.

        Raises
        ------
        UnknownName
            If neither a theorem nor a mutant has the id.
        """
        return claim_called(self.claim)[0]

    def context(self) -> BenchContext:
        """Return the context of the instance, with what a mutant overrides."""
        overrides = claim_called(self.claim)[1]
        return BenchContext(build_model(self.instance.model), self.instance.setting, overrides=overrides)

    def verify(self) -> Verdict:
        """Run the claim on the instance again."""
        context = self.context()
        return verify(self.theorem(), context.model, context=context, replay="gsae replay FILE")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: only fields that differ from their defaults, so that a person can read it."""
        theorem = self.theorem()
        setting = {
            item.name: getattr(self.instance.setting, item.name)
            for item in fields(Setting)
            if item.name == "lam" or getattr(self.instance.setting, item.name) != item.default
        }
        return {
            "format": FORMAT,
            "claim": self.claim,
            "statement": theorem.statement,
            "model": self.instance.model.model_dump(exclude_defaults=True),
            "setting": setting,
            "row": self.row,
            "version": __version__,
        }

    def save(self, path: Path) -> Path:
        """Write the witness, whole or not at all, and return the path.

        Raises
        ------
        UnwritableOutput
            If it cannot be written.
        """
        prepare_folder(path.parent)
        return write_atomic(path, (json.dumps(plain(self.to_dict()), indent=1) + "\n").encode())


@lru_cache(maxsize=64)
def claim_called(name: str) -> tuple[Theorem, dict[str, Any]]:
    """Return the theorem or mutated claim called `name`, and what it overrides."""
    if name in THEOREMS:
        return THEOREMS[name], {}
    from gsae_theory.falsify.catalogue import find

    mutant = find(name)
    return mutant.claim, dict(mutant.overrides)


def load(path: Path) -> Witness:
    """Read and validate a witness file.

    Raises
    ------
    UnreadableFile
        If the file is missing, too large or not a witness.
    InvalidInput, UnknownName
        For a claim, a model or a setting that is not admissible.
    """
    data = read_json(path, MAX_BYTES, "the witness")
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UnreadableFile(f"cannot read the witness {path}: its format is not {FORMAT!r}")
    for key, kind in (("claim", str), ("model", dict), ("setting", dict), ("row", dict)):
        if not isinstance(data.get(key), kind):
            raise InvalidInput(f"witness {key}", data.get(key), f"a {kind.__name__}")
    known = {item.name for item in fields(Setting)}
    for name in data["setting"]:
        if name not in known:
            raise UnknownName("witness setting", name, known)
    if "lam" not in data["setting"]:
        raise InvalidInput("witness setting.lam", None, "a threshold > 0", 0.2)
    values = {"run_seed" if name == "seed" else name: item for name, item in data["setting"].items()}
    setting = parse(TrainSpec, values, "witness setting").setting(0)
    found = Witness(data["claim"], Instance(ModelSpec(**data["model"]), setting), _row(data["row"]))
    claim_called(found.claim)
    return found


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a witness, its parts checked: they are printed and written into scripts."""
    for name in ("where", "covariates"):
        part = row.get(name, {})
        if not isinstance(part, dict) or not all(
            isinstance(item, int | float | str) for item in part.values()
        ):
            raise InvalidInput(f"witness row.{name}", part, "numbers and words by name")
    if not all(_is_number(item) for item in row.get("covariates", {}).values()):
        raise InvalidInput("witness row.covariates", row["covariates"], "finite numbers by name")
    for name in ("group", "iteration"):
        place = row.get("where", {}).get(name, 0)
        if not (_is_number(place) and 0 <= place < 2**31):
            raise InvalidInput(f"witness row.where.{name}", place, "an integer in [0, 2^31)", 0)
    for name in ("measured", "bound") if row else ():
        if not _is_number(row.get(name)):
            raise InvalidInput(f"witness row.{name}", row.get(name), "a finite number")
    if row and row.get("relation") not in RELATIONS:
        raise UnknownName("witness row.relation", str(row.get("relation")), RELATIONS)
    if type(row.get("row", 0)) is not int:
        raise InvalidInput("witness row.row", row["row"], "an integer")
    return row


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) <= 1e308


# --- Minimisation -------------------------------------------------------------------------------------------


def minimised(witness: Witness, tries: int = 60) -> Witness:
    """Return a smaller witness of the same claim: sizes first, then structure, one change at a time.

    A change is kept if the claim is still refuted. Deterministic; at most `tries` runs.
    """
    for _ in range(tries):
        for instance in smaller(witness.instance):
            tries -= 1
            row = _refuting_row(replace(witness, instance=instance))
            if row is not None:
                witness = replace(witness, instance=instance, row=row)
                break
            if tries <= 0:
                return witness
        else:
            return witness
    return witness


def _refuting_row(witness: Witness) -> dict[str, Any] | None:
    try:
        verdict = witness.verify()
    except GsaeError:
        return None  # the smaller instance is not admissible for this claim
    return verdict.witness if verdict.status is Status.REFUTED else None


def smaller(instance: Instance) -> Iterator[Instance]:
    """Yield instances that are smaller in one respect, the greatest reduction first."""
    model, setting = instance.model, instance.setting
    room = model.dim - model.groups * model.block
    for changes in _model_changes(model, max(room, 0)):
        try:
            yield Instance(ModelSpec(**{**model.model_dump(exclude_defaults=True), **changes}), setting)
        except GsaeError:
            continue
    plain_setting = Setting(setting.lam)
    for name in ("steps", "samples", "rotated", "start", "accuracy", "level"):
        default = {"steps": 1, "rotated": False}.get(name, getattr(plain_setting, name))
        value = getattr(setting, name)
        if name == "steps" and value > 1:
            yield from (
                Instance(model, replace(setting, steps=steps))
                for steps in sorted({1, 2, 5, value // 2})
                if steps < value
            )
        elif value != default and name != "samples":
            yield Instance(model, replace(setting, **{name: default}))


def _model_changes(model: ModelSpec, room: int) -> Iterator[dict[str, Any]]:
    for groups in sorted({model.active, model.active + 1, 2, model.groups // 2, model.groups - 1}):
        if model.active <= groups < model.groups and groups >= 1:
            yield {"groups": groups, "dim": groups * model.block + room}
    for block in range(1, model.block):
        yield {"block": block, "dim": model.groups * block + room}
    for spare in sorted({0, 1, room // 2}):
        if spare < room:
            yield {"dim": model.groups * model.block + spare}
    if model.radius_max is not None:
        yield {"radius_max": None, "radius": "uniform", "radius_weight": None}
    if model.coherence is not None:
        yield {"dictionary": "orthogonal", "coherence": None}
    if model.seed:
        yield {"seed": 0}
