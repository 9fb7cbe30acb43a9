"""The recall of a store's index: the share of exact search's results that it finds."""

from contextlib import suppress
from pathlib import Path

from embeddings.errors import VectorsError
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import NetworkIdentity
from recsys.catalogue.products import Catalogue
from recsys.search.kept_vectors import check_vectors
from recsys.search.refined.kept_descriptions import check_descriptions
from recsys.search.refined.print_index import read_manifest

ENOUGH = 0.98


def recalls_of(cache: Path, backbone: Backbone, catalogue: Catalogue, identity: NetworkIdentity) -> dict[str, float]:
    """The recall of each kind of indexed data; empty for data that does not fit or is searched exhaustively."""
    recalls = {}
    for name, check in (("vectors", check_vectors), ("candidates", check_descriptions)):
        with suppress(VectorsError):
            if (recall := check(cache, backbone, catalogue, identity).recall) is not None:
                recalls[name] = recall
    if recalls and (kept := read_manifest(cache)) is not None and kept.recall is not None:
        recalls["print"] = kept.recall
    return recalls


def recalls_text(recalls: dict[str, float]) -> str:
    """The recalls as one line of text; empty if there are none."""
    if not recalls:
        return ""
    found = ", ".join(f"{recall:.3f} of the {name}" for name, recall in recalls.items())
    text = f"an index finds {found} that exact search finds"
    if min(recalls.values()) >= ENOUGH:
        return text
    return f"{text}: less than {ENOUGH}, so matches are missed; embed with a higher RECSYS_INDEX_ABOVE"
