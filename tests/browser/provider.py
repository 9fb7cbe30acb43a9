"""A provider of accounts on loopback, which the app uses for sign-in like a company's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.browser.apps import free_port, wait_for


@dataclass(frozen=True)
class Provider:
    """A running provider, identified by the issuer in its tokens."""

    issuer: str

    def register(self, redirect_uri: str) -> dict[str, str]:
        """Register the app; return the settings it then needs."""
        body = {"redirect_uris": [redirect_uri]}
        client = httpx.post(f"{self.issuer}/oauth2/clients", json=body).raise_for_status().json()
        return {
            "RECSYS_SIGN_IN_ISSUER": self.issuer,
            "RECSYS_SIGN_IN_CLIENT_ID": client["client_id"],
            "RECSYS_SIGN_IN_CLIENT_SECRET": client["client_secret"],
        }

    def add(self, subject: str, **claims: object) -> None:
        """Add an account; `claims` are added to its tokens' usual ones, or replace them."""
        httpx.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()


@contextmanager
def running_provider(folder: Path) -> Iterator[Provider]:
    """Start a provider without accounts; its log goes below `folder`."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-registration", "true"]
    with (folder / "provider-log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/.well-known/openid-configuration", process)
        yield Provider(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)
