"""What docs/adding-a-provider.md quotes is what stands in the files that it names."""

import re

from tests.markdown_pages import ROOT

PAGE = (ROOT / "docs" / "adding-a-provider.md").read_text(encoding="utf-8")
_QUOTED = re.compile(r"^`([\w/.]+)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_quotation_stands_in_its_file_word_for_word() -> None:
    quoted = _QUOTED.findall(PAGE)

    assert len(quoted) >= 10
    assert [
        file for file, code in quoted if code not in (ROOT / file).read_text(encoding="utf-8")
    ] == []


def test_every_block_says_where_it_is_from() -> None:
    assert PAGE.count("```python\n") == PAGE.count("```") / 2 == len(_QUOTED.findall(PAGE))


def test_every_file_of_the_example_is_named() -> None:
    files = (ROOT / "tests" / "third_provider").glob("imaginary*.py")

    assert [each.name for each in files if f"tests/third_provider/{each.name}" not in PAGE] == []


def test_every_error_that_is_named_exists() -> None:
    errors = (ROOT / "bot" / "domain" / "errors.py").read_text(encoding="utf-8")
    named = re.findall(r"`(AnswerLost|ChargedWithoutNumber|NothingSpent|Provider[A-Z]\w+)`", PAGE)

    assert set(named) >= {"AnswerLost", "ChargedWithoutNumber", "NothingSpent", "ProviderUnclear"}
    assert [each for each in named if f"class {each}(" not in errors] == []
