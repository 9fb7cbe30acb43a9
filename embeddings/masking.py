"""Addresses without their secrets, for everything that is shown, logged or stored."""

import re

MASK = "***"

# Both also match without the @ or the value, and then nothing is masked: text that cannot be a secret is scanned once,
# not again from each of its letters, however long a shop's address is. A password may contain an unescaped @, and even
# a slash, which a port cannot.
_CREDENTIALS = re.compile(r"(?<=//)(?:[^\s/?#@:\"'<>]*:(?!\d*[/?#])[^\s@\"'<>]*@?)?(?:[^\s/?#\"'<>]*@)?")
_SECRET = re.compile(
    r"(?P<name>(?:token|secret|passw|passphrase|pwd|signature|api[-_]?key|access[-_]?key|credential|auth|session|jwt)"
    r"[\w.%-]*|(?<=[?&;#])(?:key|pass|code|sig|sid|hmac)(?==))(?P<value>=[^\s&;#\"'<>]+)?",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Return the text with `***` for the credentials and the secret parameters of every address in it.

    Takes any text, such as an error's; what is already masked stays as it is.
    """
    without_credentials = _CREDENTIALS.sub(lambda found: f"{MASK}@" if found[0].endswith("@") else found[0], text)
    return _SECRET.sub(lambda found: f"{found['name']}={MASK}" if found["value"] else found[0], without_credentials)
