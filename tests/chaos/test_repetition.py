"""Which repetitions of a job the storm excuses, and which it calls a breach of the promise."""

from storm.evidence import Run
from storm.repetition import Faults, faults_of, unexplained

SOUND, OTHER, HIT = 10, 11, 12


def test_two_runs_under_keepers_that_nobody_had_hit_are_a_breach() -> None:
    runs = [Run(1.0, SOUND), Run(2.0, OTHER)]
    assert unexplained(runs, Faults({}, [])) == runs
    assert unexplained([Run(1.0, SOUND), Run(1.1, SOUND)], Faults({}, [])) != []
    assert unexplained(runs[:1], Faults({}, [])) == []


def test_a_job_runs_again_after_its_keeper_was_hit_but_not_because_that_was_hit_later() -> None:
    runs = [Run(1.0, HIT), Run(3.0, SOUND)]
    assert unexplained(runs, Faults({HIT: 1.5}, [])) == []
    assert unexplained(runs, Faults({HIT: 3.5}, [])) == runs


def test_a_frozen_keeper_may_begin_its_job_after_another_has_run_it() -> None:
    assert unexplained([Run(3.0, SOUND), Run(3.1, HIT)], Faults({HIT: 1.0}, [])) == []


def test_a_hit_keeper_between_two_sound_ones_excuses_one_run_and_not_two() -> None:
    runs = [Run(1.0, SOUND), Run(2.0, HIT), Run(3.0, OTHER)]
    assert unexplained(runs, Faults({HIT: 0.5}, [])) == [runs[0], runs[2]]


def test_a_fault_of_the_store_excuses_what_ran_or_was_on_its_way_then() -> None:
    runs = [Run(5.0, SOUND), Run(9.0, OTHER)]
    assert unexplained(runs, Faults({}, [4.5])) == []
    assert unexplained(runs, Faults({}, [7.0])) == []
    assert unexplained(runs, Faults({}, [3.0, 9.5])) == runs


def test_of_several_hits_the_first_counts_and_a_late_keeper_may_have_been_late_at_any_time() -> None:
    faults = faults_of([{HIT: 4.0}, {HIT: 2.0}], {OTHER}, [])
    assert faults.keepers[HIT] == 2.0
    assert unexplained([Run(1.0, OTHER), Run(1.1, SOUND)], faults) == []
