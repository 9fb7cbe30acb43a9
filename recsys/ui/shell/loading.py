"""Loading a network while the page goes on: a large one takes seconds, in which everything else can be used."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait

import streamlit as st

from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.ui.i18n.translations import gettext as _

_PATIENCE_SECONDS = 0.4  # what loads within it is waited for: a page that changes twice at once only flickers
_LOOK_AGAIN_SECONDS = 0.3


class Loading:
    """Networks that are being loaded by threads of their own, for all visitors."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="loading")
        self._pending: dict[str, Future[Encoder]] = {}
        self._lock = threading.Lock()

    def ensure_loaded(self, backbone: Backbone, *, patience: float = 0.0) -> bool:
        """Whether the network is loaded, within `patience` seconds; begins to load it where nobody has.

        Raises what loading it raised: WeightsError or NetworkError.
        """
        if self._networks.is_loaded(backbone):
            return True
        with self._lock:
            pending = self._pending.get(backbone.name)
            if pending is None:
                pending = self._pending[backbone.name] = self._threads.submit(self._networks.encoder, backbone)
        if not wait([pending], patience).done:
            return False
        with self._lock:
            self._pending.pop(backbone.name, None)  # the next who asks loads it anew, after a failure too
        pending.result()
        return True

    def is_pending(self, backbone: Backbone) -> bool:
        """Whether a thread is at it."""
        with self._lock:
            pending = self._pending.get(backbone.name)
        return pending is not None and not pending.done()


def network_loaded(loading: Loading, backbone: Backbone) -> bool:
    """Whether the page can search; where not, say so, and have the page drawn again once it can.

    Raises WeightsError or NetworkError when the network cannot be loaded.
    """
    if is_loaded(loading, backbone):
        return True

    with st.container(key="query"):
        st.header(_("{backbone} is being loaded").format(backbone=backbone.name), anchor=False)
        st.caption(_("One moment, please. You can carry on in the meantime, or choose another backbone."))
    draw_again_when_loaded(loading, backbone)
    return False


def is_loaded(loading: Loading, backbone: Backbone) -> bool:
    """Whether the network is loaded, or within a moment; begins to load it. Raises WeightsError or NetworkError."""
    return loading.ensure_loaded(backbone, patience=_PATIENCE_SECONDS)


def draw_again_when_loaded(loading: Loading, backbone: Backbone) -> None:
    """Have the page drawn again once the network is loaded, or cannot be; it can be used meanwhile."""

    @st.fragment(run_every=_LOOK_AGAIN_SECONDS)
    def look_again() -> None:
        if not loading.is_pending(backbone):
            st.rerun()

    look_again()
