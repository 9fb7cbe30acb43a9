from pathlib import Path

import pytest

from recsys.demo.shop import create_shop

SIZE = 40


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo shop, made once and only read."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    create_shop(folder, size=SIZE, workers=2)
    return folder
