"""The networks and weights of a data home, as its settings require."""

from embeddings.models.runtime import Networks
from embeddings.models.weights import WeightsFolders, WeightsLibrary
from embeddings.parallel import keep_numpy_to_one_core
from recsys.settings import Settings


def networks_of(settings: Settings) -> Networks:
    """The networks of the data home: downloaded weights in its cache, added ones in its records.

    A process that calls this computes with networks, so numpy leaves the cores to them from here on.
    """
    keep_numpy_to_one_core()
    folders = WeightsFolders(fetched=settings.cache / "weights", added=settings.records / "weights")
    return Networks(
        settings.cache / "networks",
        WeightsLibrary(folders),
        precision=settings.precision,
        max_networks=settings.max_networks,
    )
