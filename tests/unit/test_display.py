"""Text of others on one line, with nothing in it that could steer a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resque_core.display import one_line


@pytest.mark.parametrize("text", ["plain", "äöü – 日本語 😀", "a | b", r"C:\new", ""])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert one_line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb", r"a\r\nb"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x9b31m", r"\x9b31m"),
        ("\x00\x7f", r"\x00\x7f"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("\u200bx\ufeff", r"\u200bx\ufeff"),
        ("\u2028", r"\u2028"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_could_steer_a_terminal_is_written_as_an_escape(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text(st.characters()), st.integers(1, 50))
def test_any_text_becomes_one_printable_line_within_the_limit(text: str, limit: int) -> None:
    shown = one_line(text, limit)
    assert len(shown) <= limit
    assert shown.isprintable()
    shown.encode()


def test_a_text_that_just_fits_is_not_cut() -> None:
    assert one_line("x" * 10, 10) == "x" * 10
    assert one_line("x" * 11, 10) == "x" * 9 + "…"


def test_a_text_that_fits_only_before_escaping_is_cut() -> None:
    assert one_line("\n" * 10, 10) == r"\n\n\n\n\…"


def test_values_are_shown_as_text() -> None:
    assert one_line(ValueError("no\n")) == r"no\n"
    assert one_line(5) == "5"


def test_a_value_that_cannot_be_shown_is_named_by_its_type() -> None:
    class Broken:
        def __str__(self) -> str:
            raise ValueError("broken")

    assert one_line(Broken()) == "<Broken that cannot be shown>"
