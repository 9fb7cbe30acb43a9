"""The versions of the libraries that a result depends on."""

from importlib.metadata import PackageNotFoundError, version

_BUILDS = {"tensorflow": ("tensorflow-cpu", "tensorflow")}  # a library that comes as one of several packages


def library_version(library: str) -> str:
    """The installed version of a library, whichever of its packages it came as. Raises PackageNotFoundError."""
    for package in _BUILDS.get(library, (library,)):
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    raise PackageNotFoundError(library)
