import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from recsys.ui.shell.moved import moved_page


@pytest.mark.parametrize(("base_path", "prefix"), [("", ""), ("shop/", "/shop")])
def test_the_old_address_of_a_page_leads_to_the_new_one(base_path: str, prefix: str) -> None:
    app = Starlette(routes=[moved_page("stakeholders", "usage", base_path=base_path)])

    async def follow() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
            return await client.get(f"{prefix}/stakeholders?embed=true")

    response = asyncio.run(follow())
    assert (response.status_code, response.headers["Location"]) == (308, f"{prefix}/usage?embed=true")
