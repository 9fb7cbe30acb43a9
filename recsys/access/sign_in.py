"""Sign-in by OpenID Connect: the provider in the settings, and the person in a token's claims."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from recsys.errors import SettingsError
from recsys.settings import Settings

_NEEDED = ("sign_in_issuer", "sign_in_client_id", "sign_in_client_secret", "sign_in_address")
_LISTS = ("employees", "stakeholders", "administrators")
_CLOCKS_DIFFER_SECONDS = 120


@dataclass(frozen=True)
class SignIn:
    """A provider of accounts, this app's registration with it, and how many hours a sign-in is valid."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    address: str
    scope: str
    groups_claim: str
    hours: int

    @property
    def metadata_url(self) -> str:
        """The address of the provider's description of itself."""
        return f"{self.issuer}/.well-known/openid-configuration"

    @property
    def redirect_uri(self) -> str:
        """The address that the provider sends people back to; register it there."""
        return f"{self.address}/oauth2callback"


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in: the issuer's `subject`; the e-mail address is None if not confirmed."""

    issuer: str
    subject: str
    email: str | None = None
    groups: frozenset[str] = frozenset()

    def pseudonym(self, secret: str) -> str:
        """43 letters that stand for the person, and cannot be computed or guessed without the secret."""
        digest = hmac.digest(secret.encode(), f"person\n{self.issuer}\n{self.subject}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def sign_in_of(settings: Settings) -> SignIn | None:
    """The sign-in settings; None if there are none.

    Raises SettingsError if they are incomplete: a forgotten setting must not open the app.
    """
    named = [name for name in (*_NEEDED, *_LISTS) if _text(getattr(settings, name))]
    if not named:
        return None
    missing = [_variable(name) for name in _NEEDED if name not in named]
    if not any(name in named for name in _LISTS):
        missing.append(" or ".join(map(_variable, _LISTS)))
    if missing:
        raise SettingsError(
            f"Expected {', '.join(missing)} with {', '.join(map(_variable, named))}, got none: "
            "set what is missing, or unset all of them to serve without sign-in."
        )
    return SignIn(
        issuer=settings.sign_in_issuer.rstrip("/"),
        client_id=settings.sign_in_client_id,
        client_secret=settings.sign_in_client_secret or SecretStr(""),
        address=settings.sign_in_address.rstrip("/"),
        scope=settings.sign_in_scope,
        groups_claim=settings.sign_in_groups_claim,
        hours=settings.sign_in_hours,
    )


def person_of(claims: Mapping[str, Any], sign_in: SignIn, now: float) -> Person | None:
    """The person in the claims of a verified token, at `now` in seconds since 1970.

    None unless the token comes from this provider, was made for this app, and is still valid: the cookie that Streamlit
    stores outlives a change of the settings, and Authlib accepts a token for another app if this one is its authorized
    party.
    """
    issuer, subject, issued = claims.get("iss"), claims.get("sub"), claims.get("iat")
    if not (isinstance(issuer, str) and isinstance(subject, str) and subject and isinstance(issued, int | float)):
        return None
    if issuer.rstrip("/") != sign_in.issuer or sign_in.client_id not in _texts(claims.get("aud")):
        return None
    if not -_CLOCKS_DIFFER_SECONDS <= now - issued < sign_in.hours * 3600:
        return None
    return Person(sign_in.issuer, subject, _email(claims), frozenset(_texts(claims.get(sign_in.groups_claim))))


def _email(claims: Mapping[str, Any]) -> str | None:
    """The address in lower case; None if it is not confirmed, or has letters that could be mistaken for others."""
    email, is_verified = claims.get("email"), claims.get("email_verified")
    if is_verified is False or str(is_verified).lower() == "false":  # some providers send it as a string
        return None
    return email.lower() if isinstance(email, str) and email.isascii() and "@" in email else None


def _texts(value: object) -> list[str]:
    """A claim that is one text or several, as a list."""
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _text(value: str | SecretStr | None) -> str:
    return (value.get_secret_value() if isinstance(value, SecretStr) else value or "").strip()


def _variable(name: str) -> str:
    return f"RECSYS_{name.upper()}"
