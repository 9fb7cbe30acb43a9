"""Filling a store with what an engine makes of the catalogue's pictures: only what it has not, and as it comes."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from embeddings.features.store import Records, Store, batched
from embeddings.models.compiled import NetworkIdentity
from recsys.indexing.encoding import Engine
from recsys.indexing.rates import Rate


def fill(  # noqa: PLR0913  # one more, where several machines share the store
    store: Store,
    identity: NetworkIdentity,
    image_keys: Sequence[str],
    start: Callable[[], Engine],
    made: Callable[[Engine, Sequence[str]], Iterator[Records]],
    progress: Callable[[int, int], None],
    *,
    others: Iterable[str] = (),
) -> Rate:
    """Publish the records of these pictures; return how many had to be made, and how fast they were.

    Behind them come those of `others` that are kept, for whoever still searches an older catalogue. The engine is
    started where any is missing; of those, `made` yields a record () each. An interrupted run is continued by the
    next. Raises VectorsError, and what `start` and `made` raise.
    """
    kept, done, rate = store.kept(identity), 0, Rate()
    wanted = dict.fromkeys(image_keys)
    missing = [key for key in wanted if key not in kept]
    if missing:
        at_work = start()
        for batch in batched(at_work.waits.for_rows(made(at_work, missing)), store.batch_rows):
            with at_work.waits.storing():
                store.write(identity, at_work.precision, np.stack(batch))
            done += len(batch)
            progress(done, len(missing))
        rate = at_work.waits.rate(done)
    store.publish(identity, (*image_keys, *(key for key in dict.fromkeys(others) if key in kept and key not in wanted)))
    return rate
