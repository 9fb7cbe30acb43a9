from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest

from embeddings.versions import library_version


def test_the_version_is_that_of_the_library_itself() -> None:
    assert library_version("numpy") == np.__version__


def test_tensorflow_is_found_whichever_package_it_came_as() -> None:

    assert library_version("tensorflow").startswith("2.")


def test_a_library_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(PackageNotFoundError):
        library_version("no-such-library")
