"""Downloads from a server that misbehaves."""

import gzip
import time
from contextlib import suppress
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from recsys.catalogue.guarded_network import is_public
from recsys.catalogue.image_downloads import Download, Downloader, DownloadLimits, _modification_date
from recsys.catalogue.local_files import PictureError
from recsys.catalogue.products import ImageSource
from tests.recsys.catalogue.shop_server import Answer, ShopServer, answer, raw

OK = answer(b"picture")
HEAD = b"HTTP/1.1 200 OK\r\n"


def download(limits: DownloadLimits, *urls: str, known: ImageSource | None = None) -> Download:
    """Download addresses one after another with one downloader; only the last must not fail."""

    async def run() -> Download:
        downloader = Downloader(limits)
        try:
            for url in urls[:-1]:
                with suppress(PictureError):
                    await downloader.get(url, known)
            return await downloader.get(urls[-1], known)
        finally:
            await downloader.close()

    with start_blocking_portal() as portal:
        return portal.call(run)


def test_a_download_brings_the_bytes_and_what_identifies_them(server: ShopServer, limits: DownloadLimits) -> None:
    url = server.put("/a.jpg", answer(b"picture", ETag='"1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT"))
    assert download(limits, url) == Download(b"picture", '"1"', "Mon, 01 Jan 2024 00:00:00 GMT")


def test_the_request_is_plain(server: ShopServer, limits: DownloadLimits) -> None:
    download(limits, server.put("/a.jpg", OK))
    headers = server.requests[0][1]
    assert "kalcare-visual-search" in headers["User-Agent"]
    assert headers["User-Agent"].startswith("Mozilla/")
    assert headers["Accept"].endswith("*/*;q=0.8")
    assert headers["Referer"] == f"{server.url}/"
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("written", ["/foto susu é.jpg", "/foto%20susu%20%C3%A9.jpg", "/foto%20susu é.jpg"])
def test_spaces_and_accents_are_encoded_once(server: ShopServer, limits: DownloadLimits, written: str) -> None:
    server.put("/foto%20susu%20%C3%A9.jpg", OK)
    assert download(limits, server.url + written).data == b"picture"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_passing_failure_is_tried_again(server: ShopServer, limits: DownloadLimits, status: int) -> None:
    failure = answer(b"", status=status)
    assert download(limits, server.put("/a.jpg", failure, failure, OK)).data == b"picture"


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410])
def test_a_lasting_failure_is_not(server: ShopServer, limits: DownloadLimits, status: int) -> None:
    url = server.put("/a.jpg", answer(b"", status=status), OK)
    with pytest.raises(PictureError, match=str(status)):
        download(limits, url)
    assert server.count("/a.jpg") == 1


def test_a_server_that_hangs_up_is_tried_again(server: ShopServer, limits: DownloadLimits) -> None:
    cut = raw(HEAD + b"Content-Length: 100\r\n\r\nhalf")
    assert download(limits, server.put("/a.jpg", raw(b""), cut, OK)).data == b"picture"


def test_a_picture_that_is_always_truncated_is_refused(server: ShopServer, limits: DownloadLimits) -> None:
    url = server.put("/a.jpg", raw(HEAD + b"Content-Length: 100\r\n\r\nhalf"))
    with pytest.raises(PictureError, match="broke off"):
        download(limits, url)
    assert server.count("/a.jpg") == limits.attempts


def test_the_server_says_how_long_to_wait(server: ShopServer, limits: DownloadLimits) -> None:
    url = server.put("/a.jpg", answer(b"", status=503, Retry_After="1"), OK)
    start = time.monotonic()
    assert download(limits, url).data == b"picture"
    assert time.monotonic() - start >= 1


def test_a_server_that_names_the_time_to_ask_again_is_waited_for(server: ShopServer, limits: DownloadLimits) -> None:
    now = time.time()
    until, told = formatdate(now + 4, usegmt=True), []
    url = server.put("/a.jpg", answer(b"", status=429, Retry_After=until), OK)
    patient = replace(limits, on_pause=lambda host, seconds: told.append((host, seconds)))
    assert download(patient, url).data == b"picture"
    assert time.time() >= int(now) + 4
    assert [(host, 1 < seconds <= 4) for host, seconds in told] == [(server.url.removeprefix("http://"), True)]


@pytest.mark.parametrize("day", ["21 Oct 99999999999999999999 07:28:00 GMT", "31 Dec 9999 23:59:59 -2300"])
@pytest.mark.parametrize("header", ["Retry_After", "Last_Modified", "Date"])
def test_a_date_out_of_this_world_spoils_no_import(
    server: ShopServer, limits: DownloadLimits, header: str, day: str
) -> None:
    status = 503 if header == "Retry_After" else 200
    odd = answer(b"picture", status=status, **{"Last_Modified": AT_ONE, header: f"Wed, {day}"})
    assert download(limits, server.put("/a.jpg", odd, OK)).data == b"picture"


def test_a_time_without_a_zone_to_ask_again_is_waited_for(server: ShopServer, limits: DownloadLimits) -> None:
    url = server.put("/a.jpg", answer(b"", status=503, Retry_After=f"{formatdate(time.time() + 1)[:-5]}-0000"), OK)
    assert download(limits, url).data == b"picture"


def test_waiting_as_asked_is_no_failure_however_often(server: ShopServer, limits: DownloadLimits) -> None:
    busy = answer(b"", status=503, Retry_After="0.")
    asks = answer(b"", status=503, Retry_After="1")
    url = server.put("/a.jpg", asks, asks, asks, OK)
    assert download(replace(limits, attempts=1, deadline_seconds=2.5), url).data == b"picture"
    other = server.put("/b.jpg", busy, OK)
    assert download(limits, other).data == b"picture"  # an unreadable one is not a pause, and is retried


PRIVATE = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "::1"]
PRIVATE += ["::ffff:127.0.0.1", "fe80::1%eth0", "fd00:ec2::254", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "::"]
PRIVATE += ["168.63.129.16", "192.0.0.192", "::127.0.0.1", "::ffff:0:10.1.2.3", "64:ff9b:1::a01:203", "fec0::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_in_an_internal_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


SPELLINGS = ["127.0.0.1", "2130706433", "0x7f000001", "127.1", "017700000001", "localhost", "[::ffff:127.0.0.1]", "0"]


@pytest.mark.parametrize("host", SPELLINGS)
def test_this_machine_is_not_asked_however_it_is_spelled(server: ShopServer, limits: DownloadLimits, host: str) -> None:
    url = server.put("/a.jpg", OK).replace("127.0.0.1", host)
    with pytest.raises(PictureError, match=r"public web address|cannot be|cannot reach"):
        download(replace(limits, allow_private=frozenset()), url)
    assert server.requests == []


def test_a_redirect_into_an_inner_network_is_not_followed(server: ShopServer, limits: DownloadLimits) -> None:
    inner = server.put("/b.jpg", OK).replace("127.0.0.1", "2130706433")
    url = server.put("/a.jpg", answer(b"", status=302, Location=inner))
    with pytest.raises(PictureError, match="public web address"):
        download(limits, url)
    assert server.count("/b.jpg") == 0


def test_a_server_that_asks_for_an_hour_is_not_bothered_again(server: ShopServer, limits: DownloadLimits) -> None:
    url = server.put("/a.jpg", answer(b"", status=429, Retry_After="3600"), OK)
    with pytest.raises(PictureError, match=r"429 .* asks to wait 60 minutes: import again then"):
        download(limits, url)
    assert server.count("/a.jpg") == 1


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "0"}, {"Retry_After": formatdate(0, usegmt=True)}])
def test_a_server_that_asks_to_wait_and_not_how_long_is_waited_for_longer_and_longer(
    server: ShopServer, limits: DownloadLimits, headers: dict[str, str]
) -> None:
    asks = answer(b"", status=429, **headers)
    url = server.put("/a.jpg", asks, asks, asks, asks, OK)
    patient = replace(limits, first_pause_seconds=0.02)
    assert download(patient, url).data == b"picture"
    with pytest.raises(PictureError, match="again and again"):
        download(replace(patient, max_own_pauses=2), server.put("/b.jpg", asks))
    assert server.count("/b.jpg") == 3


@pytest.mark.parametrize(
    "drip",
    [
        raw(HEAD + b"Content-Length: 100\r\n\r\n", *[b"x"] * 100, pause=0.1),
        raw(HEAD, *[b"X-Drip: 1\r\n"] * 100, pause=0.1),
    ],
    ids=["body", "headers"],
)
def test_a_server_that_drips_is_left_at_the_deadline(server: ShopServer, limits: DownloadLimits, drip: Answer) -> None:
    start = time.monotonic()
    with pytest.raises(PictureError, match=r"within 1\.2 s"):
        download(replace(limits, deadline_seconds=1.2), server.put("/a.jpg", drip))
    assert time.monotonic() - start < 9  # all drops take 10


def test_a_server_that_never_answers_is_left(server: ShopServer, limits: DownloadLimits) -> None:
    def hang(_: object) -> None:
        server.stopped.wait(20)

    with pytest.raises(PictureError, match="did not answer in time"):
        download(replace(limits, attempts=1, read_seconds=0.4), server.put("/a.jpg", hang))


@pytest.mark.parametrize(
    "large",
    [
        answer(b"x" * 300_000),
        raw(HEAD + b"\r\n", *[b"x" * 50_000] * 6),  # without its length
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"c350\r\n" + b"x" * 50_000 + b"\r\n"] * 6, b"0\r\n\r\n"),
        answer(gzip.compress(b"\0" * 30_000_000), Content_Encoding="gzip"),
    ],
    ids=["plain", "without-length", "chunked", "gzip"],
)
def test_too_many_bytes_are_refused_while_they_arrive(
    server: ShopServer, limits: DownloadLimits, large: Answer
) -> None:
    with pytest.raises(PictureError, match="at most"):
        download(limits, server.put("/a.jpg", large))
    assert server.count("/a.jpg") == 1


def test_too_many_bytes_are_refused_as_soon_as_they_are_announced(server: ShopServer, limits: DownloadLimits) -> None:
    def announce(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(HEAD + f"Content-Length: {limits.max_bytes + 1}\r\n\r\n".encode())
        server.stopped.wait(20)  # not a byte of the body comes

    with pytest.raises(PictureError, match="at most"):
        download(limits, server.put("/a.jpg", announce))


def test_a_compressed_response_is_read_although_not_requested(server: ShopServer, limits: DownloadLimits) -> None:
    url = server.put("/a.jpg", answer(gzip.compress(b"picture"), Content_Encoding="gzip"))
    assert download(limits, url).data == b"picture"


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip"])
def test_odd_compression_is_refused(server: ShopServer, limits: DownloadLimits, encoding: str) -> None:
    with pytest.raises(PictureError, match="compress"):
        download(limits, server.put("/a.jpg", answer(b"not gzip", Content_Encoding=encoding)))


def test_redirects_are_followed_to_web_addresses(server: ShopServer, limits: DownloadLimits) -> None:
    server.put("/b.jpg", OK)
    server.put("/c.jpg", answer(b"", status=302, Location="/b.jpg"))
    url = server.put("/a.jpg", answer(b"", status=301, Location=f"{server.url}/c.jpg"))
    assert download(limits, url).data == b"picture"


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/a.jpg", "data:image/png;base64,AAAA"])
def test_redirects_to_anything_else_are_refused(server: ShopServer, limits: DownloadLimits, target: str) -> None:
    with pytest.raises(PictureError, match=f"redirects to {target.partition(':')[0]}|an invalid one"):
        download(limits, server.put("/a.jpg", answer(b"", status=302, Location=target)))


def test_a_loop_of_redirects_ends(server: ShopServer, limits: DownloadLimits) -> None:
    with pytest.raises(PictureError, match="more than 5 redirects"):
        download(limits, server.put("/a.jpg", answer(b"", status=302, Location="/a.jpg")))
    assert server.count("/a.jpg") == 6


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///a.jpg",
        "http://user:sesame/open@127.0.0.1/a.jpg",
        "http://127.0.0.1:99999/a.jpg",
        "http://[::1/a.jpg",
        f"http://{'a' * 70}.example/a.jpg",
        "http://a\x01b/a.jpg",
        "http://exa mple/a.jpg",
        "http://" + "a" * 70_000,
    ],
)
def test_an_invalid_address_is_refused_without_a_traceback(limits: DownloadLimits, url: str) -> None:
    with pytest.raises(PictureError, match="Expected") as caught:
        download(replace(limits, attempts=1), url)
    assert "sesame" not in str(caught.value)


def test_a_missing_server_is_reported_without_the_password(limits: DownloadLimits) -> None:
    with pytest.raises(PictureError, match="cannot reach the server") as caught:
        download(limits, "http://user:sesame@127.0.0.1:9/a.jpg")
    assert "sesame" not in str(caught.value)


def test_a_server_without_https_is_reported_as_such(server: ShopServer, limits: DownloadLimits) -> None:
    with pytest.raises(PictureError, match="start its addresses with http://"):
        download(limits, server.url.replace("http:", "https:") + "/a.jpg")


def test_a_password_is_sent_but_not_shown(server: ShopServer, limits: DownloadLimits) -> None:
    url = server.put("/a.jpg", answer(b"", status=403)).replace("http://", "http://user:sesame@")
    with pytest.raises(PictureError) as caught:
        download(limits, url)
    assert "sesame" not in str(caught.value)
    assert server.requests[0][1]["Authorization"] == "Basic dXNlcjpzZXNhbWU="


def test_a_known_picture_is_asked_about(server: ShopServer, limits: DownloadLimits) -> None:
    known = ImageSource("", "key", etag='"1"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT")
    url = server.put("/a.jpg", answer(b"", status=304))
    assert download(limits, url, known=known) == Download(None, known.etag, known.last_modified)
    assert server.requests[0][1]["If-None-Match"] == '"1"'
    assert server.requests[0][1]["If-Modified-Since"] == known.last_modified


def test_a_server_that_keeps_failing_is_not_asked_for_every_picture(server: ShopServer, limits: DownloadLimits) -> None:
    down = answer(b"", status=503)
    urls = [server.put(f"/{number}.jpg", down) for number in range(4)]
    with pytest.raises(PictureError, match="failed 3 times in a row"):
        download(replace(limits, silent_after=3), *urls)
    assert server.count("/3.jpg") == 0


@pytest.mark.parametrize("sign_of_life", [OK, answer(b"", status=404)])
def test_failures_count_only_in_a_row(server: ShopServer, limits: DownloadLimits, sign_of_life: Answer) -> None:
    down, alive = server.put("/down.jpg", answer(b"", status=503)), server.put("/alive.jpg", sign_of_life)
    once = replace(limits, silent_after=3, attempts=1)
    assert download(once, down, down, alive, down, down, server.put("/ok.jpg", OK)).data == b"picture"


AT_ONE = "Mon, 23 Nov 2026 01:00:01 GMT"


@pytest.mark.parametrize(
    "headers, date",
    [
        ({"Last-Modified": AT_ONE, "Date": "Mon, 23 Nov 2026 01:00:02 GMT"}, AT_ONE),
        ({"Last-Modified": AT_ONE, "Date": AT_ONE}, "Mon, 23 Nov 2026 01:00:00 GMT"),
        ({"Last-Modified": AT_ONE}, AT_ONE),
        ({"Last-Modified": "yesterday", "Date": AT_ONE}, "yesterday"),
        ({"Date": AT_ONE}, ""),
    ],
)
def test_a_date_that_may_hide_a_change_within_its_second_is_moved_back(headers: dict[str, str], date: str) -> None:
    assert _modification_date(httpx.Response(200, headers=headers)) == date
