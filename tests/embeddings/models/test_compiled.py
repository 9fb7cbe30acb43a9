import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.models import compiled
from embeddings.models.backbones import Backbone
from embeddings.models.compiled import compiled_network, identify_network
from embeddings.models.weights import WeightsLibrary

ROOT = Path(__file__).parents[3]


@pytest.fixture
def network_file(networks_folder: Path, bundled: Backbone, library: WeightsLibrary) -> Path:
    weights = library.file(bundled)
    return compiled_network(bundled, weights.path, identify_network(bundled, weights.sha256), networks_folder)


def test_a_network_is_compiled_once(
    networks_folder: Path, bundled: Backbone, library: WeightsLibrary, network_file: Path
) -> None:
    modified = network_file.stat().st_mtime_ns
    weights = library.file(bundled)
    again = compiled_network(bundled, weights.path, identify_network(bundled, weights.sha256), networks_folder)
    assert (again, again.stat().st_mtime_ns) == (network_file, modified)


def test_a_network_built_from_something_else_has_another_key(
    bundled: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = identify_network(bundled, "aa" * 32)
    key = compiled._build_key(identity)
    assert compiled._build_key(replace(identity, weights_sha256="bb" * 32)) != key
    assert compiled._build_key(replace(identity, preprocessing="caffe")) != key
    monkeypatch.setattr(compiled, "library_version", lambda library: "99")
    assert compiled._build_key(identity) != key


CHILD = """
import sys
from pathlib import Path
from embeddings.models.backbones import BUNDLED_CHOICE
from embeddings.errors import NetworkError
from recsys.search.networks import networks_of
from recsys.settings import Settings
try:
    networks_of(Settings(home=Path(sys.argv[1]))).encoder(BUNDLED_CHOICE)
except NetworkError as error:
    print(error)
sys.exit(any(name.split('.')[0] in {'tensorflow', 'keras'} for name in sys.modules))
"""


def test_a_failed_child_is_one_clear_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "tensorflow.py").write_text("raise ImportError('damaged')")
    result = subprocess.run(
        [sys.executable, "-c", CHILD, tmp_path],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "damaged")},
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert result.stdout == "Expected EfficientNetLite0 to compile, but it did not: ImportError: damaged\n"
    assert [path.name for path in (tmp_path / "cache" / "networks").iterdir()] == ["EfficientNetLite0.lock"]


def flip_a_byte(folder: Path) -> None:
    content = bytearray((folder / "network.bin").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "network.bin").write_bytes(content)


DAMAGES = {
    "a flipped byte": flip_a_byte,
    "no network.xml": lambda folder: (folder / "network.xml").unlink(),
    "no checksums": lambda folder: (folder / "checksums.json").unlink(),
    "an empty network.bin": lambda folder: (folder / "network.bin").write_bytes(b""),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_compiled_network_is_noticed(
    damage: str, tmp_path: Path, network_file: Path, bundled: Backbone, library: WeightsLibrary
) -> None:
    copy = shutil.copytree(network_file.parent, tmp_path / network_file.parent.name)
    assert compiled._is_whole(copy)
    DAMAGES[damage](copy)
    assert not compiled._is_whole(copy)


def test_a_damaged_network_is_made_again_after_a_killed_compile_without_tensorflow_in_this_process_or_telemetry(
    tmp_path: Path, network_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "user").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    folder = tmp_path / "cache" / "networks"
    damaged = shutil.copytree(network_file.parent, folder / network_file.parent.name)
    flip_a_byte(damaged)
    process = subprocess.Popen([sys.executable, "-c", CHILD, tmp_path], cwd=ROOT, start_new_session=True)
    while not (left := list(folder.glob(".compiling-*"))):
        assert process.poll() is None, "it was compiled before anybody looked"
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)  # including the process that builds the network, which would go on writing
    process.wait()
    other = folder / ".compiling-EfficientNetLite00-abc"  # of another backbone, which may be in use
    other.mkdir()
    assert left[0].is_dir()
    subprocess.run([sys.executable, "-c", CHILD, tmp_path], check=True, cwd=ROOT)
    assert list(folder.glob(".compiling-*")) == [other]
    assert compiled._is_whole(damaged)
    assert (damaged / "network.bin").stat().st_size > 13_000_000
    assert not (tmp_path / "user" / "intel").exists()  # where OpenVINO's telemetry would store this machine's id
