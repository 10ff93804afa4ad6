"""Every wrong setting is told in one sentence: its name, what it takes, and what was given."""

import re

import pytest

from atm_gcn import ATMGCNError
from atm_gcn.config import DataConfig, RunConfig

SETTINGS = [f"{name}.{key}" for name, field in RunConfig.model_fields.items() for key in field.annotation.model_fields]

WRONG = {  # what is given to --set: what is said after "--set: "
    "train.epochs=-3": "train.epochs must be from 1 to 100,000, not -3",
    "train.epochs=0": "train.epochs must be from 1 to 100,000, not 0",
    "train.epochs=three": "train.epochs must be a whole number from 1 to 100,000, not 'three'",
    "train.epochs=2.5": "train.epochs must be a whole number from 1 to 100,000, not 2.5",
    "train.epochs=": "train.epochs must be a whole number from 1 to 100,000, not null",
    "train.epochs=1:30": "train.epochs must be a whole number from 1 to 100,000, not '1:30'",
    "train.seed=1.5": "train.seed must be a whole number from -9,223,372,036,854,775,808 to 9,223,372,036,854,775,807, "
    "not 1.5",
    "train.lr=-2E-3": "train.lr must be greater than 0 and at most 1e+30, not -2E-3",
    "train.lr=1e": "train.lr must be a number greater than 0 and at most 1e+30, not '1e'",
    "train.lr=.inf": "train.lr must be a finite number greater than 0 and at most 1e+30, not .inf",
    "train.lr_decay=1.5": "train.lr_decay must be greater than 0 and at most 1, not 1.5",
    "train.crop=0.5": "train.crop must be at least 0 and less than 0.5, not 0.5",
    "train.folds=1": "train.folds must be from 2 to 10,000, not 1",
    "train.validation_subjects=-1": "train.validation_subjects must be from 0 to 10,000, not -1",
    "train.threads=0": "train.threads must be from 1 to 1,024, not 0",
    "train.flip=maybe": "train.flip must be true or false, not 'maybe'",
    "train.compile=atuo": "train.compile must be true, false or auto, not 'atuo'; did you mean 'auto'?",
    "train.protocol=lose": "train.protocol must be loso, kfold, cross or all, not 'lose'; did you mean 'loso'?",
    "train.class_weights=x": "train.class_weights must be balanced or null, not 'x'",
    "train.device=null": "train.device must be text, not null",
    "train.test=casme2": "train.test must be a list of names such as [a, b] or null, not 'casme2'",
    "train.test=[samm]": "train.test must be null unless protocol is cross, and it is loso",
    "train.patience=3": "train.patience needs validation_subjects of at least 1: nobody else may choose the epoch",
    "data.size=15": "data.size must be from 16 to 2,048, not 15",
    "data.fps=0": "data.fps must be from 0.01 to 100,000, not 0",
    "data.fps=fast": "data.fps must be a number from 0.01 to 100,000 or null, not 'fast'",
    "data.classes=[a,null]": "data.classes[1] must be text, not null",
    "model.num_blocks=5": "model.num_blocks must be from 1 to 4, not 5",
    "model.num_classes=1": "model.num_classes must be from 2 to 1,000, not 1",
    "model.block_channels=[12,2]": "model.block_channels must be a list of 4 whole numbers from 1 to 16,384, "
    "not [12, 2]",
    "model.stem_channels=[12,0]": "model.stem_channels[1] must be from 1 to 16,384, not 0",
    "model.stem_channels=[12,a]": "model.stem_channels[1] must be a whole number from 1 to 16,384, not 'a'",
    "model.stem_channels=[1,2,3]": "model.stem_channels must be a list of 2 whole numbers from 1 to 16,384, "
    "not [1, 2, 3]",
    "data.max_frames=x": "data.max_frames must be a whole number from 2 to 100,000, not 'x'",
    "model.forgetting_rate=2": "model.forgetting_rate must be a number from 0 to 1, a list of numbers from 0 to 1 or "
    "learnable, not 2",
    "model.forgetting_rate=[0.1,0.1]": "model.forgetting_rate must have 4 values, one per layer, not 2",
    "model.backend=bandd": "model.backend must be auto, edges, scatter, banded or csr, not 'bandd'; "
    "did you mean 'banded'?",
    "model.lambda_local=1": "model.lambda_local must be less than lambda_global, 1, not 1",
    "model.heads=3": "model.heads must divide hidden_channels, 512, and 3 does not",
    "trian.epochs=3": "unknown key 'trian'; did you mean 'train'?",
    "train.epoch=3": "unknown key 'train.epoch'; did you mean 'train.epochs'?",
    "epochs=3": "unknown key 'epochs'; did you mean 'train.epochs'?",
    "data.lr=3": "unknown key 'data.lr'; did you mean 'train.lr'?",
    "zzz.lr=3": "unknown key 'zzz'; known here: model, data, train",
    "data.zzz=3": f"unknown key 'data.zzz'; known here: {', '.join(DataConfig.model_fields)}",
}
TOO_MUCH = {  # what would take all memory, or never begin
    "train.seeds=1000000000": "train.seeds must be from 1 to 1,000, not 1000000000",
    "train.epochs=1e9": "train.epochs must be from 1 to 100,000, not 1e9",
    "train.batch_size=1e9": "train.batch_size must be from 1 to 65,536, not 1e9",
    "train.num_workers=1e9": "train.num_workers must be from 0 to 64, not 1e9",
    "train.threads=1e9": "train.threads must be from 1 to 1,024, not 1e9",
    "data.size=1e6": "data.size must be from 16 to 2,048, not 1e6",
    "data.fps=1e300": "data.fps must be from 0.01 to 100,000, not 1e300",
    "data.fps=.nan": "data.fps must be a finite number from 0.01 to 100,000, not .nan",
    "data.max_frames=1e9": "data.max_frames must be from 2 to 100,000, not 1e9",
    "data.classes=[a,b,a]": "data.classes must have different names, and 'a' occurs twice",
    "train.test=[a,a]": "train.test must have different names, and 'a' occurs twice",
    "model.class_names=[" + "a" * 300 + "]": "model.class_names must have names of at most 200 characters, "
    "and the name at 0 has more",
    "model.class_names=[" + ", ".join(map(str, range(1001))) + "]": "model.class_names must have at most 1,000 names, "
    "not 1,001",
    "model.window=1e6": "model.window must be from 1 to 1,024, not 1e6",
    "model.num_layers=1e6": "model.num_layers must be from 1 to 256, not 1e6",
    "model.tau=.nan": "model.tau must be at least 0.001, not .nan",
    "model.seed=0x" + "f" * 5000: "unknown key 'model.seed'; did you mean 'train.seed'?",
    "train.seed=0x" + "f" * 5000: "train.seed must be from -9,223,372,036,854,775,808 to 9,223,372,036,854,775,807, "
    "not '0xffffffffffffffffffffffffffffffffffffffffffffffffffffff...",
    "train.device=[" + "cpu, " * 50_000 + "]": "train.device must be text, not "
    "[cpu, cpu, cpu, cpu, cpu, cpu, cpu, cpu, cpu, cpu, cpu, c...",
}
NO_ASSIGNMENT = {  # what is given to --set: what is said after it
    "train": "write it as section.key=value, for instance train.epochs=3",
    "=3": "write it as section.key=value, for instance train.epochs=3",
    ".epochs=3": "write it as section.key=value, for instance train.epochs=3",
    "train.=3": "write it as section.key=value, for instance train.epochs=3",
    "train..epochs=3": "write it as section.key=value, for instance train.epochs=3",
    "train=3": "train is a section; set one of its keys, such as train.epochs=value",
    "train=": "train is a section; set one of its keys, such as train.epochs=value",
    "train.epochs.x=3": "train.epochs is one value and has no keys; write train.epochs=value",
    "train={epochs: 3, epochs: 4}": "line 1: the key 'epochs' occurs in line 1 too; keep one",
    "data.classes=[a, b": "is not YAML (line 1: expected ',' or ']', but got '<stream end>')",
}


@pytest.mark.parametrize(("given", "said"), [*WRONG.items(), *TOO_MUCH.items()], ids=lambda text: text[:40])
def test_what_is_said_of_a_wrong_value(given, said):
    with pytest.raises(ATMGCNError, match=f"^--set: {re.escape(said)}$"):
        RunConfig().override([given])


@pytest.mark.parametrize(("given", "said"), NO_ASSIGNMENT.items())
def test_what_is_said_of_a_wrong_assignment(given, said):
    for others in ([], ["train.epochs=4"], ["train={epochs: 4}"]):
        with pytest.raises(ATMGCNError, match=f"^--set {re.escape(given)}: {re.escape(said)}$"):
            RunConfig().override([given, *others])


@pytest.mark.parametrize("key", SETTINGS)
@pytest.mark.parametrize("value", ["{a: 1}", "[[1]]", "-1e9", "@", "[" + "long, " * 50 + "]"])
def test_every_setting_is_named(key, value):
    try:
        RunConfig().override([f"{key}={value}"])
    except ATMGCNError as error:
        assert re.fullmatch(rf"--set: {re.escape(key)}(\[\d+\])? (must|needs) [^\n]{{2,250}}", str(error))
    else:
        assert key in ("train.device", "train.seed", "data.classes", "model.class_names")  # any text, or any number


@pytest.mark.parametrize("key", SETTINGS)
@pytest.mark.parametrize("value", ["1e300", "-1e300", ".nan", ".inf", "-.inf"])
def test_every_number_has_limits(key, value):
    if key == "model.tau" and value in ("1e300", ".inf"):
        return  # weights that do not fall are a choice
    section, name = key.split(".")
    try:
        given = getattr(getattr(RunConfig().override([f"{key}={value}"]), section), name)
    except ATMGCNError as error:
        assert f"{key} must" in str(error)
    else:
        assert isinstance(given, str)


def test_a_number_of_many_digits():
    with pytest.raises(ATMGCNError, match=r"train\.seed must be .*, not a number of very many digits$"):
        RunConfig().merge({"train": {"seed": 10**5000}})


def test_later_assignments_win():
    config = RunConfig().override(["train={epochs: 3, lr: 1}", "train.epochs=4", "train={seed: 2}", "train.epochs=5"])
    assert (config.train.epochs, config.train.lr, config.train.seed) == (5, 1.0, 2)


def test_an_unknown_preset():
    with pytest.raises(ATMGCNError, match=r"^preset must be small, large or demo, not 'smal'; did you mean 'small'\?$"):
        RunConfig.preset("smal")
