"""The middleware alone: in front of a small ASGI app, called without a server."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message
from starlette.websockets import WebSocket

from recsys.settings import Settings
from recsys.ui.door.cookie_secret import cookie_secret
from recsys.ui.door.door import door
from recsys.ui.door.limits import Allowance, Limits, SessionLimit, _paced
from recsys.ui.door.visitors import COOKIE

HERE = "http://localhost:8501"


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse(request.cookies.get(COOKIE, "nobody"))


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(socket.cookies.get(COOKIE, "nobody"))
    await socket.receive()


ROUTES = [Route("/{path:path}", page, methods=["GET", "PUT"]), WebSocketRoute("/_stcore/stream", stream)]


class Visitor:
    """A simplified browser that calls the app without a server in between."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(asked())

    def connect(self, **headers: str) -> str:
        """Open a session and leave again; tell what it was told, or how it was refused."""
        return asyncio.run(self.connected(asyncio.Event(), **headers, leave="now"))

    async def connected(self, left: asyncio.Event, leave: str = "", **headers: str) -> str:
        """Open a session until the event is set."""
        if leave:
            left.set()
        told: list[str] = []
        raw = [(name.lower().encode(), value.encode()) for name, value in {"Host": "localhost", **headers}.items()]
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": raw, "client": ("127.0.0.1", 1)}
        scope |= {"query_string": b"", "scheme": "ws", "subprotocols": [], "root_path": ""}
        scope["extensions"] = {"websocket.http.response": {}}
        first = [{"type": "websocket.connect"}]

        async def receive() -> Message:
            if first:
                return first.pop()
            await left.wait()
            return {"type": "websocket.disconnect", "code": 1000}

        async def send(message: Message) -> None:
            told.extend(str(message[key]) for key in ("text", "status") if key in message)

        await self._app(scope, receive, send)
        return "".join(told)


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    settings = Settings(home=tmp_path, hosts="shop.example, *.office.example")
    return Visitor(Starlette(routes=ROUTES, middleware=door(lambda: settings)))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8501", 200),
        ("127.0.0.1:8501", 200),
        ("[::1]:8501", 200),
        ("192.168.1.20", 200),
        ("shop.example", 200),
        ("a.office.example:443", 200),
        ("evil.example:8501", 400),
        ("office.example.evil", 400),
        ("", 400),
    ],
)
def test_the_app_answers_to_its_own_names_only(visitor: Visitor, host: str, status: int) -> None:
    assert visitor.ask("/", Host=host).status_code == status


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:3000", "null", "http://[", ""])
def test_a_page_of_another_origin_is_refused_at_once(visitor: Visitor, origin: str) -> None:
    assert visitor.ask("/_stcore/health", Origin=origin).status_code == 403
    assert visitor.connect(Origin=origin) == "403"


def test_a_page_of_the_app_itself_is_allowed(visitor: Visitor) -> None:
    assert visitor.connect(Origin="http://localhost") == "nobody"


@pytest.mark.parametrize(
    "path", ["/_stcore/upload_file/a/b", "/below/_stcore/upload_file/a/b", "/_stcore/metrics", "/_stcore/agent/v1"]
)
def test_addresses_that_the_app_does_not_use_are_closed(visitor: Visitor, path: str) -> None:
    assert (visitor.ask(path, "PUT").status_code, visitor.ask(path).status_code) == (404, 404)


def test_a_made_up_cookie_is_ignored(visitor: Visitor) -> None:
    assert visitor.ask("/", Cookie=f"{COOKIE}={'v' * 43}").text == "nobody"
    assert visitor.connect(Cookie=f"{COOKIE}={'v' * 43}") == "nobody"


def test_no_other_cookie_brings_a_made_up_one_in(visitor: Visitor) -> None:
    hidden = f'{COOKIE}=x; a="b\\073 {COOKIE}={"v" * 43}"; c="d e"'
    assert visitor.connect(Cookie=hidden) == "nobody"
    assert visitor.ask("/", Cookie=hidden).text == "nobody"


def test_a_browser_keeps_the_name_that_it_was_given(visitor: Visitor) -> None:
    signed = visitor.ask("/").cookies[COOKIE]
    name = signed.partition(".")[0]
    again = visitor.ask("/", Cookie=f"a=1; {COOKIE}={signed}")
    assert (again.text, again.cookies[COOKIE]) == (name, signed)
    assert visitor.connect(Cookie=f"{COOKIE}={signed}") == name
    forged = "w" * 43 + signed[43:]
    assert visitor.connect(Cookie=f"{COOKIE}={forged}") == "nobody"


def test_processes_of_one_home_share_the_secret_and_it_is_the_owners(tmp_path: Path) -> None:
    first = cookie_secret(Settings(home=tmp_path))
    assert len(first) == 43
    assert (tmp_path / "records" / "cookie.key").read_text() == first
    assert (tmp_path / "records" / "cookie.key").stat().st_mode & 0o777 == 0o600


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "cookie.key").touch()
    assert len(cookie_secret(Settings(home=tmp_path))) > 32
    assert (tmp_path / "records" / "cookie.key").read_text()


def test_sessions_beyond_the_allowance_are_refused_and_others_still_served() -> None:
    visitor = Visitor(
        Limits(Starlette(routes=ROUTES), Allowance(sessions=3, browser=SessionLimit(2, begun_per_minute=9)))
    )

    async def crowd() -> tuple[list[str], str]:
        left = asyncio.Event()
        tasks = [
            asyncio.create_task(visitor.connected(left, Cookie=f"{COOKIE}={browser}"))
            for browser in ("a", "a", "a", "b", "c")
        ]
        await asyncio.sleep(0.05)
        left.set()
        told = await asyncio.gather(*tasks)
        return told, await visitor.connected(left, Cookie=f"{COOKIE}=a")

    assert asyncio.run(crowd()) == (["a", "a", "503", "b", "503"], "a")


def test_an_office_behind_one_address_is_served_at_once() -> None:
    visitor = Visitor(Limits(Starlette(routes=ROUTES), Allowance(address=SessionLimit(50, begun_per_minute=99))))

    async def crowd() -> list[str]:
        left = asyncio.Event()
        tasks = [asyncio.create_task(visitor.connected(left)) for _ in range(52)]
        await asyncio.sleep(0.05)
        left.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(crowd()) == ["nobody"] * 50 + ["503"] * 2


def test_no_address_takes_every_session_however_many_browsers_it_is() -> None:
    visitor = Visitor(
        Limits(Starlette(routes=ROUTES), Allowance(sessions=9, address=SessionLimit(5, begun_per_minute=99)))
    )

    async def crowd() -> list[str]:
        left = asyncio.Event()
        tasks = [asyncio.create_task(visitor.connected(left, Cookie=f"{COOKIE}={number}")) for number in range(7)]
        await asyncio.sleep(0.05)
        left.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(crowd()) == ["0", "1", "2", "3", "4", "503", "503"]


def test_messages_after_a_burst_come_no_faster_than_allowed() -> None:
    async def receive() -> dict[str, object]:
        return {"type": "websocket.receive", "bytes": b""}

    async def read(number: int) -> float:
        paced = _paced(receive, Allowance(messages_per_second=100, burst=10))
        begun = time.monotonic()
        for _ in range(number):
            await paced()
        return time.monotonic() - begun

    assert asyncio.run(read(10)) < 0.05
    assert asyncio.run(read(30)) >= 0.19


def test_every_response_says_what_its_page_may_do(visitor: Visitor) -> None:
    headers = visitor.ask("/anything").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in headers["Content-Security-Policy"]
    script = headers["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    assert "unsafe-inline" not in script
    assert "'sha256-" in script
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


async def signed_in(request: Request) -> Response:
    """Respond like Streamlit when the provider sends somebody back: with the cookie, or without."""
    answer = RedirectResponse("/")
    if request.query_params.get("code") == "good":
        answer.set_cookie("_streamlit_user", "signed", httponly=True)
    else:
        answer.delete_cookie("_streamlit_user")
    return answer


async def out_of_reach(_request: Request) -> Response:
    return PlainTextResponse("Authentication error", 400)


@pytest.fixture
def signing_in(tmp_path: Path) -> Visitor:
    settings = Settings(
        home=tmp_path,
        sign_in_issuer="https://accounts.example",
        sign_in_client_id="search",
        sign_in_client_secret="hush-hush",
        sign_in_address="https://search.example",
        employees="@shop.example",
    )
    routes = [Route("/oauth2callback", signed_in), Route("/auth/login", out_of_reach), *ROUTES]
    return Visitor(Starlette(routes=routes, middleware=door(lambda: settings)))


SIGN_IN = ["/auth/login", "/auth/logout", "/oauth2callback?code=good"]


@pytest.mark.parametrize("path", SIGN_IN)
def test_without_sign_in_its_routes_are_closed(visitor: Visitor, path: str) -> None:
    assert visitor.ask(path).status_code == 404


def test_below_a_path_they_are_closed_there(tmp_path: Path) -> None:
    below = Visitor(Starlette(routes=ROUTES, middleware=door(lambda: Settings(home=tmp_path), base_path="shop")))
    assert [below.ask(path).status_code for path in ("/shop/auth/login", "/shop/catalogue")] == [404, 200]


def test_the_name_that_people_come_back_to_is_one_of_the_app_s(visitor: Visitor, signing_in: Visitor) -> None:
    assert visitor.ask("/", Host="search.example").status_code == 400
    assert signing_in.ask("/", Host="search.example").status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_begins_no_sign_in_and_no_sign_out(signing_in: Visitor, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    assert [signing_in.ask(path, **headers).status_code for path in SIGN_IN] == [403, 403, 307]
    assert signing_in.ask("/auth/logout", **{"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/oauth2callback?code=good&state=s", "/"),
        ("/oauth2callback?code=bad&state=s", "/?sign_in_failed=1"),
        ("/oauth2callback?error=access_denied", "/?sign_in_failed=1"),
        ("/oauth2callback", "/"),  # the provider's response to signing out
        ("/auth/login", "/?sign_in_failed=1"),
    ],
)
def test_a_failed_sign_in_returns_to_the_page_which_says_so(signing_in: Visitor, path: str, to: str) -> None:
    answer = signing_in.ask(path)
    assert (answer.is_redirect, answer.headers["Location"], answer.text) == (True, to, "")


def test_signing_in_by_https_keeps_to_https(signing_in: Visitor) -> None:
    plain, secure = SIGN_IN[2], {"X-Forwarded-Proto": "https"}
    assert "Secure" not in signing_in.ask(plain).headers["Set-Cookie"]
    assert "Secure" in signing_in.ask(plain, **secure).headers["Set-Cookie"]


def test_sign_ins_are_counted_by_the_browser(signing_in: Visitor) -> None:
    signed = signing_in.ask("/").cookies[COOKIE]
    codes = [signing_in.ask("/auth/logout", Cookie=f"{COOKIE}={signed}").status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    assert signing_in.ask("/auth/logout").status_code == 200
