"""Search by photo: choose a photo and a backbone, see the five products most alike."""

from functools import partial

import streamlit as st

from recsys.settings import load_settings
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.photo.photo_input import current_photo, follow_product_link, leave_product, photo_panel, sample_gallery
from recsys.ui.photo.recent_queries import recent_queries, remember_how
from recsys.ui.photo.samples import load_samples
from recsys.ui.products.cards import blank_grid, similar_button
from recsys.ui.products.filters import filter_panel
from recsys.ui.products.product_detail import product_detail
from recsys.ui.results.backbone_picker import pick_backbone
from recsys.ui.results.feedback import shown_photo_search
from recsys.ui.results.jobs_panel import job_states, jobs_panel
from recsys.ui.results.matches import matches_grid
from recsys.ui.results.query_panel import network_view, query_panel
from recsys.ui.results.ranking_picker import pick_ranking
from recsys.ui.results.why_similar import why_similar_button
from recsys.ui.results.word_search import found_by_words, products_to_compare, within_words_box, word_results, words_box
from recsys.ui.shell.failures import failures_shown
from recsys.ui.shell.loading import network_loaded
from recsys.ui.shell.scrolling import scroll_on_change
from recsys.ui.shell.services import loading, recommender
from recsys.ui.survey.form import way_back_to_the_poll

NUM_MATCHES = 5

st.title(_("Which products look like this?"), anchor=False)
st.caption(_("Photograph a product and see the five in the catalogue that look most alike."))

with failures_shown():
    engine, settings = recommender(), load_settings()
    jobs = job_states(settings)
    catalogue, statuses, default = engine.catalogue, engine.statuses(), engine.default_backbone()
    samples = load_samples(settings.cache)
    follow_product_link(catalogue, settings.cache)
queries = recent_queries(engine)

with st.container(key="search_layout"):
    inputs, results = st.columns([1, 3], gap="medium")

# What the search starts from, from top to bottom: words, a photo, filters, and how photos are compared.
with inputs, st.container(key="search_inputs"):
    words = words_box(key="search", on_change=leave_product)
    photo_panel(samples, catalogue.products)
    filters = filter_panel(catalogue.products, key="search")
    chosen = pick_backbone(statuses, default, jobs)
    with failures_shown():
        order = pick_ranking(engine, settings, chosen, jobs)
    remember_how(chosen.backbone, order.ranking)

with results:
    photo, backbone = current_photo(), chosen.backbone
    photo_place, words_place = st.container(), st.container()
by_word = found_by_words(engine.text_search, words)
if by_word:  # drawn before what is above it, because a network that is being loaded holds up the rest
    with words_place:
        is_alone = photo is None or not chosen.is_ready  # else the photo's matches say for both what is kept
        word_results(by_word, filters, key="search", says_what_is_kept=is_alone)

with photo_place:
    if photo is not None and photo.product_id in catalogue.by_id:
        product_detail(catalogue.by_id[photo.product_id])
    only_those = photo is not None and within_words_box(by_word)
    jobs_panel(settings, jobs, chosen, len(catalogue.products))
    if photo is None and by_word is None and chosen.is_ready:
        st.header(_("Choose a photo to begin"), anchor=False)
        if samples:
            st.caption(_("No product at hand? Start with one of these photos."))
            sample_gallery(samples, key="search_welcome")
    elif photo is not None and chosen.is_ready:
        with failures_shown():
            if not network_loaded(loading(), backbone):
                blank_grid(NUM_MATCHES)
                st.stop()
            allowed_ids = products_to_compare(catalogue.products, filters, by_word if only_those else None)
            query = queries.query(photo, backbone, ranking=order.ranking)
            result = engine.search(
                query, top=NUM_MATCHES, ranking=order.ranking, excluded_id=photo.product_id, allowed_ids=allowed_ids
            )
            scale, encoder = engine.likeness(backbone), engine.networks.encoder(backbone)
        query_panel(photo, result)
        shown = shown_photo_search(photo, result)

        def more(card, key):
            if order.explaining:
                described = partial(queries.query, photo, backbone, ranking=order.explaining)
                why_similar_button(engine, settings.cache, photo, described, card, key)
            similar_button(card, key)

        matches_grid(
            photo, result, scale, is_filtered=allowed_ids is not None, actions=partial(shown.actions, more=more)
        )
        note = st.container(key="search_note")
        network_view(photo, encoder, result)
        if photo.product_id is None:
            scroll_on_change("query", of=photo.digest, phone_only=True)
        with note:
            shown.keep()
        way_back_to_the_poll()
