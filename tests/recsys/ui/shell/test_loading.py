import threading
from collections.abc import Iterator

import pytest

from embeddings.errors import NetworkError
from embeddings.models.backbones import Backbone
from embeddings.models.runtime import Encoder, Networks
from recsys.ui.shell.loading import Loading


class SlowNetworks(Networks):
    """Real networks that wait for `gate` before they load, and record what for."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.gate = threading.Event()
        self.loaded_for: list[str] = []

    def _load(self, backbone: Backbone, hint: str) -> Encoder:
        self.loaded_for.append(hint)
        assert self.gate.wait(60)
        return super()._load(backbone, hint)


class FailingNetworks(Networks):
    """Networks that never load."""

    def _load(self, backbone: Backbone, hint: str) -> Encoder:
        raise NetworkError("Expected a network.")


@pytest.fixture
def slow(networks_folder, library) -> Iterator[SlowNetworks]:
    networks = SlowNetworks(networks_folder, library)
    yield networks
    networks.gate.set()  # leave no thread behind, whatever the test did


def test_a_network_is_loaded_once_while_nobody_waits_for_it(slow: SlowNetworks, bundled: Backbone) -> None:
    loading = Loading(slow)
    assert not loading.ensure_loaded(bundled)
    assert not loading.ensure_loaded(bundled, patience=0.01)
    assert loading.is_pending(bundled)
    slow.gate.set()
    assert loading.ensure_loaded(bundled, patience=60)
    assert not loading.is_pending(bundled)
    assert loading.ensure_loaded(bundled)
    assert slow.loaded_for == ["LATENCY", "THROUGHPUT"]  # one picture as soon as possible, and several at once
    assert slow.is_loaded(bundled)


def test_a_network_that_does_not_load_says_why_each_time(networks_folder, library, bundled: Backbone) -> None:
    loading = Loading(FailingNetworks(networks_folder, library))
    for _ in range(2):
        with pytest.raises(NetworkError, match="Expected a network"):
            loading.ensure_loaded(bundled, patience=60)
    assert not loading.is_pending(bundled)
