"""Text stays text, numbers are numbers, and files of earlier versions read back equal."""

from operator import attrgetter

import pytest
import yaml

from atm_gcn import ATMGCNError
from atm_gcn.config import PRESETS, RunConfig
from atm_gcn.config.yaml_values import read_settings

WORDS = ["no", "Off", "yes", "true", "null", "~", "1e3", "3e-4", "-2E-3", "1e", "e", "2020-01-01", "12:30:00", "1:30"]
WORDS += [
    "010",
    "0o17",
    "0x1f",
    "1_000",
    ".inf",
    ".5",
    "5.",
    "-",
    "",
    " a ",
    "a: b",
    "[a]",
    "{a}",
    "a #b",
    "é",
    "<<",
    "=",
]
LAUGHS = "a: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 20))
MERGES = "a: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 20))
NUMBERS = {"3e-4": 3e-4, "1e5": 1e5, "2E-3": 2e-3, "1.e1": 10.0, ".5": 0.5, "1.0e-05": 1e-5, "7": 7.0, "010": 10.0}


@pytest.mark.parametrize("preset", [None, *PRESETS])
@pytest.mark.parametrize("dump", [yaml.safe_dump, None], ids=["an earlier version's file", "this version's file"])
def test_settings_read_back_equal(tmp_path, preset, dump):
    config = RunConfig.preset(preset) if preset else RunConfig()
    config = config.merge({"model": {"class_names": WORDS, "tau": float("inf")}, "data": {"classes": WORDS}})
    settings = config.model_dump(mode="json")
    (tmp_path / "config.yaml").write_text(dump(settings, sort_keys=False) if dump else config.to_yaml())
    assert RunConfig.load(tmp_path / "config.yaml") == config


def test_every_reader_of_yaml_finds_text_where_text_was_written():
    config = RunConfig().merge({"data": {"classes": WORDS}})
    assert yaml.safe_load(config.to_yaml())["data"]["classes"] == WORDS
    for word in ("1e3", "3e-4", "0o17"):
        assert f"- '{word}'\n" in config.to_yaml()  # a reader of YAML 1.2 would take the bare word for a number


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_numbers_in_options_and_files(tmp_path, text, value):
    assert RunConfig().override([f"train.optim.lr={text}"]).train.optim.lr == value
    (tmp_path / "my.yaml").write_text(
        f"train:\n  optim: {{lr: {text}}}\nmodel:\n  forgetting_rate: [1e-1, 2e-1, 3E-1, 1]\n"
    )
    config = RunConfig.load(tmp_path / "my.yaml")
    assert config.train.optim.lr == value
    assert config.model.forgetting_rate == [0.1, 0.2, 0.3, 1.0]


@pytest.mark.parametrize(("text", "value"), [("1e2", 100), ("2e0", 2), ("0x1f", 31), ("0o17", 15), ("010", 10)])
def test_whole_numbers(text, value):
    assert RunConfig().override([f"train.optim.epochs={text}"]).train.optim.epochs == value


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("data.classes", "[negative,positive]", ["negative", "positive"]),
        (
            "data.classes",
            "[no, on, 1e3, 2020-01-01, 010, true, 0]",
            ["no", "on", "1e3", "2020-01-01", "010", "true", "0"],
        ),
        ("data.classes", "['null', surprise]", ["null", "surprise"]),
        ("model.block_channels", "[128,24,24,24]", (128, 24, 24, 24)),
        ("model.forgetting_rate", "learnable", "learnable"),
        ("train.compute.device", "cuda:1", "cuda:1"),
        ("train.augment.flip", "yes", True),
        ("train.compute.compile", "auto", "auto"),
        ("train.protocol.patience", "", None),
        ("model.normalize", "~", None),
    ],
)
def test_the_setting_decides_what_a_word_is(key, text, value):
    assert attrgetter(key)(RunConfig().override([f"{key}={text}"])) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train:\n  lr: 1\n  epochs: 3\n  lr: 2\n", r"line 4: the key 'lr' occurs in line 2 too; keep one$"),
        ("train: {}\ndata: {}\ntrain: {lr: 3}\n", r"line 3: the key 'train' occurs in line 1 too; keep one$"),
        ("train:\n  lr: 1\n epochs: 3\n", r"is not YAML \(line 3: "),
        ("? [a]\n: b\n", "line 1: a key must be a name"),
        ("[" * 1500, "is not YAML"),
        ("train: !!python/object:os.system x\n", "is not YAML"),
        ("--- a\n--- b\n", "is not YAML"),
        ("[]", "holds no settings; write sections such as 'train:'"),
        ("train:\n  - epochs\n", r"train must be a section with keys such as optim, not \[epochs\]$"),
        ("train.optim.lr: 3\n", "unknown key 'train.optim.lr'; write 'lr' below 'train: optim:'$"),
        ("~: 3\n", "unknown key 'None'"),
        ('train: {device: "\\UFFFFFFFF"}', "an escape such as .* stands for no character$"),
        ('train: {device: "\\ud800"}', "an escape such as .* stands for no character$"),
        ("train: !!timestamp 2001-99-99", "is not YAML"),
        ("train: &a {test: *a}", "line 1: an alias stands for what it is part of$"),
        (LAUGHS, "holds more than 100,000 values, each alias counted as what it stands for$"),
        (MERGES, "holds more than 100,000 values, each alias counted as what it stands for$"),
        ("train: {epochs: 3}" + " " * 200_000, "holds more than 131,072 bytes; is it a file of settings\\?$"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path, text, message):
    (tmp_path / "my.yaml").write_text(text)
    with pytest.raises(ATMGCNError, match=message) as info:
        RunConfig.load(tmp_path / "my.yaml")
    assert str(info.value).startswith(f"{tmp_path / 'my.yaml'}: ") and "\n" not in str(info.value)


def test_sections_without_keys_and_anchors(tmp_path):
    (tmp_path / "my.yaml").write_text("train: &a\ndata: \n  <<: {size: 64}\n  fps: 25\nmodel: {window: !!int 1}\n")
    config = RunConfig.load(tmp_path / "my.yaml")
    assert (config.train, config.data.size, config.data.fps, config.model.window) == (RunConfig().train, 64, 25, 1)
    (tmp_path / "my.yaml").write_text("data: &a {size: 64}\ntrain: {optim: {<<: {epochs: 3}, epochs: 4}}\n")
    assert RunConfig.load(tmp_path / "my.yaml").train.optim.epochs == 4
    assert read_settings("a: &a {x: 1}\nb: {c: &c {<<: *a, x: 2}}\nd: {<<: *c, x: 3}") == {
        "a": {"x": "1"},
        "b": {"c": {"x": "2"}},
        "d": {"x": "3"},
    }
