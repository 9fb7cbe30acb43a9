"""The pictures of catalogue and samples over HTTP, bypassing Streamlit, so that browsers cache them."""

import re
from collections.abc import Callable
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from recsys.catalogue.products import images_of
from recsys.ui.photo.samples import load_samples, sample_thumbnail

_NUMBER = re.compile(r"[0-9]{1,4}")
_IMAGE_KEY = re.compile(r"[0-9a-f]{64}")
_FOREVER = "public, max-age=31536000, immutable"  # the name says the content
_AN_HOUR = "public, max-age=3600"


def picture_url(image_key: str, size: int = 640) -> str:
    """The address of a catalogue picture, `size` 240 or 640; relative, so that it works below any base path."""
    return f"pictures/{size}/{image_key}.jpg"


def sample_url(number: int) -> str:
    """The address of the small picture of sample `number`, counted from 0."""
    return f"pictures/samples/{number}.jpg"


def picture_routes(cache: Callable[[], Path], *, base_path: str = "") -> list[BaseRoute]:
    """Routes below `<base_path>/pictures/` for the data home whose cache is `cache()`; anything else there is a 404."""
    prefix = f"/{base_path.strip('/')}".rstrip("/") + "/pictures"

    def catalogue_picture(request: Request) -> Response:
        return FileResponse(
            _kept_picture(cache(), request.path_params["size"], request.path_params["key"]),
            media_type="image/jpeg",
            headers={"Cache-Control": _FOREVER},
        )

    def sample_picture(request: Request) -> Response:
        samples = load_samples(cache())
        number = request.path_params["number"]
        if not _NUMBER.fullmatch(number) or int(number) >= len(samples):
            raise HTTPException(404)
        sample = samples[int(number)]
        return Response(sample_thumbnail(sample.path), media_type="image/jpeg", headers={"Cache-Control": _AN_HOUR})

    def nothing(request: Request) -> Response:
        raise HTTPException(404)

    return [
        Route(f"{prefix}/samples/{{number}}.jpg", sample_picture),
        Route(f"{prefix}/{{size}}/{{key}}.jpg", catalogue_picture),
        Route(f"{prefix}/{{rest:path}}", nothing),
    ]


def _kept_picture(cache: Path, size: str, image_key: str) -> Path:
    images = images_of(cache)
    path_of = {"240": images.study_path, "640": images.display_path}.get(size)
    if path_of is None or not _IMAGE_KEY.fullmatch(image_key):
        raise HTTPException(404)
    path = path_of(image_key)
    if not path.is_file():
        raise HTTPException(404)
    return path
