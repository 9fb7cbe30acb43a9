"""The demo shop as a folder: database, export query, packshots, sample photos and labelled queries."""

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import PIL
from filelock import FileLock, Timeout

from embeddings.files import atomic_write
from recsys.demo import STUDY_SIZE
from recsys.demo.assortment import Item, assortment
from recsys.demo.database import EXPORT, database_file, image_path
from recsys.demo.packshots import Packshot
from recsys.demo.scenes import GROUPS, ROOMY_PACKS, Shot
from recsys.demo.seeded_random import seeded_random
from recsys.demo.workshop import Picture, Task, Workshop
from recsys.errors import CatalogueError

SEED = 2023
NUM_QUERIES = 300  # in a shop of that size
MIN_QUERIES = 12
NUM_SAMPLES = 12
RECIPE = "recipe.json"
MADE = ("images", "samples", "photos", "shop.sqlite", "export.sql", "queries.csv")
Progress = Callable[[str, int, int], None]  # called with the stage, the number done and the total


@dataclass(frozen=True)
class LabelledShot:
    """A photo with the product it shows; `photo` is relative to the shop's folder."""

    photo: str
    shot: Shot


def create_shop(
    folder: Path,
    *,
    size: int = STUDY_SIZE,
    seed: int = SEED,
    only: Collection[str] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Make the demo shop in `folder`, or finish what an interrupted run left there.

    `size` counts the active products that have an image. With `only`, the packshots of these products are drawn and
    the sample photos, and nothing else yet. The content depends on `size` and `seed` only,
    not on `workers` (all cores by default). `progress` gets a stage, and how many of its pictures are done
    and to do. A folder with another recipe starts afresh; raises CatalogueError for one that holds anything
    but a demo shop, and when another process is making a shop there.
    """
    if size < 1:
        raise CatalogueError(f"Expected a demo shop of at least 1 product, got {size}: choose a larger size.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder.with_name(f".{folder.name}.lock"), blocking=False):
            _create(folder, size, seed, only, workers or os.cpu_count() or 1, progress)
    except Timeout:
        raise CatalogueError(
            f"Expected to be alone in {folder}, another process is making the demo shop there: wait for it to finish."
        ) from None


def growth_order(size: int = STUDY_SIZE, *, seed: int = SEED) -> list[str]:
    """The ids of the shop's products, those first that show all of it: each sample's, category's and pack's.

    The rest follow in the shop's order.
    """
    on_sale = [item for item in assortment(size, seed) if item.stock == "active"]
    _queries, samples = _shots(on_sale, seed, size)
    categories = {item.line.category: item for item in reversed(on_sale)}
    packs = {item.line.pack: item for item in reversed(on_sale)}
    first = [*(sample.shot.item for sample in samples), *categories.values(), *packs.values()]
    return list(dict.fromkeys(item.product_id for item in (*first, *on_sale)))


def _create(
    folder: Path, size: int, seed: int, only: Collection[str] | None, workers: int, progress: Progress | None
) -> None:
    _prepare(folder, _recipe(size, seed))
    items = assortment(size, seed)
    on_sale = [item for item in items if item.stock == "active"]
    queries, samples = _shots(on_sale, seed, size)
    _write_missing(folder / "shop.sqlite", lambda: database_file(items))
    _write_missing(folder / "export.sql", EXPORT.encode)
    _write_missing(folder / "queries.csv", lambda: _queries_csv(queries))
    _write_missing(folder / "samples" / "samples.json", lambda: _samples_json(samples))
    packshots = [
        (image_path(item.product_id), Packshot(item))
        for item in items
        if (item.stock != "no image" if only is None else item.product_id in only)
    ]
    photos = [(photo.photo, photo.shot) for photo in (samples if only is not None else queries + samples)]
    stages: tuple[tuple[str, Sequence[tuple[str, Picture]]], ...] = (
        ("packshots", packshots),
        ("photos", photos),
    )
    with Workshop(workers) as workshop:
        for stage, pictures in stages:
            _make_missing(folder, stage, pictures, workshop, progress)


def _prepare(folder: Path, recipe: str) -> None:
    """Keep what an earlier run with the same recipe made; clear what another recipe made."""
    path = folder / RECIPE
    if path.exists():
        if path.read_text() != recipe:
            for name in MADE:
                _remove(folder / name)
    elif folder.exists() and any(folder.iterdir()):
        raise CatalogueError(
            f"Expected an empty folder or a demo shop, {folder} holds something else: use another folder."
        )
    for leftover in folder.glob("**/.*.part"):
        leftover.unlink()
    with atomic_write(path) as file:
        file.write(recipe.encode())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _recipe(size: int, seed: int) -> str:
    """What the shop depends on: its size, its seed and the code that draws it."""
    code = hashlib.sha256(PIL.__version__.encode())
    here = Path(__file__).parent
    for path in sorted(path for path in here.rglob("*") if path.suffix in (".py", ".csv")):
        code.update(path.relative_to(here).as_posix().encode())
        code.update(path.read_bytes())
    return json.dumps({"size": size, "seed": seed, "code": code.hexdigest()}, indent=1)


def _shots(on_sale: Sequence[Item], seed: int, size: int) -> tuple[list[LabelledShot], list[LabelledShot]]:
    """The labelled queries and the samples: of different products where the shop is large enough."""
    rng = seeded_random(f"{seed} shots")
    num_queries = max(MIN_QUERIES, round(NUM_QUERIES * size / STUDY_SIZE))
    shuffled = rng.sample(on_sale, len(on_sale))
    packs = {item.line.pack: item for item in shuffled}
    sampled = list(dict.fromkeys([*packs.values(), *shuffled]))[:NUM_SAMPLES]
    rest = [item for item in shuffled if item not in sampled] or shuffled
    queries = []
    for index in range(num_queries):
        item, group = rest[index % len(rest)], GROUPS[index % len(GROUPS)]
        shot = Shot(item, tuple(rng.sample(on_sale, min(4, len(on_sale)))), group, f"{seed} query {index}")
        queries.append(LabelledShot(f"photos/query-{index + 1:04d}.jpg", shot))
    samples = []
    roomy = [index for index, item in enumerate(sampled) if item.line.pack in ROOMY_PACKS]
    back = roomy[-1] if roomy else None
    for index, item in enumerate(sampled):
        shot = Shot(
            item,
            tuple(rng.sample(on_sale, min(4, len(on_sale)))),
            "clear" if index == back else GROUPS[index % len(GROUPS)],
            f"{seed} sample {index}",
            is_back=index == back,
        )
        samples.append(LabelledShot(f"samples/sample-{index + 1:02d}.jpg", shot))
    return queries, samples


def _queries_csv(queries: Sequence[LabelledShot]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("photo", "product_id", "category", "group"))
    for query in queries:
        item = query.shot.item
        writer.writerow((query.photo, item.product_id, item.line.category, query.shot.group))
    return text.getvalue().encode()


def _samples_json(samples: Sequence[LabelledShot]) -> bytes:
    content = [
        {"photo": Path(sample.photo).name, "product_id": sample.shot.item.product_id, "title": sample.shot.item.name}
        for sample in samples
    ]
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _write_missing(path: Path, content: Callable[[], bytes]) -> None:
    if not path.exists():
        with atomic_write(path) as file:
            file.write(content())


def _make_missing(
    folder: Path, stage: str, pictures: Sequence[tuple[str, Picture]], workshop: Workshop, progress: Progress | None
) -> None:
    tasks = [Task(folder / path, picture) for path, picture in pictures if not (folder / path).exists()]
    done = len(pictures) - len(tasks)

    def report(more: int) -> None:
        nonlocal done
        done += more
        if progress:
            progress(stage, done, len(pictures))

    report(0)
    workshop.make(tasks, report)
