"""The benchmark of spotting: planted and found movements are counted as the challenge does."""

from atm_gcn.synth.lively import Liveliness
from atm_gcn.synth.long_video import Planted
from benchmarks.method.spotting import Count, add_counts, measure


def test_each_planted_movement_is_found_once():
    count = Count(minutes=1.0)
    planted = [Planted(10, 14, 19, "a"), Planted(50, 54, 59, "b")]
    add_counts(count, [(10, 19, "a"), (11, 20, "a"), (50, 59, "a")], planted)
    assert (count.planted, count.found, count.hits, count.right) == (2, 3, 2, 1)
    assert count.row()["f1"] == 4 / 5 and count.row()["false_alarms_per_minute"] == 1


def test_quiet_and_lively_people_are_searched():
    for lively in (None, Liveliness(macros=0.0, talk=0.6)):
        count = measure(1, 0.1, 5, ".mp4", "1.5 to 3 px", None, lively)
        assert count.planted == 1 and count.minutes == 0.1 and count.seconds > 0
