"""When something was handed in or is due: texts as nbgrader's exchange, its commands and people write them."""

import datetime
import functools
import os
import stat
import zoneinfo
from pathlib import Path

from dateutil import parser

FILE = "timestamp.txt"
_FORM = "write it as 2026-11-20 23:59:00 UTC or as 2026-11-20 23:59:00 +0100"
_DEFAULTS = (datetime.datetime(2000, 1, 1), datetime.datetime(2001, 2, 2))


def parse(text: str, zone: str = "") -> datetime.datetime:
    """The time that a text says, in UTC and without a zone of its own; a text without one is in UTC.

    An abbreviation is looked up in `zone`, the course's, then in all of them. Raises ValueError, which says what form
    is meant, for what is no time, or could be several.
    """
    clock, _, last = text.strip().rpartition(" ")
    try:
        if "/" in last and last in _zones():
            local = parser.parse(clock)
            return local - local.replace(tzinfo=zoneinfo.ZoneInfo(last)).utcoffset()
        local, name, offset = _split(text.strip())
        if name and offset is None:
            offset = _offset(name, local.year, zone)
        return local - (offset or datetime.timedelta())
    except (parser.ParserError, OverflowError) as error:
        raise ValueError(f"{text[:60]!r} is no time: {_FORM}") from error


def _split(text):
    """The clock's time, the zone's name and its offset, as far as a text has them."""
    found = {}

    def keep(name, seconds):
        found["zone"] = name, None if seconds is None else datetime.timedelta(seconds=seconds)

    # What a text leaves out is taken from the default: where two of them give different times, it is no whole time.
    times = {parser.parse(text, default=default, tzinfos=keep) for default in _DEFAULTS}
    if len(times) > 1:
        raise parser.ParserError("incomplete")
    return times.pop(), *found["zone"]


def _offset(name, year, zone):
    found = zone and _names(zone, year).get(name)
    offsets = {found} if found else {known[name] for one in _zones() if name in (known := _names(one, year))}
    if len(offsets) == 1:
        return offsets.pop()
    what = "could be " + " or ".join(map(_shown, sorted(offsets))) if offsets else "is no zone's name"
    raise ValueError(f"{name} {what}: name yours as c.Exchange.timezone in nbgrader_config.py, or {_FORM}")


@functools.cache
def _zones():
    return zoneinfo.available_timezones()


@functools.cache
def _names(zone, year):
    """The abbreviations that a zone has in a year, with the offset that each stands for."""
    try:
        rules = zoneinfo.ZoneInfo(zone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return {}
    moments = [datetime.datetime(year, month, 1, 12, tzinfo=rules) for month in range(1, 13)]
    return {moment.tzname(): moment.utcoffset() for moment in moments}


def _shown(offset):
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def read(folder: Path, zone: str = "") -> datetime.datetime | None:
    """When the submission in a folder came, None where nothing says so; raises ValueError for what is no time."""
    path = folder / FILE
    if not os.path.lexists(path):
        return None
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ValueError("it is no plain file")
        text = path.read_text(encoding="utf-8")
        return parse(text, zone) if text.strip() else None
    except UnicodeDecodeError:
        reason = f"it is no text: {_FORM}"
    except (OSError, ValueError) as error:
        reason = str(error)
    raise ValueError(f"{FILE} says not when this came: {reason}")
