"""Filling a store with an engine's rows for the catalogue's pictures: only missing ones, as they come."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from embeddings.features.store import Spread, Store
from embeddings.models.compiled import NetworkIdentity
from recsys.indexing.encoding import Engine, Kind
from recsys.indexing.progress import Stage
from recsys.indexing.rates import Rate


def fill(  # noqa: PLR0913  # others: needed if several machines share the store
    store: Store,
    identity: NetworkIdentity,
    image_keys: Sequence[str],
    start: Callable[[], Engine],
    kind: Kind,
    progress: Callable[[Stage, int, int], None],
    *,
    others: Iterable[str] = (),
) -> Rate:
    """Publish the rows of these pictures; return how many had to be made, and how fast.

    They are followed by existing rows of `others`, for machines that still search an older catalogue. The engine is
    started only if rows are missing. The next run continues an interrupted one. Raises VectorsError, and what `start`
    and the engine raise.
    """
    kept, done, rate = store.kept(identity), 0, Rate()
    spread: Spread = map
    wanted = dict.fromkeys(image_keys)
    missing = [key for key in wanted if key not in kept]
    if missing:
        at_work = start()
        at_work.send_pictures(missing, partial(progress, Stage.SENDING))
        for written in at_work.made(kind, missing, store, identity):
            with at_work.waits.storing():
                store.commit(written)
            done += sum(one.num_rows for one in written)
            progress(kind.stage, done, len(missing))
        rate, spread = at_work.waits.rate(done), at_work.spread
    behind = (key for key in dict.fromkeys(others) if key in kept and key not in wanted)
    store.publish(identity, (*image_keys, *behind), spread)
    return rate
