import asyncio
import json
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from embeddings.imaging.photos import RGB, decode_photo, encode_jpeg
from recsys.catalogue.products import images_of
from recsys.ui.products.image_routes import picture_routes, picture_url, sample_url

KEY = "0123456789abcdef" * 4


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    images = images_of(tmp_path / "cache")
    for path, content in ((images.study_path(KEY), b"study"), (images.display_path(KEY), b"display")):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    (tmp_path / "cache" / "catalogue.json").write_text("{}")
    (tmp_path / "cache" / "images" / "640" / "private.jpg").write_bytes(b"private")
    return tmp_path / "cache"


def request(cache: Path, path: str, *, method: str = "GET", base_path: str = "") -> httpx.Response:
    app = Starlette(routes=picture_routes(lambda: cache, base_path=base_path))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
            return await client.request(method, path)

    return asyncio.run(ask())


@pytest.mark.parametrize(("size", "content"), [(240, b"study"), (640, b"display")])
def test_both_sizes_are_served_to_be_kept_forever(cache: Path, size: int, content: bytes) -> None:
    answer = request(cache, f"/{picture_url(KEY, size)}")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]


def test_pictures_are_served_below_a_base_path(cache: Path) -> None:
    assert request(cache, f"/shop/{picture_url(KEY)}", base_path="/shop/").status_code == 200
    assert request(cache, f"/{picture_url(KEY)}", base_path="/shop/").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"/pictures/320/{KEY}.jpg",
        f"/pictures/640/{KEY.upper()}.jpg",
        f"/pictures/640/{KEY[:-1]}.jpg",
        f"/pictures/640/{KEY}0.jpg",
        f"/pictures/640/{'f' * 64}.jpg",
        f"/pictures/640/{KEY}.png",
        "/pictures/640/private.jpg",
        "/pictures/640/..%2f..%2fcatalogue.json",
        "/pictures/640/..%2f..%2fcatalogue.jpg",
        "/pictures/%2e%2e/catalogue.json",
        f"/pictures/../640/{KEY}.jpg",
        "/pictures/samples/0.jpg",
        "/pictures/samples/-1.jpg",
        f"/pictures/samples/{'9' * 27}.jpg",
        f"/pictures/samples/{'9' * 5000}.jpg",  # more digits than Python converts to a number
        "/pictures/",
    ],
)
def test_nothing_else_is_reachable(cache: Path, path: str) -> None:
    assert request(cache, path).status_code == 404


def test_pictures_cannot_be_written(cache: Path) -> None:
    assert request(cache, f"/{picture_url(KEY)}", method="POST").status_code == 405


def test_a_sample_is_served_small(cache: Path, photographs: dict[str, RGB]) -> None:
    folder = cache / "demo" / "samples"
    folder.mkdir(parents=True)
    (folder / "a.jpg").write_bytes(encode_jpeg(photographs["rocket"], quality=90))
    (folder / "samples.json").write_text(json.dumps([{"photo": "a.jpg", "product_id": "P1", "title": "A"}]))
    answer = request(cache, f"/{sample_url(0)}")
    assert max(decode_photo(answer.content).shape) == 320
    assert request(cache, f"/{sample_url(1)}").status_code == 404
