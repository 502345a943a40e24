import os
from decimal import Decimal
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from bot.domain.approval import Roster
from bot.domain.price import Price
from bot.settings import BadSettings, Settings, load

EXAMPLE = Path(__file__).parents[1] / ".env.example"
NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-1-secret",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "APPROVERS": "U012ABC",
}


def read(**variables: str) -> Settings:
    return load({**NEEDED, **variables}, env_file=None)


def complaint(**variables: str) -> str:
    with pytest.raises(BadSettings) as refused:
        read(**variables)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    said = str(refused.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


def test_three_variables_are_enough() -> None:
    settings = read()

    assert settings.slack_bot_token.get_secret_value() == "xoxb-1-secret"
    assert settings.approvers == Roster(users=frozenset({"U012ABC"}))
    assert settings.requesters is None
    assert settings.slack_api_url == "https://slack.com/api/"
    assert (settings.host, settings.port) == ("0.0.0.0", 3000)  # noqa: S104 - the default
    assert settings.database_url.get_secret_value() == "sqlite:///dialtone.db"
    assert settings.sendblue_line_price == Price.parse("100.00 USD")
    assert settings.magpipe_number_price == Price.parse("2.00 USD")
    assert settings.number_preview_minutes == 10
    assert settings.limit_alert_at == (Decimal("0.8"), Decimal("1.0"))
    assert settings.limit_check_minutes == 5
    assert settings.self_approval is False
    assert settings.sendblue_api_key_id is settings.magpipe_api_token is None
    assert settings.approval_channel is settings.alert_channel is None
    assert settings.policy_file is None
    assert (settings.log_level, settings.log_format) == ("INFO", "json")
    assert settings.is_sqlite
    assert not settings.is_socket_mode


def test_an_app_token_means_socket_mode_and_needs_no_signing_secret() -> None:
    settings = read(SLACK_APP_TOKEN="xapp-1", SLACK_SIGNING_SECRET="")

    assert settings.is_socket_mode


def test_lists_may_have_spaces_duplicates_and_groups() -> None:
    settings = read(APPROVERS=" U012ABC, W999 ,S0GROUP,,U012ABC ", REQUESTERS="S0TEAM")

    assert settings.approvers.users == {"U012ABC", "W999"}
    assert settings.approvers.groups == {"S0GROUP"}
    assert settings.requesters == Roster(groups=frozenset({"S0TEAM"}))


def test_every_value_is_read_as_its_type() -> None:
    settings = read(
        SLACK_API_URL="http://127.0.0.1:4000/api",
        PORT="0",
        SENDBLUE_LINE_PRICE="95.5 CAD",
        SENDBLUE_API_URL="https://proxy.example.com/sendblue/",
        NUMBER_PREVIEW_MINUTES="15",
        CONFIRMS_AT_ONCE="1",
        LIMIT_CHECK_MINUTES="0.05",
        LIMIT_ALERT_AT="1, .5,0.80, 0.8",
        SELF_APPROVAL="TRUE",
        POLICY_FILE=" rules/policy.toml",
        APPROVAL_CHANNEL="C012",
        ALERT_CHANNEL="G012",
        LOG_LEVEL="debug",
        LOG_FORMAT="TEXT",
    )

    assert settings.slack_api_url == "http://127.0.0.1:4000/api/"
    assert settings.port == 0
    assert settings.sendblue_line_price == Price.parse("95.50 CAD")
    assert settings.sendblue_api_url == "https://proxy.example.com/sendblue"
    assert settings.number_preview_minutes == 15
    assert settings.confirms_at_once == 1
    assert settings.limit_check_minutes == 0.05
    assert settings.limit_alert_at == (Decimal("0.5"), Decimal("0.8"), Decimal(1))
    assert settings.self_approval is True
    assert settings.policy_file == Path("rules/policy.toml")
    assert (settings.approval_channel, settings.alert_channel) == ("C012", "G012")
    assert (settings.log_level, settings.log_format) == ("DEBUG", "text")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "POSTGRES"])
def test_every_postgresql_address_uses_psycopg_and_keeps_its_query(scheme: str) -> None:
    settings = read(DATABASE_URL=f"{scheme}://u:p%40ss@db.example:5432/d?sslmode=require")

    url = settings.database_url.get_secret_value()
    assert url == "postgresql+psycopg://u:p%40ss@db.example:5432/d?sslmode=require"
    assert not settings.is_sqlite
    assert {"p%40ss", "p@ss"} <= set(settings.secret_values())


def test_an_absolute_sqlite_file_is_kept_as_it_is() -> None:
    url = read(DATABASE_URL="sqlite:////var/lib/dialtone.db").database_url

    assert url.get_secret_value() == "sqlite:////var/lib/dialtone.db"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("SLACK_BOT_TOKEN", "", "is not set (bot token"),
        ("SLACK_BOT_TOKEN", "xoxp-wrong-kind", "wants a bot token"),
        ("SLACK_BOT_TOKEN", "xoxb-cut off", "wants a bot token"),
        ("SLACK_SIGNING_SECRET", "  ", "is not set; it is needed unless SLACK_APP_TOKEN"),
        ("SLACK_SIGNING_SECRET", "wrong kind", "without spaces"),
        ("SLACK_APP_TOKEN", "xoxb-wrong-kind", "starts with xapp-"),
        ("SLACK_API_URL", "slack.com/api", "wants an address such as https://"),
        ("SENDBLUE_API_URL", "ftp://wrong-kind", "wants an address"),
        ("SENDBLUE_API_URL", "https://user:wrong-kind@host", "wants an address"),
        ("MAGPIPE_API_URL", "https://host:wrong-kind", "wants an address"),
        ("MAGPIPE_API_URL", "https://host/?key=wrong-kind", "wants an address"),
        ("MAGPIPE_API_URL", "https://[wrong-kind", "wants an address"),
        ("MAGPIPE_API_TOKEN", "wrong kind", "without spaces"),
        ("PORT", "65536", "from 0 to 65535"),
        ("PORT", "http", "from 0 to 65535"),
        ("SENDBLUE_API_KEY_ID", "wrong-kind", "SENDBLUE_API_SECRET_KEY is not set"),
        ("SENDBLUE_API_SECRET_KEY", "wrong-kind", "SENDBLUE_API_KEY_ID is not set"),
        ("SENDBLUE_LINE_PRICE", "$100", "wants a price such as 100.00 USD"),
        ("MAGPIPE_NUMBER_PRICE", "-2 USD", "wants a price such as 100.00 USD"),
        ("NUMBER_PREVIEW_MINUTES", "0", "wants a whole number from 1"),
        ("NUMBER_PREVIEW_MINUTES", "1.5", "wants a whole number from 1"),
        ("CONFIRMS_AT_ONCE", "0", "wants a whole number from 1"),
        ("LIMIT_CHECK_MINUTES", "0", "wants a number above 0"),
        ("LIMIT_CHECK_MINUTES", "nan", "wants a number above 0"),
        ("LIMIT_CHECK_MINUTES", "inf", "wants a number above 0"),
        ("LIMIT_ALERT_AT", "80%", "above 0 and up to 1"),
        ("LIMIT_ALERT_AT", "0.8,1.1", "above 0 and up to 1"),
        ("LIMIT_ALERT_AT", "0", "above 0 and up to 1"),
        ("LIMIT_ALERT_AT", ",", "above 0 and up to 1"),
        ("APPROVERS", "", "is not set (who may approve"),
        ("APPROVERS", ",", "it names nobody"),
        ("APPROVERS", "U012ABC,@morgan", "'@morgan' is not a Slack user id"),
        ("APPROVERS", "xoxb-long-wrong-kind", "'xoxb…' is not a Slack user id"),
        ("REQUESTERS", "C012345", "'C012345' is not a Slack user id"),
        ("SELF_APPROVAL", "maybe", "wants true or false"),
        ("APPROVAL_CHANNEL", "#ops", "wants a channel's id"),
        ("ALERT_CHANNEL", "U012ABC", "wants a channel's id"),
        ("LOG_LEVEL", "LOUD", "wants DEBUG, INFO"),
        ("LOG_FORMAT", "xml", "wants json or text"),
        ("DATABASE_URL", "mysql://root:wrong-kind@host/db", "not mysql://"),
        ("DATABASE_URL", "root:wrong-kind@host/db", "wants sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "wrong-kind://", "wants sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "postgres://", "wants sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "sqlite://dialtone.db", "wants sqlite:///FILE"),
        ("DATABASE_URL", "sqlite://", "wants sqlite:///FILE"),
        ("DATABASE_URL", "sqlite:///", "wants a file after sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:", "wants a file after sqlite:///"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_never_repeated(
    name: str, value: str, wanted: str
) -> None:
    said = complaint(**{name: value})

    assert name in said
    assert wanted in said
    assert "wrong" not in said
    assert "Traceback" not in said
    assert "pydantic" not in said


def test_several_problems_are_told_in_one_sentence() -> None:
    said = complaint(SLACK_BOT_TOKEN="", APPROVERS="", PORT="x")

    assert said.count("; ") == 2
    assert all(name in said for name in ("SLACK_BOT_TOKEN", "APPROVERS", "PORT"))


def test_sqlite_refuses_to_start_on_a_disk_that_vanishes() -> None:
    assert complaint(DYNO="web.1").startswith("DATABASE_URL wants postgresql://")
    assert read(DYNO="web.1", DATABASE_URL="postgres://u:p@h/d")
    assert read(DYNO="")


def test_no_secret_is_in_the_repr_and_all_are_listed_for_the_log() -> None:
    secrets = {
        "SLACK_BOT_TOKEN": "xoxb-shh-1",
        "SLACK_SIGNING_SECRET": "shh-2",
        "SLACK_APP_TOKEN": "xapp-shh-3",
        "SENDBLUE_API_KEY_ID": "shh-4",
        "SENDBLUE_API_SECRET_KEY": "shh-5",
        "MAGPIPE_API_TOKEN": "shh-6",
    }
    settings = read(**secrets, DATABASE_URL="postgres://dialtone:shh-7@host/db")

    assert "shh" not in repr(settings) + str(settings) + repr(dict(settings))
    assert set(settings.secret_values()) == {*secrets.values(), "shh-7"}


def test_every_secret_variable_is_hidden_and_listed() -> None:
    hidden = {name for name, field in Settings.model_fields.items() if "SecretStr" in repr(field)}

    assert {"database_url"} | {
        name
        for name in Settings.model_fields
        if name.endswith(("_token", "_secret", "_key", "_id"))
    } == hidden
    assert isinstance(Settings.model_fields["database_url"].default, SecretStr)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read().port = 1  # type: ignore[misc]


def test_the_process_environment_comes_before_the_env_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        "# a comment\nexport SLACK_BOT_TOKEN='xoxb-file'\nSLACK_SIGNING_SECRET=file\n"
        "APPROVERS=U99\nPORT=4000\nHOST=127.0.0.1\nLOG_LEVEL=\n"
    )

    settings = load({"PORT": "5000", "HOST": "", "PATH": "/bin", "DYNO_RAM": "512"}, env_file)

    assert settings.slack_bot_token.get_secret_value() == "xoxb-file"
    assert (settings.host, settings.port) == ("127.0.0.1", 5000)
    assert settings.log_level == "INFO"


def test_the_env_file_is_read_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in NEEDED.items()))
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("DYNO", raising=False)

    assert load().approvers == load(os.environ).approvers == Roster.parse("U012ABC")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "APROVERS=U012ABC",
            "APROVERS in .env is not a setting of Dialtone; did you mean APPROVERS?",
        ),
        ("FLAVOUR=mint", "FLAVOUR in .env is not a setting of Dialtone."),
        ("postgres://u:pw@host/d?sslmode=require", "a line in .env does not start with a setting"),
    ],
)
def test_an_unknown_line_in_the_env_file_stops_the_start(
    tmp_path: Path, line: str, wanted: str
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(line + "\n")

    with pytest.raises(BadSettings) as refused:
        load(NEEDED, env_file)

    assert wanted in str(refused.value)
    assert "pw" not in str(refused.value)
    assert "mint" not in str(refused.value)


def test_an_env_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(b"PORT=\xff\xfe")

    with pytest.raises(BadSettings, match="cannot be read as a text file"):
        load(NEEDED, env_file)


def test_the_example_file_names_every_variable_with_its_default_and_meaning() -> None:
    examples = dotenv_values(EXAMPLE)
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()

    assert list(examples) == [name.upper() for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{name.upper()}="))
        assert lines[at - 1] == f"# {field.description}"
    assert load(NEEDED, EXAMPLE) == read()
    defaults = {name for name, field in Settings.model_fields.items() if field.default is not None}
    required = {name for name, field in Settings.model_fields.items() if field.is_required()}
    assert {name for name, value in examples.items() if value} == {
        name.upper() for name in defaults - required
    }


def test_who_has_set_nothing_yet_is_told_all_that_is_needed_and_where_to_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadSettings) as refused:
        load({})

    said = str(refused.value)
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "APPROVERS"):
        assert name in said
    assert said.endswith(" There is no .env here: `make init` writes one.")
    (tmp_path / ".env").write_text("SLACK_APP_TOKEN=xapp-1\n")
    with pytest.raises(BadSettings) as refused:
        load({})
    assert "SLACK_SIGNING_SECRET" not in str(refused.value)
    assert "make init" not in str(refused.value)
