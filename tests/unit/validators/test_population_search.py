import random
from dataclasses import replace

import pytest

from validators.case import Certainty
from validators.errors import LinkageUnavailableError
from validators.population import PopulationRegister, Query, RegisterRow
from validators.population.agreement import (
    NameDifference,
    NameReading,
    Person,
    birth_hint,
    difference,
    same_spelling,
)
from validators.population.batch import Linkage, link
from validators.population.check import rank
from validators.population.row import commune_of

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ")
MIDDLES = {"1": ("Văn", "Đức", "Quốc"), "2": ("Thị", "Ngọc", "Kim")}
GIVEN = {
    "1": "Hùng Sơn Long Nam Bình Thành Phúc Quang Thắng Tâm".split(),
    "2": "Hoa Lan Mai Hồng Hương Thảo Linh Trang Nga Yến".split(),
}


def families(count: int, seed: int) -> list[RegisterRow]:
    """Father, mother and two children each; every tenth pair of children are twins."""
    dice = random.Random(seed)
    rows: list[RegisterRow] = []

    def person(sex: str, family: str, birth: str, home: str, kin: tuple[str, str]) -> RegisterRow:
        name = f"{family} {dice.choice(MIDDLES[sex])} {dice.choice(GIVEN[sex])}"
        return RegisterRow(f"{64_000_000_000 + len(rows):012d}", "", name, birth, sex, "", "", home, *kin)

    def day(year: int) -> str:
        return f"{year}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"

    for at in range(count):
        home = f"thôn {at % 9 + 1}, xã Ia {GIVEN['2'][at % 10]}, huyện Chư Sê, tỉnh Gia Lai"
        year = dice.randint(1940, 1990)
        father = person("1", dice.choice(FAMILIES), day(year), home, ("", ""))
        rows.append(father)
        mother = person("2", dice.choice(FAMILIES), day(year + 2), home, ("", ""))
        rows.append(mother)
        births = [day(year + 25), day(year + 28)]
        if at % 10 == 0:
            births[1] = births[0]
        for birth in births:
            kin = (father.hoTen, mother.hoTen)
            rows.append(person(dice.choice("12"), father.hoTen.split()[0], birth, home, kin))
    return rows


ROWS = families(1500, 4)
REGISTER = PopulationRegister(ROWS)


def asked(query: Query) -> list[str]:
    readings = [NameReading(n, Certainty.DOUBTFUL, 0.5) for n in (query.name, query.father, query.mother)]
    person = Person(query, readings[0], *[Certainty.DOUBTFUL] * 3, readings[1], readings[2])
    return [found.row.soDinhDanh for found in rank(person, REGISTER)]


def children() -> list[RegisterRow]:
    return [r for r in ROWS if r.hoTenMe]


def test_rows_come_back_as_they_went_in():
    assert [REGISTER.columns[i] for i in range(len(ROWS))] == ROWS
    partial = replace(ROWS[0], ngaySinh="1980", soDinhDanh="", soCMND="012345678", gioiTinh="")
    assert PopulationRegister([partial]).columns[0] == partial


def test_an_empty_register_answers_too():
    assert PopulationRegister([]).search(Query("Nguyễn Văn An", "1980")) == ()
    assert PopulationRegister([]).nbytes >= 0


def test_people_without_anything_but_a_name_are_found_by_it():
    bare = RegisterRow("", "", "Nguyễn Văn An", "", "", "", "", "", "", "")
    assert PopulationRegister([bare, *ROWS[:5]]).search(Query("NGUYỄN VĂN AN"))[0] == bare


def test_namesakes_are_told_apart_by_their_mother_and_by_where_they_live():
    for row in children()[:200]:
        year = row.ngaySinh[:4]
        found = asked(Query(row.hoTen, year, mother=row.hoTenMe, father=row.hoTenCha))
        assert found[0] == row.soDinhDanh


def test_twins_are_told_apart_by_their_names():
    by_kin: dict[tuple[str, str, str], list[RegisterRow]] = {}
    for row in children():
        by_kin.setdefault((row.hoTenCha, row.hoTenMe, row.ngaySinh), []).append(row)
    twins = [pair for pair in by_kin.values() if len(pair) == 2 and pair[0].hoTen != pair[1].hoTen]
    assert len(twins) > 50
    for row in (r for pair in twins for r in pair):
        query = Query(row.hoTen, row.ngaySinh, father=row.hoTenCha, mother=row.hoTenMe)
        assert asked(query)[0] == row.soDinhDanh


@pytest.mark.parametrize("lost", ["year", "day", "given name", "commune", "mother"])
def test_one_field_read_wrong_does_not_hide_a_person(lost):
    for row in children()[:100]:
        birth, name, mother = row.ngaySinh, row.hoTen, row.hoTenMe
        communes: tuple[str, ...] = (row.noiThuongTru.split(", xã ")[1].split(",")[0].lower(),)
        if lost == "year":
            birth = f"{int(birth[:4]) + 10}{birth[4:]}"
        elif lost == "day":
            birth = birth[:8] + f"{int(birth[8:]) % 28 + 1:02d}"
        elif lost == "given name":
            name = " ".join([*name.split()[:-1], "Xxx"])
        elif lost == "commune":
            communes = ("khac xa",)
        else:
            mother = "Đặng Thị Xx"
        assert row.soDinhDanh in asked(Query(name, birth, mother=mother, communes=communes))[:2]


def test_the_points_of_a_score_are_told_per_column():
    row = children()[0]
    query = Query(row.hoTen, row.ngaySinh, "2" if row.gioiTinh == "1" else "1", mother="Đặng Thị Út")
    reading = NameReading(row.hoTen, Certainty.SURE)
    person = Person(query, reading, *[Certainty.SURE] * 3, NameReading(), NameReading(query.mother))
    best = rank(person, REGISTER)[0]
    told = {part.column: part for part in best.parts}
    assert set(told) == {"hoTen", "ngaySinh", "gioiTinh", "hoTenMe"}
    assert told["hoTen"].points == told["hoTen"].best
    assert (told["ngaySinh"].paper, told["ngaySinh"].register) == (row.ngaySinh, row.ngaySinh)
    assert told["gioiTinh"].points < 0
    assert told["hoTenMe"].points < told["hoTenMe"].best
    points, best_points = sum(p.points for p in best.parts), sum(p.best for p in best.parts)
    assert best.score == pytest.approx(points / best_points)


def test_letters_of_highland_languages_may_be_written_without_their_marks():
    assert same_spelling("Y Dhă Ayŭn", "Y Dhă Ayun")
    assert same_spelling("H'Djŭ Niê", "H'Djũ Niê")
    assert not same_spelling("Vũ Thị Hoa", "Vu Thị Hoa")


@pytest.mark.parametrize(
    ("read", "confidence", "others", "register", "told"),
    [
        ("Nguyễn Thị Yên", 0.8, ("Nguyễn Thị Yến",), "Nguyễn Thị Yến", NameDifference.MISREAD),
        ("Nguyễn Thị Yên", 0.99, ("Nguyễn Thị Yến",), "Nguyễn Thị Yến", NameDifference.OTHER),
        ("Nguyễn Thị Yên", 0.8, (), "Nguyễn Thị Yến", NameDifference.OTHER),
        ("Nguyễn Văn", 0.7, (), "Nguyễn Văn Sơn", NameDifference.MISREAD),
        ("Nguyễn Văn Sơn 1", 0.7, (), "Nguyễn Văn Sơn", NameDifference.MISREAD),
        ("BÙI THỊ NGỌC GIA", 0.6, (), "Bùi Thị Ngọc Giang", NameDifference.MISREAD),
        ("Anh", 0.6, (), "Nguyễn Thị Nhi", NameDifference.MISREAD),
        ("nguyễn văn sơn", 0.7, (), "Nguyễn Văn Sơn", NameDifference.NONE),
    ],
)
def test_a_reading_is_another_name_unless_the_ways_readers_fail_explain_it(
    read, confidence, others, register, told
):
    assert difference(NameReading(read, Certainty.SURE, confidence, others), register) is told


def test_a_word_that_nobody_is_called_is_a_poor_reading():
    strange = NameReading("Nguyyễn Văn Sơn", Certainty.SURE, 0.8, strange=frozenset({"nguyyễn"}))
    assert difference(strange, "Nguyễn Văn Sơn") is NameDifference.MISREAD


def test_another_whole_word_is_another_name_however_poor_the_reading():
    poor = NameReading("Nguyễn Thị Mỹ Liễu", Certainty.DOUBTFUL, 0.4)
    assert difference(poor, "Nguyễn Thị Xuân Liễu") is NameDifference.OTHER
    assert (
        difference(replace(poor, text="Nguyễn Thi My Liễu"), "Nguyễn Thị Mỹ Liễu") is NameDifference.MISREAD
    )


@pytest.mark.parametrize(
    ("digits", "birth", "told"),
    [
        ("193", "1963-08-16", True),
        ("193", "1975-08-16", False),
        ("2361", "1980-06-23", True),
        ("2101197", "1975-01-21", True),
        ("976", "1976-02-24", True),
        ("7", "1976-02-24", None),
        ("193", "", None),
    ],
)
def test_digits_that_could_be_read_fit_a_date_or_do_not(digits, birth, told):
    assert birth_hint(digits, birth) is told


def misspelt(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text))
    return text[:at] + dice.choice("aeinort") + text[at + 1 :] if dice.random() < 0.3 else text


def test_a_whole_register_is_linked_with_weights_told_per_field():
    dice = random.Random(2)
    sample = dice.sample(range(len(ROWS)), 400)
    queries = {
        f"q{at}": Query(
            misspelt(ROWS[at].hoTen, dice),
            ROWS[at].ngaySinh,
            ROWS[at].gioiTinh,
            mother=ROWS[at].hoTenMe,
            communes=(ROWS[at].noiThuongTru.split(", xã ")[1].split(",")[0].lower(),),
        )
        for at in sample
    } | {"stranger": Query("Tạ Đình Không", "1931-02-03", "1", mother="Lò Thị Vắng", communes=("noi khac",))}
    found = link(queries, ROWS)
    best_rows = {p.person: p.row for p in (*reversed(found.uncertain), *found.certain)}
    assert sum(best_rows.get(f"q{at}") == at for at in sample) >= 0.97 * len(sample)
    assert len(found.certain) >= 0.8 * len(sample)
    assert all(pair.person == f"q{pair.row}" for pair in found.certain)
    assert "stranger" in found.unlinked
    assert {p.person for p in found.certain}.isdisjoint(p.person for p in found.uncertain)
    best = found.certain[0]
    assert {f.column for f in best.fields} >= {"hoTen", "ngaySinh", "noiThuongTru"}
    assert best.probability > 0.99
    assert max(f.bits for f in best.fields) > 3


def without_error(at: int) -> Query:
    row = ROWS[at]
    return Query(
        row.hoTen,
        row.ngaySinh,
        row.gioiTinh,
        father=row.hoTenCha,
        mother=row.hoTenMe,
        communes=(commune_of(row.noiThuongTru),),
    )


def test_few_persons_and_papers_without_any_error_are_linked_as_well():
    for number in (1, 3, 300):
        found = link({f"q{at}": without_error(at) for at in range(number)}, ROWS)
        best_rows = {p.person: p.row for p in (*reversed(found.uncertain), *found.certain)}
        assert best_rows == {f"q{at}": at for at in range(number)}


def test_nobody_is_linked_where_there_is_nobody():
    assert link({}, ROWS) == Linkage((), (), ())
    assert link({"q": without_error(0)}, []) == Linkage((), (), ("q",))
    stranger = Query("Tạ Đình Không", "1931-02-03", "1")
    assert link({"q": stranger}, ROWS).unlinked == ("q",)


def test_linking_without_the_optional_packages_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(LinkageUnavailableError, match=r"sohoa\[linkage\]"):
        link({}, [])
