"""`python -m bot doctor`, asked about an office that is fine and about one where it is not."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.doctor import examine
from bot.domain.finding import Finding, Level
from bot.domain.sellers import SELLERS
from bot.sandbox.faults import Fault
from bot.sandbox.magpipe import BASE, LIST
from bot.sandbox.sendblue import LINES_STATE
from bot.sandbox.slack import rate_limited, slack_error
from bot.sandbox.slack.people import GENERAL, GUS, LEADERS, MORGAN, NORA, PHONE_MANAGERS, PHONES
from bot.settings import load
from bot.storage import upgrade
from handlers.specimens import specimens
from tests.stories.bot_process import BotProcess
from tests.stories.office import Office, office_at


@pytest.fixture
async def office(tmp_path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201 as in conftest
    """An office where everything is as the README says."""
    async with office_at(tmp_path) as made:
        made.slack.state.may_write_in_public_channels = True
        upgrade(made.settings["DATABASE_URL"])
        yield made


async def found(office: Office, **changed: str) -> list[Finding]:
    settings = load({**office.settings, **changed}, env_file=None)
    return [finding async for finding in examine(settings)]


def at(level: Level, findings: list[Finding]) -> list[str]:
    return [f"{each.subject}: {each.said}" for each in findings if each.level is level]


async def only_wrong(office: Office, **changed: str) -> str:
    [only] = at(Level.WRONG, await found(office, **changed))
    return only


async def only_warning(office: Office, **changed: str) -> str:
    findings = await found(office, **changed)
    assert not at(Level.WRONG, findings)
    [only] = at(Level.WARNING, findings)
    return only


async def only_unchecked(office: Office, **changed: str) -> str:
    """Without what nobody can check in HTTP mode."""
    findings = await found(office, **changed)
    assert not at(Level.WRONG, findings)
    [only] = [
        line for line in at(Level.UNCHECKED, findings) if not line.startswith("SLACK_SIGNING")
    ]
    return only


async def doctor(office: Office, **changed: str) -> tuple[int, list[str]]:
    """A process of its own: its exit status and its lines."""
    process = BotProcess(office.environment(**changed), office.folder, verb=("doctor",))
    try:
        await process.start()
        status = await process.ended()
    finally:
        await process.close()
    said = "\n".join(process.said)
    assert "Traceback" not in said
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SENDBLUE_API_SECRET_KEY"):
        assert office.settings[name] not in said
    return status, process.said


# ── The whole command ──
async def test_where_all_is_fine_every_line_says_so_and_nothing_was_written_or_spent(
    office: Office,
) -> None:
    status, said = await doctor(office, SLACK_APP_TOKEN=office.slack.state.app_token)
    assert status == 0
    assert said[-1] == "Nothing to be mended, no warnings."
    assert [line for line in said[:-2] if not line.startswith("ok ")] == []
    assert {"settings", "database", "scopes", "blocks", "Sendblue", "Magpipe"} <= {
        line[13:].partition(":")[0] for line in said[:-2]
    }
    assert f"ok           APPROVERS {MORGAN}: a full member" in said
    assert (
        f"ok           APPROVERS {PHONE_MANAGERS}: a user group of 2 members, 2 of them full"
        in ("\n".join(said))
    )
    assert not [m for channel in (PHONES, GENERAL) for m in office.slack.messages(channel)]
    assert {request.path for request in office.sendblue.requests} == {LINES_STATE}
    assert {request.path for request in office.magpipe.requests} == {f"{BASE}{LIST}"}


async def test_beside_a_running_bot(office: Office) -> None:
    async with office.open():
        await office.buy()
        await office.card()
        status, said = await doctor(office)
        assert status == 0, said
        await office.press(await office.card(), "Approve")
        await office.card("+1 415")


async def test_what_must_be_mended_gives_its_line_and_exit_status_1(office: Office) -> None:
    office.slack.state.token_is_revoked = True
    status, said = await doctor(office)
    assert status == 1
    assert [line for line in said if "SLACK_BOT_TOKEN: refused by Slack (token_revoked)" in line]
    assert said[-1] == "1 to be mended, no warnings."


async def test_a_warning_does_not_fail(office: Office) -> None:
    status, said = await doctor(office, APPROVERS=MORGAN)
    assert status == 0
    assert said[-1] == "Nothing to be mended, 1 warning."


async def test_a_wrong_setting_is_one_line_and_all_there_is(office: Office) -> None:
    status, said = await doctor(office, APPROVERS="@morgan")
    assert status == 1
    [line] = said
    assert line.startswith("wrong        settings: APPROVERS wants Slack ids")


# ── Database ──
def _newer(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def _older(file: Path) -> None:
    file.unlink()
    sqlite3.connect(file).close()


def _garbage(file: Path) -> None:
    file.write_bytes(b"this was a spreadsheet once\n" * 400)


async def test_a_file_that_is_not_there_yet_is_made_by_the_start_not_by_the_doctor(
    office: Office,
) -> None:
    file = office.folder / "dialtone.db"
    file.unlink()
    findings = await found(office)
    assert not at(Level.WRONG, findings) + at(Level.WARNING, findings)
    assert "database: dialtone.db is not there yet; the start makes it" in at(Level.OK, findings)
    assert not file.exists()


@pytest.mark.parametrize(
    ("spoil", "said"), [(_newer, "from a newer version"), (_garbage, "cannot be opened")]
)
async def test_a_database_that_the_bot_could_not_use(
    office: Office, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(office.folder / "dialtone.db")
    assert said in await only_wrong(office)


async def test_a_file_that_is_not_migrated_is_left_to_the_start(office: Office) -> None:
    _older(office.folder / "dialtone.db")
    assert "no tables yet" in await only_warning(office)


async def test_a_folder_that_is_not_there(office: Office) -> None:
    said = await only_wrong(office, DATABASE_URL=f"sqlite:///{office.folder}/none/dialtone.db")
    assert "There is no folder" in said


async def test_a_server_that_is_away_is_named_without_the_password(office: Office) -> None:
    url = "postgresql://dialtone:hunter2-hunter2@127.0.0.1:1/dialtone"
    said = await only_wrong(office, DATABASE_URL=url)
    assert "PostgreSQL at 127.0.0.1 cannot be opened" in said
    assert "hunter2" not in said


# ── Slack: tokens and scopes ──
async def test_a_slack_that_is_away_ends_its_part_alone(office: Office) -> None:
    office.slack.faults.queue("auth.test", office.slack_away())
    findings = await found(office)
    [said] = at(Level.WRONG, findings)
    assert "no usable answer (Slack answered 503)" in said
    assert [line for line in at(Level.OK, findings) if line.startswith("Magpipe: the credentials")]


async def test_a_scope_that_is_missing_is_named_with_what_it_is_for(office: Office) -> None:
    office.slack.state.missing_scopes["conversations.open"] = "im:write"
    assert "scopes: im:write is missing (direct messages)" in await only_wrong(office)


async def test_a_scope_that_only_the_doctor_uses_is_a_warning(office: Office) -> None:
    office.slack.state.missing_scopes["conversations.info"] = "groups:read"
    findings = await found(office, APPROVAL_CHANNEL=LEADERS)
    assert not at(Level.WRONG, findings)
    assert "groups:read is missing" in at(Level.WARNING, findings)[0]
    assert [line for line in at(Level.UNCHECKED, findings) if "may not look at channels" in line]


async def test_a_token_whose_scopes_slack_does_not_tell(office: Office) -> None:
    me = {"ok": True, "user": "dialtone", "team": "Sandbox", "team_id": "T0SANDBOX1"}
    office.slack.faults.queue("auth.test", Fault(body=me))
    assert "scopes: Slack does not say" in await only_unchecked(office)


async def test_an_app_token_that_is_refused(office: Office) -> None:
    said = await only_wrong(office, SLACK_APP_TOKEN="xapp-somebody-else-s")
    assert "SLACK_APP_TOKEN: refused by Slack (invalid_auth)" in said
    assert "somebody" not in said


async def test_an_app_without_socket_mode(office: Office) -> None:
    office.slack.state.socket_url = None
    said = await only_wrong(office, SLACK_APP_TOKEN=office.slack.state.app_token)
    assert "Socket Mode is off" in said


# ── Slack: people ──
async def test_an_approver_who_left(office: Office) -> None:
    office.slack.workspace.users[MORGAN].deleted = True
    said = await only_wrong(office)
    assert said.startswith(f"APPROVERS {MORGAN}: deactivated, not a full member")


async def test_a_requester_who_is_a_guest_and_one_whom_nobody_knows(office: Office) -> None:
    findings = await found(office, REQUESTERS=f"{GUS},U0NOBODY00,{NORA}")
    guest, nobody = at(Level.WRONG, findings)
    assert guest.startswith(f"REQUESTERS {GUS}: a guest")
    assert nobody.startswith("REQUESTERS U0NOBODY00: there is no such person")


async def test_an_empty_group_is_a_warning_as_long_as_others_can_approve(office: Office) -> None:
    office.slack.workspace.groups[PHONE_MANAGERS].users.clear()
    said = await only_warning(office, APPROVERS=f"{PHONE_MANAGERS},{MORGAN},{NORA}")
    assert said == f"APPROVERS {PHONE_MANAGERS}: a user group with nobody in it"


async def test_nobody_who_can_approve_is_wrong(office: Office) -> None:
    office.slack.workspace.groups[PHONE_MANAGERS].users.clear()
    assert "nobody can approve" in await only_wrong(office, APPROVERS=PHONE_MANAGERS)


async def test_one_approver_cannot_approve_the_own_requests(office: Office) -> None:
    assert f"only {MORGAN} can approve" in await only_warning(office, APPROVERS=MORGAN)
    findings = await found(office, APPROVERS=MORGAN, SELF_APPROVAL="true")
    assert not at(Level.WARNING, findings)


async def test_a_plan_without_user_groups(office: Office) -> None:
    office.slack.state.plan_has_user_groups = False
    said = await only_wrong(office, APPROVERS=f"{PHONE_MANAGERS},{MORGAN},{NORA}")
    assert said.endswith(
        "this workspace's plan has no user groups: name people in APPROVERS instead"
    )


async def test_a_group_that_is_not_there(office: Office) -> None:
    said = await only_wrong(office, APPROVERS=f"S0NOBODY00,{MORGAN},{NORA}")
    assert "no such user group" in said


async def test_people_slack_does_not_tell_of_are_not_said_to_be_wrong(office: Office) -> None:
    office.slack.faults.queue("usergroups.users.list", rate_limited())
    said = await only_unchecked(office, APPROVERS=PHONE_MANAGERS)
    assert "Slack could not say (ratelimited)" in said


# ── The policy ──
def policy(office: Office, *lines: str) -> str:
    """A file whose only rule says this."""
    file = office.folder / "policy.toml"
    file.write_text("\n".join(["[[rule]]", 'name = "all"', *lines]))
    return str(file)


async def test_everybody_whom_a_policy_names_is_looked_at(office: Office) -> None:
    file = policy(
        office,
        f'approvers = ["{PHONE_MANAGERS}"]',
        f'ping = ["{MORGAN}"]',
        f'escalate = [{{ after = 0.5, to = ["{NORA}", "U0NOBODY00"] }}]',
    )
    findings = await found(office, POLICY_FILE=file)
    assert f"POLICY_FILE: {file}, 1 rule" in at(Level.OK, findings)
    fine = [line for line in at(Level.OK, findings) if line.startswith("POLICY_FILE “all”")]
    assert [line.split()[2] for line in fine] == [f"{PHONE_MANAGERS}:", f"{MORGAN}:", f"{NORA}:"]
    [wrong] = at(Level.WRONG, findings)
    assert wrong.startswith("POLICY_FILE “all” U0NOBODY00: there is no such person")


async def test_a_rule_that_too_few_can_approve(office: Office) -> None:
    file = policy(office, f'approvers = ["{PHONE_MANAGERS}", "{GUS}"]', "quorum = 3")
    wrong = at(Level.WRONG, await found(office, POLICY_FILE=file))
    assert "POLICY_FILE “all”: 3 must approve, but only 2 can: nothing could be bought by it" in (
        wrong
    )
    file = policy(office, f'approvers = ["{PHONE_MANAGERS}"]', "quorum = 2")
    assert (await only_warning(office, POLICY_FILE=file)) == (
        "POLICY_FILE “all”: what one of the only 2 who can approve requests, nobody can approve, as"
        " SELF_APPROVAL is off"
    )
    findings = await found(office, POLICY_FILE=file, SELF_APPROVAL="true")
    assert not at(Level.WARNING, findings)


async def test_a_faulty_policy_is_one_line_and_the_rest_is_checked(office: Office) -> None:
    file = policy(office, "approvers = []")
    findings = await found(office, POLICY_FILE=file)
    [wrong] = at(Level.WRONG, findings)
    assert wrong.startswith(f"POLICY_FILE: {file} line 3: approvers is empty")
    assert [line for line in at(Level.OK, findings) if line.startswith("Magpipe: the credentials")]


# ── Slack: channels ──
async def test_channels_that_the_bot_can_post_in(office: Office) -> None:
    findings = await found(office, APPROVAL_CHANNEL=PHONES, ALERT_CHANNEL=GENERAL)
    assert not at(Level.WRONG, findings)
    assert f"APPROVAL_CHANNEL {PHONES}: #phones, the bot is in it" in at(Level.OK, findings)
    assert f"ALERT_CHANNEL {GENERAL}: #general, public" in at(Level.OK, findings)


async def test_an_archived_channel(office: Office) -> None:
    office.slack.workspace.channels[PHONES].is_archived = True
    said = await only_wrong(office, APPROVAL_CHANNEL=PHONES)
    assert said.startswith(f"APPROVAL_CHANNEL {PHONES}: #phones is archived")


async def test_a_private_channel_that_nobody_invited_the_bot_to(office: Office) -> None:
    said = await only_wrong(office, ALERT_CHANNEL=LEADERS)
    assert "type /invite @Dialtone there" in said


async def test_a_public_channel_without_the_scope_for_it(office: Office) -> None:
    office.slack.state.may_write_in_public_channels = False
    findings = await found(office, APPROVAL_CHANNEL=GENERAL)
    scope, channel = at(Level.WRONG, findings)
    assert "chat:write.public is missing" in scope
    assert "the bot is not in #general" in channel


async def test_a_channel_that_slack_cannot_speak_of_now(office: Office) -> None:
    office.slack.faults.queue("conversations.info", slack_error("team_access_not_granted"))
    said = await only_unchecked(office, APPROVAL_CHANNEL=PHONES)
    assert "Slack could not say (team_access_not_granted)" in said


# ── Slack: what is drawn ──
async def test_everything_that_is_drawn_is_shown_to_slack_once(office: Office) -> None:
    findings = await found(office)
    assert office.slack.requests("blocks.validate") == len(specimens())
    assert [line for line in at(Level.OK, findings) if line.startswith("blocks: Slack takes")]


async def test_what_slack_would_refuse_is_named(office: Office) -> None:
    office.slack.state.refused_blocks = {"actions"}
    wrong = at(Level.WRONG, await found(office))
    assert all(
        line.endswith("unsupported type: actions): report it, with this line") for line in wrong
    )
    named = {line.partition(" (")[0] for line in wrong}
    assert "blocks: Slack refuses the card of the pending line" in named
    assert "blocks: Slack refuses the card of the approved line" not in named


@pytest.mark.parametrize("code", ["unknown_method", "missing_scope", "not_allowed_token_type"])
async def test_a_token_that_may_not_validate(office: Office, code: str) -> None:
    office.slack.faults.queue("blocks.validate", slack_error(code))
    said = await only_unchecked(office)
    assert said == f"blocks: Slack stopped validating at 0 of {len(specimens())} ({code})"


async def test_a_slack_that_throttles_is_waited_for(office: Office) -> None:
    office.slack.faults.queue("blocks.validate", rate_limited(1))
    assert not at(Level.WRONG, await found(office))
    assert office.slack.requests("blocks.validate") == len(specimens()) + 1


async def test_a_slack_that_throttles_for_long_is_not(office: Office) -> None:
    office.slack.faults.queue("blocks.validate", rate_limited(600))
    assert "(ratelimited)" in await only_unchecked(office)


# ── Providers ──
async def test_credentials_that_are_refused(office: Office) -> None:
    findings = await found(office, SENDBLUE_API_SECRET_KEY="not-it", MAGPIPE_API_TOKEN="not-it")
    sendblue, magpipe = at(Level.WRONG, findings)
    assert sendblue == (
        "Sendblue: the credentials are refused: copy SENDBLUE_API_KEY_ID and"
        " SENDBLUE_API_SECRET_KEY again"
    )
    assert magpipe == "Magpipe: the credentials are refused: copy MAGPIPE_API_TOKEN again"


async def test_a_provider_that_is_away(office: Office) -> None:
    await office.provider_goes()
    assert "Sendblue: I could not reach Sendblue" in await only_wrong(office)
    await office.provider_comes_back()


async def test_a_provider_that_is_not_set_up_is_off(office: Office) -> None:
    findings = await found(office, MAGPIPE_API_TOKEN="")
    assert not at(Level.WRONG, findings) + at(Level.WARNING, findings)
    assert "Magpipe: not set up, so /number is off; MAGPIPE_API_TOKEN would turn it on" in at(
        Level.OK, findings
    )


async def test_a_bot_that_could_buy_nowhere_is_warned_of(office: Office) -> None:
    none = dict.fromkeys(
        ("MAGPIPE_API_TOKEN", "SENDBLUE_API_KEY_ID", "SENDBLUE_API_SECRET_KEY"), ""
    )
    findings = await found(office, **none)
    assert not at(Level.WRONG, findings)
    assert len(at(Level.WARNING, findings)) == len(SELLERS)


@pytest.mark.parametrize(("seconds", "side"), [(90, "ahead of"), (-90, "behind")])
async def test_a_clock_that_is_wrong(office: Office, seconds: float, side: str) -> None:
    office.clock.advance(seconds=seconds)
    warnings = at(Level.WARNING, await found(office))
    assert len(warnings) == 2
    assert all(f"s {side} this machine's: set the clock right" in line for line in warnings)
