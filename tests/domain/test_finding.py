from bot.domain.finding import Finding, Level


def test_a_finding_is_one_line_and_its_columns_stand_below_each_other() -> None:
    lines = [str(Finding(level, "scopes", "all there")) for level in Level]

    assert {line.index("scopes: all there") for line in lines} == {13}
    assert [line[:11].rstrip() for line in lines] == ["ok", "not checked", "warning", "wrong"]
