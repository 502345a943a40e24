"""The policy as people write it, in TOML. Every fault is told with its line.

The format is in docs/policy.md.
"""

from bot.policy_file.keys import COMMANDS
from bot.policy_file.reading import BadPolicy, FilePolicy, parse, read
from bot.policy_file.rereading import rereading

__all__ = ["COMMANDS", "BadPolicy", "FilePolicy", "parse", "read", "rereading"]
