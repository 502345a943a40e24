"""python -m bot init: asks for what `.env` needs, checks each answer, and writes the file."""

from bot.init_command.command import main

__all__ = ["main"]
