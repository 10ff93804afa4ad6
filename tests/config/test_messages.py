"""Every wrong setting is told in one sentence: its name, what it takes, and what was given."""

import re
from operator import attrgetter

import pytest

from atm_gcn import ATMGCNError
from atm_gcn.config import DataConfig, RunConfig
from atm_gcn.config.messages import keys_of, section_of

SETTINGS = [key for key in keys_of(RunConfig) if section_of(key.split("."), RunConfig) is None]

WRONG = {  # what is given to --set: what is said after "--set: "
    "train.optim.epochs=-3": "train.optim.epochs must be from 1 to 100,000, not -3",
    "train.optim.epochs=0": "train.optim.epochs must be from 1 to 100,000, not 0",
    "train.optim.epochs=three": "train.optim.epochs must be a whole number from 1 to 100,000, not 'three'",
    "train.optim.epochs=2.5": "train.optim.epochs must be a whole number from 1 to 100,000, not 2.5",
    "train.optim.epochs=": "train.optim.epochs must be a whole number from 1 to 100,000, not null",
    "train.optim.epochs=1:30": "train.optim.epochs must be a whole number from 1 to 100,000, not '1:30'",
    "train.protocol.seed=1.5": "train.protocol.seed must be a whole number "
    "from -9,223,372,036,854,775,808 to 9,223,372,036,854,775,807, not 1.5",
    "train.optim.lr=-2E-3": "train.optim.lr must be greater than 0 and at most 1e+30, not -2E-3",
    "train.optim.lr=1e": "train.optim.lr must be a number greater than 0 and at most 1e+30, not '1e'",
    "train.optim.lr=.inf": "train.optim.lr must be a finite number greater than 0 and at most 1e+30, not .inf",
    "train.optim.lr_decay=1.5": "train.optim.lr_decay must be greater than 0 and at most 1, not 1.5",
    "train.augment.crop=0.5": "train.augment.crop must be at least 0 and less than 0.5, not 0.5",
    "train.protocol.folds=1": "train.protocol.folds must be from 2 to 10,000, not 1",
    "train.protocol.validation_subjects=-1": "train.protocol.validation_subjects must be from 0 to 10,000, not -1",
    "train.compute.threads=0": "train.compute.threads must be from 1 to 1,024, not 0",
    "train.augment.flip=maybe": "train.augment.flip must be true, false or flow, not 'maybe'",
    "train.compute.compile=atuo": "train.compute.compile must be true, false or auto, not 'atuo'; did you mean 'auto'?",
    "train.protocol.kind=lose": "train.protocol.kind must be loso, kfold, cross, lodo or all, not 'lose'; "
    "did you mean 'loso'?",
    "train.optim.class_weights=x": "train.optim.class_weights must be balanced or null, not 'x'",
    "train.compute.device=null": "train.compute.device must be text, not null",
    "train.protocol.test=casme2": "train.protocol.test must be a list of names such as [a, b] or null, not 'casme2'",
    "train.protocol.test=[samm]": "train.protocol.test must be null unless kind is cross, and it is loso",
    "train.protocol.units=4": "train.protocol.units must be a list of whole numbers or null, not 4",
    "train.protocol.units=[4]": "train.protocol.units must have at least two units, not 1",
    "train.protocol.units=[4,12,4]": "train.protocol.units must have different units, and 4 occurs twice",
    "train.protocol.units=[4,L12]": "train.protocol.units must have numbers of action units from 1 to 98, not 'L12'",
    "train.protocol.least_unit_clips=0": "train.protocol.least_unit_clips must be from 1 to 1,000,000, not 0",
    "model.task=units": "model.task must be emotion or action-units, not 'units'",
    "train.protocol.patience=3": "train.protocol.patience needs validation_subjects of at least 1: "
    "only they may choose the epoch",
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
    "data.flow_size=225": "data.flow_size must be at most size, 224, not 225: optical flow is computed on the stored "
    "pictures",
    "data.max_frames=x": "data.max_frames must be a whole number from 2 to 100,000, not 'x'",
    "model.forgetting_rate=2": "model.forgetting_rate must be a number from 0 to 1, a list of numbers from 0 to 1 or "
    "learnable, not 2",
    "model.forgetting_rate=[0.1,0.1]": "model.forgetting_rate must have 4 values, one per layer, not 2",
    "model.backend=bandd": "model.backend must be auto, edges, scatter, banded, csr or blocks, not 'bandd'; "
    "did you mean 'banded'?",
    "model.lambda_local=1": "model.lambda_local must be less than lambda_global, 1, not 1",
    "model.heads=3": "model.heads must divide hidden_channels, 512, and 3 does not",
    "model.adaptive_heads=3": "model.adaptive_heads must divide hidden_channels, 512, and 3 does not",
    "model.layer=gcn2": "model.layer must be plain, residual or gcnii, not 'gcn2'; did you mean 'gcnii'?",
    "model.pooling=apexx": "model.pooling must be mean, max, attention, apex or mean-apex, not 'apexx'; "
    "did you mean 'apex'?",
    "trian.epochs=3": "unknown key 'trian'; did you mean 'train'?",
    "train.epoch=3": "unknown key 'train.epoch'; did you mean 'train.optim.epochs'?",
    "epochs=3": "unknown key 'epochs'; did you mean 'train.optim.epochs'?",
    "train.learning_rate=3": "unknown key 'train.learning_rate'; did you mean 'train.optim.lr'?",
    "data.lr=3": "unknown key 'data.lr'; did you mean 'train.optim.lr'?",
    "zzz.lr=3": "unknown key 'zzz'; known here: model, data, train",
    "data.zzz=3": f"unknown key 'data.zzz'; known here: {', '.join(DataConfig.model_fields)}",
}
TOO_MUCH = {  # what would take all memory, or never begin
    "train.protocol.seeds=1000000000": "train.protocol.seeds must be from 1 to 1,000, not 1000000000",
    "train.optim.epochs=1e9": "train.optim.epochs must be from 1 to 100,000, not 1e9",
    "train.optim.batch_size=1e9": "train.optim.batch_size must be from 1 to 65,536, not 1e9",
    "train.compute.num_workers=1e9": "train.compute.num_workers must be from 0 to 64, not 1e9",
    "train.compute.threads=1e9": "train.compute.threads must be from 1 to 1,024, not 1e9",
    "data.size=1e6": "data.size must be from 16 to 2,048, not 1e6",
    "data.fps=1e300": "data.fps must be from 0.01 to 100,000, not 1e300",
    "data.fps=.nan": "data.fps must be a finite number from 0.01 to 100,000, not .nan",
    "data.max_frames=1e9": "data.max_frames must be from 2 to 100,000, not 1e9",
    "data.classes=[a,b,a]": "data.classes must have different names, and 'a' occurs twice",
    "train.protocol.test=[a,a]": "train.protocol.test must have different names, and 'a' occurs twice",
    "model.class_names=[" + "a" * 300 + "]": "model.class_names must have names of at most 200 characters, "
    "and the name at 0 has more",
    "model.class_names=[" + ", ".join(map(str, range(1001))) + "]": "model.class_names must have at most 1,000 names, "
    "not 1,001",
    "model.window=1e6": "model.window must be from 1 to 1,024, not 1e6",
    "model.num_layers=1e6": "model.num_layers must be from 1 to 256, not 1e6",
    "model.tau=.nan": "model.tau must be at least 0.001, not .nan",
    "model.seed=0x" + "f" * 5000: "unknown key 'model.seed'; did you mean 'train.protocol.seed'?",
    "train.protocol.seed=0x" + "f" * 5000: "train.protocol.seed must be "
    "from -9,223,372,036,854,775,808 to 9,223,372,036,854,775,807, "
    "not '0xffffffffffffffffffffffffffffffffffffffffffffffffffffff...",
    "train.compute.device=[" + "cpu, " * 50_000 + "]": "train.compute.device must be text, not "
    "[cpu, cpu, cpu, cpu, cpu, cpu, cpu, cpu, cpu, cpu, cpu, c...",
}
NO_ASSIGNMENT = {  # what is given to --set: what is said after it
    "train": "write it as section.key=value, for instance train.optim.epochs=3",
    "=3": "write it as section.key=value, for instance train.optim.epochs=3",
    ".epochs=3": "write it as section.key=value, for instance train.optim.epochs=3",
    "train.=3": "write it as section.key=value, for instance train.optim.epochs=3",
    "train..epochs=3": "write it as section.key=value, for instance train.optim.epochs=3",
    "train=3": "train is a section; set one of its keys, such as train.optim.epochs=value",
    "train=": "train is a section; set one of its keys, such as train.optim.epochs=value",
    "train.optim.epochs.x=3": "train.optim.epochs is one value and has no keys; write train.optim.epochs=value",
    "train={epochs: 3, epochs: 4}": "line 1: the key 'epochs' occurs in line 1 too; keep one",
    "data.classes=[a, b": "is not YAML (line 1: expected ',' or ']', but got '<stream end>')",
}


@pytest.mark.parametrize(("given", "said"), [*WRONG.items(), *TOO_MUCH.items()], ids=lambda text: text[:40])
def test_what_is_said_of_a_wrong_value(given, said):
    with pytest.raises(ATMGCNError, match=f"^--set: {re.escape(said)}$"):
        RunConfig().override([given])


@pytest.mark.parametrize(("given", "said"), NO_ASSIGNMENT.items())
def test_what_is_said_of_a_wrong_assignment(given, said):
    for others in ([], ["train.optim.epochs=4"], ["train={optim: {epochs: 4}}"]):
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
        free = (
            "train.compute.device",
            "train.protocol.seed",
            "train.protocol.auxiliary",
            "train.protocol.init_from",
            "data.classes",
            "model.class_names",
        )
        assert key in free  # any text, or any number


@pytest.mark.parametrize("key", SETTINGS)
@pytest.mark.parametrize("value", ["1e300", "-1e300", ".nan", ".inf", "-.inf"])
def test_every_number_has_limits(key, value):
    if key == "model.tau" and value in ("1e300", ".inf"):
        return  # weights that do not fall are a choice
    try:
        given = attrgetter(key)(RunConfig().override([f"{key}={value}"]))
    except ATMGCNError as error:
        assert f"{key} must" in str(error)
    else:
        assert isinstance(given, str)


def test_a_number_of_many_digits():
    with pytest.raises(ATMGCNError, match=r"train\.protocol\.seed must be .*, not a number of very many digits$"):
        RunConfig().merge({"train": {"protocol": {"seed": 10**5000}}})


def test_later_assignments_win():
    first, second = "train={optim: {epochs: 3, lr: 1}}", "train={protocol: {seed: 2}}"
    config = RunConfig().override([first, "train.optim.epochs=4", second, "train.optim.epochs=5"])
    assert (config.train.optim.epochs, config.train.optim.lr, config.train.protocol.seed) == (5, 1.0, 2)


def test_an_unknown_preset():
    with pytest.raises(
        ATMGCNError, match=r"^preset must be small, large, plus, laptop or demo, not 'smal'; did you mean 'small'\?$"
    ):
        RunConfig.preset("smal")
