"""Which models of a run predict a source: those that held it out, however it is named."""

import shutil
from dataclasses import replace

import pytest
import torch

from atm_gcn.config import DataConfig
from atm_gcn.data import Clip, FrameStore, prepare
from atm_gcn.data.store import AuxiliaryStore, JoinedStore
from atm_gcn.data.store.clip_store import SelectedClips
from atm_gcn.inference.batch import PredictOptions, predict_many
from atm_gcn.inference.clip import predict_store
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.known_clips import Query
from atm_gcn.inference.model_choice import choose_models, reasons_text
from atm_gcn.inference.prediction import Rate
from atm_gcn.inference.sources import Source
from atm_gcn.inference.spotting.spotting import spot
from atm_gcn.training.preflight import resolve
from atm_gcn.training.results.run_record import RunRecord
from atm_gcn.training.run import run_folds
from tests.runs import tiny_clips, tiny_config, tiny_store, with_train, write_clip

CPU = torch.device("cpu")
UNKNOWN = "mean of the 3 fold models; no clip of the run has this content"
HELD_OUT = "fold tiny/s1, which held this clip out"


@pytest.fixture(scope="module")
def store(tiny_run):
    return FrameStore.open(tiny_run.parent / "store")


@pytest.fixture(scope="module")
def clip(store):
    """The second clip of the second subject."""
    return store.clips[4].clip


def reason(run, query):
    return choose_models(run, query).reason


def trained(folder, clips=None, **train):
    """A run over three subjects that trains for an epoch."""
    data = prepare(clips, folder / "store", DataConfig(size=32)) if clips else tiny_store(folder)
    config = with_train(tiny_config(epochs=1), **train)
    run_folds(resolve(config, config, data), data, folder / "run")
    return folder / "run"


def test_a_clip_of_the_run_by_its_folder_a_link_and_a_copy(tiny_run, clip, tmp_path):
    (tmp_path / "link").symlink_to(clip.source)
    shutil.copytree(clip.source, tmp_path / "copy")
    for source in (clip.source, tmp_path / "link", tmp_path / "copy", tmp_path / "x" / ".." / "link"):
        (tmp_path / "x").mkdir(exist_ok=True)
        choice = choose_models(tiny_run, Query(str(source)))
        assert choice.reason == HELD_OUT
        assert [file.parent.name for file in choice.files] == ["tiny__s1"]
        assert (choice.held_out, choice.trained_on, choice.warning) == ("this clip", "", "")
        assert choice.knows_recording


def test_a_row_of_a_manifest_by_key_and_content(tiny_run, clip, tmp_path):
    assert reason(tiny_run, Query.of_clip(clip)) == HELD_OUT
    copied = replace(clip, source=str(shutil.copytree(clip.source, tmp_path / "copy")))
    assert reason(tiny_run, Query.of_clip(copied)) == HELD_OUT
    renamed = replace(copied, dataset="other", subject="x", name="y")
    assert reason(tiny_run, Query.of_clip(renamed)) == HELD_OUT
    other = replace(clip, source=str(write_clip(tmp_path / "other", "left", seed=77)))
    assert reason(tiny_run, Query.of_clip(other)) == "fold tiny/s1, which held this person (tiny/s1) out"


@pytest.mark.parametrize("subject", ["s1", "S1", "S01", "s_1"])
def test_another_recording_of_a_person_of_the_run(tiny_run, tmp_path, subject):
    row = Clip("tiny", subject, "z", 0, 3, 4, 30.0, source=str(write_clip(tmp_path / "a", "left", seed=77)))
    choice = choose_models(tiny_run, Query.of_clip(row))
    assert choice.reason == "fold tiny/s1, which held this person (tiny/s1) out"
    assert not choice.knows_recording
    assert [file.parent.name for file in choice.files] == ["tiny__s1"]


def test_a_recording_that_the_run_does_not_know(tiny_run, tmp_path):
    source = write_clip(tmp_path / "a", "left", seed=77)
    choice = choose_models(tiny_run, Query(str(source)))
    assert (choice.reason, len(choice.files), choice.trained_on) == (UNKNOWN, 3, "")
    assert not choice.knows_recording
    assert choose_models(tiny_run).reason == "mean of the 3 fold models"


def test_a_recording_of_which_clips_were_cut(tmp_path):
    clips = tiny_clips(tmp_path / "clips")
    long = write_clip(tmp_path / "long", "left", seed=5, length=20)
    cut = [
        replace(clip, source=str(long), onset=6 * i, apex=6 * i + 3, offset=6 * i + 4)
        for i, clip in enumerate(clips[:3])
    ]
    run = trained(tmp_path, cut + clips[3:])
    assert reason(run, Query(str(long))) == "fold tiny/s0, which held the 3 clips of this recording out"
    assert reason(run, Query(str(long), span=(6, 10))) == "fold tiny/s0, which held this clip out"
    assert reason(run, Query(str(long), span=(18, 19))) == "fold tiny/s0, which held this person (tiny/s0) out"


def test_frames_of_a_clip_of_the_run_have_the_rate_that_it_recorded(tmp_path):
    clips = [replace(clip, fps=60.0 + clip.offset) for clip in tiny_clips(tmp_path / "clips")]
    ensemble = Ensemble.open(trained(tmp_path, clips))
    shutil.copytree(clips[4].source, tmp_path / "copy")
    write_clip(tmp_path / "other", "left", seed=77)
    options = PredictOptions(spot=False)
    sources = [Source("recording", str(tmp_path / name)) for name in ("copy", "other")]
    rates = [one.predictions[0].fps for one in predict_many(ensemble, sources, CPU, options)]
    assert rates == [Rate(64.0, "recorded in the run"), Rate(None, "assumed")]
    given = predict_many(ensemble, sources[:1], CPU, PredictOptions(fps=50.0))
    assert next(given).predictions[0].fps == Rate(50.0, "given")
    named = Ensemble.open(tmp_path / "run/folds/tiny__s0")
    assert spot(named, clips[4].source, CPU).to_prediction().fps == Rate(64.0, "recorded in the run")


@pytest.mark.parametrize(
    ("train", "models"), [({"kind": "all"}, "the run's only model, which was"), ({"kind": "kfold", "folds": 2}, None)]
)
def test_protocols(tmp_path, train, models):
    run = trained(tmp_path, **train)
    choice = choose_models(run, Query(str(tmp_path / "clips/s1/c0")))
    if models is None:
        assert choice.reason in ("fold-1, which held this clip out", "fold-2, which held this clip out")
        return
    assert choice.reason == f"{models} trained on this clip"
    assert "does not show how well" in choice.warning
    person = choose_models(run, Query(key="tiny/s1/new", subject="tiny/s1", digest="unknown"))
    assert person.trained_on == "this person (tiny/s1)"
    named = choose_models(run / "model.safetensors", Query(str(tmp_path / "clips/s1/c0")))
    assert named.reason == "the model that was named, which was trained on this clip"


def test_a_fold_that_is_not_finished_held_nothing_out_yet(tiny_run, clip, tmp_path):
    run = shutil.copytree(tiny_run, tmp_path / "run")
    (run / "folds/tiny__s1/fold.json").unlink()
    choice = choose_models(run, Query(clip.source))
    assert choice.reason == "mean of the 2 fold models, which were trained on this clip"
    assert choice.trained_on == "this clip"


def test_a_model_that_is_named_is_used_as_named(tiny_run, clip, caplog):
    for name in ("folds/tiny__s0", "folds/tiny__s0/model.safetensors"):
        choice = choose_models(tiny_run / name, Query(clip.source))
        assert [str(file) for file in choice.files] == [str(tiny_run / name)]
        assert choice.reason == "the model that was named, which was trained on this clip"
    list(predict_many(Ensemble.open(tiny_run / name), [Source("recording", clip.source)] * 3, CPU, PredictOptions()))
    assert caplog.text.count("the prediction is by") == 1
    assert (
        f"{clip.source} and 2 more: the prediction is by the model that was named, which was trained on this clip"
        in caplog.text
    )
    held_out = choose_models(tiny_run / "folds/tiny__s1", Query(clip.source))
    assert held_out.reason == "the model that was named, which held this clip out"
    assert choose_models(tiny_run / "folds/tiny__s1", Query("/absent")).trained_on == ""


def test_a_model_without_its_run(tiny_run, clip, tmp_path):
    file = shutil.copy(tiny_run / "folds/tiny__s1/model.safetensors", tmp_path)
    assert "whose run is not here to tell what it was trained on" in reason(file, Query(clip.source))
    assert reason(file, Query.of_clip(clip)) == "the model that was named, which held this person (tiny/s1) out"


def test_a_run_whose_store_is_gone(tmp_path):
    run = trained(tmp_path)
    clip = FrameStore.open(tmp_path / "store").clips[4].clip
    (tmp_path / "store").rename(tmp_path / "moved")
    gone = f"the run's frame store {tmp_path / 'store'} is gone or damaged"
    known = reason(run, Query.of_clip(clip))
    assert known == f"{HELD_OUT} (recognised by its key, not its content: {gone})"
    unknown = reason(run, Query(clip.source))
    assert unknown == f"mean of the 3 fold models (not compared with the run's clips: {gone})"
    stored = predict_store(Ensemble.open(run), tmp_path / "moved", CPU)
    assert {one.models["held_out"] for one in stored} == {"this clip"}


def others_of(store, folder, dataset="tiny"):
    """A store of other clips of two of the people."""
    clips = []
    for number, stored in enumerate(store.clips[3:]):
        source = write_clip(folder / "clips" / stored.clip.name / stored.clip.subject, stored.clip.label, 900 + number)
        name = f"other-{stored.clip.name}"
        clips.append(replace(stored.clip, dataset=dataset, name=name, source=str(source), offset=3))
    return prepare(clips, folder / "store", store.config)


def test_clips_that_train_along_are_held_out_with_their_person(store, tmp_path):
    others = others_of(store, tmp_path)
    along = AuxiliaryStore(store, others)
    config = with_train(tiny_config(epochs=1), auxiliary=str(others.path))
    run_folds(resolve(config, config, along), along, tmp_path / "run")
    assert reason(tmp_path / "run", Query(store.clips[4].clip.source)) == HELD_OUT
    assert reason(tmp_path / "run", Query(others.clips[0].clip.source)) == HELD_OUT


def test_clips_that_a_run_does_not_read_are_held_out_with_their_person(store, tmp_path):
    few = SelectedClips(store, [0, 1, 2, 3, 4, 6, 7, 8])
    config = tiny_config(epochs=1)
    run_folds(resolve(config, config, few), few, tmp_path / "run")
    left = store.clips[5].clip
    assert reason(tmp_path / "run", Query(left.source)) == HELD_OUT


def test_the_second_store_of_an_earlier_version_is_not_recorded(store, tmp_path):
    pair = JoinedStore(store, others_of(store, tmp_path, "zoo"))
    config = with_train(tiny_config(epochs=1), kind="cross")
    run_folds(resolve(config, config, pair), pair, tmp_path / "run")
    file = tmp_path / "run/run.json"
    record = RunRecord.model_validate_json(file.read_text())
    assert len(record.store.origins) == 2
    earlier = record.model_copy(update={"store": record.store.model_copy(update={"origins": ()})})
    file.write_text(earlier.model_copy(update={"sha256": earlier.own_digest()}).model_dump_json())
    assert choose_models(tmp_path / "run", Query(store.clips[4].clip.source)).trained_on == "this clip"


def test_a_store_gives_the_times_that_a_manifest_of_its_clips_gives(tiny_run, store):
    ensemble, clips = Ensemble.open(tiny_run), [one.clip for one in store.clips[3:5]]
    sources = [Source("recording", clip.source, clip) for clip in clips]
    read = [one.predictions[0] for one in predict_many(ensemble, sources, CPU, PredictOptions())]
    for one, other in zip(read, predict_store(ensemble, store.path, CPU)[3:5], strict=True):
        for name in ("onset", "apex", "offset"):
            assert getattr(other, name).seconds == pytest.approx(getattr(one, name).seconds)


def test_a_store_with_some_of_the_clips(tiny_run, store, tmp_path):
    clips = [store.clips[0].clip, replace(store.clips[4].clip, subject="another", name="new")]
    clips.append(
        Clip("tiny", "s9", "c", 0, 3, 4, 30.0, label="still", source=str(write_clip(tmp_path / "n", "still", 9)))
    )
    other = prepare(clips, tmp_path / "store", store.config)
    results = {one.clip: one for one in predict_store(Ensemble.open(tiny_run), other.path, CPU)}
    reasons = {key: one.models["reason"] for key, one in results.items()}
    assert reasons == {
        "tiny/s0/c0": "fold tiny/s0, which held this clip out",
        "tiny/another/new": "fold tiny/s1, which held this clip out",
        "tiny/s9/c": UNKNOWN,
    }
    named = reasons_text([one.models for one in results.values()])
    assert named == "2 by the models of the fold that held each out, 1, which the run does not know, by all models"
