"""One spelling for each e-mail address, so that limits, draws and accounts count a mailbox once. Pure."""

import idna

_MAX_LENGTH = 320  # characters, RFC 5321: 64, "@" and 255


def canonical_email(text: str) -> str:
    """Return the address with its domain in the ASCII form of IDNA (UTS 46). Raises ValueError if it has none.

    Mail software ignores zero-width characters and soft hyphens in a domain and treats full-width letters as ordinary ones, so
    one mailbox could otherwise be written in any number of ways. Directional characters are refused. So are a quoted local
    part, which is another spelling of the unquoted one, and an IP address as the domain, which no shopper has. ASCII domains
    keep their case.
    """
    local, at, domain = text.rpartition("@")
    if not at or len(text) > _MAX_LENGTH or '"' in local or domain.startswith("["):
        raise ValueError("not an address")
    if domain.isascii() and "xn--" not in domain.lower():
        return text
    return f"{local}@{idna.encode(domain, uts46=True, std3_rules=True).decode()}"
