"""Loading a network in the background: a large one takes seconds, and the page works meanwhile."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait

import streamlit as st

from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.ui.i18n.translations import gettext as _

_PATIENCE_SECONDS = 0.4  # a network that loads within this time is waited for: otherwise the page would flicker
_LOOK_AGAIN_SECONDS = 0.3


class Loading:
    """Networks being loaded by their own threads, for all visitors."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="loading")
        self._pending: dict[str, Future[Encoder]] = {}
        self._lock = threading.Lock()

    def ensure_loaded(self, backbone: Backbone, *, patience: float = _PATIENCE_SECONDS) -> bool:
        """Whether the network is loaded, within `patience` seconds; starts loading it if no thread does.

        Raises the error of loading it: WeightsError or NetworkError.
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
            self._pending.pop(backbone.name, None)  # the next call loads it again, also after a failure
        pending.result()
        return True

    def is_pending(self, backbone: Backbone) -> bool:
        """Whether a thread is loading it."""
        with self._lock:
            pending = self._pending.get(backbone.name)
        return pending is not None and not pending.done()


def network_loaded(loading: Loading, backbone: Backbone) -> bool:
    """Whether the page can search; if not, say so, and redraw the page once it can.

    Raises WeightsError or NetworkError if the network cannot be loaded.
    """
    if loading.ensure_loaded(backbone):
        return True

    with st.container(key="query"):
        st.header(_("{backbone} is being loaded").format(backbone=backbone.name), anchor=False)
        st.caption(_("One moment, please. You can carry on in the meantime, or choose another backbone."))
    draw_again_when_loaded(loading, backbone)
    return False


def draw_again_when_loaded(loading: Loading, backbone: Backbone) -> None:
    """Redraw the page once the network is loaded, or has failed to load; the page works meanwhile."""

    @st.fragment(run_every=_LOOK_AGAIN_SECONDS)
    def look_again() -> None:
        if not loading.is_pending(backbone):
            st.rerun()

    look_again()
