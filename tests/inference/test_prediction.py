"""Every source gives one object with the same keys, and ``docs/predictions.md`` describes each of them."""

import json
import re
from dataclasses import asdict, fields
from pathlib import Path
from typing import get_args

import pytest
import torch
from pydantic import TypeAdapter

from atm_gcn.data import FrameStore
from atm_gcn.inference import prediction as records
from atm_gcn.inference.batch import PredictOptions, predict_many
from atm_gcn.inference.prediction import FORMAT, Prediction
from atm_gcn.inference.sources import expand
from tests.runs import write_clip

PAGE = (Path(__file__).parents[2] / "docs" / "predictions.md").read_text(encoding="utf-8")
KEYS = {"format", *(one.name for one in fields(Prediction))}
CPU = torch.device("cpu")


def section(title):
    return re.split(r"^#+ ", PAGE.partition(f"# {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def keys_of(title):
    return [line.split("`")[1] for line in section(title).splitlines() if line.startswith("| `")]


@pytest.mark.parametrize(
    ("title", "record"),
    [
        ("Moments", "Moment"),
        ("Movements", "Movement"),
        ("Face", "FaceUsed"),
        ("Registration", "RegistrationUsed"),
        ("Highest peak", "CurvePeak"),
        ("Dropped", "DroppedPeak"),
        ("fps", "Rate"),
        ("Windows", "WindowProbabilities"),
        ("Macro-expressions", "MacroExpression"),
    ],
)
def test_the_page_lists_every_key_of_a_part(title, record):
    assert keys_of(title) == [one.name for one in fields(getattr(records, record))]


def test_the_page_lists_every_key_status_and_reason():
    assert keys_of("JSON") == ["format", *(one.name for one in fields(Prediction))]
    assert keys_of("What `predict` prints and writes") == list(get_args(records.Status))
    assert set(keys_of("Why peaks are dropped")) == set(get_args(records.DropReason))
    assert f"| `format` | version of these keys, {FORMAT} |" in PAGE


def check(content):
    """Check that an object has all keys, at every depth no others, and values of the documented types."""
    content = json.loads(json.dumps(content, allow_nan=False))
    assert set(content) == KEYS and content.pop("format") == FORMAT
    assert json.loads(json.dumps(asdict(TypeAdapter(Prediction).validate_python(content)))) == content
    assert list(content["models"]) == keys_of("Models") and list(content["reliability"]) == keys_of("Reliability")
    assert list(content["reliability"]["score"]) == keys_of("Score")
    predicted = content["status"] == "predicted"
    assert (content["reason"] is None) == predicted == bool(content["movements"])
    assert all((content[key] is not None) == predicted for key in ("predicted", "probabilities", "onset", "apex"))
    return content


def results(ensemble, *arguments, **options):
    outcomes = predict_many(ensemble, expand(map(str, arguments)), CPU, PredictOptions(**options))
    return [check(one.to_dict()) for outcome in outcomes for one in outcome.predictions]


def test_every_kind_of_result_has_the_schema(ensemble, tiny_run, long_video, tmp_path):
    clip = write_clip(tmp_path / "clip", "left", seed=1)
    missing = tmp_path / "missing.mp4"
    store = FrameStore.open(tiny_run.parent / "store")
    found = results(ensemble, clip, long_video[0], missing, store.path)
    assert [one["status"] for one in found] == ["predicted", "predicted", "error", *["predicted"] * len(store)]
    assert [one["mode"] for one in found] == ["clip", "spotting", None, *["clip"] * len(store)]
    assert found[1]["predicted"] == max(found[1]["movements"], key=lambda one: one["motion"])["predicted"]
    assert len(found[1]["windows"]) > 20 and found[0]["windows"] == found[2]["windows"] == []
    assert found[2]["reason"] == f"{missing}: there is no such folder of frames or video"
    assert [one["clip"] for one in found[3:]] == [stored.clip.key for stored in store.clips]
    assert found[3]["onset"] == {"frame": 0, "seconds": 0.0, "chosen": "annotated"}


def test_no_face_is_a_status_with_the_number_of_frames(ensemble, tmp_path):
    clip = write_clip(tmp_path / "clip", "left", seed=1, length=7)
    for spot in (False, True):
        (one,) = results(ensemble, clip, data={"face": "crop"}, spot=spot)
        assert one["status"] == "no-face" and one["frames_without_face"] >= 1
        assert f"no face found in {one['frames_without_face']} frames" in one["reason"]


def test_nothing_found_gives_the_highest_motion(ensemble, tmp_path):
    (one,) = results(ensemble, write_clip(tmp_path / "clip", "still", seed=1, length=45), spot=True)
    peak = one["highest_peak"]
    assert one["status"] == "nothing-found"
    ratio = peak["motion"] / peak["threshold"]
    assert one["reason"].startswith(f"the highest motion is {ratio:.2f} times the threshold of")
    (short,) = results(ensemble, write_clip(tmp_path / "short", "left", seed=1, length=5), spot=True)
    assert short["highest_peak"] is None and "the motion is known nowhere in 0.13 s" in short["reason"]
