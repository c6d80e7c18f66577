"""`gsae --load FILE.py`: theorems, laws, dictionaries and activations of the user's, for every command.

The file is imported, as `python FILE.py` would; it is named on the command line, never in a spec or a record.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from gsae_theory.errors import InvalidInput, UnreadableFile

LOADED: list[Path] = []
"""What was loaded in this process, so that a replay command can load it again."""


def load_file(path: Path) -> None:
    """Import a Python file, once per process.

    Raises
    ------
    InvalidInput
        If it is no .py file.
    UnreadableFile
        If it does not exist, or importing it raises; a typed error of its own passes as it is.
    """
    if path.suffix != ".py":
        raise InvalidInput("--load", str(path), "a Python file", str(path.with_suffix(".py")))
    if not path.is_file():
        raise UnreadableFile(f"cannot read the file of --load, {path}: there is no such file")
    place = path.resolve()
    known = getattr(sys.modules.get(path.stem), "__file__", None)
    if known is not None and Path(known).resolve() == place:
        if path not in LOADED:
            LOADED.append(path)
        return
    if str(place.parent) not in sys.path:
        sys.path.insert(0, str(place.parent))  # as Python itself does: the file may import its neighbours
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Dataclasses look their module up, and a neighbour may import it; a name that is taken stays as it is.
    sys.modules.setdefault(path.stem, module)
    try:
        spec.loader.exec_module(module)
    except Exception as problem:
        if sys.modules.get(path.stem) is module:
            del sys.modules[path.stem]
        if isinstance(problem, InvalidInput):
            raise problem.located(f"--load {path}") from problem
        raise UnreadableFile(
            f"cannot read the file of --load, {path}: importing it raised {type(problem).__name__}: {problem}"
        ) from problem
    LOADED.append(path)


def load_options() -> list[str]:
    """Return the options that load again what was loaded."""
    return [word for path in LOADED for word in ("--load", str(path))]
