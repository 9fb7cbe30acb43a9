"""`/ready`: 200 only if a search would work; `/_stcore/health` only says that the server runs."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from embeddings.errors import KalcareError
from recsys.search.recommender import is_searchable
from recsys.ui.shell.services import recommender


def readiness_route(*, base_path: str = "") -> Route:
    """The route below the base path."""

    def ready(_request: Request) -> Response:
        try:
            is_ready = is_searchable(recommender())
        except KalcareError:
            is_ready = False
        return Response(status_code=200 if is_ready else 503)

    return Route(f"/{base_path.strip('/')}".rstrip("/") + "/ready", ready)
