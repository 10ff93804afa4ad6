"""Files of features are read whatever their type, and damaged ones are refused in one sentence."""

import numpy as np
import pytest

from atm_gcn import ATMGCNError
from atm_gcn.data.sequences.feature_file import read_features

ROWS = np.arange(12.0).reshape(4, 3) / 8


def csv_of(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def written(path, rows=ROWS, **arrays):
    """The rows in a file of the type that its name says."""
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({**arrays, **{f"au{i}": rows[:, i] for i in range(rows.shape[1])}})
    if path.suffix == ".npy":
        np.save(path, rows)
    elif path.suffix == ".npz":
        np.savez(path, x=rows, **arrays)
    elif path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    return path


@pytest.mark.parametrize("suffix", ["npy", "npz", "csv", "parquet", "NPY"])
def test_every_type_gives_the_same_rows(tmp_path, suffix):
    path = tmp_path / f"clip.{suffix}"
    if suffix == "NPY":
        with path.open("wb") as file:
            np.save(file, ROWS)
    else:
        written(path)
    found = read_features(path)
    assert (found.rows == ROWS).all() and found.rows.dtype == np.float64
    assert found.numbers.tolist() == [0, 1, 2, 3] and found.seconds is None and found.pos is None


@pytest.mark.parametrize("suffix", ["npz", "csv", "parquet"])
def test_numbers_and_times_of_rows(tmp_path, suffix):
    seconds = np.array([0.0, 0.04, 0.08, 0.16])
    found = read_features(written(tmp_path / f"clip.{suffix}", frame=np.arange(1, 5), seconds=seconds))
    assert (found.rows == ROWS).all()
    assert found.numbers.tolist() == [1, 2, 3, 4] and (found.seconds == seconds).all()


@pytest.mark.parametrize("first", ["0,1,2", "1,2,3", "0,5,17"])
def test_numbers_of_columns_are_a_header(tmp_path, first):
    """As pandas writes them over columns without names."""
    found = read_features(csv_of(tmp_path / "clip.csv", f"{first}\n0.0,-1.5,2e-3\n1.0,2.0,nan\n"))
    assert found.columns == tuple(first.split(",")) and found.rows[0].tolist() == [0, -1.5, 0.002]
    assert found.numbers.tolist() == [0, 1]


@pytest.mark.parametrize("text", ["0,1,2\n4,-5,6\n", "0,1\n0.5,0.25\n", "0\n0.5\n", "1\n3\n", "0,1,2\n"])
def test_a_first_line_that_may_be_a_row(tmp_path, text):
    with pytest.raises(ATMGCNError, match=r"first line, 0|first line, 1") as info:
        read_features(csv_of(tmp_path / "clip.csv", text))
    assert "may be a header or a row; name the columns" in str(info.value) and "\n" not in str(info.value)


@pytest.mark.parametrize("text", ["0,0,0\n4,5,6\n", "3,4,5\n10,11,12\n", "0.0,1.0,2.0\n0.5,0.5,0.5\n"])
def test_a_first_line_of_numbers_is_a_row(tmp_path, text):
    assert len(read_features(csv_of(tmp_path / "clip.csv", text)).rows) == 2


@pytest.mark.parametrize("header", [",a", "Unnamed: 0,a", "index,a", ",0"])
def test_the_index_of_pandas_is_no_feature(tmp_path, header):
    said = "its first column.* counts the rows, as the index of a pandas table does; leave it out, as with to_csv"
    with pytest.raises(ATMGCNError, match=said):
        read_features(csv_of(tmp_path / "clip.csv", f"{header}\n0,0.5\n1,0.25\n"))


def test_the_index_of_a_parquet_file(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    table = pandas.DataFrame({"frame": [3, 4], "a": [0.5, 0.25]})
    table.set_index("frame").to_parquet(tmp_path / "kept.parquet")
    found = read_features(tmp_path / "kept.parquet")
    assert found.numbers.tolist() == [3, 4] and found.columns == ("a",)
    table.rename(columns={"frame": "__index_level_0__"}).to_parquet(tmp_path / "index.parquet")
    with pytest.raises(ATMGCNError, match=r"'__index_level_0__', counts the rows.* to_parquet\(path, index=False\)"):
        read_features(tmp_path / "index.parquet")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_that_are_not_chosen_may_hold_text(tmp_path, suffix):
    path = written(tmp_path / f"clip.{suffix}", person=np.array(["a", "", "b", "c"]))
    assert (read_features(path, ("au2", "au0")).rows == ROWS[:, [2, 0]]).all()
    with pytest.raises(ATMGCNError, match=r"column 'person' .*number"):
        read_features(path)


def test_integers_and_further_dimensions(tmp_path):
    np.save(tmp_path / "landmarks.npy", np.arange(24, dtype=np.int16).reshape(4, 3, 2))
    assert read_features(tmp_path / "landmarks.npy").rows.tolist() == np.arange(24.0).reshape(4, 6).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "1.0,2\n3,4\n",
        "a,b\n1,2\n3,4",
        "a;b\r\n1;2\r\n3;4\r\n",
        "\ufeff a , b \n1,2\n\n3,4\n",
        "frame\ta\tb\n1\t1\t2\n2\t3\t4",
    ],
)
def test_forms_of_csv(tmp_path, text):
    assert read_features(csv_of(tmp_path / "clip.csv", text)).rows.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n3\n", "line 3: has 1 cells, and the first line has 2"),
        ("a,b\n1,2\n3,x\n", "line 3: column 'b' is 'x'; it must be a number"),
        ("1.0,2\n3,\n", "line 2: column 2 is empty; it must be a number"),
        ("a,b\n", r"is empty, its features are \[0, 2\]"),
        ("frame\n1\n2\n", r"is empty, its features are \[2, 0\]"),
        ("frame,a\n1,0\n1,0\n", "frame does not ascend at row 1, counted from 0; sort the rows"),
        ("frame,a\n1.5,0\n2,0\n", "frame holds numbers that are not whole"),
        ("seconds,a\nnan,0\n1,0\n", "seconds does not ascend"),
        ("seconds,pos,a\n1,1,0\n2,2,0\n", "has both seconds and pos; leave one of the two out"),
        ("frame,Frame,a\n1,1,0\n", "has the column frame twice"),
        (",a\n7,1\n4,0\n", "column 1 of its header has no name; name it, or leave it out"),
        ("a,,\n7,1,0\n4,0,0\n", "column 2 of its header has no name"),
        ("a,b,a\n1,1,0\n", "has the column a twice; keep one of the two, or give it another name"),
    ],
)
def test_what_is_said_of_a_wrong_csv(tmp_path, text, said):
    with pytest.raises(ATMGCNError, match=rf"clip\.csv.*{said}") as info:
        read_features(csv_of(tmp_path / "clip.csv", text))
    assert "\n" not in str(info.value)


def test_what_is_said_of_wrong_arrays(tmp_path):
    np.save(tmp_path / "flat.npy", np.zeros(4))
    np.save(tmp_path / "none.npy", np.zeros((0, 5)))
    np.save(tmp_path / "text.npy", np.array([["a", "b"]]))
    np.save(tmp_path / "object.npy", np.array([[{}, None]], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "two.npz", a=ROWS, b=ROWS)
    np.savez(tmp_path / "short.npz", x=ROWS, seconds=np.arange(3.0))
    (tmp_path / "cut.npy").write_bytes((tmp_path / "flat.npy").read_bytes()[:-9])
    (tmp_path / "cut.npz").write_bytes((tmp_path / "two.npz").read_bytes()[:99])
    (tmp_path / "no.parquet").write_bytes(b"PAR1")
    said = {
        "flat.npy": r"holds features \[4\]; it must be \[num_frames, C\]",
        "none.npy": r"is empty, its features are \[0, 5\]; it must have a row per frame",
        "text.npy": "the features are of type <U1; they must be numbers",
        "object.npy": "is damaged, or no .npy file",
        "two.npz": "must have one array of features, named x, and has a, b",
        "short.npz": r"seconds is \[3\]; it must have one value per row, 4",
        "cut.npy": "is damaged, or no .npy file",
        "cut.npz": "is damaged, or no .npz file",
        "no.parquet": "is damaged, or no .parquet file",
        "absent.npy": "there is no such file of features",
        "clip.mat": "features are read from .npy, .npz, .csv or .parquet files",
    }
    for name, text in said.items():
        with pytest.raises(ATMGCNError, match=f"{name}: {text}"):
            read_features(tmp_path / name)
