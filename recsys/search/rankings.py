"""The registry of the rankings: another one is a module like `cosine` and an entry here."""

from embeddings.messages import Message
from recsys.search.cosine import COSINE
from recsys.search.ranking import Ranking
from recsys.search.refined.closer_look import REFINED

__all__ = ["COSINE", "RANKINGS", "REFINED", "STUDY_RANKING", "ranking_label"]

RANKINGS: dict[str, Ranking] = {ranking.name: ranking for ranking in (REFINED, COSINE)}
"""By name, in the order in which they are offered: the first that can be had is the default, and cosine always can."""

STUDY_RANKING = COSINE


def ranking_label(name: str) -> Message:
    """What visitors call the ranking of that name; the name itself for one of other times."""
    return RANKINGS[name].label if name in RANKINGS else Message(name)
