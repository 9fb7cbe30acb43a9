"""Compare: one photo searched with every ready backbone, and their measured quality."""

from functools import partial

import streamlit as st

from embeddings.models.backbones import Backbone
from recsys.num_matches import NUM_MATCHES
from recsys.settings import load_settings
from recsys.ui.compare.match_rows import compared_photo, find_matches, loading_note, match_rows, unready_note
from recsys.ui.compare.measuring_panel import measuring_panel, study_panel
from recsys.ui.compare.photo_comparison import PhotoComparison
from recsys.ui.compare.quality import measured_quality
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.photo.photo_input import chosen_photo, photo_panel, welcome
from recsys.ui.photo.recent_queries import recent_queries
from recsys.ui.photo.samples import load_samples
from recsys.ui.shell.failures import log_error, show_failure
from recsys.ui.shell.loading import draw_again_when_loaded
from recsys.ui.shell.scrolling import scroll_on_change
from recsys.ui.shell.services import loading, recommender

st.title(_("Which backbone finds it best?"), anchor=False)
st.caption(
    _(
        "One photo, and the {number} products that each backbone finds most similar: judge by eye, then by measurement."
    ).format(number=NUM_MATCHES)
)

engine, settings = recommender(), load_settings()
catalogue, statuses = engine.catalogue, engine.statuses()
samples, photo = load_samples(settings.cache), chosen_photo(catalogue, settings.cache)
ready = [status.backbone for status in statuses if status.is_ready]


def is_found_or_loaded(comparison: PhotoComparison, backbone: Backbone) -> bool:
    return comparison.knows(backbone) or loading().ensure_loaded(backbone)


with st.container(key="search_layout"):
    inputs, results = st.columns([1, 3], gap="medium")

with inputs, st.container(key="search_inputs"):
    photo_panel(photo, samples, catalogue.products)

with results:
    if not ready:
        failure = next(status.failure for status in reversed(statuses) if status.failure)
        show_failure("backbones", _("No backbone is ready to search with"), log_error(failure), failure.remedies)
    elif photo is None:
        welcome(samples)
    else:
        compared_photo(photo, len(ready))
        comparison = PhotoComparison(engine, recent_queries(engine), photo)
        # Results that need no network, or a loaded one, come first, before the network makes way for others.
        known = [backbone for backbone in ready if comparison.knows(backbone)]
        others = [backbone for backbone in ready if backbone not in known]
        others.sort(key=lambda backbone: not engine.networks.is_loaded(backbone))
        outcomes, unfinished = find_matches(known + others, comparison.find, partial(is_found_or_loaded, comparison))
        match_rows({one.name: comparison.rankings(one) for one in ready}, outcomes, unfinished)
        if unfinished:
            draw_again_when_loaded(loading(), unfinished)
        loading_note(len(ready), settings.max_networks)
        scroll_on_change("query", of=(photo.digest, photo.product_id), phone_only=True)
        photo.let_pixels_go()
    unready_note(settings, statuses)
    study_panel(settings, statuses)

measured_quality(settings, catalogue, [backbone.name for backbone in ready])
measuring_panel(settings, ready)
