"""The only place that builds real clients and hands them out. No rule lives here."""

import asyncio
import gc
import logging
import math
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web as aiohttp_web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot import web
from bot.domain.approval import Rules
from bot.domain.policy import Policy
from bot.health import Health
from bot.metrics import Metrics
from bot.policy_file import BadPolicy, FilePolicy, rereading
from bot.ports import Clock, FixedPolicy, LimitRules, PolicySource, Ports, Provider
from bot.providers.client import Options
from bot.providers.magpipe import Magpipe
from bot.providers.sendblue import Sendblue
from bot.scheduler import Scheduler
from bot.settings import BadSettings, Settings
from bot.socket_link import SocketLink
from bot.storage import open_store
from bot.use_cases.loop import Loop
from handlers import register
from handlers.directory import SlackDirectory
from handlers.identity import REFUSED, SlackIdentity, app_token_problem
from handlers.notifier import SlackMessenger
from handlers.paced_client import PacedClient
from handlers.response_url import SLACK, ResponseUrls
from handlers.timed_client import OnCall, TimedClient

log = logging.getLogger(__name__)

GRACE_S = 20.0  # for confirms on their way when the process is told to stop
SLACK_TIMEOUT_S = 10

Next = Callable[[], Awaitable[None]]


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Dialtone:
    """A running bot: what tests and `run` hold on to."""

    def __init__(self, ports: Ports, loop: Loop, url: str) -> None:
        self.ports = ports
        self.loop = loop
        self.url = url


def _sendblue(settings: Settings, clock: Clock, options: Options | None = None) -> Sendblue | None:
    if not (settings.sendblue_api_key_id and settings.sendblue_api_secret_key):
        return None
    return Sendblue(
        base_url=settings.sendblue_api_url,
        api_key_id=settings.sendblue_api_key_id.get_secret_value(),
        api_secret_key=settings.sendblue_api_secret_key.get_secret_value(),
        price=settings.sendblue_line_price,
        options=options,
        clock=clock,
    )


def _magpipe(settings: Settings, clock: Clock, options: Options | None = None) -> Magpipe | None:
    if not settings.magpipe_api_token:
        return None
    return Magpipe(
        base_url=settings.magpipe_api_url,
        api_token=settings.magpipe_api_token.get_secret_value(),
        price=settings.magpipe_number_price,
        preview_minutes=settings.number_preview_minutes,
        options=options,
        clock=clock,
    )


class Connected(Provider, Protocol):
    """A provider with connections to close."""

    async def aclose(self) -> None: ...


# The registry: by name, how each is built where it has credentials. Of several behind one command
# that are set up, the command buys from the first.
PROVIDERS: Mapping[str, Callable[..., Connected | None]] = MappingProxyType(
    {Sendblue.name: _sendblue, Magpipe.name: _magpipe}
)


@asynccontextmanager
async def running(
    settings: Settings, *, clock: Clock | None = None, grace_s: float = GRACE_S
) -> AsyncIterator[Dialtone]:
    """Start everything, yield the running bot, and stop it in order: no new confirm, what is on
    its way awaited, Slack told, commands and clicks written down until the very end."""
    clock = clock or SystemClock()
    policy = policy_source(settings)
    async with AsyncExitStack() as stack:
        store = await open_store(settings.database_url.get_secret_value(), away_s=math.inf)
        stack.push_async_callback(store.close)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SLACK_TIMEOUT_S))
        )
        metrics = Metrics(list(PROVIDERS), is_socket_mode=settings.is_socket_mode)
        client = slack_client(settings, session, on_call=metrics.slack_called, clock=clock)
        identity = SlackIdentity(client)
        await _check_tokens(settings, client, identity)

        due = asyncio.Event()
        timed = Options(on_call=metrics.provider_called)
        registry = {
            name: provider
            for name, make in PROVIDERS.items()
            if (provider := make(settings, clock, timed))
        }
        for provider in registry.values():
            stack.push_async_callback(provider.aclose)
        ports = Ports(
            store=store,
            clock=clock,
            directory=SlackDirectory(client, clock),
            messenger=_messenger(settings, client, session, metrics),
            providers=dict[str, Provider](registry),
            rules=rules(settings),
            meter=metrics,
            wake=due.set,
            limits=_limit_rules(settings),
            policy=policy,
            instance=settings.instance_name or "",
        )
        await store.keep_checks(registry, at=clock.now())
        scheduler = Scheduler(due.set, lambda: store.tidy(now=clock.now()), clock)
        loop = Loop(ports, due, scheduler.wake_at, settings.confirms_at_once)
        app = _app(settings, client, identity)
        register(app, ports)
        link = _socket_link(settings, app, session, metrics)
        health = Health(
            clock=clock,
            store=store,
            loop=loop,
            link=link,
            slack_problem=identity.problem,
            metrics=metrics,
        )
        pages = web.build(None if link else app, health.problem, health.metrics)
        site = await _serve(settings, stack, pages)
        if link:
            await link.start()
            stack.push_async_callback(link.close)
        turning = asyncio.create_task(loop.run(), name="loop")
        scheduler.start()
        log.info("started", extra={"url": site, "socket_mode": settings.is_socket_mode})
        if settings.alert_channel is None:
            log.info("alerts.off", extra={"why": "ALERT_CHANNEL is not set"})
        try:
            yield Dialtone(ports, loop, site)
        finally:
            await loop.stop(grace_s)
            scheduler.stop()
            await turning
            log.info("stopped")


async def run(settings: Settings, clock: Clock | None = None) -> None:
    """Run until SIGTERM or SIGINT. SIGHUP reads the policy's file anew, where there is one."""
    stopping = asyncio.Event()
    starting = asyncio.current_task()

    def stop() -> None:
        stopping.set()
        if starting:  # it may wait for a database, or for another Dialtone
            starting.cancel()

    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop)
    hung_up = asyncio.Event()
    if settings.policy_file:  # else the signal keeps its meaning: the terminal has gone
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up.set)
    try:
        async with running(settings, clock=clock) as bot, rereading(bot.ports, hung_up):
            starting = None
            gc.collect()
            gc.freeze()  # what was imported stays: looking through it again takes 50 ms each time
            await stopping.wait()
            log.info("stopping")
    except asyncio.CancelledError:
        if not stopping.is_set():
            raise
        log.info("stopped")


def policy_source(settings: Settings) -> PolicySource:
    """The rules of approval; () where APPROVERS stand for them. Raises BadSettings."""
    if settings.policy_file is None:
        return FixedPolicy(Policy(()))
    try:
        return FilePolicy(settings.policy_file)
    except BadPolicy as error:
        raise BadSettings(f"POLICY_FILE: {error}") from None


def _limit_rules(settings: Settings) -> LimitRules:
    return LimitRules(
        channel_id=settings.alert_channel,
        thresholds=settings.limit_alert_at,
        every=timedelta(minutes=settings.limit_check_minutes),
    )


def rules(settings: Settings) -> Rules:
    return Rules(
        approvers=settings.approvers,
        requesters=settings.requesters,
        self_approval=settings.self_approval,
        approval_channel=settings.approval_channel,
    )


def _messenger(
    settings: Settings, client: AsyncWebClient, session: aiohttp.ClientSession, metrics: Metrics
) -> SlackMessenger:
    # Slack's response_urls live on a host of their own; a stand-in serves both.
    is_slack = urlsplit(settings.slack_api_url).hostname == "slack.com"
    home = SLACK if is_slack else settings.slack_api_url
    response_urls = ResponseUrls(session, home, metrics.slack_called)
    return SlackMessenger(client, response_urls, rules(settings))


def slack_client(
    settings: Settings,
    session: aiohttp.ClientSession,
    token: str | None = None,
    on_call: OnCall | None = None,
    clock: Clock | None = None,
) -> AsyncWebClient:
    """With a clock, what Slack throttles is held back; Socket Mode's client waits by itself."""
    options = {
        "token": token or settings.slack_bot_token.get_secret_value(),
        "base_url": settings.slack_api_url,
        "session": session,  # else every call opens one, with a TLS handshake each
        "timeout": SLACK_TIMEOUT_S,
        "retry_handlers": [],  # the default one posts a message twice when its answer is lost
        "logger": logging.getLogger("slack_sdk"),
    }
    return PacedClient(clock, on_call, **options) if clock else TimedClient(on_call, **options)


def _app(settings: Settings, client: AsyncWebClient, identity: SlackIdentity) -> AsyncApp:
    secret = settings.slack_signing_secret
    logger = logging.getLogger("slack_bolt")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it warns of the token in the environment, which is right there
    app = AsyncApp(
        name="dialtone",  # else it looks through the whole stack's sources for one
        client=client,
        signing_secret=secret.get_secret_value() if secret else "",
        authorize=lambda **_: identity.authorize(),  # Bolt takes no bound method
        process_before_response=True,  # the answer leaves when the listener has committed
        logger=logger,
    )
    logger.setLevel(level)

    async def with_our_client(context: AsyncBoltContext, next_: Next) -> None:
        context["client"] = client  # Bolt makes one per request, which nobody times
        await next_()

    app.middleware(with_our_client)
    return app


def _socket_link(
    settings: Settings, app: AsyncApp, session: aiohttp.ClientSession, metrics: Metrics
) -> SocketLink | None:
    if settings.slack_app_token is None:
        return None
    token = settings.slack_app_token.get_secret_value()
    on_call = metrics.slack_called
    return SocketLink(app, token, lambda: slack_client(settings, session, token, on_call))


async def _check_tokens(
    settings: Settings, client: AsyncWebClient, identity: SlackIdentity
) -> None:
    """A token that Slack refuses stops the start; a Slack that is away does not."""
    problem = await identity.problem()
    if problem in REFUSED:
        raise BadSettings(
            f"SLACK_BOT_TOKEN is refused by Slack ({problem}): copy the Bot User OAuth Token of "
            "the installed app again."
        )
    if settings.slack_app_token is not None and not problem:
        token = settings.slack_app_token.get_secret_value()
        problem = await app_token_problem(client, token)
        if problem in REFUSED:
            raise BadSettings(
                f"SLACK_APP_TOKEN is refused by Slack ({problem}): make an app-level token with "
                "the scope connections:write under Basic Information and copy it again."
            )
    if problem:
        log.warning("slack.away", extra={"why": problem})


async def _serve(settings: Settings, stack: AsyncExitStack, site: aiohttp_web.Application) -> str:
    """Serve; the address. Port 0 takes a free one."""
    runner = aiohttp_web.AppRunner(site, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        listening = aiohttp_web.TCPSite(runner, settings.host, settings.port)
        await listening.start()
    except OSError as error:
        raise BadSettings(
            f"PORT {settings.port} on HOST {settings.host} cannot be listened on: "
            f"{error.strerror or error}."
        ) from error
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"
