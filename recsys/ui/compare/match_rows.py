"""One photo seen by several backbones: a row each, with its matches, its time, and how many it shares."""

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

from embeddings.errors import KalcareError
from embeddings.models.backbones import Backbone
from recsys.num_matches import NUM_MATCHES
from recsys.search.recommender import BackboneStatus, Match, SearchResult
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text, ngettext, number_text
from recsys.ui.photo.query_photos import QueryPhoto
from recsys.ui.products.cards import rendered, without_tags
from recsys.ui.products.image_routes import picture_url
from recsys.ui.results.query_panel import milliseconds_text, photo_title
from recsys.ui.shell.failures import as_typed

_UNKNOWN = "?"


class MatchRows:
    """A row a backbone, in the order given; each has its place and height before its matches are there."""

    def __init__(self, backbones: Sequence[Backbone]) -> None:
        self._results: dict[str, SearchResult] = {}
        self._heads, self._matches = {}, {}
        for backbone in backbones:
            with st.container(key=f"compare_row_{backbone.name}"):
                self._heads[backbone.name], self._matches[backbone.name] = st.empty(), st.empty()

    def reserve(self, backbones: Iterable[Backbone]) -> None:
        """Draw the rows as they are while they wait."""
        for backbone in backbones:
            self._draw_head(backbone.name, _("Waiting for its turn"))
            self._matches[backbone.name].html(rendered("compare_matches.html", cards=[]))

    def fill(
        self,
        backbones: Iterable[Backbone],
        find: Callable[[Backbone], SearchResult],
        *,
        is_loaded: Callable[[Backbone], bool] | None = None,
    ) -> Backbone | None:
        """Find each backbone's matches and draw them; with `is_loaded` the row says meanwhile what is being done.

        The first network that is still being loaded ends it, and is returned: the next would only take its place in
        memory. What fails is said in its row, and the others go on.
        """
        for backbone in backbones:
            try:
                if is_loaded is not None:
                    if not is_loaded(backbone):
                        self._draw_head(backbone.name, _("Loading the network…"))
                        return backbone
                    self._draw_head(backbone.name, _("Encoding the photo…"))
                result = find(backbone)
            except KalcareError as error:
                self._draw_head(backbone.name, _("Failed"))
                self._matches[backbone.name].warning(
                    escape(message_text(error.message).replace("`", "")), icon=":material/info:"
                )
                continue
            self._results[backbone.name] = result
            self._draw_matches(backbone.name, result)
            for name, known in self._results.items():
                self._draw_head(name, _("Encoded in {encode} ms").format(encode=milliseconds_text(known.encode_ms)))
        return None

    def _draw_matches(self, name: str, result: SearchResult) -> None:
        if result.matches:
            cards = [_card(match) for match in result.matches]
            self._matches[name].html(rendered("compare_matches.html", cards=cards))
        else:
            self._matches[name].caption(_("There is no product to compare it with."))

    def _draw_head(self, name: str, timing: str) -> None:
        others = [{"name": other, "count": self._shared(name, other)} for other in self._heads if other != name]
        self._heads[name].html(
            rendered(
                "compare_head.html",
                name=name,
                timing=timing,
                others=others,
                shared_label=_("Of these {number}, also found by").format(number=NUM_MATCHES),
            )
        )

    def _shared(self, one: str, other: str) -> str:
        if one not in self._results or other not in self._results:
            return _UNKNOWN
        return number_text(num_shared(self._results[one], self._results[other]))


def num_shared(one: SearchResult, other: SearchResult) -> int:
    """How many products two results have in common."""
    ids = [{match.product.product_id for match in result.matches} for result in (one, other)]
    return len(ids[0] & ids[1])


def compared_photo(photo: QueryPhoto, num_backbones: int) -> None:
    """Say which photo is compared with, and what the rows below show."""
    with st.container(key="query", gap="xsmall"):
        st.header(photo_title(photo), anchor=False)
        if photo.product_id is not None:
            st.markdown(_("A product of the catalogue. It is itself left out of the matches."))
        if num_backbones == 1:
            st.caption(_("Only one backbone is ready, so there is nothing to compare its matches with yet."))
        else:
            st.caption(
                _(
                    "Each row: the {number} most alike by cosine, as in the study, and how many the others found, too."
                ).format(number=NUM_MATCHES)
            )


def loading_note(num_ready: int, max_networks: int) -> None:
    """Say why rows keep waiting where not all networks that are compared can stay loaded."""
    if num_ready > max_networks:
        networks = ngettext("{number} network", "{number} networks", max_networks)
        message = _("Room for {networks} at a time, so others are loaded for each photo: see `RECSYS_MAX_NETWORKS`.")
        st.caption(message.format(networks=networks))


def unready_note(statuses: Iterable[BackboneStatus]) -> None:
    """Name the backbones that are not ready, in one line for each way to get them."""
    unready = [status for status in statuses if not status.is_ready]
    lacking = [status.backbone.name for status in unready if not status.weights.is_here]
    unencoded = [status.backbone.name for status in unready if status.weights.is_here]
    if lacking:
        message = _("Not ready, their weights are missing: {names}. Get one on the search page, or: {fetch}, {embed}.")
        fetch, embed = as_typed("python -m recsys backbones fetch NAME"), as_typed("python -m recsys embed NAME")
        st.caption(message.format(names=", ".join(lacking), fetch=f"`{fetch}`", embed=f"`{embed}`"))
    if unencoded:
        message = _("Not ready, the catalogue is not encoded with them: {names}. Run {embed}.")
        command = as_typed(f"python -m recsys embed {' '.join(unencoded)}")
        st.caption(message.format(names=", ".join(unencoded), embed=f"`{command}`"))


def _card(match: Match) -> dict[str, str]:
    name = match.product.name
    return {
        "name": name,
        "title": without_tags(name),
        "alt": _("Picture of {name}").format(name=without_tags(name)),
        "picture": picture_url(match.product.image_key, 240),
        "similarity": number_text(match.similarity, digits=3),
    }
