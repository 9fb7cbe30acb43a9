"""Pictures from web addresses: limited in time and size, retried if that can help."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import anyio
import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from embeddings.imaging.photos import MAX_PHOTO_BYTES
from recsys.catalogue.guarded_network import guarded_transport
from recsys.catalogue.local_files import PictureError
from recsys.catalogue.products import ImageSource

_A_SECOND = timedelta(seconds=1)

TRANSIENT_STATUSES = {408, 425, 429, *range(500, 600)}


@dataclass(frozen=True)
class DownloadLimits:
    """Limits on waiting, size, retries and concurrency; the request's headers, and the hosts that may be internal."""

    connect_seconds: float = 5
    read_seconds: float = 10
    deadline_seconds: float = 60  # per picture, including all retries and waits
    attempts: int = 4
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 20
    max_bytes: int = MAX_PHOTO_BYTES
    max_redirects: int = 5
    parallel: int = 8
    silent_after: int = 20  # consecutive failures after which a server is not asked any more
    longest_pause_seconds: float = 900  # that a server may ask for (Retry-After); more counts as a refusal
    max_pauses: int = 50  # per picture
    first_pause_seconds: float = 2  # if a server asks to wait (429) without saying how long; doubled each time
    max_own_pauses: int = 6  # per picture
    user_agent: str = "Mozilla/5.0 (compatible; kalcare-visual-search)"  # shops refuse clients that are no browser
    accept: str = "image/avif,image/webp,image/*,*/*;q=0.8"
    referer: str = ""  # empty: the picture's own server, which most servers that check it expect
    allow_private: frozenset[str] = frozenset()  # hosts that may be in an internal network
    on_pause: Callable[[str, float], None] = lambda server, seconds: None


@dataclass(frozen=True)
class Download:
    """A picture's bytes and what identifies its version later; `data` is None for "not modified"."""

    data: bytes | None
    etag: str = ""
    last_modified: str = ""


class _TransientError(PictureError):
    """A failure that a retry may cure, after `wait_seconds` if the server said so."""

    def __init__(self, message: str, wait_seconds: float = 0) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class _PauseError(Exception):
    """The server asks to wait this many seconds before any further request; 0 if it does not say how many."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Downloader:
    """Downloads pictures in one event loop; use it as an async context manager."""

    def __init__(self, limits: DownloadLimits) -> None:
        self.limits = limits
        self._failures: Counter[str] = Counter()  # consecutive, by server
        self._pauses: defaultdict[str, float] = defaultdict(float)  # when a server's requested pause ends, by server
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds, pool=None),
            transport=guarded_transport(limits.allow_private, limits.parallel),
            # Pictures are already compressed, and decompression is how a small response gets huge.
            headers={"User-Agent": limits.user_agent, "Accept": limits.accept, "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def get(self, image_url: str, known: ImageSource | None) -> Download:
        """Download a picture, or find that it is still the `known` one.

        Raises PictureError, whose message contains neither the address nor any credentials in it.
        """
        url = _parsed(image_url)
        server = url.netloc.decode("ascii")
        if self._failures[server] >= self.limits.silent_after:
            raise PictureError(
                f"Expected a picture, the server failed {self._failures[server]} times in a row and "
                "was not asked again: import again when it answers."
            )
        own_pauses = 0
        for _ in range(self.limits.max_pauses):
            await self._pause(server)
            try:
                return await self._get_now(url, server, known)
            except _PauseError as error:
                own_pauses += error.seconds == 0
                if own_pauses > self.limits.max_own_pauses:
                    break
                self._begin_pause(server, error.seconds or self.limits.first_pause_seconds * 2 ** (own_pauses - 1))
        self._failures[server] += 1
        raise PictureError("Expected a picture, the server asked to wait again and again: import again later.")

    async def _pause(self, server: str) -> None:
        while (left := self._pauses[server] - anyio.current_time()) > 0:
            await anyio.sleep(left)

    def _begin_pause(self, server: str, seconds: float) -> None:
        until = anyio.current_time() + seconds
        if until > self._pauses[server] + 1:
            self.limits.on_pause(server.rpartition("@")[2], seconds)
        self._pauses[server] = max(until, self._pauses[server])

    async def _get_now(self, url: httpx.URL, server: str, known: ImageSource | None) -> Download:
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.limits.attempts),
            wait=self._wait,
            retry=retry_if_exception(self._may_pass),
            reraise=True,
        )
        try:
            with anyio.fail_after(self.limits.deadline_seconds):
                download: Download = await retrying(self._attempt, url, known)
        except TimeoutError:
            self._failures[server] += 1
            raise PictureError(
                f"Expected a picture within {self.limits.deadline_seconds:g} s, the server took longer."
            ) from None
        except _TransientError:
            self._failures[server] += 1
            raise
        except PictureError:
            self._failures[server] = 0
            raise
        self._failures[server] = 0
        return download

    def _may_pass(self, error: BaseException) -> bool:
        return isinstance(error, _TransientError) and error.wait_seconds <= self.limits.longest_wait_seconds

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait_seconds if isinstance(error, _TransientError) else 0
        first = self.limits.first_wait_seconds
        own = wait_exponential_jitter(multiplier=first, max=self.limits.longest_wait_seconds, jitter=first)
        return max(asked, own(state))

    async def _attempt(self, url: httpx.URL, known: ImageSource | None) -> Download:
        try:
            headers = {"Referer": self.limits.referer or f"{url.scheme}://{url.netloc.decode('ascii')}/"}
            return await self._follow(
                self._client.build_request("GET", url, headers=headers | _validators(known)), known
            )
        except httpx.TimeoutException:
            raise _TransientError("Expected a picture, the server did not answer in time.") from None
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, ValueError):
            raise PictureError("Expected a web address, got an invalid one: correct it.") from None
        except httpx.DecodingError:
            raise PictureError("Expected a picture, the server's compression is damaged.") from None
        except httpx.ConnectError as error:  # the system's message: refused, unknown name, bad certificate
            if "WRONG_VERSION_NUMBER" in str(error):
                raise PictureError(
                    "Expected an https server, got one with http only: start its addresses with http://."
                ) from None
            raise _TransientError(f"Expected a picture, cannot reach the server: {error}.") from None
        except (httpx.TransportError, OSError):
            raise _TransientError("Expected a picture, the connection broke off.") from None

    async def _follow(self, request: httpx.Request, known: ImageSource | None) -> Download:
        for _ in range(self.limits.max_redirects + 1):
            response = await self._client.send(request, stream=True)
            try:
                if response.next_request is None:
                    return await self._download(response, known)
            finally:
                await response.aclose()
            request = response.next_request
            if request.url.scheme not in {"http", "https"}:
                raise PictureError(f"Expected http or https, the server redirects to {request.url.scheme}: refused.")
        raise PictureError(f"Expected a picture, got more than {self.limits.max_redirects} redirects.")

    async def _download(self, response: httpx.Response, known: ImageSource | None) -> Download:
        status = response.status_code
        etag, last_modified = response.headers.get("ETag", ""), _modification_date(response)
        if status == 304 and known is not None:
            return Download(None, etag or known.etag, last_modified or known.last_modified)
        if status in TRANSIENT_STATUSES:
            asked = _retry_after(response)
            if 0 < asked <= self.limits.longest_pause_seconds:
                raise _PauseError(asked)
            if asked:
                told = f"{_answered(response)[:-1]} and asks to wait {asked / 60:,.0f} minutes: import again then."
                raise _TransientError(told, asked)
            if status == 429:
                raise _PauseError(0)
            raise _TransientError(_answered(response))
        if status not in {200, 203}:  # 203: changed by a proxy on the way
            raise PictureError(_answered(response))
        if "," in response.headers.get("Content-Encoding", ""):  # compressed twice: always a bomb
            raise PictureError("Expected a picture, got one compressed more than once.")
        return Download(await self._body(response), etag, last_modified)

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        self._check_size(int(response.headers.get("Content-Length", 0)))
        async for chunk in response.aiter_bytes():
            body += chunk
            self._check_size(len(body))
        return bytes(body)

    def _check_size(self, num_bytes: int) -> None:
        if num_bytes > self.limits.max_bytes:
            raise PictureError(f"Expected at most {self.limits.max_bytes / 2**20:g} MB, got more: shrink it.")


def _parsed(image_url: str) -> httpx.URL:
    try:
        url = httpx.URL(image_url)
    except (httpx.InvalidURL, ValueError):  # its message may quote a password
        raise PictureError("Expected a web address, got an unreadable one: correct it.") from None
    _refuse_odd(url)
    return url


def _refuse_odd(url: httpx.URL) -> None:
    if url.scheme not in {"http", "https"}:
        raise PictureError(f"Expected http or https, the server redirects to {url.scheme}: refused.")
    if not url.host:
        raise PictureError("Expected a web address, got one without a host: correct it.")
    if url.port is not None and not 0 < url.port < 65536:
        raise PictureError(f"Expected a web address, got the port {url.port}: correct it.")


def _validators(known: ImageSource | None) -> dict[str, str]:
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified} if known else {}
    return {name: value for name, value in headers.items() if value}


def _modification_date(response: httpx.Response) -> str:
    """The Last-Modified date, or a second before it if it may yet hide a change.

    The date counts whole seconds: a file changed in the very second of the response may change once more and keep the
    date (RFC 9110, section 8.8.2.2). With the earlier date it will be sent once more.
    """
    text = str(response.headers.get("Last-Modified", ""))
    modified, answered = _date(text), _date(response.headers.get("Date", ""))
    if modified is None or answered is None or answered - modified >= _A_SECOND:
        return text
    return format_datetime(modified - _A_SECOND, usegmt=True)


def _answered(response: httpx.Response) -> str:
    phrase = httpx.codes.get_reason_phrase(response.status_code)  # not the server's own, which can be anything
    return f"Expected a picture, the server answered {response.status_code} {phrase}".rstrip() + "."


def _retry_after(response: httpx.Response) -> float:
    """The seconds that the server asks to wait, given as a number or as a date."""
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return float(text)
    until, asked_at = _date(text), _date(response.headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (until - asked_at).total_seconds()) if until else 0


def _date(text: str) -> datetime | None:
    """A header's date in UTC; None if it is missing or out of range."""
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
