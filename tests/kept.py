"""Harm to a data home's stored data: lost, or damaged in a way that only reading detects."""

import sqlite3
from contextlib import closing
from pathlib import Path

from embeddings.features.sqlite_store import STORE_FILE
from embeddings.models.backbones import BUNDLED_CHOICE, Backbone
from recsys.search.kept_vectors import vectors_folder


def lose_kept(cache: Path, backbone: Backbone = BUNDLED_CHOICE) -> None:
    """Remove the vectors and descriptions by a backbone."""
    for path in vectors_folder(cache, backbone).glob(f"{STORE_FILE}*"):
        path.unlink()


def damage_kept(cache: Path, kind: str = "vectors") -> None:
    """Damage every row of a kind by the bundled backbone."""
    folder = vectors_folder(cache, BUNDLED_CHOICE)
    with closing(sqlite3.connect(folder / STORE_FILE)) as connection, connection:
        connection.execute(
            "update rows set vector = zeroblob(length(vector)) where maker in (select id from makers where kind = ?)",
            (kind,),
        )
    for path in folder.glob(f"{kind}-*.npy"):
        path.unlink()
