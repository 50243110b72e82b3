from hypothesis import given
from hypothesis import strategies as st

from validators.letters import fold, tidy


@given(st.text(max_size=60))
def test_folding_and_tidying_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)
    assert fold(fold(text)) == fold(text)
