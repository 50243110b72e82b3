"""What a command's exit status means to the script that called it."""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """Exit status of every ``sohoa`` command; ``docs/exit-codes.md`` lists them from here.

    Attributes:
        meaning: one English sentence.
    """

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """Make a member that is its number and carries its meaning."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = (0, "Everything asked for was done.")
    USAGE = (2, "The command line is wrong; the message shows how it should be.")
    HELD = (3, "With --strict: the run is complete, but files or records wait for a person.")
    INPUT = (4, "Nothing usable was given: a path does not exist or no file could be read.")
    STORE = (5, "The object store cannot be reached or refused to take, lock or return a file.")
    SERVICES = (6, "A server is not running, not installed, or did not get ready.")
    INTEGRITY = (7, "A stored copy is not what was sealed: changed, unlocked, gone; or the log was altered.")
    CONFIG = (8, "A setting is unknown or has a value that cannot be used.")
    BUSY = (9, "Another instance holds the data folder.")
    REFUSED = (10, "A package was not made or not taken, because it does not pass its check.")
    INTERNAL = (70, "A fault of the program itself; please report it with the details shown.")
    INTERRUPTED = (130, "Stopped by Ctrl-C.")
