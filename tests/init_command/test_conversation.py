"""`python -m bot init`, from the first question to the file."""

import stat

from bot.init_command.command import DONE
from bot.init_command.env_file import BACKUP
from bot.sandbox.slack.people import MORGAN, NORA, PHONE_MANAGERS, PHONES
from bot.settings import load
from tests.init_command.newcomer import HTTP, Newcomer

READS = {"auth.test", "apps.connections.open", "users.info", "usergroups.list"} | {
    "usergroups.users.list",
    "conversations.info",
}


async def test_what_was_answered_is_what_the_bot_reads(newcomer: Newcomer) -> None:
    await newcomer.goes_through(channels=(PHONES, PHONES))

    settings = newcomer.office.settings
    assert (
        newcomer.values.items()
        >= {
            "SLACK_BOT_TOKEN": settings["SLACK_BOT_TOKEN"],
            "SLACK_APP_TOKEN": newcomer.office.slack.state.app_token,
            "APPROVERS": f"{PHONE_MANAGERS},{NORA}",
            "APPROVAL_CHANNEL": PHONES,
            "ALERT_CHANNEL": PHONES,
            "SENDBLUE_API_KEY_ID": settings["SENDBLUE_API_KEY_ID"],
            "SENDBLUE_API_SECRET_KEY": settings["SENDBLUE_API_SECRET_KEY"],
            "SENDBLUE_LINE_PRICE": "100.00 USD",
            "MAGPIPE_API_TOKEN": settings["MAGPIPE_API_TOKEN"],
            "DATABASE_URL": "sqlite:///dialtone.db",
        }.items()
    )
    assert "SLACK_SIGNING_SECRET" not in newcomer.values
    assert stat.S_IMODE(newcomer.file.stat().st_mode) == 0o600
    assert [each.name for each in newcomer.file.parent.glob(".env*")] == [".env"]


async def test_each_answer_is_checked_as_it_is_given_and_said_by_name(newcomer: Newcomer) -> None:
    await newcomer.goes_through(channels=(PHONES, ""))

    for said in (
        "ok: of @dialtone in the workspace Sandbox (T0SANDBOX1)",
        "ok: scopes: all that manifest.yml asks for",
        "ok: Slack opens Socket Mode for it",
        f"ok: Phone managers ({PHONE_MANAGERS}): a user group of 2 members, 2 of them full members",
        f"ok: Nobody Nora ({NORA}): a full member",
        "ok: #phones, the bot is in it",
        "SENDBLUE_LINE_PRICE [100.00 USD]: Magpipe",
        "ok: dialtone.db is not there yet; the start makes it",
        "Next: 1. make doctor",
    ):
        assert said in newcomer.said
    assert newcomer.said.count("ok: the credentials are accepted; on the account: 0") == 2


async def test_asking_shows_no_secret_and_spends_posts_and_changes_nothing(
    newcomer: Newcomer,
) -> None:
    await newcomer.goes_through()

    office = newcomer.office
    for secret in load({}, newcomer.file).secret_values():
        assert secret not in newcomer.said
    assert {call.method for call in office.slack.calls()} <= READS
    for provider in (office.sendblue, office.magpipe):
        assert provider.requests
        assert not provider.ledger


async def test_over_http_the_secret_cannot_be_checked_and_that_is_said(newcomer: Newcomer) -> None:
    newcomer.file.write_text("SLACK_APP_TOKEN=xapp-1-old\n")
    state = newcomer.office.slack.state
    await newcomer.goes_through(slack=(HTTP, state.bot_token, state.signing_secret))

    assert newcomer.values["SLACK_SIGNING_SECRET"] == state.signing_secret
    assert "SLACK_APP_TOKEN" not in newcomer.values  # it would mean Socket Mode
    assert "not checked: looks right; whether it is shows only when Slack sends" in newcomer.said
    assert "-m bot manifest --url https://…" in newcomer.said


# ── A file that is there ──
async def test_what_is_there_is_offered_and_the_old_file_is_kept(newcomer: Newcomer) -> None:
    old = f"PORT=4000\nAPPROVERS={MORGAN},{NORA}\nALERT_CHANNEL={PHONES}\nlog_level=DEBUG\n"
    newcomer.file.write_text(old)
    await newcomer.goes_through(approvers=("",), channels=("", "-"))

    kept = newcomer.file.with_name(".env.bak")
    assert kept.read_text() == old
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "What was in it before is in .env.bak." in newcomer.said
    values = newcomer.values
    assert (values["PORT"], values["LOG_LEVEL"]) == ("4000", "DEBUG")
    assert values["APPROVERS"] == f"{MORGAN},{NORA}"
    assert "ALERT_CHANNEL" not in values


async def test_enter_all_the_way_changes_nothing(newcomer: Newcomer) -> None:
    await newcomer.goes_through(channels=(PHONES, ""))
    before = newcomer.file.read_bytes()

    assert await newcomer.answers(*[""] * 14) == DONE
    assert newcomer.file.read_bytes() == before
    assert not newcomer.file.with_name(f".env{BACKUP}").exists()
    assert newcomer.said.count("Enter keeps the present one") == 5


async def test_from_http_enter_leads_to_http(newcomer: Newcomer) -> None:
    secret = newcomer.office.slack.state.signing_secret
    newcomer.file.write_text(f"SLACK_SIGNING_SECRET={secret}\n")
    await newcomer.goes_through(slack=("", newcomer.tokens[1], ""))

    assert newcomer.values["SLACK_SIGNING_SECRET"] == secret


async def test_what_will_not_be_as_expected_is_noted(newcomer: Newcomer) -> None:
    newcomer.file.write_text("FLAVOUR=mint\nPORT=http\nSELF_APPROVAL=maybe\n")
    newcomer.environ["APPROVERS"] = MORGAN
    assert await newcomer.answers(*newcomer.conversation()) == DONE

    for said in (
        "FLAVOUR is not a setting of Dialtone and was left out.",
        "APPROVERS is also set in the environment, which comes before",
        "the bot would not start: PORT wants a port number",
    ):
        assert said in newcomer.said
    assert "FLAVOUR" not in newcomer.values
