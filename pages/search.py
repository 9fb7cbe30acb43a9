"""Search by photo: choose a photo and a backbone, see the most similar products."""

from functools import partial

import streamlit as st

from recsys.num_matches import NUM_MATCHES
from recsys.settings import load_settings
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.photo.photo_input import chosen_photo, leave_product, photo_panel, welcome
from recsys.ui.photo.recent_queries import recent_queries
from recsys.ui.photo.samples import load_samples
from recsys.ui.products.browsing import filter_choices
from recsys.ui.products.cards import blank_grid, similar_button
from recsys.ui.products.filters import filter_panel
from recsys.ui.products.product_detail import product_detail
from recsys.ui.results.backbone_picker import backbone_picker, chosen_backbone
from recsys.ui.results.feedback import shown_photo_search
from recsys.ui.results.jobs_panel import job_states, jobs_panel
from recsys.ui.results.matches import matches_grid
from recsys.ui.results.query_panel import network_view, query_panel
from recsys.ui.results.ranking_picker import chosen_ranking, ranking_picker
from recsys.ui.results.why_similar import why_similar_button
from recsys.ui.results.word_search import found_by_words, products_to_compare, within_words_box, word_results, words_box
from recsys.ui.shell.failures import failures_shown
from recsys.ui.shell.loading import network_loaded
from recsys.ui.shell.scrolling import scroll_on_change
from recsys.ui.shell.services import loading, recommender
from recsys.ui.survey.form import way_back_to_the_poll

st.title(_("Which products look like this?"), anchor=False)
st.caption(
    _("Photograph a product and see the {number} most similar ones in the catalogue.").format(number=NUM_MATCHES)
)

engine, settings = recommender(), load_settings()
jobs = job_states(settings)
catalogue, statuses, samples = engine.catalogue, engine.statuses(), load_samples(settings.cache)

photo = chosen_photo(catalogue, settings.cache)
chosen = chosen_backbone(statuses, engine.default_backbone())
choice = chosen_ranking(engine, chosen)
backbone, ranking = chosen.backbone, choice.ranking
queries, query_photo = recent_queries(engine), photo if chosen.is_ready else None

# The photo is encoded while the page above its matches is drawn: starting now, or when the next photo arrives.
begin = partial(queries.begin, backbone=backbone, ranking=ranking)
is_loaded = chosen.is_ready and engine.networks.is_loaded(backbone)
if query_photo and is_loaded:
    begin(query_photo)

with st.container(key="search_layout"):
    inputs, results = st.columns([1, 3], gap="medium")

# What is searched for, from top to bottom: words, a photo, filters, and how photos are compared.
with inputs, st.container(key="search_inputs"):
    words = words_box(key="search", on_change=leave_product)
    photo_panel(photo, samples, catalogue.products, on_photo=begin if is_loaded else None)
    filters = filter_panel(engine.engine.once(filter_choices), key="search")
    backbone_picker(statuses, chosen, jobs)
    ranking_picker(choice, settings, chosen, jobs.get(backbone.name), len(catalogue.products))

with results:
    by_words = found_by_words(engine.text_search, words)
    if photo is not None and photo.product_id in catalogue.by_id:
        product_detail(catalogue.by_id[photo.product_id])
    only_those = photo is not None and within_words_box(by_words)
    jobs_panel(settings, jobs, chosen, len(catalogue.products))

    if query_photo:
        with failures_shown("matches"):
            if network_loaded(loading(), backbone):
                allowed_ids = products_to_compare(catalogue.products, filters, by_words if only_those else None)
                gtins = query_photo.gtins if engine.engine.has_gtins else ()  # read while the photo is being encoded
                query = queries.query(query_photo, backbone, ranking=ranking)
                search = partial(engine.search, query, ranking=ranking, gtins=gtins)
                search = partial(search, excluded_id=query_photo.product_id, allowed_ids=allowed_ids)
                result = queries.result(query, (engine.engine, query_photo.product_id, allowed_ids), search)
                shown = shown_photo_search(query_photo, result)
                actions = [shown.marks_buttons, similar_button]
                if choice.explaining:
                    described = partial(queries.query, query_photo, backbone, ranking=choice.explaining)
                    actions.insert(1, partial(why_similar_button, engine, settings.cache, query_photo, described))

                query_panel(query_photo, result)
                matches_grid(
                    query_photo, result, engine.likeness(backbone), is_filtered=allowed_ids is not None, actions=actions
                )
                shown.record()
                network_view(query_photo, engine.networks.encoder(backbone), result)
                if query_photo.product_id is None:
                    scroll_on_change("query", of=query_photo.digest, phone_only=True)
                way_back_to_the_poll()
                query_photo.let_pixels_go()
            else:
                blank_grid(NUM_MATCHES)
    elif photo is None and by_words is None and chosen.is_ready:
        welcome(samples)

    if by_words:
        word_results(by_words, filters, key="search", says_what_is_kept=query_photo is None)
