"""Every environment variable: its type, default and meaning. Read once, at the edge.

Longer than other files because the table of variables is kept whole.
"""

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    SecretStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.domain.approval import Roster
from bot.domain.price import Price

_POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
_WEEK = 7 * 24 * 60  # minutes
_NO_WAY_IN = "SLACK_SIGNING_SECRET is not set; it is needed unless SLACK_APP_TOKEN is set"
_WAYS_IN = frozenset({"slack_signing_secret", "slack_app_token"})


class BadSettings(Exception):
    """The bot cannot start: `str()` is one sentence naming the variable and what it wants."""


def _wants(what: str) -> WrapValidator:
    """Replace whatever the checks before it say by one phrase that never repeats the value."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValueError:
            raise ValueError(f"wants {what}") from None

    return WrapValidator(check)


def _secret(start: str = "") -> AfterValidator:
    # Anything but visible ASCII cannot travel in an HTTP header: a token cut or copied badly.
    shape = re.compile(re.escape(start) + r"[!-~]+")

    def check(secret: SecretStr) -> SecretStr:
        if not shape.fullmatch(secret.get_secret_value()):
            raise ValueError
        return secret

    return AfterValidator(check)


def _http_url(text: str) -> str:
    url = urlsplit(text)
    _ = url.port  # raises ValueError where it is no port
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError
    if url.username or url.password or url.query or url.fragment or re.search(r"\s", text):
        raise ValueError
    return text.rstrip("/")


def _database_url(text: str) -> SecretStr:
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if scheme in _POSTGRESQL and rest:
        return SecretStr(f"postgresql+psycopg://{rest}")
    if scheme == "sqlite" and rest.startswith("/"):
        if rest[1:].partition("?")[0] in {"", ":memory:"}:
            raise ValueError("wants a file after sqlite:///, as purchases must outlive the process")
        return SecretStr(f"sqlite://{rest}")
    wanted = "wants sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    if separator and re.fullmatch(r"[a-z][a-z0-9+]{0,20}", scheme) and scheme != "sqlite":
        raise ValueError(f"{wanted}, not {scheme}://")
    raise ValueError(wanted)


def _roster(text: str) -> Roster:
    try:
        return Roster.parse(text)
    except ValueError as error:
        raise ValueError(
            f"wants Slack ids separated by commas, U… or W… for people and S… for user groups,"
            f" but {error}"
        ) from None


def _thresholds(text: str) -> tuple[Decimal, ...]:
    parts = [part for part in (part.strip() for part in text.split(",")) if part]
    if not parts or not all(re.fullmatch(r"[0-9]{0,9}\.?[0-9]{1,9}", part) for part in parts):
        raise ValueError
    found = {Decimal(part) for part in parts}
    if min(found) <= 0 or max(found) > 1:
        raise ValueError
    return tuple(sorted(found))


BotToken = Annotated[SecretStr, _secret("xoxb-"), _wants("a bot token, which starts with xoxb-")]
AppToken = Annotated[SecretStr, _secret("xapp-"), _wants("an app token, which starts with xapp-")]
Secret = Annotated[SecretStr, _secret(), _wants("the value as it was issued, without spaces")]
HttpUrl = Annotated[
    str, AfterValidator(_http_url), _wants("an address such as https://api.example.com")
]
# slack_sdk appends the method's name as it is.
SlackApiUrl = Annotated[HttpUrl, AfterValidator(lambda url: f"{url}/")]
DatabaseUrl = Annotated[SecretStr, PlainValidator(_database_url)]
PriceText = Annotated[
    Price, NoDecode, PlainValidator(Price.parse), _wants("a price such as 100.00 USD")
]
RosterText = Annotated[Roster, NoDecode, PlainValidator(_roster)]
Channel = Annotated[
    str, Field(pattern=r"^[CGD][A-Z0-9]{2,}$"), _wants("a channel's id, starting with C, G or D")
]
Thresholds = Annotated[
    tuple[Decimal, ...],
    NoDecode,
    PlainValidator(_thresholds),
    _wants("numbers above 0 and up to 1, separated by commas, such as 0.8,1.0"),
]
PolicyFile = Annotated[Path, _wants("the path of a file, such as policy.toml")]
Port = Annotated[int, Field(ge=0, le=65535), _wants("a port number from 0 to 65535")]
Minutes = Annotated[int, Field(gt=0, le=_WEEK), _wants(f"a whole number from 1 to {_WEEK}")]
FractionalMinutes = Annotated[
    float, Field(gt=0, le=_WEEK), _wants(f"a number above 0 and up to {_WEEK}, such as 5 or 0.5")
]
# Shown to people inside a sentence.
Name = Annotated[
    str,
    Field(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$"),
    _wants("a name of up to 40 characters on one line"),
]
Confirms = Annotated[int, Field(ge=1, le=1000), _wants("a whole number from 1 to 1000")]
YesNo = Annotated[bool, _wants("true or false")]
LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    BeforeValidator(str.upper),
    _wants("DEBUG, INFO, WARNING, ERROR or CRITICAL"),
]
LogFormat = Annotated[Literal["json", "text"], BeforeValidator(str.lower), _wants("json or text")]


class _Read(BaseSettings):
    """How variables are read; the fields are their names in lower case."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=False,  # defaults are written as the values they stand for
        env_ignore_empty=True,
        env_file_encoding="utf-8",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings fixes the signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - `load` hands the environment in
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not used
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, dotenv_settings

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        stripped = {name: str(value or "").strip() for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value}


class Settings(_Read):
    """What the operator decided. Made by `load`."""

    slack_bot_token: BotToken = Field(description="bot token of the Slack app, xoxb-…")
    slack_signing_secret: Secret | None = Field(
        None, description="signing secret of the Slack app; needed unless SLACK_APP_TOKEN is set"
    )
    slack_app_token: AppToken | None = Field(
        None, description="app-level token, xapp-…; set = Socket Mode, no public address needed"
    )
    slack_api_url: SlackApiUrl = Field(
        "https://slack.com/api/", description="base of Slack's Web API"
    )
    host: str = Field("0.0.0.0", description="address HTTP is served on")  # noqa: S104 - documented
    port: Port = Field(
        3000, description="port HTTP is served on (Slack posts to /slack/events); 0 = any free one"
    )
    database_url: DatabaseUrl = Field(
        SecretStr("sqlite:///dialtone.db"),
        description="where purchases are kept: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
    )
    sendblue_api_key_id: Secret | None = Field(
        None,
        description="Sendblue's key id; unset = /line buy, list and limits say that Sendblue is not"
        " set up",
    )
    sendblue_api_secret_key: Secret | None = Field(
        None, description="Sendblue's secret key; set together with SENDBLUE_API_KEY_ID"
    )
    sendblue_api_url: HttpUrl = Field("https://api.sendblue.com", description="base of Sendblue")
    sendblue_line_price: PriceText = Field(
        Price.parse("100.00 USD"), description="price per line and month, shown on the card"
    )
    magpipe_api_token: Secret | None = Field(
        None, description="Magpipe's token; unset = /number says that Magpipe is not set up"
    )
    magpipe_api_url: HttpUrl = Field(
        "https://mtxbiyilvgwhbdptysex.supabase.co/functions/v1",
        description="base of Magpipe; the same service: https://api.magpipe.ai/functions/v1",
    )
    magpipe_number_price: PriceText = Field(
        Price.parse("2.00 USD"),
        description="price per number and month where Magpipe's search gives none",
    )
    number_preview_minutes: Minutes = Field(
        10, description="how long a card for /number can be approved, in whole minutes"
    )
    confirms_at_once: Confirms = Field(
        8, description="how many purchases of one provider are sent at once; the others wait"
    )
    approvers: RosterText = Field(
        description="who may approve: user ids U… and W…, user groups S…, comma-separated"
    )
    requesters: RosterText | None = Field(
        None, description="who may ask, written the same way; unset = every full member"
    )
    policy_file: PolicyFile | None = Field(
        None, description="file with the rules of approval; unset = APPROVERS approve everything"
    )
    self_approval: YesNo = Field(
        default=False, description="true = approvers may approve their own requests"
    )
    approval_channel: Channel | None = Field(
        None, description="id of the channel cards go to; unset = the channel of the command"
    )
    alert_channel: Channel | None = Field(
        None, description="id of the channel told about purchase limits; unset = no alerts"
    )
    limit_alert_at: Thresholds = Field(
        (Decimal("0.8"), Decimal("1.0")),
        description="shares of a purchase limit at which an alert is sent, beside one left",
    )
    limit_check_minutes: FractionalMinutes = Field(
        5.0, description="minutes between two checks of the limits; may be a fraction"
    )
    instance_name: Name | None = Field(
        None,
        description="what this Dialtone calls itself where there are several, such as staging",
    )
    log_level: LogLevel = Field("INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL")
    log_format: LogFormat = Field("json", description="json or text")

    @model_validator(mode="after")
    def _belong_together(self) -> "Settings":
        problems = []
        if self.slack_signing_secret is None and self.slack_app_token is None:
            problems.append(_NO_WAY_IN)
        pair = [
            ("SENDBLUE_API_KEY_ID", self.sendblue_api_key_id),
            ("SENDBLUE_API_SECRET_KEY", self.sendblue_api_secret_key),
        ]
        for (name, value), (other, other_value) in (pair, pair[::-1]):
            if value is None and other_value is not None:
                problems.append(f"{name} is not set; {other} needs it")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def prices(self) -> Mapping[str, Price]:
        """What one costs at each provider per month, where the provider itself does not say."""
        return {"sendblue": self.sendblue_line_price, "magpipe": self.magpipe_number_price}

    @property
    def is_socket_mode(self) -> bool:
        return self.slack_app_token is not None

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.get_secret_value().startswith("sqlite:")

    def secret_values(self) -> tuple[str, ...]:
        """Every secret in clear, for `logs.configure`, which keeps them out of the log."""
        secrets = {name: value for name, value in self if isinstance(value, SecretStr)}
        url = urlsplit(secrets.pop("database_url").get_secret_value())
        password = url.netloc.rpartition("@")[0].partition(":")[2]
        values = [secret.get_secret_value() for secret in secrets.values()]
        return tuple(dict.fromkeys(v for v in (*values, password, unquote(password)) if v))


class RuleSettings(_Read):
    """What the rules of approval go by; the other settings may be missing. Made by `load_rules`."""

    model_config = SettingsConfigDict(extra="ignore")

    policy_file: PolicyFile | None = None
    approvers: RosterText | None = None
    sendblue_line_price: PriceText = Settings.model_fields["sendblue_line_price"].default
    magpipe_number_price: PriceText = Settings.model_fields["magpipe_number_price"].default

    @property
    def prices(self) -> Mapping[str, Price]:
        """As in `Settings`."""
        return {"sendblue": self.sendblue_line_price, "magpipe": self.magpipe_number_price}


_Kind = TypeVar("_Kind", Settings, RuleSettings)


def load(environ: Mapping[str, str] = os.environ, env_file: Path | None = Path(".env")) -> Settings:
    """Read the environment, then `env_file` for what it leaves unset; BadSettings if it is wrong.

    Variables of others in `environ` are none of our business; in `env_file` they are an error.
    """
    settings = _read(Settings, environ, env_file)
    if settings.is_sqlite and environ.get("DYNO"):
        raise BadSettings(
            "DATABASE_URL wants postgresql://USER:PASSWORD@HOST/NAME here: DYNO is set, so this is"
            " Heroku, whose disk vanishes at every restart, and an SQLite file with it."
        )
    return settings


def load_rules(
    environ: Mapping[str, str] = os.environ, env_file: Path | None = Path(".env")
) -> RuleSettings:
    """The same for the few that rules go by: no token is needed to check them. BadSettings also
    where there is neither a file nor APPROVERS."""
    settings = _read(RuleSettings, environ, env_file)
    if settings.policy_file is None and settings.approvers is None:
        said = "Neither POLICY_FILE nor APPROVERS is set, so there are no rules."
        raise BadSettings(said + _no_file(env_file))
    return settings


def _read(kind: type[_Kind], environ: Mapping[str, str], env_file: Path | None) -> _Kind:
    ours = {
        name: environ[name.upper()]
        for name in kind.model_fields
        if environ.get(name.upper(), "").strip()
    }
    values: dict[str, Any] = {"_env_file": env_file, **ours}
    try:
        return kind(**values)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    except (OSError, UnicodeDecodeError):
        raise BadSettings(f"{env_file} cannot be read as a text file in UTF-8.") from None
    sentences = [_sentence(problem) for problem in problems]
    missing = [problem for problem in problems if problem["type"] == "missing"]
    if missing and not _WAYS_IN & missing[0]["input"].keys():  # of such a one, everything given
        sentences.append(_NO_WAY_IN)
    raise BadSettings("; ".join(sentences) + "." + (_no_file(env_file) if missing else ""))


def _no_file(env_file: Path | None) -> str:
    """Where whoever has set nothing yet begins."""
    if env_file is None or env_file.exists():
        return ""
    return f" There is no {env_file} here: `make init` writes one."


def _sentence(problem: ErrorDetails) -> str:
    if not problem["loc"]:
        return str(problem["ctx"]["error"])  # from _belong_together, which names the variables
    name = str(problem["loc"][0]).upper()
    if problem["type"] == "missing":
        wanted = Settings.model_fields[name.lower()].description
        return f"{name} is not set ({wanted})"
    if problem["type"] == "extra_forbidden":
        if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,40}", name):
            return "a line in .env does not start with a setting's name"  # it may hold a secret
        known = [field.upper() for field in Settings.model_fields]
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{name} in .env is not a setting of Dialtone{hint}"
    return f"{name} {problem['ctx']['error']}"
