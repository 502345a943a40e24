"""Whether a provider takes the credentials that it was given; asked by `doctor` and by `init`."""

import html

from bot.domain.errors import BadCredentials, ProviderError
from bot.domain.finding import Finding, Level
from bot.ports import Provider
from handlers.wording import say


async def check_account(provider: Provider, credentials: str) -> Finding:
    """OK, WRONG where they are refused, UNCHECKED where it could not say. `credentials` are the
    names of the settings. Spends and changes nothing."""
    try:
        held = await provider.holdings()
    except BadCredentials:
        said = f"the credentials are refused: copy {credentials} again"
        return Finding(Level.WRONG, provider.title, said)
    except ProviderError as error:
        return Finding(Level.UNCHECKED, provider.title, html.unescape(say(error.reason)))
    said = f"the credentials are accepted; on the account: {len(held)}"
    return Finding(Level.OK, provider.title, said)
