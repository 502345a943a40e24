"""What `python -m bot init` says to answers that are wrong, or that nobody can check now."""

from bot.sandbox.slack import slack_error
from bot.sandbox.slack.people import LEADERS, MAX, MORGAN, NORA, PHONE_MANAGERS, PHONES, RILEY
from bot.storage import upgrade
from tests.init_command.newcomer import Newcomer


async def test_a_wrong_token_is_named_and_asked_for_again(newcomer: Newcomer) -> None:
    way, bot_token, app_token = newcomer.tokens
    wrong = ("neither", way[:1], "", "xoxp-1", "xoxb-1", bot_token, "xoxb-1", "xapp-1", app_token)
    await newcomer.goes_through(slack=wrong)

    for said in (
        "Type socket or http.",
        "SLACK_BOT_TOKEN is needed.",
        "wrong: wants a bot token, which starts with xoxb-. https://api.slack.com/apps → your app",
        "wrong: refused by Slack (invalid_auth): copy the Bot User OAuth Token",
        "wrong: wants an app token, which starts with xapp-. https://api.slack.com/apps",
        "wrong: refused by Slack (invalid_auth): make an app-level token with the scope",
    ):
        assert said in newcomer.said


async def test_a_scope_that_is_missing_can_be_added_meanwhile_or_later(newcomer: Newcomer) -> None:
    newcomer.office.slack.state.missing_scopes["conversations.open"] = "im:write"
    way, bot_token, app_token = newcomer.tokens
    await newcomer.goes_through(slack=(way, bot_token, "", "keep", app_token))

    said = "wrong: scopes: im:write is missing (direct messages): add it under OAuth & Permissions"
    assert newcomer.said.count(said) == 2


async def test_approvers_may_be_named(newcomer: Newcomer) -> None:
    await newcomer.goes_through(approvers=("@phone-managers, nora,Morgan Moss, @morgan",))

    assert newcomer.values["APPROVERS"] == f"{PHONE_MANAGERS},{NORA},{MORGAN}"


async def test_who_cannot_approve_is_said_by_name_and_asked_again(newcomer: Newcomer) -> None:
    newcomer.office.slack.workspace.users[RILEY].real_name = "Max Malik"
    newcomer.office.slack.workspace.users[MAX].deleted = True
    wrong = ("@gus", "@nobody", "n@example.com", ",", "U0NOBODY00", "", "Max Malik, @nora")
    await newcomer.goes_through(approvers=wrong)

    for said in (
        "wrong: Gus Gast (U0GUS00001): a guest, not a full member",
        "wrong: nobody here goes by @nobody",
        "wrong: n@example.com is an e-mail address",
        "wrong: wants Slack ids separated by commas",
        "there is no such person",
        "APPROVERS is needed.",
    ):
        assert said in newcomer.said
    assert newcomer.values["APPROVERS"] == f"{RILEY},{NORA}"  # who left goes by no name


async def test_of_two_with_one_name_the_id_is_asked_for(newcomer: Newcomer) -> None:
    newcomer.office.slack.workspace.users[RILEY].real_name = "Max Malik"
    await newcomer.goes_through(approvers=("max malik", f"{MAX},{NORA}"))

    said = f"max malik may be Max Malik ({RILEY}), Max Malik ({MAX}): give the id"
    assert said in newcomer.said


async def test_a_workspace_without_user_groups_still_has_people(newcomer: Newcomer) -> None:
    newcomer.office.slack.state.plan_has_user_groups = False
    await newcomer.goes_through(approvers=("@nora,@morgan",))


async def test_a_single_approver_is_asked_about_the_own_requests(newcomer: Newcomer) -> None:
    await newcomer.goes_through(approvers=(MORGAN, "true"))

    assert f"warning: only {MORGAN} can approve" in newcomer.said
    assert newcomer.values["SELF_APPROVAL"] == "true"


async def test_channels_come_as_links_too_and_the_bot_can_be_invited_meanwhile(
    newcomer: Newcomer,
) -> None:
    link = f"https://sandbox.slack.com/archives/{PHONES}/p1700000000000100"
    await newcomer.goes_through(channels=("#phones", link, LEADERS, "", "other", PHONES))

    assert "wrong: wants a channel's id" in newcomer.said
    assert newcomer.said.count("type /invite @Dialtone there") == 2
    assert newcomer.values["APPROVAL_CHANNEL"] == newcomer.values["ALERT_CHANNEL"] == PHONES


async def test_keys_that_are_refused_are_asked_for_from_the_first_on(newcomer: Newcomer) -> None:
    key_id, secret, _, token, _ = newcomer.keys
    wrong = ("key id", key_id, "wrong", key_id, secret, "$95", "95 CAD", "wrong", token, "")
    await newcomer.goes_through(keys=wrong)

    for said in (
        "wrong: wants the value as it was issued, without spaces.",
        "wrong: the credentials are refused: copy SENDBLUE_API_KEY_ID and SENDBLUE_API_SECRET_KEY",
        "wrong: wants a price such as 100.00 USD.",
        "wrong: the credentials are refused: copy MAGPIPE_API_TOKEN again",
    ):
        assert said in newcomer.said
    assert newcomer.values["SENDBLUE_LINE_PRICE"] == "95 CAD"


async def test_without_a_provider_nothing_can_be_bought(newcomer: Newcomer) -> None:
    await newcomer.goes_through(keys=("", ""))

    assert "Without either of them Dialtone can buy nothing." in newcomer.said


async def test_a_database_that_cannot_be_is_asked_for_again(newcomer: Newcomer) -> None:
    folder = newcomer.office.folder
    (folder / "notes.db").write_text("no database\n" * 1000)
    file = f"sqlite:///{folder}/dialtone.db"
    wrong = (f"sqlite:///{folder}/none/dialtone.db", f"sqlite:///{folder}/notes.db", "oracle://x")
    await newcomer.goes_through(database=("sqlite", *wrong, file))

    for said in ("wrong: There is no folder", "cannot be opened", "wrong: wants sqlite:///FILE"):
        assert said in newcomer.said
    assert newcomer.values["DATABASE_URL"] == file


async def test_a_database_that_is_there_is_looked_into(newcomer: Newcomer) -> None:
    folder = newcomer.office.folder
    (folder / "empty.db").touch()
    upgrade(f"sqlite:///{folder}/ready.db")
    for name, said in (
        ("empty.db", "ok: reachable; the start makes its tables"),
        ("ready.db", "ok: there, with the tables of this version"),
    ):
        await newcomer.goes_through(database=("sqlite", f"sqlite:///{folder}/{name}"))
        assert said in newcomer.said


# ── What is away ──
async def test_what_cannot_be_asked_now_may_be_kept_unchecked(newcomer: Newcomer) -> None:
    way, bot_token, app_token = newcomer.tokens
    slack, key_id, secret = newcomer.office.slack, *newcomer.keys[:2]
    for _ in range(2):
        slack.faults.queue("auth.test", newcomer.office.slack_away())
    slack.faults.queue("apps.connections.open", slack_error("internal_error"))
    slack.faults.queue("users.list", newcomer.office.slack_away())
    await newcomer.office.provider_goes()
    await newcomer.goes_through(
        slack=(way, bot_token, "", "KEEP", app_token, "keep"),
        approvers=("@nora", "@nora,@morgan"),
        keys=(key_id, secret, "keep", "", ""),
        database=("post", "postgresql://dialtone:hunter2-hunter2@127.0.0.1:1/dialtone", "keep"),
    )

    for said in (
        "not checked: no usable answer (Slack answered 503): look at the network",
        "not checked: Slack could not say (internal_error)",
        "not checked: Slack could not say who @nora is (Slack answered 503): give the id",
        "not checked: I could not reach Sendblue",
        "not checked: The database PostgreSQL at 127.0.0.1 cannot be opened",
        "-m bot migrate makes the tables",
    ):
        assert said in newcomer.said
    assert "hunter2" not in newcomer.said
    await newcomer.office.provider_comes_back()
