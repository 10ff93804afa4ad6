"""Every wrong value of an option is told in one sentence: the option, what it takes, and what was given."""

import itertools

import click
import pytest

from atm_gcn.cli import main
from atm_gcn.config import MODELS
from atm_gcn.errors import either

COMMANDS = main.atm_gcn_command.list_commands(None)
ARGUMENTS = {
    "ablate": ["DATA", "OUT"],
    "check": ["casme2", "ROOT"],
    "compare": ["DATA", "OUT", "--models", "all"],
    "explain": ["SOURCE", "--model", "RUN"],
    "export": ["MODEL", "OUT"],
    "info": ["MODEL"],
    "predict": ["SOURCE", "--model", "RUN"],
    "prepare": ["casme2", "ROOT", "OUT"],
    "report": ["RUN"],
    "score": ["spotting", "TRUTH", "FOUND"],
    "spot-and-recognise": ["DATA", "OUT"],
    "synth": ["OUT"],
    "train": ["DATA", "OUT"],
}
FOLDS = {
    "--preset smal": "--preset must be small, large, plus, laptop or demo, not 'smal'; did you mean 'small'?",
    "--seeds 0": "--seeds must be at least 1, not 0",
    "--task emotions": "--task must be emotion or action-units, not 'emotions'; did you mean 'emotion'?",
    "--folds 1": "--folds must be at least 2, not 1",
    "--validation-subjects 0": "--validation-subjects must be at least 1, not 0",
    "--patience -2": "--patience must be at least 1, not -2",
    "--jobs 0": "--jobs must be from 1 to 1,024, not 0",
    "--devices two": "--devices must be a whole number, not 'two'",
}
RECORDING = {
    "--fps 0": "--fps must be greater than 0, not 0",
    "--fps nan": "--fps must be a finite number, not nan",
    "--fps inf": "--fps must be a finite number, not inf",
    "--fps fast": "--fps must be a number, not 'fast'",
    "--onset -1": "--onset must be at least 0, not -1",
    "--apex 1.5": "--apex must be a whole number, not '1.5'",
    "--offset -7": "--offset must be at least 0, not -7",
    "--face corp": "--face must be align, crop or none, not 'corp'; did you mean 'crop'?",
    "--apex-rule max": "--apex-rule must be max-motion or middle, not 'max'",
}
DECISIONS = {
    "--similar-subjects sam": "--similar-subjects must be refuse, same or distinct, not 'sam'; did you mean 'same'?",
    "--similar-labels x": "--similar-labels must be refuse, same or distinct, not 'x'",
    "--shared-recordings alow": "--shared-recordings must be refuse or allow, not 'alow'; did you mean 'allow'?",
}
WRONG = {
    "synth": {
        "--size 48": "--size must be from 64 to 2,048, not 48",
        "--subjects 0": "--subjects must be from 1 to 10,000, not 0",
        "--subjects many": "--subjects must be a whole number, not 'many'",
        "--seed -1": "--seed must be from 0 to 9,223,372,036,854,775,807, not -1",
        "--num-classes 4": "--num-classes must be 3, 5 or 7, not '4'",
        "--clips-per-subject 0": "--clips-per-subject must be from 1 to 10,000, not 0",
        "--clips-per-subject 4 --num-classes 5": "--clips-per-subject must be at least 5, one for every class, not 4",
        "--difficulty herd": "--difficulty must be default or hard, not 'herd'; did you mean 'hard'?",
        "--long 5": "--long must be from 10 to 3,600, not 5",
        "--long soon": "--long must be a number, not 'soon'",
    },
    "check": DECISIONS
    | {
        "--scheme casme-5": "--scheme must be casme2-5, casme2-3 or casme2-units for casme2, not "
        "'casme-5'; did you mean 'casme2-5'?",
        "--scheme samm-5": "--scheme must be casme2-5, casme2-3 or casme2-units for casme2, not 'samm-5'",
    },
    "prepare": DECISIONS
    | {
        "--scheme x": "--scheme must be casme2-5, casme2-3 or casme2-units for casme2, not 'x'",
        "--jobs 0": "--jobs must be from 1 to 1,024, not 0",
        "--face corp": "--face must be none, crop or align, not 'corp'; did you mean 'crop'?",
        "--register rigid": "--register must be none, translation, similarity or affine, not 'rigid'",
        "--flow tvl": "--flow must be none, tvl1, farneback, dis or pictures, not 'tvl'; did you mean 'tvl1'?",
        "--preset large2": "--preset must be small, large, plus, laptop or demo, not 'large2'; did you mean 'large'?",
    },
    "train": FOLDS
    | {
        "--model ststne": f"--model must be {either(MODELS)}, not 'ststne'; did you mean 'ststnet'?",
        "--budget same": "--budget must be authors or equal, not 'same'",
    },
    "ablate": FOLDS,
    "spot-and-recognise": FOLDS
    | {
        "--spotter learn": "--spotter must be learnt, threshold or both, not 'learn'; did you mean 'learnt'?",
        "--spotter-steps 0": "--spotter-steps must be from 1 to 1,000,000, not 0",
        "--model ststne": f"--model must be {either(MODELS)}, not 'ststne'; did you mean 'ststnet'?",
        "--budget same": "--budget must be authors or equal, not 'same'",
    },
    "compare": FOLDS
    | {
        "--models atm-gcn,ststne": f"--models must be all alone, or some of {', '.join(MODELS)}, not 'ststne'; did you "
        "mean 'ststnet'?",
        "--models ,": f"--models must be all alone, or some of {', '.join(MODELS)}, not ''",
        "--models lstm,lstm": "--models must name each model once, not 'lstm,lstm'",
        "--budget same": "--budget must be authors or equal, not 'same'",
    },
    "explain": RECORDING
    | {
        "--block 0": "--block must be at least 1, not 0",
        "--count 13": "--count must be from 1 to 12, not 13",
        "--frames 0": "--count must be from 1 to 12, not 0",
        "--out a.gif": "--out must end in .png or .pdf, not 'a.gif'",
    },
    "score": {
        "--iou 0": "--iou must be greater than 0, not 0",
        "--iou 2": "--iou must be at most 1, not 2",
        "--kind mikro": "--kind must be micro or macro, not 'mikro'; did you mean 'micro'?",
    },
    "predict": RECORDING | {"--stride 11": "--stride must be from 0 to 10, not 11"},
}
CASES = [(command, *case) for command, cases in WRONG.items() for case in cases.items()]
LIMITED = (click.IntRange, click.FloatRange, click.Choice)


@pytest.mark.parametrize(("command", "options", "said"), CASES)
def test_wrong_options(capsys, command, options, said):
    assert main.run([command, *ARGUMENTS[command], *options.split()]) == 2
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[-1]) == ("", f"Error: {said}")


def test_no_option_is_forgotten():
    for name in COMMANDS:
        command = main.atm_gcn_command.get_command(None, name)
        told = {option for case in WRONG.get(name, ()) for option in case.split()}
        inner = [option for one in getattr(command, "commands", {}).values() for option in one.params]
        for option in [*command.params, *inner]:
            assert option.type.name not in ("integer", "float"), f"{name} {option.opts}: has no limits"
            if isinstance(option, click.Option) and isinstance(option.type, LIMITED):
                assert told & set(option.opts), f"{name} {option.opts}: is not in the table above"


@pytest.mark.parametrize(("command", "dataset"), [*itertools.product(["check", "prepare"], ["sam", "manifest"])])
def test_wrong_datasets(capsys, command, dataset):
    assert main.run([command, dataset, *ARGUMENTS[command][1:], "--scheme", "samm-3"]) == 2
    more = ", manifest or store" if command == "check" else " or manifest"
    known = "casme, casme2, casmesq, samm, sammlv, smic, casme3, casme3c, mmew, 4dme"
    said = {
        "sam": f"DATASET must be {known}, composite{more}, not 'sam'; did you mean 'samm'?",
        "manifest": "--scheme must be left out for manifest, which has its own labels, not 'samm-3'",
    }
    assert capsys.readouterr().err.splitlines()[-1] == f"Error: {said[dataset]}"


@pytest.mark.parametrize(
    "device", ["garbage", "", "meta", "cpuu", "cuda:99", "hpu", "xla", "mps:7", "1.5", "privateuseone"]
)
def test_devices_that_are_not_there(capsys, store, trained, tmp_path, device):
    for command in (["predict", str(store)], ["explain", str(store), "--clip", "tiny/s0/c0"]):
        assert main.run([*command, "--model", str(trained), "--device", device]) == 1
        err = capsys.readouterr().err
        assert err.startswith("atm-gcn: error: --device must be auto, cpu") and f", not {device!r}" in err
    assert main.run(["train", str(store), str(tmp_path / "run"), "--set", f"train.compute.device='{device}'"]) == 1
    assert capsys.readouterr().err.startswith("atm-gcn: error: train.compute.device (--device) must be auto, cpu")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--folds", "9"], 1, "train.protocol.folds (--folds) must be at most 3, the number of subjects, not 9"),
        (
            ["--validation-subjects", "2"],
            1,
            "train.protocol.validation_subjects (--validation-subjects) must be less than 2, the number of training "
            "subjects in fold tiny/s0, not 2",
        ),
        (["--test", "tin"], 1, "--test must name a frame store, or a dataset of {store} (tiny), not 'tin'"),
        (
            ["--test", "tiny", "--test", "tny"],
            1,
            "train.protocol.test (--test) must name tiny, not 'tny'; did you mean 'tiny'?",
        ),
        (["--patience", "3"], 1, "train.protocol.patience needs validation_subjects of at least 1"),
        (["--set", "train.optim.epochs=0"], 1, "--set: train.optim.epochs must be from 1 to 100,000, not 0"),
    ],
)
def test_limits_that_the_data_set(capsys, store, tmp_path, options, code, said):
    assert main.run(["train", str(store), str(tmp_path / "run"), "--dry-run", "--device", "cpu", *options]) == code
    err = capsys.readouterr().err
    assert said.format(store=store) in err.splitlines()[-1]
    assert code == 2 or err.count("\n") == 1


@pytest.mark.parametrize("extra", ["curve", "plot", "annotate"])
def test_files_of_spotting(capsys, tmp_path, extra):
    (tmp_path / "clip.avi").write_bytes(b"never read")
    arguments = ["predict", str(tmp_path / "clip.avi"), "--model", "RUN", f"--{extra}", "a.gif"]
    assert main.run(arguments) == 2
    known = {"curve": ".csv or .json", "plot": ".png or .pdf", "annotate": ".avi or .mp4"}[extra]
    assert capsys.readouterr().err.splitlines()[-1] == f"Error: --{extra} must end in {known}, not 'a.gif'"
