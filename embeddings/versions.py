"""The versions of the libraries that a result depends on."""

from importlib.metadata import PackageNotFoundError, version

_BUILDS = {"tensorflow": ("tensorflow-cpu", "tensorflow")}  # a library that is published as several packages


def library_version(library: str) -> str:
    """The installed version of a library, from any of its packages. Raises PackageNotFoundError."""
    for package in _BUILDS.get(library, (library,)):
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    raise PackageNotFoundError(library)
