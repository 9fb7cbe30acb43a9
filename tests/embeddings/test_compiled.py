import os
import subprocess
import sys
from pathlib import Path

import pytest

from embeddings import compiled
from embeddings.backbones import BACKBONES, Backbone
from embeddings.compiled import compiled_network, identify_network
from embeddings.errors import NetworkError, WeightsError
from embeddings.runtime import Networks
from embeddings.weights import weights_digest


def test_a_network_is_compiled_once(networks_folder: Path, bundled: Backbone) -> None:
    first = compiled_network(bundled, networks_folder)
    modified = first.stat().st_mtime_ns
    assert compiled_network(bundled, networks_folder) == first
    assert first.stat().st_mtime_ns == modified


def test_a_network_of_another_code_is_compiled_anew(
    networks_folder: Path, bundled: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = compiled._build_key(identify_network(bundled))
    monkeypatch.setattr(compiled, "version", lambda package: "99")
    assert compiled._build_key(identify_network(bundled)) != before


def test_compiling_leaves_tensorflow_out_of_this_process(networks_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from embeddings.backbones import BUNDLED_CHOICE;"
        "from embeddings.runtime import Networks; Networks(Path(sys.argv[1])).encoder(BUNDLED_CHOICE);"
        "sys.exit(any(name.split('.')[0] in {'tensorflow', 'keras'} for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code, networks_folder], check=True, cwd=Path(__file__).parents[2])


def test_a_failed_child_is_one_clear_line_and_leaves_nothing(tmp_path: Path, bundled: Backbone) -> None:
    environment = {**os.environ, "KERAS_BACKEND": "no-such-backend"}
    code = (
        "import sys; from pathlib import Path; from embeddings.backbones import BUNDLED_CHOICE as b;"
        "from embeddings.compiled import compiled_network; from embeddings.errors import NetworkError\n"
        "try: compiled_network(b, Path(sys.argv[1]))\n"
        "except NetworkError as error: print(error)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "networks"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert result.stdout.startswith("Expected EfficientNetLite0 to compile, but it did not:")
    assert len(result.stdout.splitlines()) == 1
    assert [path.name for path in (tmp_path / "networks").iterdir()] == ["EfficientNetLite0.lock"]


def test_a_damaged_compiled_network_says_what_to_delete(
    tmp_path: Path, networks_folder: Path, bundled: Backbone
) -> None:
    folder = tmp_path / compiled_network(bundled, networks_folder).parent.name
    folder.mkdir()
    (folder / "network.xml").write_text("<net/>")
    with pytest.raises(NetworkError, match=f"in {folder}, but it does not load"):
        Networks(tmp_path).encoder(bundled)


def test_weights_other_than_the_pinned_ones_are_refused(tmp_path: Path, bundled: Backbone) -> None:
    (tmp_path / "weights.pth").write_bytes(b"other")
    with pytest.raises(WeightsError, match=f"Expected the weights of {bundled.name} with sha256 57934424"):
        weights_digest(bundled, tmp_path / "weights.pth")


def test_weights_that_are_not_here_are_said_to_be_missing() -> None:
    with pytest.raises(WeightsError, match="Expected the weights of VGG16"):
        identify_network(BACKBONES["VGG16"])
