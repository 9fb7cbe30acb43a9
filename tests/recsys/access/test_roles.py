import pytest

from recsys.access.roles import Role, role_of
from recsys.access.sign_in import Person
from recsys.errors import SettingsError
from recsys.settings import Settings

SETTINGS = Settings(
    employees="@shop.example, guest@Elsewhere.example",
    stakeholders="sari@shop.example,group:Product Team",
    administrators="group:search-admins",
)


def somebody(email: str | None = None, *groups: str) -> Person:
    return Person("https://accounts.example", "7", email, frozenset(groups))


@pytest.mark.parametrize(
    ("person", "role"),
    [
        (somebody("ana@shop.example"), Role.EMPLOYEE),
        (somebody("guest@elsewhere.example"), Role.EMPLOYEE),
        (somebody("sari@shop.example"), Role.STAKEHOLDER),
        (somebody(None, "Product Team"), Role.STAKEHOLDER),
        (somebody("sari@shop.example", "search-admins"), Role.ADMINISTRATOR),
        (somebody("ana@evil.shop.example"), None),
        (somebody("ana@evilshop.example"), None),
        (somebody("ana@shop.example@evil.example"), None),
        (somebody("other@elsewhere.example"), None),
        (somebody(None, "@shop.example", "product team", "group:search-admins"), None),
        (somebody(), None),
    ],
)
def test_a_person_has_the_highest_role_that_names_them(person: Person, role: Role | None) -> None:
    assert role_of(person, SETTINGS) is role


@pytest.mark.parametrize("entry", ["shop.example", "group:", "a@b@c", "ana@", "*"])
def test_an_entry_that_names_nobody_is_refused(entry: str) -> None:
    with pytest.raises(SettingsError, match="Expected people as"):
        role_of(somebody(), Settings(employees=f"@shop.example, {entry}"))
