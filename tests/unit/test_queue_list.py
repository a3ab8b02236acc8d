"""Ruby's queue lists: order, globs, negations (spec §3)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resque_core.errors import NoQueueError
from resque_core.glob import Glob
from resque_core.queue_list import QueueList

KNOWN = ["a", "critical", "é", "low", "b10", "b1", "B2", ".hidden", "mail/out"]


def test_a_plain_list_is_taken_as_it_stands_known_or_not() -> None:
    queues = QueueList(["mail", "unknown", "mail"])
    assert not queues.dynamic
    assert queues.resolve(["a"]) == ["mail", "unknown"]


def test_a_text_is_split_at_commas_and_stripped() -> None:
    assert QueueList(" critical , *,, !low ").patterns == ("critical", "*", "!low")
    assert QueueList("a,b").patterns == ("a", "b")


def test_patterns_of_a_sequence_are_stripped_but_not_split() -> None:
    assert QueueList([" a ", "made,elsewhere", ""]).patterns == ("a", "made,elsewhere")


@pytest.mark.parametrize("patterns", ["", " , ", "!low", "!a,!b", []])
def test_a_list_that_names_no_queue_is_refused(patterns: str | list[str]) -> None:
    with pytest.raises(NoQueueError, match=r"Please give each worker at least one queue\."):
        QueueList(patterns)


@pytest.mark.parametrize("pattern", ["*", "a?", "[ab]", "{a}", "a,!b"])
def test_a_glob_or_a_negation_makes_the_list_dynamic(pattern: str) -> None:
    assert QueueList(pattern).dynamic


def test_a_star_serves_all_known_queues_in_the_order_of_their_bytes() -> None:
    assert QueueList("*").resolve(KNOWN) == ["B2", "a", "b1", "b10", "critical", "low", "mail/out", "é"]


def test_what_is_named_before_a_star_comes_first() -> None:
    assert QueueList("low,*").resolve(["a", "b", "low"]) == ["low", "a", "b"]


def test_what_is_named_after_a_star_has_its_place_already() -> None:
    assert QueueList("*,low").resolve(["a", "low", "z"]) == ["a", "low", "z"]


def test_a_plain_name_in_a_dynamic_list_is_served_only_once_it_is_known() -> None:
    queues = QueueList("critical,*")
    assert queues.resolve(["a"]) == ["a"]
    assert queues.resolve(["a", "critical"]) == ["critical", "a"]


def test_a_negation_applies_wherever_it_stands() -> None:
    assert QueueList("!low,*").resolve(["a", "low"]) == QueueList("*,!low").resolve(["a", "low"]) == ["a"]
    assert QueueList("a,low,!l*").resolve(["a", "low"]) == ["a"]


def test_the_answer_is_the_callers_to_change() -> None:
    queues = QueueList("*")
    queues.resolve(["a"]).clear()
    assert queues.resolve(["a"]) == ["a"]


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("*", "", True),
        ("*", "a/b", True),
        ("a*c", "abbc", True),
        ("a*c", "abbd", False),
        ("**", "x", True),
        ("a*b*c", "aXbYbZc", True),
        ("?", "é", True),
        ("?", "", False),
        ("??", "a", False),
        ("a", "A", False),
        ("[ab]x", "bx", True),
        ("[ab]x", "cx", False),
        ("[a-c]", "b", True),
        ("[a-c]", "d", False),
        ("[!a]", "b", True),
        ("[!a]", "a", False),
        ("[^a]", "b", True),
        ("[^a]", "a", False),
        ("[^a-c]", "b", False),
        ("[a-]", "-", True),
        ("[z-a]", "m", False),
        ("[z-a]", "z", True),
        (r"[\]]", "]", True),
        (r"[a\-c]", "b", False),
        ("[]", "x", False),
        ("[!]", "x", True),
        ("[a", "[a", False),
        ("[a", "a", False),
        (r"\*", "*", True),
        (r"\*", "x", False),
        (r"a\b", "ab", True),
        ("a\\", "a\\", True),
        ("{a,b}", "a", False),
        ("{a,b}", "{a,b}", True),
        ("*", ".x", False),
        ("?x", ".x", False),
        ("[.]x", ".x", False),
        (".*", ".x", True),
        (r"\.x", ".x", True),
        ("a*", "a.x", True),
        ("*x", "a.x", True),
    ],
)
def test_patterns_match_as_rubys_fnmatch_does(pattern: str, name: str, fits: bool) -> None:
    assert Glob(pattern).matches(name) is fits


def test_no_pattern_can_keep_a_worker_busy() -> None:
    started = time.perf_counter()
    assert not Glob("*a" * 50 + "b").matches("a" * 5000)
    assert time.perf_counter() - started < 60


@given(st.text("ab*?[]!^-\\.", max_size=12), st.text("ab.-]", max_size=8))
def test_any_pattern_can_be_read_and_asked(pattern: str, name: str) -> None:
    assert Glob(pattern).matches(name) in (True, False)


@given(st.text(min_size=1))
def test_a_name_with_every_character_escaped_matches_itself_only(name: str) -> None:
    glob = Glob("".join(f"\\{char}" for char in name))
    assert glob.matches(name)
    assert not glob.matches(f"{name}x")


def test_a_pattern_of_many_stars_is_matched_without_going_back() -> None:
    """Going back at each star would take longer than the world is old."""
    assert QueueList("*a" * 40).resolve(["a" * 200 + "b"]) == []
