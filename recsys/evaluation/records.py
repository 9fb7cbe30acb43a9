"""The saved runs of `evaluate`, below `records/evaluations/`: never overwritten and never deleted.

`<run>.json` has a run's figures, `queries/<run>.json` the outcome of each query.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from embeddings.files import atomic_write
from embeddings.models.backbones import Backbone
from embeddings.versions import library_version
from recsys.catalogue.products import Catalogue
from recsys.errors import EvaluationError
from recsys.evaluation.metrics import METRICS
from recsys.evaluation.runs import Evaluation, QueryOutcome, evaluation_json
from recsys.search.recommender import Recommender

RECORD_FORMAT = 1
_LIBRARIES = ("openvino", "numpy", "pillow", "keras", "tensorflow")


@dataclass(frozen=True)
class DataSet:
    """What was searched with and in: only results for the same labelled photos and catalogue can be compared."""

    queries: str  # the file's name
    queries_sha256: str
    catalogue_sha256: str
    num_products: int
    distractors_sha256: str = ""  # of a catalogue whose products are also searched, but never right
    num_distractors: int = 0


@dataclass(frozen=True)
class NetworkUsed:
    """The network's weights and the precision it ran with."""

    weights_sha256: str
    precision: str


@dataclass(frozen=True)
class KeptEvaluation:
    """One backbone's evaluation: when it was made, on what, and with what; without its individual queries."""

    recorded_at: AwareDatetime
    data_set: DataSet
    network: NetworkUsed
    versions: dict[str, str]
    evaluation: Evaluation


@dataclass(frozen=True)
class Run:
    """An evaluation with each query's outcome; `name` is its name among the records, empty if it is not saved."""

    name: str
    data_set: DataSet
    evaluation: Evaluation


@dataclass(frozen=True)
class DamagedRecord:
    """An invalid file among the records, and what is wrong with it."""

    path: Path
    reason: str


@dataclass(frozen=True)
class EvaluationRecords:
    """The saved evaluations, oldest first, and the files that could not be read."""

    kept: tuple[KeptEvaluation, ...]
    damaged: tuple[DamagedRecord, ...]

    def data_sets(self) -> list[DataSet]:
        """The data sets that were evaluated on, the most recent first."""
        return list(dict.fromkeys(record.data_set for record in reversed(self.kept)))

    def latest(self, data_set: DataSet) -> list[KeptEvaluation]:
        """The latest evaluation of each backbone and ranking on the data set."""
        of_it = (record for record in self.kept if record.data_set == data_set)
        return list({(record.evaluation.backbone, record.evaluation.ranking): record for record in of_it}.values())


def evaluations_folder(records: Path) -> Path:
    """The folder of a data home's evaluations."""
    return records / "evaluations"


def data_set_of(queries: Path, catalogue: Catalogue, distractors: Catalogue | None = None) -> DataSet:
    """Identify a file of labelled photos together with the catalogues searched. Raises EvaluationError."""
    try:
        content = queries.read_bytes()
    except OSError as error:
        raise EvaluationError(f"Expected a CSV of labelled photos at {queries}, but: {error}.") from None
    data_set = DataSet(
        queries.name, hashlib.sha256(content).hexdigest(), catalogue_sha256(catalogue), len(catalogue.products)
    )
    if distractors is None:
        return data_set
    return replace(
        data_set, distractors_sha256=catalogue_sha256(distractors), num_distractors=len(distractors.products)
    )


def catalogue_sha256(catalogue: Catalogue) -> str:
    """Hash what determines an evaluation's results: the catalogue's products, their pictures and their categories."""
    rows = [(product.product_id, product.image_key, product.category) for product in catalogue.products]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def network_used(recommender: Recommender, backbone: Backbone) -> NetworkUsed:
    """The weights and precision that the recommender encodes with. Raises WeightsError or NetworkError."""
    encoder = recommender.networks.encoder(backbone)
    return NetworkUsed(encoder.identity.weights_sha256, encoder.precision)


def keep_evaluation(
    records: Path, evaluation: Evaluation, data_set: DataSet, network: NetworkUsed, *, now: datetime
) -> Path:
    """Write the evaluation made at `now` into its own files and return the first's path. OSError passes through."""
    moment = now.astimezone(UTC)
    content = {
        "format": RECORD_FORMAT,
        "recorded_at": moment.isoformat(),
        "data_set": asdict(data_set),
        "network": asdict(network),
        "versions": {library: library_version(library) for library in _LIBRARIES},
        "evaluation": evaluation_json([evaluation], data_set.num_products, data_set.num_distractors),
    }
    path = evaluations_folder(records) / f"{moment:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}.json"
    if evaluation.outcomes:
        with atomic_write(_queries_path(path)) as file:
            file.write(_outcomes_schema().dump_json(evaluation.outcomes))
    with atomic_write(path) as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=1).encode())
    return path


def read_evaluations(records: Path) -> EvaluationRecords:
    """Read every saved evaluation below `records`; files that cannot be read are reported and left alone."""
    kept: list[KeptEvaluation] = []
    damaged: list[DamagedRecord] = []
    for path in sorted(evaluations_folder(records).glob("*.json")):
        try:
            kept.append(_read(path))
        except EvaluationError as error:
            damaged.append(DamagedRecord(path, str(error)))
    kept.sort(key=lambda record: record.recorded_at)
    return EvaluationRecords(tuple(kept), tuple(damaged))


def read_run(records: Path, name: str) -> Run:
    """Read a saved evaluation by name, with each query's outcome.

    Raises EvaluationError if there is none with that name, or if it cannot be read.
    """
    path = evaluations_folder(records) / f"{name}.json"
    if not is_run(records, name):
        raise EvaluationError(f"Expected a saved run named {name} in {path.parent}, found none.")
    try:
        kept, outcomes = _read(path), _read_outcomes(_queries_path(path))
    except FileNotFoundError:
        raise EvaluationError(f"Expected a run saved with its queries, but {name} was not: measure again.") from None
    except (OSError, EvaluationError) as error:
        raise EvaluationError(f"Expected a saved run in {path}, but it is damaged ({error}): measure again.") from None
    return Run(name, kept.data_set, replace(kept.evaluation, outcomes=outcomes))


def is_run(records: Path, name: str) -> bool:
    """Whether a saved evaluation has that name."""
    return Path(name).name == name and (evaluations_folder(records) / f"{name}.json").is_file()


def _read(path: Path) -> KeptEvaluation:
    try:
        return _evaluation_in(json.loads(path.read_bytes(), parse_constant=_refuse))
    except ValidationError as error:
        raise EvaluationError(_first_problem(error)) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvaluationError(str(error) or type(error).__name__) from None


def _read_outcomes(path: Path) -> tuple[QueryOutcome, ...]:
    try:
        return _outcomes_schema().validate_json(path.read_bytes())
    except ValidationError as error:
        raise EvaluationError(_first_problem(error)) from None


def _evaluation_in(content: Any) -> KeptEvaluation:
    if content["format"] != RECORD_FORMAT:
        raise ValueError(f"format {content['format']}, expected {RECORD_FORMAT}")
    shared = {name: content[name] for name in ("recorded_at", "data_set", "network", "versions")}
    (result,) = content["evaluation"]["results"]
    groups = {name: _quality(group) for name, group in result["groups"].items()}
    if "all" not in groups:
        raise ValueError("no figures over all queries")
    return _schema().validate_python({**shared, "evaluation": {**result, "groups": groups}})


def _queries_path(path: Path) -> Path:
    return path.parent / "queries" / path.name


def _quality(group: dict[str, Any]) -> dict[str, Any]:
    """The metrics, which the JSON mixes with the group's other members, on their own."""
    means = {metric: group[metric] for metric in METRICS}
    intervals = {metric: group["ci95"][metric] for metric in METRICS}
    return {"num_queries": group["num_queries"], "means": means, "ci95": intervals}


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no figure")


@cache
def _schema() -> TypeAdapter[KeptEvaluation]:
    return TypeAdapter(KeptEvaluation)


@cache
def _outcomes_schema() -> TypeAdapter[tuple[QueryOutcome, ...]]:
    return TypeAdapter(tuple[QueryOutcome, ...])
