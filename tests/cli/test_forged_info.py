"""``atm-gcn info`` on model cards that no training wrote."""

import copy

import pytest

from atm_gcn import ATMGCN
from atm_gcn.cli import main


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("data", "clips"), "many", "its model card is damaged at data.clips (Input should be a valid integer)"),
        (("data",), [], "its model card is damaged at data (Input should be a valid dictionary"),
        (("data", "recorded_fps"), [float("nan")], "its model card is damaged at data.recorded_fps.0 (Input should be"),
        (("scores", "acc"), None, "its model card is damaged at scores.acc (Input should be a valid number)"),
        (("not_for",), {"a": 1}, "its model card is damaged at not_for (Input should be a valid list)"),
        (("epochs",), 10**30, None),
        (("more",), [1], None),
    ],
)
def test_a_card_that_does_not_fit_is_one_line(trained, tmp_path, capsys, place, value, said):
    model = ATMGCN.from_pretrained(trained / "folds" / "tiny__s0")
    model.metadata = copy.deepcopy(model.metadata)
    part = model.metadata["card"]
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    model.save_pretrained(tmp_path)
    capsys.readouterr()
    code = main.run(["info", str(tmp_path)])
    out, err = capsys.readouterr()
    if said is None:
        assert (code, err) == (0, "")
    else:
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert said in err
