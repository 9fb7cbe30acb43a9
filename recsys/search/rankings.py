"""The registry of rankings. To add one, write a module like `cosine` and add an entry here."""

from embeddings.messages import Message
from recsys.search.cosine import COSINE
from recsys.search.ranking import Ranking
from recsys.search.refined.closer_look import REFINED

__all__ = ["COSINE", "RANKINGS", "REFINED", "STUDY_RANKING", "ranking_label", "setting_label"]

RANKINGS: dict[str, Ranking] = {ranking.name: ranking for ranking in (REFINED, COSINE)}
"""By name, in the order offered: the first usable one is the default, and cosine is always usable."""

STUDY_RANKING = COSINE


def ranking_label(name: str) -> Message:
    """The name of a ranking for visitors; the internal name for one that no longer exists."""
    return RANKINGS[name].label if name in RANKINGS else Message(name)


def setting_label(backbone: str, ranking: str) -> Message:
    """The name of a backbone with a ranking, for visitors."""
    return Message("{backbone}, {ranking}", backbone=backbone, ranking=ranking_label(ranking))
