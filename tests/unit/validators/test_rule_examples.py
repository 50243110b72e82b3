from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_examples import EXAMPLES, Example, Given

from validators.books import check_books
from validators.case import Case, Certainty, FieldValue
from validators.places import Gazetteer, load_gazetteer
from validators.repeats import check_repeats
from validators.rules import RULES, check_case
from validators.verdict import Finding, Severity


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


def cases_of(shown: Given) -> tuple[Case, ...]:
    return (shown,) if isinstance(shown, Case) else shown.cases


def findings(shown: Given, gazetteer: Gazetteer) -> list[Finding]:
    example = Example(cases_of(shown), () if isinstance(shown, Case) else shown.plans)
    cases = {str(n): case for n, case in enumerate(example.cases)}
    together = (check_books(cases, example.plans), check_repeats(cases))
    return [
        *(f for case in example.cases for f in check_case(case, gazetteer)),
        *(f for part in together for found in part.values() for f in found),
    ]


def names(found: Finding, code: str) -> bool:
    return found.code.startswith(code) if code.endswith(":") else found.code == code


def doubtful(shown: Given) -> Example:
    example = Example(cases_of(shown), () if isinstance(shown, Case) else shown.plans)

    def unsure(case: Case) -> Case:
        states = {Certainty.SURE: Certainty.DOUBTFUL, Certainty.EMPTY: Certainty.DOUBTFUL}
        fields = {
            k: replace(f, certainty=states.get(f.certainty, f.certainty)) for k, f in case.fields.items()
        }
        return replace(case, fields=fields)

    return replace(example, cases=tuple(unsure(case) for case in example.cases))


def test_every_rule_has_a_case_that_makes_it_speak_and_one_that_keeps_it_silent():
    assert {(rule.code, rule.severity) for rule in RULES} == set(EXAMPLES)


@pytest.mark.parametrize("rule", EXAMPLES, ids=lambda rule: f"{rule[0]}{rule[1]}")
def test_a_rule_speaks_where_it_should_and_keeps_silent_where_it_should(rule, gazetteer):
    code, severity = rule
    fires, silent = EXAMPLES[rule]
    assert any(names(f, code) and f.severity is severity for f in findings(fires, gazetteer))
    assert not any(names(f, code) for f in findings(silent, gazetteer))


@pytest.mark.parametrize("rule", EXAMPLES, ids=lambda rule: f"{rule[0]}{rule[1]}")
def test_no_rule_blocks_on_a_poor_reading(rule, gazetteer):
    fires, _ = EXAMPLES[rule]
    assert {f.severity for f in findings(doubtful(fires), gazetteer)} <= {Severity.WARNS}


HOSTILE = st.text(alphabet="0123456789/.-– abtĐ²٣\u0000\n(){}\u1ea1", max_size=16)
KEYS = sorted(
    {key for pair in EXAMPLES.values() for shown in pair for c in cases_of(shown) for key in c.fields}
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(("KS", "KH", "KT", "CMC", "HN", "GKS", "GCN")),
    st.sampled_from(("", "1976-1998", "2016+", "truoc-2004", "?")),
    st.lists(
        st.dictionaries(st.sampled_from(KEYS), st.tuples(HOSTILE, HOSTILE, st.sampled_from(Certainty))),
        min_size=1,
        max_size=3,
    ),
)
def test_no_text_whatever_makes_a_rule_fail(form, era, pages):
    cases = tuple(Case(form, era, {k: FieldValue(*v) for k, v in fields.items()}) for fields in pages)
    assert all(f.code and f.message for f in findings(Example(cases), load_gazetteer()))
