"""A whole run: its files, that nobody is searched by what knows them, and that it resumes to equal bytes."""

import csv
import json
import shutil
from dataclasses import replace
from multiprocessing import active_children

import pytest

from atm_gcn.cli import main
from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.metrics.spotting import Interval, read_intervals, record_of, spotting_scores
from atm_gcn.spotting import chain
from atm_gcn.spotting.held_out import search, spotters
from atm_gcn.spotting.held_out.folds import SpottingFold
from atm_gcn.spotting.held_out.spotters import SPOTTERS, Sought, spot_fold
from atm_gcn.spotting.long_videos import long_videos
from atm_gcn.spotting.motion import measure_video
from atm_gcn.spotting.results import BOTH, read_results
from atm_gcn.spotting.training import SpotterTraining
from atm_gcn.training import run as training_run
from atm_gcn.training.execution import PoolExecutor
from tests.spotting.conftest import run
from tests.spotting.motions import video_motion

SOUGHT = (Sought("learnt"), Sought("threshold"), Sought("learnt", "macro"))
PEOPLE = tuple(f"synth-long/s0{number}" for number in (1, 2, 3))


def content(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("log.jsonl", "fold.json", "report.html")
    }


def test_tables_and_scores_say_the_same(finished):
    results = read_results(finished)
    assert results.spotters == list(SPOTTERS) and results.scores["num_people"] == 3
    assert results.scores["num_micro"] == 9 and results.scores["num_macro"] == 3
    assert results.scores["minutes"] == pytest.approx(3 * 16 / 60, abs=0.01)
    truth = read_intervals(finished / "truth.csv", "truth")
    for spotter in SPOTTERS:
        found = read_intervals(finished / f"{spotter}.csv", "predicted")
        classes = results.scores["classes"]
        micro = [[one for one in each.intervals if one.kind == "micro"] for each in (truth, found)]
        again = spotting_scores(*micro, classes=classes, videos=truth.videos)
        own = results.scores["spotters"][spotter]
        for key, value in json.loads(json.dumps(record_of(again)["overall"])).items():
            assert own["overall"][key] == pytest.approx(value, abs=1e-6)
        assert own["false_alarms_per_minute"] == pytest.approx(again.overall.fp / results.scores["minutes"], abs=1e-5)
        log = read_intervals(finished / f"{spotter}-log.csv", "predicted")
        assert len(log.intervals) == len(found.intervals)
        with (finished / f"{spotter}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                assert int(row["onset"]) < int(row["apex"]) < int(row["offset"])
                if row["type"] == "macro":
                    assert [row[name] for name in ("emotion", *classes)] == [""] * (len(classes) + 1)
                    continue
                assert sum(float(row[name]) for name in classes) == pytest.approx(1, abs=1e-5)
                assert max(classes, key=lambda name, row=row: float(row[name])) == row["emotion"]


def test_macro_expressions_are_scored_by_themselves_and_together(finished):
    results = read_results(finished)
    assert [one.name for one in results.sought] == ["learnt", "threshold", "learnt-macro"]
    micro, _, macro = map(results.of, results.sought)
    both = results.scores["spotters"]["learnt"][BOTH]
    truth, found = (read_intervals(finished / f"{name}.csv", "truth").intervals for name in ("truth", "learnt"))
    assert [one.kind for one in truth].count("macro") == 3 and any(one.kind == "macro" for one in found)
    again = record_of(spotting_scores(truth, found))
    for key in ("tp", "fp", "fn", "f1"):
        assert macro["overall"][key] == pytest.approx(again["macro"][key])
        assert both[key] == pytest.approx(again["overall"][key])
    assert both["fn"] == micro["overall"]["fn"] + macro["overall"]["fn"] and set(both["interval_95"]) == {"f1"}
    assert macro["analysis"] is macro["strs"] is None and set(macro["interval_95"]) == {"f1"}
    assert macro["false_alarms_per_minute"] == pytest.approx(macro["overall"]["fp"] / results.scores["minutes"])
    assert set(macro["settings"]) == set(PEOPLE)
    lines = results.to_text().splitlines()
    assert [line[:15].rstrip() for line in lines[3:6]] == ["learnt", "threshold", "learnt, macro"]
    assert lines[-1] == f"Micro- and macro-expressions together, learnt: F1 {both['f1']:.3f}"


@pytest.mark.parametrize("spotter", SPOTTERS)
def test_the_tables_of_a_run_have_its_scores(finished, capsys, spotter):
    own = read_results(finished).of(Sought(spotter))
    tables = [str(finished / f"{name}.csv") for name in ("truth", spotter)]
    assert main.run(["score", "spotting", *tables, "--kind", "micro", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["overall"] == pytest.approx(own["overall"], abs=1e-6)
    assert again["strs"] == pytest.approx(own["strs"], abs=1e-6)


def test_macro_expressions_are_looked_for_where_they_can_be_learnt(long_store, caplog):
    caplog.set_level("INFO")
    videos = long_videos(long_store)
    measured = [(video, video_motion(0, frames=300, count=1)[0]) for video in videos]
    folds = [SpottingFold(one, tuple({*PEOPLE} - {one}), (one,), None) for one in PEOPLE]
    assert chain.sought_in(measured, folds, ["learnt"], True) == [Sought("learnt"), Sought("learnt", "macro")]
    assert chain.sought_in(measured, folds, ["learnt"], False) == [Sought("learnt")]
    assert chain.sought_in(measured, folds, ["threshold"], True) == [Sought("threshold")]
    assert not caplog.messages
    for short in (1, 3):
        brief = [(video, video_motion(0, frames=150, count=1)[0]) for video in videos[:short]]
        assert chain.sought_in([*brief, *measured[short:]], folds, ["learnt"], True) == [Sought("learnt")]
    assert len(caplog.messages) == 2
    for message in caplog.messages:
        assert message.endswith("fewer than two training people who show one in a video of 6.4 s or more")
    none = [
        (replace(video, expressions={"micro": video.expressions["micro"], "macro": []}), m) for video, m in measured
    ]
    caplog.clear()
    assert chain.sought_in(none, folds, ["learnt"], True) == [Sought("learnt")] and not caplog.messages


def test_people_who_show_macro_expressions_are_in_different_groups(long_store, tmp_path, monkeypatch):
    (first, *_), (_, _, last) = long_videos(long_store), long_videos(long_store)
    people = [f"p{number}" for number in range(7)]
    measured = []
    for number, person in enumerate(people):
        shown = first.expressions if number < 3 else {"micro": last.expressions["micro"], "macro": []}
        apexes = first.apexes if number < 3 else {"micro": last.apexes["micro"], "macro": []}
        video = replace(first, subject=person, name=person, expressions=shown, apexes=apexes)
        measured.append((video, video_motion(number, frames=480, count=1)[0]))
    groups, real = [], spotters.train_spotter

    def train(videos, *arguments, **options):
        groups.append(sum(bool(len(video.centres)) for video in videos))
        return real(videos, *arguments, **options)

    monkeypatch.setattr(spotters, "train_spotter", train)
    for seed in range(3):
        fold = SpottingFold(people[0], tuple(people[1:]), (people[0],), tmp_path)
        spot_fold(Sought("learnt", "macro"), fold, measured, tmp_path / str(seed), "d", seed, SpotterTraining(steps=1))
    assert sorted(groups) == [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]


def test_every_person_is_held_out_once(finished):
    for sought in SOUGHT:
        folds = [json.loads(path.read_text()) for path in sorted((finished / sought.name).glob("*/spotted.json"))]
        assert [one["subject"] for fold in folds for one in fold["videos"]] == list(PEOPLE)
        assert set(read_results(finished).of(sought)["settings"]) == set(PEOPLE)
    assert len(list((finished / "curves").glob("*.png"))) == 3
    assert len(list((finished / "recognition" / "folds").iterdir())) == 3


@pytest.mark.parametrize("sought", SOUGHT, ids=lambda one: one.name)
def test_what_is_annotated_of_the_held_out_person_changes_nothing(long_store, tmp_path, sought):
    videos = long_videos(long_store)
    measured = [(video, measure_video(video.source, long_store.config)) for video in videos]
    fold, training = SpottingFold(PEOPLE[0], PEOPLE[1:], PEOPLE[:1], tmp_path), SpotterTraining(steps=3)
    lies = [Interval(videos[0].name, 5, 15, "positive", subject=PEOPLE[0])]
    wrong = {"expressions": {"micro": lies, "macro": lies}, "apexes": {"micro": [None], "macro": [None]}}
    other = [(replace(videos[0], **wrong), measured[0][1]), *measured[1:]]
    found = [
        spot_fold(sought, fold, one, tmp_path / name, "digest", 0, training)
        for name, one in (("a", measured), ("b", other))
    ]
    assert found[0] == found[1]
    elsewhere = [measured[0], (replace(videos[1], **wrong), measured[1][1]), measured[2]]
    assert spot_fold(sought, fold, elsewhere, tmp_path / "c", "digest", 0, training) != found[0]


def test_an_interrupted_run_resumes_to_equal_bytes(long_folder, finished, tmp_path, monkeypatch):
    out, steps, searched = tmp_path / "run", [], search.spot_fold

    def stop_at_third(*arguments):
        steps.append(arguments[0])
        if len(steps) == 3:
            raise Interrupted("stopped", 15)
        return searched(*arguments)

    shutil.copytree(finished / "motion", tmp_path / "motion")
    monkeypatch.setattr(search, "spot_fold", stop_at_third)
    with pytest.raises(Interrupted):
        run(long_folder, out)
    assert not (out / "scores.json").exists() and len(list(out.rglob("recognised.json"))) == 2
    monkeypatch.setattr(search, "spot_fold", searched)
    with pytest.raises(ATMGCNError, match="holds a run already; add --resume"):
        run(long_folder, out)
    measured = (out / "motion").stat().st_mtime_ns
    monkeypatch.setattr(chain, "measure_video", None)  # nothing is measured again
    monkeypatch.setattr(training_run, "SerialExecutor", None)  # no classifier is trained again
    run(long_folder, out, resume=True)
    assert (out / "motion").stat().st_mtime_ns == measured
    assert content(out) == content(finished)


def begun(finished, out):
    """A run of which motion is measured and classifiers are trained."""
    shutil.copytree(finished, out, ignore=shutil.ignore_patterns("learnt*", "threshold*", "scores.json", "curves"))
    return out


def test_several_folds_at_a_time_give_equal_bytes(long_folder, finished, tmp_path):
    out = begun(finished, tmp_path / "run")
    run(long_folder, out, resume=True, executor=PoolExecutor(2))
    assert content(out) == content(finished)


def with_check(monkeypatch, check):
    """Let the search of folds call a function, instead of asking whether to stop."""
    real = chain.search_folds
    monkeypatch.setattr(search, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(chain, "search_folds", lambda *before: real(*before[:4], check, before[5]))


def test_a_request_to_stop_ends_the_processes(long_folder, finished, tmp_path, monkeypatch):
    out = begun(finished, tmp_path / "run")

    def stop():
        assert active_children()
        raise Interrupted("stopped", 15)

    with_check(monkeypatch, stop)
    with pytest.raises(Interrupted, match="stopped"):
        run(long_folder, out, resume=True, executor=PoolExecutor(2))
    assert not (out / "scores.json").exists() and active_children() == []
    monkeypatch.undo()
    run(long_folder, out, resume=True, executor=PoolExecutor(2))
    assert content(out) == content(finished)


def test_a_process_that_dies_is_named(long_folder, finished, tmp_path, monkeypatch):
    with_check(monkeypatch, lambda: [process.kill() for process in active_children()])
    with pytest.raises(ATMGCNError, match="a process that searched a fold ended; where memory ran out, lower --jobs"):
        run(long_folder, begun(finished, tmp_path / "run"), resume=True, executor=PoolExecutor(2))


def test_lost_and_damaged_parts_are_made_again(long_folder, finished, tmp_path):
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    parts = sorted(out.glob("threshold/*/spotted.json")), sorted(out.glob("threshold/*/recognised.json"))
    parts[0][0].write_text("{")
    parts[1][1].unlink()
    (out / "scores.json").unlink()
    with pytest.raises(ATMGCNError, match="the run is not finished"):
        read_results(out)
    run(long_folder, out, resume=True)
    assert content(out) == content(finished)


def test_action_units_are_refused():
    from tests.units import unit_config

    with pytest.raises(ATMGCNError, match=r"classifies by emotion, as the challenge does; leave --task out"):
        chain.check_protocol(unit_config())


def test_protocols_without_a_held_out_person_are_refused(long_store, tmp_path):
    from tests.runs import tiny_config

    config = tiny_config().merge({"train": {"protocol": {"kind": "all"}}})
    with pytest.raises(ATMGCNError, match="holds out every person once"):
        chain.spot_and_recognise(config, long_store, tmp_path / "run")
    assert not (tmp_path / "run").exists()
