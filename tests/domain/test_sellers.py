from bot.domain import sellers


def test_a_seller_is_known_by_its_name_and_by_its_title_in_any_case() -> None:
    for named in ("sendblue", "Sendblue", "SENDBLUE"):
        assert sellers.of(named).title == "Sendblue"
    assert {each.name for each in sellers.SELLERS.values()} == set(sellers.SELLERS)


def test_a_seller_of_another_version_is_shown_by_the_name_on_record() -> None:
    found = sellers.of("somebody")

    assert (found.title, found.sells, found.has_credits) == ("somebody", "number", False)


def test_a_command_buys_from_the_first_one_behind_it_that_is_set_up() -> None:
    assert sellers.behind("/number", ["sendblue", "magpipe"]) == "magpipe"
    assert sellers.behind("/line", ["magpipe", "sendblue"]) == "sendblue"


def test_a_command_without_anybody_set_up_names_who_could_be() -> None:
    assert sellers.behind("/number", ["sendblue"]) == "magpipe"
    assert sellers.behind("/line") == "sendblue"


def test_an_unknown_command_is_the_first_one() -> None:
    assert sellers.behind("/line-staging", ["magpipe"]) == "sendblue"
