"""Words are found wherever they stand in a text."""

import pytest

from ajour.sql.mentioned import _PART, mentioned


@pytest.mark.parametrize("at", [0, 1, _PART - 7, _PART - 1, _PART, 3 * _PART - 4])
def test_a_word_is_found_wherever_it_stands(at: int) -> None:
    """The parts that are looked through overlap: no word is lost between two of them."""
    text = "é" * at + "DisCard ALL" + "x" * 10
    assert mentioned(text, "deallocate", "discard")
    assert not mentioned(text, "deallocate")


def test_an_empty_text_mentions_nothing() -> None:
    """Nothing is found in nothing."""
    assert not mentioned("", "discard")
