"""What somebody who has signed in may do, by e-mail address, domain or group."""

from enum import IntEnum

from recsys.access.sign_in import Person
from recsys.errors import SettingsError
from recsys.settings import Settings

_GROUP = "group:"


class Role(IntEnum):
    """A role; it includes the permissions of those before it."""

    EMPLOYEE = 1
    """Searches, and answers the poll."""
    STAKEHOLDER = 2
    """Reads remarks and usage, and downloads answers."""
    ADMINISTRATOR = 3
    """Starts and stops jobs, and measures quality."""


def role_of(person: Person, settings: Settings) -> Role | None:
    """The highest role that the settings give to the person, if any. Raises SettingsError."""
    named = {
        Role.ADMINISTRATOR: settings.administrators,
        Role.STAKEHOLDER: settings.stakeholders,
        Role.EMPLOYEE: settings.employees,
    }
    entries = {role: _entries(text) for role, text in named.items()}
    return next((role for role, texts in entries.items() if any(_is_meant(person, text) for text in texts)), None)


def check_roles(settings: Settings) -> None:
    """Raise SettingsError if an entry of the settings matches nobody."""
    role_of(Person("", ""), settings)


def _entries(text: str) -> list[str]:
    entries = [entry.strip() for entry in text.split(",") if entry.strip()]
    for entry in entries:
        is_email = entry.count("@") == 1 and not entry.endswith("@")
        if not (is_email or (entry.startswith(_GROUP) and entry != _GROUP)):
            raise SettingsError(
                f"Expected people as name@example.com, @example.com or {_GROUP}NAME, separated by commas, "
                f"got {entry!r}: correct RECSYS_EMPLOYEES, RECSYS_STAKEHOLDERS or RECSYS_ADMINISTRATORS."
            )
    return entries


def _is_meant(person: Person, entry: str) -> bool:
    if entry.startswith(_GROUP):
        return entry.removeprefix(_GROUP) in person.groups
    if person.email is None:
        return False
    email = entry.lower()
    return person.email.rpartition("@")[2] == email[1:] if email.startswith("@") else person.email == email
