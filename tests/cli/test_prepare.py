"""``atm-gcn prepare``, from the manifest on."""

import pytest
from click.testing import CliRunner

from atm_gcn.cli.prepare import prepare, summary
from atm_gcn.data import FrameStore, write_manifest
from atm_gcn.errors import ATMGCNError

from ..data.recordings import three_clips
from ..data.rgbd import rgbd_clips


@pytest.fixture
def manifest(tmp_path):
    write_manifest(three_clips(tmp_path), tmp_path / "manifest.csv")
    return tmp_path / "manifest.csv"


def run(*args) -> tuple[str, str]:
    result = CliRunner().invoke(prepare, [str(arg) for arg in args], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def test_makes_a_store_and_says_what_is_in_it(manifest, tmp_path):
    out, log = run("manifest", manifest, tmp_path / "store", "--set", "data.size=16")
    assert FrameStore.open(tmp_path / "store").meta["size"] == 16
    for part in ("clips    3\n", "subjects 2\n", "joy 2, rage 1", "annotated 2, max-motion 1", "34 of 16x16, 0.0 MB"):
        assert part in out
    assert log == ""  # no bar without a terminal


def test_takes_the_folder_and_keeps_a_finished_store(manifest, tmp_path, caplog):
    caplog.set_level("INFO")
    first, _ = run("manifest", tmp_path, tmp_path / "store", "--preset", "demo", "--jobs", "2")
    again, _ = run("manifest", manifest, tmp_path / "store", "--preset", "demo")
    assert again == first and caplog.messages[-1].endswith("store: nothing to do, the store is there already")
    with pytest.raises(ATMGCNError, match="made with size=96, where size=32 is asked"):
        run("manifest", manifest, tmp_path / "store", "--preset", "demo", "--set", "data.size=32")


def test_options_go_over_the_file_and_the_file_over_the_preset(manifest, tmp_path):
    (tmp_path / "own.yaml").write_text("data: {size: 40, max_frames: 6}\n")
    options = ("--preset", "demo", "--config", tmp_path / "own.yaml", "--set", "data.size=16")
    run("manifest", manifest, tmp_path / "store", *options)
    config = FrameStore.open(tmp_path / "store").meta["config"]
    assert (config["size"], config["max_frames"], config["fps"]) == (16, 6, 30.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--face-choice", "left"),
            "--face-choice has no effect without --face crop or align, or --register; add that",
        ),
        (("--face-detector", "haar"), "--face-detector has no effect without --face crop or align, or --register"),
        (("--set", "data.face_margin=0.1"), "--set data.face_margin has no effect without --face crop or align"),
        (("--set", "data={without_face: keep}"), "--set data.without_face has no effect without --face"),
        (
            ("--set", "data.register_limit=0.3", "--face", "crop"),
            "data.register_limit has no effect without --register",
        ),
        (("--set", "data.flow_size=16"), "data.flow_size has no effect without --flow dis"),
    ],
)
def test_settings_without_effect_are_refused(manifest, tmp_path, arguments, message):
    with pytest.raises(ATMGCNError, match=message):
        run("manifest", manifest, tmp_path / "store", *arguments)
    assert not (tmp_path / "store").exists()


def test_settings_of_a_file_without_effect_are_named(manifest, tmp_path, caplog):
    (tmp_path / "own.yaml").write_text("data: {size: 16, face_margin: 0.5, register_limit: 0.2}\n")
    run("manifest", manifest, tmp_path / "store", "--config", tmp_path / "own.yaml")
    assert caplog.messages == ["data.face_margin has no effect without --face crop or align"]


def test_depth_is_an_option_and_named_in_the_summary(tmp_path):
    write_manifest(rgbd_clips(tmp_path), tmp_path / "manifest.csv")
    options = ("manifest", tmp_path, tmp_path / "store", "--set", "data.size=16")
    out, _ = run(*options, "--depth")
    assert "depth    16x16, 0.0 MB" in out and FrameStore.open(tmp_path / "store").has_depth
    assert run(*options, "--set", "data.depth=true")[0] == out


def test_three_of_many_clips_are_named(manifest, tmp_path):
    run("manifest", manifest, tmp_path / "store", "--set", "data.size=16")
    store = FrameStore.open(tmp_path / "store")
    store.meta |= {"left_out": {f"a/b/{name}": "no face" for name in "dcabe"}}
    assert "left out 5: a/b/a (no face), a/b/b (no face), a/b/c (no face) and 2 more" in summary(store)


def test_errors_are_one_sentence(manifest, tmp_path):
    for message, *args in [
        ("there is no such manifest", "manifest", tmp_path / "a"),
        ("no face found in any frame", "manifest", manifest, "--face", "crop"),
        ("unknown key 'data.sizes'", "manifest", manifest, "--set", "data.sizes=3"),
    ]:
        with pytest.raises(ATMGCNError, match=message):
            run(args[0], args[1], tmp_path / "store", *args[2:])
        assert not (tmp_path / "store").exists()


def test_an_unknown_dataset_is_wrong_usage(tmp_path):
    result = CliRunner().invoke(prepare, ["casme7", str(tmp_path), str(tmp_path / "store")])
    assert result.exit_code == 2 and "casme2" in result.output
