"""One spelling for each e-mail address, so that a mailbox is one mailbox to limits, draws and accounts. Pure."""

import idna

_LONGEST = 320  # characters, RFC 5321: 64, "@" and 255


def canonical_email(text: str) -> str:
    """The address with its domain in the ASCII form of IDNA (UTS 46). Raises ValueError for what has none.

    Mail programs leave out zero-width marks and soft hyphens of a domain and read full-width letters as letters, so any number
    of addresses would be one mailbox. Directional characters are refused; so is a local part in quotes, which is another
    spelling of the one without, and an IP address for a domain, which no shopper has. Case stays as it is in ASCII domains.
    """
    local, at, domain = text.rpartition("@")
    if not at or len(text) > _LONGEST or '"' in local or domain.startswith("["):
        raise ValueError("not an address")
    if domain.isascii() and "xn--" not in domain.lower():
        return text
    return f"{local}@{idna.encode(domain, uts46=True, std3_rules=True).decode()}"
