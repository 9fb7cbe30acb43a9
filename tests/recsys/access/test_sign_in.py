"""Whose token counts, and what incomplete settings do not open."""

import pytest

from recsys.access.sign_in import Person, SignIn, person_of, sign_in_of
from recsys.errors import SettingsError
from recsys.settings import Settings, load_settings

NOW = 1_800_000_000
WHOLE = {
    "sign_in_issuer": "https://accounts.example/tenant/",
    "sign_in_client_id": "search",
    "sign_in_client_secret": "hush-hush",
    "sign_in_address": "https://search.example/shop/",
    "employees": "@shop.example",
}
CLAIMS = {"iss": "https://accounts.example/tenant", "sub": "7", "aud": "search", "iat": NOW - 60, "exp": NOW}


@pytest.fixture
def sign_in() -> SignIn:
    found = sign_in_of(Settings(**WHOLE))
    assert found
    return found


def test_nothing_set_is_no_sign_in() -> None:
    assert sign_in_of(Settings()) is None


def test_the_addresses_follow_from_the_issuer_and_the_app(sign_in: SignIn) -> None:
    assert sign_in.metadata_url == "https://accounts.example/tenant/.well-known/openid-configuration"
    assert sign_in.redirect_uri == "https://search.example/shop/oauth2callback"


@pytest.mark.parametrize("forgotten", sorted(WHOLE))
def test_what_is_forgotten_is_named_and_no_secret(forgotten: str) -> None:
    settings = Settings(**{name: value for name, value in WHOLE.items() if name != forgotten})
    with pytest.raises(SettingsError, match=f"Expected .*RECSYS_{forgotten.upper()}.* with RECSYS_") as refusal:
        sign_in_of(settings)
    assert "hush-hush" not in str(refusal.value)
    with pytest.raises(SettingsError):
        sign_in_of(Settings(**{forgotten: WHOLE[forgotten]}))


def test_an_empty_variable_is_none() -> None:
    assert sign_in_of(Settings(sign_in_issuer="", sign_in_client_secret="", employees=" ")) is None


@pytest.mark.parametrize("issuer", ["http://accounts.example", "accounts.example", "https://u:p@accounts.example"])
def test_an_issuer_beyond_loopback_has_https(issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_SIGN_IN_ISSUER", issuer)
    with pytest.raises(SettingsError, match="RECSYS_SIGN_IN_ISSUER"):
        load_settings()


def test_the_secret_is_shown_nowhere(sign_in: SignIn) -> None:
    assert "hush-hush" not in repr(sign_in) + repr(Settings(**WHOLE))


@pytest.mark.parametrize("audience", ["search", ["other", "search"]])
def test_a_token_for_this_app_is_somebody(sign_in: SignIn, audience: object) -> None:
    claims = {**CLAIMS, "aud": audience, "email": "Ana@Shop.example", "groups": ["a", "b", 3]}
    expected = Person("https://accounts.example/tenant", "7", "ana@shop.example", frozenset("ab"))
    assert person_of(claims, sign_in, NOW) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "other"},
        {"aud": "other", "azp": "search"},  # which Authlib accepts
        {"aud": None},
        {"aud": {"search": 1}},
        {"iss": "https://accounts.example/another"},
        {"iss": None},
        {"sub": ""},
        {"sub": None},
        {"iat": None},
        {"iat": NOW - 12 * 3600},
        {"iat": NOW + 600},
    ],
)
def test_any_other_token_is_nobody(sign_in: SignIn, wrong: dict[str, object]) -> None:
    assert person_of({**CLAIMS, **wrong}, sign_in, NOW) is None


@pytest.mark.parametrize("is_verified", [False, "false", "False"])
def test_an_address_that_is_not_confirmed_does_not_count(sign_in: SignIn, is_verified: object) -> None:
    person = person_of({**CLAIMS, "email": "ana@shop.example", "email_verified": is_verified}, sign_in, NOW)
    assert person
    assert person.email is None


@pytest.mark.parametrize("email", ["ana@\N{KELVIN SIGN}alcare.example", "ana", 5, None])
def test_an_address_that_could_be_mistaken_for_another_does_not_count(sign_in: SignIn, email: object) -> None:
    person = person_of({**CLAIMS, "email": email}, sign_in, NOW)
    assert person
    assert person.email is None


def test_a_pseudonym_is_the_same_for_a_person_and_needs_the_secret() -> None:
    ana, budi = Person("https://a.example", "1"), Person("https://a.example", "2")
    assert ana.pseudonym("secret") == Person("https://a.example", "1", "new@a.example").pseudonym("secret")
    names = {ana.pseudonym("secret"), budi.pseudonym("secret"), ana.pseudonym("another")}
    assert {len(name) for name in names} == {43}
    assert len(names) == 3
