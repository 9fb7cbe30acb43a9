"""Preparing a backbone: what it takes and one button, then the progress; every visitor sees the same."""

import logging
from collections.abc import Iterable

import streamlit as st

from embeddings.errors import FetchWeights, Remedy
from embeddings.masking import mask
from embeddings.models.backbones import BACKBONES, Backbone
from recsys.demo.growth import DEMO_JOB
from recsys.errors import EncodeCatalogue
from recsys.indexing.jobs import Jobs
from recsys.indexing.launch import jobs_of, start_preparation
from recsys.indexing.progress import Job, JobState, Stage
from recsys.search.recommender import BackboneStatus
from recsys.settings import Settings
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import ngettext, number_text
from recsys.ui.results.backbone_picker import megabytes, state_text
from recsys.ui.shell.failures import show_failure
from recsys.ui.shell.plain_words import failed_job_in_plain_words, plain_words
from recsys.ui.shell.stakeholders import how_to_become_administrator, is_administrator

_DONE_HERE = (FetchWeights, EncodeCatalogue)  # by one button, in the background
_BUSY_SECONDS, _IDLE_SECONDS = 1, 5
_log = logging.getLogger(__name__)


def job_states(settings: Settings) -> dict[str, JobState]:
    """The state of the job of every backbone that ever had one."""
    return {job.name: job.state for job in jobs_of(settings).all() if job.name in (DEMO_JOB, *BACKBONES)}


def jobs_panel(settings: Settings, drawn: dict[str, JobState], chosen: BackboneStatus, num_products: int) -> None:
    """Draw what runs in the background, and, if `chosen` is not ready, how to prepare it.

    `drawn` is the jobs' state from before the page checked which backbones are ready. The panel refreshes itself, and
    redraws the page when a job starts or ends.
    """
    jobs = jobs_of(settings)
    _announce(drawn)
    if chosen.failure and not _can_be_prepared(chosen):
        _log.warning("%s", chosen.failure)
    is_busy = JobState.RUNNING in drawn.values()

    @st.fragment(run_every=_BUSY_SECONDS if is_busy else _IDLE_SECONDS)
    def draw() -> None:
        if job_states(settings) != drawn:
            st.rerun()
        with st.container(key="jobs"):
            if not chosen.is_ready:
                _preparation(settings, chosen, jobs.job(chosen.backbone.name), num_products)
            _others(jobs, (name for name, state in drawn.items() if state is JobState.RUNNING), chosen)

    draw()


def _announce(states: dict[str, JobState]) -> None:
    """Say which jobs have ended since this visitor's page was last drawn."""
    before = st.session_state.get("jobs_seen", states)
    st.session_state["jobs_seen"] = states
    for name, state in states.items():
        if state is before.get(name) or before.get(name) is not JobState.RUNNING:
            continue
        icon = ":material/check_circle:" if state is JobState.DONE else ":material/error:"
        st.toast(_ended(state).format(backbone=_title(name)), icon=icon)


def _ended(state: JobState) -> str:
    if state is JobState.DONE:
        return _("{backbone} is ready")
    return _("{backbone} could not be made ready") if state is JobState.FAILED else _("{backbone} was interrupted")


def _others(jobs: Jobs, names: Iterable[str], chosen: BackboneStatus) -> None:
    for name in names:
        if (name != chosen.backbone.name or chosen.is_ready) and (job := jobs.job(name)):
            st.progress(job.share, f"{_title(name)}: {progress_text(job)}")


def _title(name: str) -> str:
    return _("Demo shop") if name == DEMO_JOB else name


def _preparation(settings: Settings, status: BackboneStatus, job: Job | None, num_products: int) -> None:
    backbone = status.backbone
    if job is not None and job.state is JobState.RUNNING:
        st.header(_("{backbone} is being made ready").format(backbone=backbone.name), anchor=False)
        st.progress(job.share, progress_text(job))
        if is_administrator(settings):
            stop_button(settings, backbone.name, key="jobs_cancel")
        st.caption(_("In the meantime, you can leave this page or search with another backbone."))
        return
    if status.failure and not _can_be_prepared(status):
        show_failure(
            "backbone",
            _("{backbone} is not ready").format(backbone=backbone.name),
            plain_words(status.failure),
            _remedies(status),
            reason=mask(str(status.failure)) if is_administrator(settings) else "",
        )
        return
    if job is not None and job.failure:
        show_failure(
            "backbone",
            _ended(job.state).format(backbone=backbone.name),
            failed_job_in_plain_words(job),
            [remedy for remedy in _remedies(status) if not isinstance(remedy, _DONE_HERE)],
            reason=job.error if is_administrator(settings) else "",
        )
        label = _("Try again")
    elif job is not None and job.state is JobState.INTERRUPTED:
        st.header(_ended(job.state).format(backbone=backbone.name), anchor=False)
        st.markdown(_("The preparation was stopped. What was already encoded has been kept."))
        label = _("Continue")
    else:
        st.header(_("{backbone} is not ready").format(backbone=backbone.name), anchor=False)
        st.markdown(_offer(status, num_products) if is_administrator(settings) else f"{state_text(status)}.")
        label = _action(status, num_products)
    if not is_administrator(settings):
        st.caption(how_to_become_administrator(settings))
        return
    st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        key="jobs_start",
        on_click=prepare_if_allowed,
        args=(settings, backbone),
        disabled=any(state is JobState.RUNNING for name, state in job_states(settings).items() if name in BACKBONES),
    )


def stop_button(settings: Settings, name: str, *, key: str) -> None:
    """Draw an administrator's button for stopping a job."""
    st.button(_("Stop"), icon=":material/stop:", key=key, on_click=_cancel, args=(settings, name))


def _cancel(settings: Settings, name: str) -> None:
    if is_administrator(settings):
        jobs_of(settings).cancel(name)


def prepare_if_allowed(settings: Settings, backbone: Backbone) -> None:
    """Start preparing a backbone, for administrators only."""
    if is_administrator(settings):
        start_preparation(settings, backbone)


def _can_be_prepared(status: BackboneStatus) -> bool:
    """Whether the app can add what is missing; it cannot repair a file from a package or a user."""
    return any(isinstance(remedy, _DONE_HERE) for remedy in _remedies(status))


def _remedies(status: BackboneStatus) -> tuple[Remedy, ...]:
    return status.failure.remedies if status.failure else ()


def _needs_weights(status: BackboneStatus) -> bool:
    return not status.weights.is_here


def _offer(status: BackboneStatus, num_products: int) -> str:
    pictures = ngettext("{number} picture", "{number} pictures", num_products)
    if _needs_weights(status):
        return _(
            "{state}. One click downloads them and encodes the catalogue ({pictures}). It runs in the background, "
            "and everyone can go on searching with the other backbones."
        ).format(state=state_text(status), pictures=pictures)
    return _(
        "{state}. Encoding runs in the background, and everyone can go on searching with the other backbones."
    ).format(state=state_text(status))


def _action(status: BackboneStatus, num_products: int) -> str:
    if _needs_weights(status):
        return _("Get the weights ({size})").format(size=megabytes(status.backbone))
    pictures = ngettext("{number} picture", "{number} pictures", num_products)
    return _("Encode the catalogue ({pictures})").format(pictures=pictures)


def progress_text(job: Job) -> str:
    """The progress of a running job, in words."""
    if job.stage is Stage.BUILDING:
        return _("{done} of {total} products").format(done=number_text(job.done), total=number_text(job.total))
    if job.stage is Stage.FETCHING and job.total:
        text = _("Downloading the weights, {done} of {total} MB, {rate} MB per second").format(
            done=number_text(job.done / 1e6, digits=1),
            total=number_text(job.total / 1e6, digits=1),
            rate=number_text(job.rate / 1e6, digits=1),
        )
        return text + _time_left(job)
    if job.stage is Stage.SENDING and job.total:
        text = _("Sending the pictures, {done} of {total} files").format(
            done=number_text(job.done), total=number_text(job.total)
        )
        return text + _time_left(job)
    if job.stage in (Stage.ENCODING, Stage.DESCRIBING) and job.total:
        text = _("Encoding the catalogue, {done} of {total} pictures, {rate} per second").format(
            done=number_text(job.done), total=number_text(job.total), rate=number_text(job.rate)
        )
        return text + _time_left(job)
    return {
        Stage.STARTING: _("Starting"),
        Stage.FETCHING: _("Downloading the weights"),
        Stage.WAITING: _("Waiting until another backbone is done"),
        Stage.COMPILING: _("Building the network, which takes up to a minute"),
        Stage.SENDING: _("Sending the pictures"),
        Stage.ENCODING: _("Encoding the catalogue"),
        Stage.DESCRIBING: _("Analysing the pictures in detail"),
        Stage.CALIBRATING: _("Calibrating match quality"),
        Stage.CHECKING: _("Checking the photos"),
        Stage.MEASURING: _("Measuring how good each backbone is"),
        Stage.PREPARING: _("{done} of {total} backbones").format(
            done=number_text(job.done), total=number_text(job.total)
        ),
    }[job.stage]


def _time_left(job: Job) -> str:
    seconds = job.seconds_left
    if seconds is None:
        return ""
    if seconds < 90:
        return ", " + ngettext("{number} second left", "{number} seconds left", max(1, round(seconds)))
    return ", " + ngettext("{number} minute left", "{number} minutes left", round(seconds / 60))
