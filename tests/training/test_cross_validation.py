"""Datasets of PyG are cross-validated by the engine of ``atm-gcn train``."""

from importlib import import_module

import pytest
import torch
from torch_geometric.data import Dataset

from atm_gcn import ATMGCN, ATMGCNError
from atm_gcn.building import load_model
from atm_gcn.data import MERDataset
from atm_gcn.training import Result, cross_validate
from atm_gcn.training.results import RunResults
from tests.runs import tiny_config
from tests.sequences import CLASSES, MeanClassifier, feature_clips, feature_config


class OnDisk(Dataset):
    """A dataset that reads its clips when they are asked for."""

    @property
    def classes(self):
        return list(CLASSES)

    def len(self):
        return 9

    def get(self, idx):
        return feature_clips()[idx]


class Unpicklable(list):
    def __reduce__(self):
        raise TypeError("cannot pickle it")


class Unreadable(list):
    def __reduce__(self):
        return import_module, ("no_such_module",)


@pytest.fixture(scope="module")
def result():
    return cross_validate(feature_clips(), config=feature_config(epochs=30), class_names=CLASSES)


def test_every_subject_is_held_out_once(result):
    assert [row.clip for row in result.rows] == [f"data/s{i}/c{j}" for i in range(3) for j in range(3)]
    assert result.scores["class_names"] == list(CLASSES)
    assert result.scores["num_subjects"] == 3
    assert result.scores["acc"] > 0.6
    assert "each held out once" in str(result) and "still" in str(result)
    folds = RunResults(result.folder).folds
    assert [fold.name for fold in folds] == ["data__s0", "data__s1", "data__s2"]


def test_the_checkpoint_has_no_encoder_and_the_width_of_the_data(result):
    model = ATMGCN.from_pretrained(result.folder / "folds/data__s0")
    assert (model.config.input, model.config.motion_channels) == ("features", 6)
    assert not [name for name in model.state_dict() if name.startswith("encoder")]
    clip = feature_clips()[0]
    clip.pos = torch.arange(2, clip.num_nodes + 2)
    row = result.rows[0].probabilities
    assert model(clip).softmax(dim=1).tolist()[0] == pytest.approx(row, abs=1e-5)


def test_a_dataset_gives_what_a_list_of_its_clips_gives(result):
    other = cross_validate(OnDisk(), config=feature_config(epochs=30))
    assert other.rows == result.rows


def test_processes_give_the_same_result(result):
    assert cross_validate(OnDisk(), config=feature_config(epochs=30), jobs=2).rows == result.rows


def test_data_that_cannot_be_sent_to_processes():
    with pytest.raises(ATMGCNError, match=r"cannot be sent to another process \(TypeError: cannot pickle it\).*jobs"):
        cross_validate(Unpicklable(feature_clips()), config=feature_config(), jobs=2)
    with pytest.raises(ATMGCNError, match=r"cannot be read in another process \(ModuleNotFoundError: .*no_such_module"):
        cross_validate(Unreadable(feature_clips()), config=feature_config(), jobs=2)


def test_a_frame_store_gives_what_train_gives(tmp_path):
    from atm_gcn.training import resolve, run_folds
    from tests.runs import tiny_store

    store = tiny_store(tmp_path)
    config = resolve(tiny_config(), tiny_config(), store)
    run_folds(config, store, tmp_path / "run")
    for data in (store, MERDataset(store), store.path):
        found = cross_validate(data, config=tiny_config())
        assert (found.folder / "predictions.csv").read_bytes() == (tmp_path / "run/predictions.csv").read_bytes()


def test_pictures_of_a_dataset_give_what_their_store_gives(tmp_path):
    from tests.runs import tiny_store

    store = tiny_store(tmp_path)
    wanted = cross_validate(store, config=tiny_config())
    found = cross_validate(list(MERDataset(store)), config=tiny_config(), class_names=store.classes)
    assert found.rows == wanted.rows


def test_a_whole_model_of_ones_own(result, tmp_path):
    other = cross_validate(feature_clips(), MeanClassifier, feature_config(), tmp_path / "mean", class_names=CLASSES)
    assert isinstance(load_model(tmp_path / "mean/folds/data__s0", MeanClassifier).model, MeanClassifier)
    difference = result.compare(other)
    assert set(difference) == {"uf1", "uar", "acc"}
    assert difference["acc"].value == pytest.approx(result.scores["acc"] - other.scores["acc"], abs=1e-5)
    assert result.compare(tmp_path / "mean") == difference


def test_runs_on_other_classes_are_not_compared(result):
    other = cross_validate(feature_clips(), config=feature_config())
    with pytest.raises(ATMGCNError, match=r"has the classes 0, 1, 2, and .* has down, left, still"):
        result.compare(other)


def test_it_resumes_only_on_equal_data(tmp_path):
    given = {"config": feature_config(), "out": tmp_path / "run"}
    first = cross_validate(feature_clips(), **given)
    with pytest.raises(ATMGCNError, match="holds a run already"):
        cross_validate(feature_clips(), **given)
    assert cross_validate(feature_clips(), **given, resume=True).rows == first.rows
    changed = feature_clips()
    changed[0].x = changed[0].x + 1e-4
    with pytest.raises(ATMGCNError, match=r"begun with other clips .*the data has"):
        cross_validate(changed, **given, resume=True)


def test_save_copies_a_run_that_is_read_again(result, tmp_path):
    folder = result.save(tmp_path / "saved")
    assert Result(folder).rows == result.rows
    with pytest.raises(ATMGCNError, match="saved: exists already"):
        result.save(folder)


def test_a_temporary_run_ends_with_its_result():
    result = cross_validate(feature_clips(), config=feature_config())
    folder = result.folder
    assert folder.exists()
    del result
    assert not folder.exists()


def test_protocols_are_settings():
    clips = feature_clips(people=4)
    seeds = cross_validate(clips, config=feature_config(), overrides=["train.protocol.seeds=2"])
    assert len(seeds.scores["seeds"]) == 2 and len(seeds.rows) == 24
    folds = ["train.protocol.kind=kfold", "train.protocol.folds=2", "train.protocol.validation_subjects=1"]
    found = cross_validate(clips, config=feature_config(), overrides=folds)
    assert len(RunResults(found.folder).folds) == 2
    assert "val_uf1" in RunResults(found.folder).folds[0].log()[0]


def test_what_is_no_data():
    with pytest.raises(ATMGCNError, match=r"data must be a path, .* not a int"):
        cross_validate(3)
    with pytest.raises(ATMGCNError, match=r"item 0 of the data: is a str; make it a torch_geometric.data.Data"):
        cross_validate(["clip"])
    with pytest.raises(ATMGCNError, match="jobs must be 1 or more"):
        cross_validate(feature_clips(), jobs=0)
    with pytest.raises(ATMGCNError, match="the data hold no clip"):
        cross_validate([])


def test_classes_that_no_clip_or_every_clip_has():
    clips = [clip for clip in feature_clips() if clip.y.item() != 1]
    with pytest.raises(ATMGCNError, match="class 'left' has no clip; add items of it, in y or label, or leave it out"):
        cross_validate(clips, config=feature_config(), class_names=CLASSES)
    clips = [clip for clip in feature_clips() if clip.y.item() == 0]
    with pytest.raises(ATMGCNError, match="the data: all 3 clips have the class '0'; add clips of another, in y"):
        cross_validate(clips, config=feature_config())


def test_own_edges_need_slots_before_the_first_fold(tmp_path):
    clips = feature_clips()
    for clip in clips:
        clip.edge_index = torch.tensor([[0, 1], [1, 2]])
    with pytest.raises(ATMGCNError, match="clip data/s0/c0 has no edge_slot; remove edge_index to have the graph"):
        cross_validate(clips, config=feature_config(), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    plain = feature_config().merge({"model": {"adaptive": False}})
    assert len(cross_validate(clips, config=plain).rows) == 9


def with_encoder(config):
    return ATMGCN(config, encoder=torch.nn.Linear(6, 6))


def test_an_encoder_that_features_do_not_use_is_logged(caplog):
    cross_validate(feature_clips(), with_encoder, feature_config(epochs=1))
    assert caplog.text.count("ATMGCN reads instead of calling its encoder Linear") == 1


def test_clips_without_a_global_node():
    found = cross_validate(feature_clips(), config=feature_config(), apex="none")
    assert len(found.rows) == 9
    assert found.rows != cross_validate(feature_clips(), config=feature_config()).rows
