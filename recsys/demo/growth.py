"""Whether a data home's demo shop still grows, and having it go on in the background."""

from pathlib import Path

from recsys.catalogue.products import catalogue_path
from recsys.indexing.launch import start_job
from recsys.settings import Settings, shared_address

DEMO_JOB = "demo"


def demo_folder(cache: Path) -> Path:
    """Where the demo shop of a data home is: its database, packshots, sample and query photos."""
    return cache / "demo"


def growing_mark(cache: Path) -> Path:
    """The file that is there while a demo shop has products to come, or backbones to be measured."""
    return cache / "demo-is-growing"


def is_unfinished(cache: Path) -> bool:
    """Whether the home waits for its demo shop: one that still grows, or none where there is no catalogue at all.

    A home whose catalogue is fetched from an address waits for that one.
    """
    if growing_mark(cache).exists():
        return True
    return not (shared_address(cache) or catalogue_path(cache).exists() or demo_folder(cache).exists())


def start_growing(settings: Settings) -> bool:
    """Go on with the demo shop in a process of its own, unless one does so already; tell whether it was started.

    It ends with this process, unless the settings let jobs outlive the app.
    """
    return start_job(settings, DEMO_JOB, "recsys.demo.growing", kind="demo")
