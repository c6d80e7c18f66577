"""Every reader of the package with valid files to damage: `READERS` by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner
from mutate import Rng, damaged_json, damaged_text, hostile_npy, hostile_npz, npy
from stores import make_store, read_store, whole_store

ROOT = Path(__file__).resolve().parents[2]
SIZES = ["--dim", "12", "--groups", "4", "--block", "2", "--lam", "0.2"]


@dataclass(frozen=True)
class Reader:
    """A reader: the suffix of its files, damaged files from a generator, and what reads one."""

    suffix: str
    make: Callable[[Rng, Path], bytes]
    read: Callable[[Path], object]
    whole: Callable[[], bytes]


def _from(
    seeds: Callable[[], list[Any]], damage: Callable[[Any, Rng], bytes]
) -> Callable[[Rng, Path], bytes]:
    def make(rng: Rng, _: Path) -> bytes:
        known = seeds()
        return damage(known[int(rng.integers(0, len(known)))], rng)

    return make


def _printed(*words: str) -> Any:
    from gsae_theory.cli import main

    return json.loads(CliRunner().invoke(main, [*words, "--json"]).stdout)


# --- Specs --------------------------------------------------------------------------------------------------

SPEC = """title = "Fuzz"
seed = 3
[[case]]
id = "one"
theorems = ["gamma1.*"]
[case.model]
dim = 16
groups = 4
block = 2
active = 1
dictionary = "equiangular"
coherence = 0.05
radius = "uniform"
radius_min = 1.0
radius_max = 1.2
support_weights = [1.0, 2.0, 3.0, 4.0]
support = "weighted"
noise = "ball"
noise_level = 0.01
[case.train]
lam = 0.3
eta = "auto"
delta = "auto"
start = "random"
steps = 10
[report]
main = "one"
contraction = ["one"]
floors = []
support = { case = "one", points = 5, samples = 100 }
joined = { proofs = "../proofs.json" }
"""


@lru_cache
def _specs() -> list[str]:
    return [SPEC, *(path.read_text() for path in sorted((ROOT / "reports/specs").glob("*.toml")))]


def _read_spec(path: Path) -> object:
    from gsae_theory.reporting import joined_records
    from gsae_theory.spec import read_spec

    return joined_records(read_spec(path), path.parent)


EXPLORE = ["seed = 1\n[budget]\nfirst = 5\nmost = 20\npoints = 3\nrounds = 2\n[base]\nlam = 0.3\nd = 3\n"]


def _read_explore(path: Path) -> object:
    from gsae_theory.explore.spec import read_spec

    return read_spec(path)


LEDGER = [
    (
        '[[step]]\nid = "mine.a"\nstatement = "a <= b"\nuses = []\nmethod = "identity"\nsource = "me"\n'
        '[[step]]\nid = "mine.b"\nstatement = "b"\nuses = ["mine.a", "L1"]\nmethod = "logic"\nsource = "x"\nexplained = "y"\n'
    )
]


def _read_ledger(path: Path) -> object:
    from proofs_check.core import LEDGERS, _read_ledger, ledger

    known = dict(LEDGERS)
    try:
        return _read_ledger(path, dict(ledger()))
    finally:
        LEDGERS.clear()
        LEDGERS.update(known)


# --- Arrays -------------------------------------------------------------------------------------------------


@lru_cache
def _dictionary() -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(0).standard_normal((8, 8)))[0].reshape(8, 4, 2)


@lru_cache
def _points() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((60, 4))


def _read_dictionary(path: Path) -> object:
    from gsae_theory.model.spec import ModelSpec, build_model

    return build_model(
        ModelSpec(dim=8, groups=4, block=2, dictionary=str(path), orthonormalise=True)
    ).constants()


def _read_data(path: Path) -> object:
    from gsae_theory.experiments.cluster.data import load

    if path.stat().st_size % 5 == 0:
        return load(str(path), labels=path)
    return load(str(path))


@lru_cache
def _csv() -> list[str]:
    rows = [",".join(f"{value:.4g}" for value in row) for row in _points()]
    return ["\n".join(rows), "\n".join(["a,b,c,d", *rows])]


# --- Records ------------------------------------------------------------------------------------------------


@lru_cache
def _witnesses() -> list[Any]:
    row = {
        "where": {"group": 1},
        "measured": 1.0,
        "relation": "<=",
        "bound": 0.5,
        "error": 0.0,
        "covariates": {},
    }
    base = {
        "format": "gsae-witness-1",
        "claim": "gamma1.contraction",
        "model": {"dim": 12, "groups": 4, "block": 2, "radius_max": 1.2},
        "setting": {"lam": 0.2, "steps": 3, "seed": 1},
        "row": row,
    }
    return [base]


def _read_witness(path: Path) -> object:
    # Read and written out as a script, not run: it may ask for any run that is admissible, as a spec may.
    from gsae_theory.falsify.script import script_of
    from gsae_theory.falsify.witness import load

    witness = load(path)
    script = script_of(witness)
    compile(script, "script", "exec")
    return witness.to_dict(), script


@lru_cache
def _certificates() -> list[Any]:
    import tempfile

    from gsae_theory.cli import main

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.json"
        words = ["bounds", "--dim", "12", "--groups", "4", "--block", "2", "--active", "2", "--lam", "0.3"]
        CliRunner().invoke(main, [*words, "--certify", "--out", str(path)])
        return [json.loads(path.read_text())]


def _read_certificate(path: Path) -> object:
    from gsae_theory.commands.certify import check_file

    return check_file(path)


@lru_cache
def _report() -> list[Any]:
    from gsae_theory.report import (
        ContractionCurve,
        FloorRow,
        ReportRecord,
        SpectrumRow,
        SupportCurve,
        UnalignedCurve,
        collect_provenance,
    )

    verdicts = [{"case": "one", **row} for row in _verified()["verdicts"]]
    record = ReportRecord(
        "Fuzz", collect_provenance(seed=0, spec="x"), _printed("bounds", *SIZES), verdicts, {},
        [ContractionCurve("a", [0, 1, 2], [1.0, 0.5, 0.2], [1.0, 0.6, 0.3], [1.0, 0.5, 0.2], 0.5, 0.5, 0.5)],
        [FloorRow(2, "b", 0.1, 0.2, 0.3, 0.4, 0.1)],
        SupportCurve("c", [0.1, 0.2], [0.5, 1.0], [0.4, 0.9], [0.6, 1.0], (0.1, 0.3), 0.9, 10),
        [SpectrumRow("rotation", 0.1, 0.1, 1)],
        UnalignedCurve("d", [0, 1], [0.1, 0.05], [0.3, 0.2], 0.2),
    )  # fmt: skip
    return [record.to_dict()]


@lru_cache
def _verified() -> Any:
    return _printed("verify", *SIZES, "--steps", "3", "--theorem", "gamma1.contraction")


def _read_report(path: Path) -> object:
    from gsae_theory.report import read_record
    from gsae_theory.report.html import figures_of

    record = read_record(path)
    return record.to_dict(), record.summary, record.exit_code, figures_of


@lru_cache
def _joined() -> list[tuple[str, Any]]:
    found = []
    for kind in ("mutants", "explore", "compare", "cluster", "bench"):
        data = json.loads((ROOT / f"reports/reference/{kind}.json").read_text())
        found.append((kind, _short(data)))
    found.append(("proofs", PROOFS))
    return found


PROOFS = {
    "steps": [{"id": "L1", "method": "identity", "status": "proved", "uses": [], "seconds": 0.1}],
    "theorems": [
        {"id": "gamma1.ball", "status": "proved", "rests_on": ["L1"]},
        {"id": "open <b>", "status": "missing L2", "rests_on": []},
    ],
    "slack": [{"step": "L1", "what": "P", "slack": 0.25, "instance": "R = 1", "point": {}}],
    "trusted_base": [{"id": "Q:hilbert", "kind": "lemma", "statement": "a", "reference": "b"}],
}


def _short(data: Any, most: int = 3) -> Any:
    """Return a record with long lists cut: what is read is the same, and figures are quick."""
    if isinstance(data, dict):
        return {key: _short(value, most) for key, value in data.items()}
    return [_short(value, most) for value in data[:most]] if isinstance(data, list) else data


def _make_joined(rng: Rng, _: Path) -> bytes:
    known = _joined()
    kind, data = known[int(rng.integers(0, len(known)))]
    if rng.random() < 0.1:
        kind = known[int(rng.integers(0, len(known)))][0]
    return kind.encode() + b"\n" + damaged_json(data, rng)


def _read_joined(path: Path) -> object:
    """Read a record, join it, and build its section; the pictures are not drawn to bytes (that alone takes 0.3 s)."""
    import matplotlib.pyplot as plt

    from gsae_theory.report import ReportRecord, collect_provenance, read_json
    from gsae_theory.report.joined import section

    raw = path.read_bytes()
    kind, _, rest = raw.partition(b"\n")
    path.write_bytes(rest)
    data = read_json(path)
    record = ReportRecord(
        "t", _provenance() or collect_provenance(seed=0, spec=""), joined={kind.decode(): data}
    )
    section.to_bytes = lambda figure, form: b"<svg></svg>"
    try:
        return section.sections_of(record)
    finally:
        plt.close("all")


@lru_cache
def _provenance() -> Any:
    from gsae_theory.report import collect_provenance

    return collect_provenance(seed=0, spec="fuzz")


@lru_cache
def _compared() -> list[Any]:
    return [
        _report()[0],
        _verified(),
        PROOFS,
        *(data for kind, data in _joined() if kind in ("mutants", "explore")),
    ]


def _read_compared(path: Path) -> object:
    from gsae_theory.report.difference import (
        compare_contents,
        difference_dict,
        difference_html,
        read_contents,
    )

    contents = read_contents(path)
    changes = compare_contents(contents, contents)
    return difference_dict("a", "b", changes), difference_html("a", "b", changes)


def _read_set(path: Path) -> object:
    from gsae_theory.commands.cluster import _set

    return _set(path)["data"]


SET = [{"schema": "gsae-cluster-set", "version": 1, "data": {"digits": {"rows": []}}}]


def _text(seeds: Callable[[], list[str]]) -> Callable[[], bytes]:
    return seeds()[0].encode


def _json(seeds: Callable[[], list[Any]]) -> Callable[[], bytes]:
    return lambda: json.dumps(seeds()[0]).encode()


def _npz() -> bytes:
    import io

    stream = io.BytesIO()
    np.savez(stream, X=_points(), y=np.arange(60))
    return stream.getvalue()


def _of_text(seeds: Callable[[], list[str]], suffix: str, read: Callable[[Path], object]) -> Reader:
    return Reader(suffix, _from(seeds, damaged_text), read, _text(seeds))


def _of_json(seeds: Callable[[], list[Any]], read: Callable[[Path], object]) -> Reader:
    return Reader(".json", _from(seeds, damaged_json), read, _json(seeds))


def _of_array(array: Callable[[], np.ndarray], read: Callable[[Path], object]) -> Reader:
    return Reader(".npy", lambda rng, place: hostile_npy(array(), rng, place), read, lambda: npy(array()))


READERS: dict[str, Reader] = {
    "spec": _of_text(_specs, ".toml", _read_spec),
    "explore spec": _of_text(lambda: EXPLORE, ".toml", _read_explore),
    "proof ledger": _of_text(lambda: LEDGER, ".toml", _read_ledger),
    "dictionary npy": _of_array(_dictionary, _read_dictionary),
    "data npy": _of_array(_points, _read_data),
    "data npz": Reader(".npz", lambda rng, place: hostile_npz(_points(), rng, place), _read_data, _npz),
    "data csv": _of_text(_csv, ".csv", _read_data),
    "witness": _of_json(_witnesses, _read_witness),
    "certificate": _of_json(_certificates, _read_certificate),
    "report record": _of_json(_report, _read_report),
    "joined record": Reader(
        ".json", _make_joined, _read_joined, lambda: b"proofs\n" + json.dumps(PROOFS).encode()
    ),
    "compared record": _of_json(_compared, _read_compared),
    "cluster set": _of_json(lambda: SET, _read_set),
    "store": Reader(".sqlite", make_store, read_store, whole_store),
    "compared store": Reader(".sqlite", make_store, _read_compared, whole_store),
}
"""By name. `whole` is a file that is not damaged: a reader that refuses it tests nothing."""
