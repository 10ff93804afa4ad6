"""The suite of worlds: rows that survive interruptions, worlds as described, and the numbers of the analysis."""

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from atm_gcn.errors import ATMGCNError
from benchmarks.method.worlds import __main__ as program
from benchmarks.method.worlds import analysis, baselines, one_movement, running, two_movements, variants
from benchmarks.method.worlds.motion import people
from benchmarks.method.worlds.recorded import real_flow, recorded_worlds
from benchmarks.method.worlds.rows import Results, Row, append, merged, read_rows
from benchmarks.method.worlds.ts_files import read_ts
from benchmarks.method.worlds.world import World

DRAWN = [*two_movements.WORLDS, *one_movement.WORLDS]


def small(name="tiny", chooses=True, subjects=4, clips=3):
    """A world of few clips, whose apex shows the class."""
    draw = lambda seed: people(one_movement.apex_scene, seed, 3, 3, subjects, clips)  # noqa: E731
    return World(name, "It is small.", chooses, draw)


@pytest.fixture
def tiny(monkeypatch):
    """The program with one small world and one epoch."""
    monkeypatch.setattr(program, "DRAWN", [small()])
    base = json.loads(json.dumps(variants.BASE))
    base["train"]["optim"]["epochs"] = 1
    for module in (variants, running):
        monkeypatch.setattr(module, "BASE", base)
    monkeypatch.setattr(running, "FOLDS", 2)


def run(path, *options, variants="baseline: apex;paper", seeds="0,1"):
    command = ["run", "--out", str(path), "--variants", variants, "--seeds", seeds, *options]
    return CliRunner().invoke(program.main, command)


def without_time(path):
    return [row.model_copy(update={"seconds": 0}) for row in read_rows(path)]


def test_a_run_that_was_killed_within_a_line_continues_with_equal_rows(tiny, tmp_path):
    whole, torn = tmp_path / "whole.jsonl", tmp_path / "torn.jsonl"
    assert run(whole).exit_code == 0
    lines = whole.read_bytes().splitlines(keepends=True)
    assert len(lines) == 4
    torn.write_bytes(b"".join(lines[:2]) + lines[2][:30])
    assert len(read_rows(torn)) == 2
    outcome = run(torn)
    assert outcome.exit_code == 0 and outcome.output.count("| UF1") == 2
    assert torn.read_bytes().startswith(b"".join(lines[:2]))
    assert without_time(torn) == without_time(whole)
    assert "| UF1" not in run(torn).output


def test_shards_measure_every_row_once(tiny, tmp_path):
    files = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]
    for number, path in enumerate(files, start=1):
        assert run(path, "--shard", f"{number}/2", variants="baseline: apex;baseline: mean").exit_code == 0
    assert [len(read_rows(path)) for path in files] == [2, 2]
    assert len(merged(files)) == 4
    assert (
        CliRunner().invoke(program.main, ["keep", *map(str, files), "--out", str(tmp_path / "k.json")]).exit_code == 0
    )
    assert Results.read(tmp_path / "k.json").rows == merged(files) == read_rows(tmp_path / "k.json")
    shown = CliRunner().invoke(program.main, ["analyse", *map(str, files), "--chosen", "baseline: mean"])
    assert shown.exit_code == 0, shown.output


def test_rows_of_other_settings_are_refused(tiny, tmp_path, monkeypatch):
    path = tmp_path / "rows.jsonl"
    assert run(path, variants="paper", seeds="0").exit_code == 0
    monkeypatch.setitem(variants.VARIANTS, "paper", variants.Variant("Other.", {"adaptive_start": "difference"}))
    outcome = run(path, variants="paper", seeds="0")
    assert outcome.exit_code == 1
    assert "paper in world tiny, seed 0, was measured with other settings or clips" in outcome.output


@pytest.mark.parametrize("options", [["--seeds", "a"], ["--shard", "3/2"], ["--shard", "1"]])
def test_bad_options_are_usage_errors(options, tmp_path):
    assert run(tmp_path / "rows.jsonl", *options).exit_code == 2


@pytest.mark.parametrize("options", [["--variants", "papr"], ["--worlds", "Mars"]])
def test_unknown_names_are_one_sentence(options, tmp_path):
    outcome = CliRunner().invoke(program.main, ["run", "--out", str(tmp_path / "rows.jsonl"), *options])
    assert outcome.exit_code == 1 and "must be" in outcome.output and len(outcome.output.splitlines()) <= 3


def test_recorded_worlds_without_a_folder_are_left_out_in_one_line(tmp_path):
    found, left_out = recorded_worlds(None, tmp_path / "none")
    assert found == [] and len(left_out) == 3
    assert left_out[0] == "real flow: --real-flow names no folder" and "is no folder" in left_out[1]


@pytest.mark.parametrize("world", DRAWN, ids=lambda world: world.name)
def test_worlds_are_seeded_and_balanced(world):
    first, again, other = world.draw(3), world.draw(3), world.draw(4)
    assert all(torch.equal(one.x, two.x) for one, two in zip(first, again, strict=True))
    assert not torch.equal(first[0].x, other[0].x)
    counts = np.bincount([int(clip.y) for clip in first])
    assert len(first) == 192 and counts.max() - counts.min() <= 8
    assert all(0 <= int(clip.global_index) < len(clip.x) and clip.x.isfinite().all() for clip in first)
    assert len({len(clip.x) for clip in first}) > 3


def test_still_clips_have_8_to_120_frames():
    sizes = [len(clip.x) + 1 for clip in next(world for world in DRAWN if world.name == "still").draw(0)]
    assert 8 <= min(sizes) < 12 and 100 < max(sizes) <= 120


def test_the_apex_shows_the_class_and_shuffled_labels_leave_chance():
    world = next(world for world in DRAWN if world.name == "apex")
    clips = world.draw(7)
    assert held_out(clips) > 0.6
    order = np.random.default_rng(0).permutation(len(clips))
    for clip, y in zip(clips, [clips[index].y for index in order], strict=True):
        clip.y = y
    assert held_out(clips) == pytest.approx(1 / 3, abs=0.11)


def held_out(clips):
    middle = len(clips) // 2
    sides = [list(range(middle)), list(range(middle, len(clips)))]
    right = 0
    for train, test in (sides, sides[::-1]):
        predicted = baselines.predict_held_out("baseline: apex", clips, train, test, 3, seed=0)
        right += sum(int(clips[index].y) == value for index, value in zip(test, predicted, strict=True))
    return right / len(clips)


def test_the_convolution_ignores_padding():
    torch.manual_seed(0)
    network = baselines.Convolution(4, 3).eval()
    x, lengths = torch.randn(2, 9, 4), torch.tensor([9, 5])
    other = x.clone()
    other[1, 5:] = 0
    with torch.no_grad():
        alone = network(x[1:, :5], lengths[1:])
        assert torch.allclose(network(other, lengths)[1:], alone, atol=1e-6)


def test_all_variants_can_be_trained():
    assert {name: why for name in variants.VARIANTS if (why := variants.lacking(name))} == {}
    for part in variants.WITHOUT:
        assert variants.lacking(f"2 heads, mean-apex {part}") == ""
    assert variants.by_nearness()[0] == "paper"


def made(world, variant, predicted, seed=0, labels="001122", data="d", clips="3 3"):
    hits = sum(one == two for one, two in zip(labels, predicted, strict=True)) / len(labels)
    return Row(
        world=world,
        variant=variant,
        seed=seed,
        settings={},
        data=data,
        schedule="s",
        uf1=hits,
        uar=hits,
        acc=hits,
        seconds=1,
        num_classes=3,
        clips=clips,
        labels=labels,
        predicted=predicted,
    )


ROWS = [
    made("one", "paper", "001100"),  # 4/6
    made("one", "2 heads", "001122"),  # 1
    made("two", "paper", "001122"),  # 1
    made("two", "2 heads", "001110"),  # 4/6
    made("two", "2 heads", "000022", seed=1),  # 4/6
    made("two", "residual", "001122"),
]


def test_standings_by_hand():
    ranked = analysis.standings(ROWS, ["paper", "2 heads", "residual"], ["one", "two"])
    assert [one.variant for one in ranked] == ["paper", "2 heads"]  # residual was not measured everywhere
    assert [round(one.worst_loss, 4) for one in ranked] == [0.3333, 0.3333]
    assert [one.mean_rank for one in ranked] == [1.5, 1.5] and [one.where for one in ranked] == ["one", "two"]
    better = [*ROWS, made("one", "residual", "001122")]
    ranked = analysis.standings(better, ["paper", "2 heads", "residual"], ["one", "two"])
    assert ranked[0] == ("residual", 0.0, 1.0, "one")
    assert ranked[1].mean_rank == 2.0  # paper: third in one, first in two


def test_a_variant_that_lacks_a_seed_of_a_world_is_left_out_there():
    kept = analysis.with_all_seeds([*ROWS, made("one", "2 heads", "001122", seed=1), ROWS[0]], [0, 1])
    assert [row.key for row in kept] == [
        ("one", "2 heads", 0),
        ("two", "2 heads", 0),
        ("two", "2 heads", 1),
        ("one", "2 heads", 1),
    ]
    assert [row.seed for row in analysis.with_all_seeds(ROWS, [1])] == [1]


def test_the_confusion_matrices_of_subjects():
    counts = made("one", "paper", "001100").confusions
    assert counts.shape == (2, 3, 3)
    assert counts[0].tolist() == [[2, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert counts[1].tolist() == [[0, 0, 0], [0, 1, 0], [2, 0, 0]]


def test_a_difference_joins_the_people_of_all_seeds():
    labels = "012" * 8
    right = [made("w", "paper", labels, s, labels, f"d{s}", "3 3 3 3 3 3 3 3") for s in (0, 1)]
    wrong = [made("w", "2 heads", "0" * 24, s, labels, f"d{s}", "3 3 3 3 3 3 3 3") for s in (0, 1)]
    found = analysis.difference([*right, *wrong], "w", "paper", "2 heads")
    assert found.value == pytest.approx(1 - 1 / 6)  # F1 of 0.5 for one of three classes
    assert found.low > 0.8 and found.p < 0.001  # 16 people
    with pytest.raises(ATMGCNError, match="not measured on the same clips"):
        analysis.difference([right[0], wrong[0].model_copy(update={"data": "x"})], "w", "paper", "2 heads")


def test_ties_go_to_the_variant_nearer_to_the_paper():
    near = ["paper", "2 heads"]
    labels = "012" * 8
    one_off = "1" + labels[1:]
    rows = [made("w", name, text, 0, labels, "d", "3 " * 8) for name, text in (("2 heads", labels), ("paper", one_off))]
    ranked = analysis.standings(rows, near, ["w"])
    assert ranked[0].variant == "2 heads" and analysis.choose(rows, ranked, ["w"], near) == "paper"
    rows[1] = made("w", "paper", "0" * 24, 0, labels, "d", "3 " * 8)
    assert analysis.choose(rows, analysis.standings(rows, near, ["w"]), ["w"], near) == "2 heads"


def test_contributions_are_counted():
    labels = "012" * 8
    rows = [
        made("w", name, text, 0, labels, "d", "3 " * 8)
        for name, text in (("paper", labels), ("paper w/o GCN", "0" * 24), ("paper w/o ATM", labels))
    ]
    text = analysis.contributions(rows, "paper", ["w", "v"])
    assert "+0.833" in text and text.endswith("Intervals above 0: w/o GCN in 1 of 2 worlds; w/o ATM in 0 of 2 worlds.")


def test_rows_are_appended_over_an_unfinished_one(tmp_path):
    path = tmp_path / "rows.jsonl"
    append(path, ROWS[0])
    with path.open("ab") as file:
        file.write(b'{"world": "tw')
    append(path, ROWS[1])
    assert read_rows(path) == ROWS[:2]
    path.write_text('{"other": 1}\n')
    with pytest.raises(ATMGCNError, match="holds no rows of this program"):
        read_rows(path)


def test_the_same_measured_twice_differently_is_refused(tmp_path):
    for name, row in (("a", ROWS[0]), ("b", ROWS[0].model_copy(update={"data": "other"}))):
        append(tmp_path / name, row)
    with pytest.raises(ATMGCNError, match="was measured with other settings or clips"):
        merged([tmp_path / "a", tmp_path / "b"])


def test_ts_files_are_read(tmp_path):
    path = tmp_path / "x.ts"
    path.write_text("#about\n@problemName X\n@classLabel true a b\n@data\n1,2,3:4,5,6:b\n7,8:9,10:a\n")
    series, labels, classes = read_ts(path)
    assert [one.tolist() for one in series] == [[[1, 4], [2, 5], [3, 6]], [[7, 9], [8, 10]]]
    assert labels == ["b", "a"] and classes == ["a", "b"]
    path.write_text("@classLabel true a b\n@data\n1,2,3:4,5:a\n")
    with pytest.raises(ATMGCNError, match="line 3 holds no series"):
        read_ts(path)


def test_real_flow_is_read_from_a_manifest(tmp_path):
    cv2 = pytest.importorskip("cv2")
    (tmp_path / "s" / "c1").mkdir(parents=True)
    for number, grey in enumerate((128, 160, 96)):
        cv2.imwrite(str(tmp_path / "s" / "c1" / f"img{number}.png"), np.full((28, 28, 3), grey, np.uint8))
    (tmp_path / "manifest.csv").write_text(
        "dataset,subject,name,onset,apex,offset,fps,label,source\nd,1,c1,0,1,2,30,surprise,s/c1\n"
    )
    [clip] = real_flow(tmp_path)
    assert clip.x.shape == (2, 192) and clip.x[0].unique().tolist() == [1.0] and clip.x[1].unique().tolist() == [-1.0]
    assert int(clip.global_index) == 0
