"""Clips go to pandas and back unchanged."""

import pytest

from atm_gcn import ATMGCNError
from atm_gcn.data import Clip, Problem, from_dataframe, load_manifest, to_dataframe, write_manifest

pandas = pytest.importorskip("pandas")
CLIPS = [
    Clip("mine", "01", "EP02_01f", 46, 59, 86, 200.0, "happiness", "positive", "/clips/anna", "6+L12"),
    Clip("mine", "nan", "=1+1", 0, None, 41, 29.97, "", "négatif", "/clips/b,en.mp4", "", kind="macro"),
]


def test_a_manifest_goes_to_pandas_and_back(tmp_path):
    write_manifest(CLIPS, tmp_path / "one.csv")
    table = to_dataframe(load_manifest(tmp_path / "one.csv"))
    assert table["subject"].tolist() == ["01", "nan"] and table["apex"].isna().tolist() == [False, True]
    assert table["onset"].dtype == "int64" and table["fps"].dtype == "float64"
    assert from_dataframe(table) == CLIPS
    write_manifest(from_dataframe(table[table["label"] == "positive"]), tmp_path / "two.csv")
    assert load_manifest(tmp_path / "two.csv") == CLIPS[:1]


def test_a_table_that_pandas_read_itself(tmp_path):
    to_dataframe(CLIPS).to_csv(tmp_path / "table.csv", index=False)
    assert from_dataframe(pandas.read_csv(tmp_path / "table.csv", dtype=str, keep_default_na=False)) == CLIPS
    numbers = pandas.DataFrame({"dataset": "d", "subject": [1, 2], "name": "c", "onset": 0, "apex": [3.0, None]})
    found = from_dataframe(numbers.assign(offset=9, fps=30, extra="x"))
    assert [(clip.subject, clip.apex, clip.label) for clip in found] == [("1", 3, ""), ("2", None, "")]


def test_annotations_without_a_class_and_problems():
    clip = Clip("casme2", "sub01", "EP02", 1, 2, 3, 200.0, "disgust")
    assert from_dataframe(to_dataframe([clip])) == [clip]
    problems = to_dataframe([Problem("no-apex", 7, "casme2/sub01/EP02", "its apex is empty", "kept")])
    assert problems.to_dict("records")[0]["row"] == 7
    assert list(to_dataframe([]).columns)[:3] == ["dataset", "subject", "name"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"apex": [59, 99]}, "row 1 of the table: apex 99 lies after offset 41"),
        ({"subject": ["01", None]}, "row 1 of the table: subject is empty"),
        ({"onset": ["a", 0]}, "row 0 of the table: onset is 'a', which is no frame number"),
        ({"subject": "s", "name": "c"}, "row 1 of the table: clip mine/s/c is in an earlier row"),
    ],
)
def test_what_is_said_of_a_wrong_row(changes, said):
    with pytest.raises(ATMGCNError, match=said):
        from_dataframe(to_dataframe(CLIPS).assign(**changes))


def test_a_missing_column_and_a_missing_pandas(monkeypatch):
    with pytest.raises(ATMGCNError, match="the table lacks the column fps; needed are dataset, "):
        from_dataframe(to_dataframe(CLIPS).drop(columns="fps"))
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ATMGCNError, match=r"a DataFrame needs pandas, which is not installed"):
        to_dataframe(CLIPS)
