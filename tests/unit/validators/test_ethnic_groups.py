from validators.ethnic_groups import ethnic_groups, find_ethnic_group


def test_all_54_groups_have_one_code_in_either_list_and_find_themselves():
    groups = ethnic_groups()
    assert len(groups) == 54
    assert (
        {g.code_1979 for g in groups} == {g.code_2008 for g in groups} == {f"{n:02d}" for n in range(1, 55)}
    )
    assert all(find_ethnic_group(g.name) == (g, True) for g in groups)


def test_group_codes_mean_something_only_with_their_list():
    by_name = {g.name: g for g in ethnic_groups()}
    assert (by_name["Hoa"].code_1979, by_name["Hoa"].code_2008) == ("04", "06")
    assert (by_name["Ê-đê"].code_1979, by_name["Ê-đê"].code_2008) == ("12", "11")
