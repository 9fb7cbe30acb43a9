"""Former addresses of pages, which people may have bookmarked."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route


def moved_page(old: str, new: str, *, base_path: str = "") -> Route:
    """The redirect from a page's old address to its new one, with its query."""
    prefix = f"/{base_path.strip('/')}".rstrip("/")

    def send_on(request: Request) -> Response:
        return RedirectResponse(f"{prefix}/{new}" + (f"?{request.url.query}" if request.url.query else ""), 308)

    return Route(f"{prefix}/{old}", send_on)
