"""How many scans a JPEG has: pure.

A progressive picture is told in scans, each over all of it, and one of fourteen bytes costs as much CPU as a long one: 20 MB of
them keep a decoder busy for hours, and no reader of ours counts them. Encoders write some ten.

Source: ITU-T T.81, annex B (markers and segments).
"""

import re

MOST = 100
_SOS, _EOI, _TEM = 0xDA, 0xD9, 0x01
_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_ALONE = {_TEM, 0xD8, *range(0xD0, 0xD8)}  # markers without a length: TEM, SOI, RSTn


def has_too_many_scans(content: bytes) -> bool:
    """Whether the first picture in it has more than MOST. What stands behind its end (a phone's film) is not looked at."""
    at, scans = 2, 0
    while found := _MARKER.search(content, at):
        marker, at = found[1][0], found.end()
        if marker == _EOI:
            return False
        if marker in _ALONE:
            continue
        scans += marker == _SOS
        if scans > MOST:
            return True
        at += int.from_bytes(content[at : at + 2], "big")  # what follows a scan's head is searched for the next marker
    return False
