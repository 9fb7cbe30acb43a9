"""The page while an empty data home gets its demo shop: the progress, in place of a page that needs products."""

import streamlit as st

from recsys.catalogue.products import catalogue_path
from recsys.demo.growth import DEMO_JOB
from recsys.errors import BuildDemo
from recsys.indexing.launch import jobs_of
from recsys.indexing.progress import Job, JobState
from recsys.settings import Settings
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.results.jobs_panel import progress_text
from recsys.ui.shell.failures import show_failure
from recsys.ui.shell.plain_words import STOPPED
from recsys.ui.shell.stakeholders import is_administrator

_SECONDS = 1


def demo_being_built(settings: Settings) -> Job | None:
    """The job that builds the home's first products; None if there are products, or no job builds any."""
    if catalogue_path(settings.cache).exists():
        return None
    job = jobs_of(settings).job(DEMO_JOB)
    return job if job and job.state in (JobState.RUNNING, JobState.FAILED) else None


def first_start(settings: Settings) -> None:
    """Draw the progress of the first products, and redraw the page as soon as they exist."""

    @st.fragment(run_every=_SECONDS)
    def draw() -> None:
        job = demo_being_built(settings)
        if job is None:
            st.rerun()
        elif job.failure:
            reason = job.error if is_administrator(settings) else ""
            show_failure("demo", _("The demo shop could not be built"), STOPPED, [BuildDemo()], reason=reason)
        else:
            st.progress(job.share, progress_text(job))

    st.title(_("Getting ready"), anchor=False)
    st.markdown(_("A demo shop is being built. You can search its first products in less than a minute."))
    draw()
