"""The command that repeats a verification."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gsae_theory.loading import load_options

if TYPE_CHECKING:
    from gsae_theory.check.context import Context
    from gsae_theory.spec import CaseSpec

PYTHON_MODEL = "(built in Python: call gsae_theory.verify with the same model and setting)"


def replay_command(theorem: str, context: Context) -> str:
    """Return the command for a model that was built from a spec, else how to repeat it in Python."""
    origin = context.model.origin
    if origin is None:
        return PYTHON_MODEL
    setting = asdict(context.setting)
    return _command(theorem, {**setting, "run_seed": setting["seed"], **origin})


def replay_case(theorem: str, case: CaseSpec) -> str:
    """Return the command that repeats one theorem of one case, without the spec file."""
    return _command(theorem, {**case.model.model_dump(), **case.train.model_dump()})


def _command(theorem: str, values: dict[str, Any]) -> str:
    """Return ``gsae verify`` with every option that differs from its default."""
    from gsae_theory.model.spec import ModelSpec
    from gsae_theory.spec import TrainSpec

    words = ["gsae", *load_options(), "verify", "--theorem", theorem]
    for kind in (ModelSpec, TrainSpec):
        for name, field in kind.model_fields.items():
            value = values.get(name, field.default)
            if value == field.default or value is None:
                continue
            option = "--" + name.replace("_", "-")
            if isinstance(value, bool):
                words.append(option if value else "--no-" + option[2:])
            elif isinstance(value, (list, tuple)):
                words += [option, ",".join(map(str, value))]
            else:
                words += [option, repr(value) if isinstance(value, float) else str(value)]
    return shlex.join(words)
