"""Specs of models: defaults, every law, and errors that name the key and the nearest choice."""

import json
import math

import numpy as np
import pydantic
import pytest

from gsae_theory.errors import InvalidInput, UnknownName, UnreadableFile
from gsae_theory.model import DICTIONARIES, DIRECTIONS, NOISES, RADIUS_LAWS, SUPPORTS, random_blocks
from gsae_theory.model.spec import ModelSpec, build_model
from gsae_theory.seeds import generator

SIZES = {"dim": 16, "groups": 4, "block": 2}


def spec(**values):
    return ModelSpec(**{**SIZES, **values})


def test_the_smallest_spec_is_the_clustering_model_with_constant_norm():
    model = build_model(spec())
    values = model.constants()
    assert (values["n"], values["G"], values["d"], values["gamma"]) == (16, 4, 2, 1)
    assert values["B_min"] == values["B_max"] == values["m2"] == 1
    assert model.breaks == ()


def test_the_same_spec_builds_the_same_model_and_another_seed_another():
    first, again, other = (build_model(spec(seed=seed)) for seed in (1, 1, 2))
    assert (first.dictionary == again.dictionary).all()
    assert np.abs(first.dictionary - other.dictionary).max() > 0.1


def test_changing_a_law_does_not_move_the_dictionary():
    first, second = build_model(spec()), build_model(spec(active=2, noise="sphere", noise_level=0.1))
    assert (first.dictionary == second.dictionary).all()


def test_origin_rebuilds_the_model():
    model = build_model(spec(active=2, radius_max=1.5, noise="ball", noise_level=0.1, seed=3))
    again = build_model(ModelSpec(**json.loads(json.dumps(model.origin))))
    assert again.describe() == model.describe()


@pytest.mark.parametrize("name", sorted(DICTIONARIES))
def test_every_dictionary_can_be_named(name):
    own = {"groups": 16} if name == "orthobasis_pair" else {}
    own |= {"coherence": 0.05} if DICTIONARIES[name].needs_coherence else {}
    assert build_model(spec(dictionary=name, **own)).describe()["dictionary"] == name


@pytest.mark.parametrize("name", sorted(RADIUS_LAWS))
def test_every_radius_law_can_be_named(name):
    own = {} if name in ("constant", "heavy_tailed") else {"radius_max": 1.5}
    assert build_model(spec(radius=name, **own)).describe()["radius"]["law"] == name


@pytest.mark.parametrize("name", sorted(DIRECTIONS))
def test_every_direction_law_can_be_named(name):
    assert build_model(spec(direction=name, active=2)).describe()["direction"]["law"] == name


@pytest.mark.parametrize("name", sorted(SUPPORTS))
def test_every_support_law_can_be_named_and_has_the_mean_size_asked_for(name):
    model = build_model(spec(support=name, active=2))
    assert model.describe()["support"]["law"] == name
    assert model.constants()["p"] == pytest.approx(0.5)


@pytest.mark.parametrize("name", sorted(NOISES))
def test_every_noise_law_can_be_named(name):
    own = {} if name == "none" else {"noise_level": 0.2}
    assert build_model(spec(noise=name, **own)).describe()["noise"]["law"] == name


def test_options_reach_their_laws():
    described = build_model(
        spec(
            radius="truncated_normal",
            radius_max=2,
            radius_mean=1.2,
            radius_scale=0.1,
            direction="elliptical",
            direction_strength=9.0,
            support="weighted",
            support_weights=[1, 2, 3, 4],
            noise="gaussian",
            noise_level=0.3,
        )
    ).describe()
    assert described["radius"] | {"mean": 1.2, "scale": 0.1} == described["radius"]
    assert described["direction"]["condition"] == 9
    assert described["support"]["weights"] == [1, 2, 3, 4]
    assert described["noise"]["level"] == 0.3


@pytest.mark.parametrize(
    ("values", "name", "nearest"),
    [
        ({"radius_min": 2.0, "radius_max": 1.0}, "radius_min", 1.0),
        ({"radius_min": -1.5}, "radius_min", 1.5),
        ({"radius_min": math.nan}, "radius_min", 1.0),
        ({"radius_max": math.inf}, "radius_max", None),
        ({"radius": "constant", "radius_max": 2.0}, "radius_max", 1.0),
        ({"radius_scale": 0.1}, "radius_scale", None),
        ({"radius": "heavy_tailed", "radius_max": 2.0}, "radius_max", None),
        ({"block": 0}, "block", 1),
        ({"block": 17}, "block", 16),
        ({"block": 2.5}, "block", 2),
        ({"block": "2"}, "block", None),
        ({"active": 5}, "active", 4),
        ({"active": 0}, "active", 1),
        ({"groups": 9, "dictionary": "orthogonal"}, "groups", 8),
        ({"dictionary": "orthobasis_pair"}, "groups", 16),
        ({"dictionary": "orthobasis_pair", "dim": 12, "groups": 12}, "dim", 16),
        ({"dictionary": "near_orthogonal"}, "coherence", 0.05),
        ({"dictionary": "near_orthogonal", "coherence": -0.1}, "coherence", 0.0),
        ({"dictionary": "equiangular", "coherence": 1.5}, "coherence", 0.999),
        ({"coherence": 0.1}, "coherence", None),
        ({"orthonormalise": True}, "orthonormalise", False),
        ({"noise_level": 0.1}, "noise_level", None),
        ({"noise": "sphere"}, "noise_level", 0.05),
        ({"noise": "sphere", "noise_level": -0.1}, "noise_level", 0),
        ({"direction_strength": 2.0}, "direction_strength", None),
        ({"direction": "dependent", "direction_strength": 2.0}, "direction_strength (correlation)", 1.0),
        ({"support": "weighted", "support_weights": [1.0, 2.0]}, "support_weights", "4 numbers"),
        ({"support": "weighted", "support_weights": [1.0, 2.0, -3.0, 1.0]}, "support_weights[2]", 3.0),
        ({"seed": -1}, "seed", 0),
        ({"basis": "hadamrd"}, "basis", "hadamard"),
    ],
)
def test_a_wrong_value_is_named_with_the_nearest_choice(values, name, nearest):
    with pytest.raises(InvalidInput) as caught:
        spec(**values)
    assert (caught.value.name, caught.value.nearest) == (name, nearest)


@pytest.mark.parametrize(
    ("values", "nearest"),
    [
        ({"radius": "unifrom"}, "uniform"),
        ({"dictionary": "orthgonal"}, "orthogonal"),
        ({"direction": "eliptical"}, "elliptical"),
        ({"support": "bernouli"}, "bernoulli"),
        ({"noise": "gausian"}, "gaussian"),
        ({"actve": 2}, "active"),
    ],
)
def test_a_wrong_name_is_answered_with_the_closest(values, nearest):
    with pytest.raises(UnknownName) as caught:
        spec(**values)
    assert caught.value.nearest == nearest


def test_a_misspelt_key_is_reported_before_the_key_it_leaves_missing():
    with pytest.raises(UnknownName) as caught:
        ModelSpec(dim=16, groups=4, blok=2)
    assert caught.value.nearest == "block"
    with pytest.raises(InvalidInput, match="block"):
        ModelSpec(dim=16, groups=4)


def test_the_typed_error_survives_inside_a_larger_spec():
    class Outer(pydantic.BaseModel):
        model: ModelSpec

    with pytest.raises(pydantic.ValidationError) as caught:
        Outer(model={**SIZES, "active": 9})
    cause = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(cause, InvalidInput)
    assert cause.nearest == 4


def test_every_field_has_a_description_for_help_and_schema():
    assert all(field.description for field in ModelSpec.model_fields.values())
    assert set(ModelSpec.model_json_schema()["required"]) == set(SIZES)


def test_a_file_is_a_dictionary(tmp_path):
    A = random_blocks(16, 4, 2, generator(60))
    path = tmp_path / "mine.npy"
    np.save(path, A.reshape(16, 8))
    model = build_model(spec(dictionary=str(path)))
    assert (model.dictionary == A).all()
    with pytest.raises(InvalidInput, match=r"dim, groups, block = \(16, 4, 2\)"):
        build_model(spec(dictionary=str(path), groups=3))
    np.save(path, A.reshape(16, 8) * 1.1)
    with pytest.raises(InvalidInput, match="orthonormalise"):
        build_model(spec(dictionary=str(path)))
    assert np.abs(build_model(spec(dictionary=str(path), orthonormalise=True)).dictionary - A).max() < 1e-14
    with pytest.raises(UnreadableFile, match="absent"):
        build_model(spec(dictionary=str(tmp_path / "absent.npy")))
