"""For administrators: measure backbones with their own photos, and get all of the study's eight."""

import logging
from collections.abc import Callable, Sequence

import streamlit as st

from embeddings.errors import KalcareError
from embeddings.messages import Message
from embeddings.models.backbones import BACKBONES, Backbone
from recsys.errors import PhotoSetError
from recsys.evaluation.measuring import MEASURING_JOB, LastCheck, last_check, start_measuring
from recsys.evaluation.uploads import MAX_PHOTOS, MAX_SET_BYTES, MEGABYTE, Upload, begin_upload, discard_measured
from recsys.indexing.launch import STUDY_JOB, jobs_of, start_study_preparation
from recsys.indexing.progress import Job, JobState, Stage
from recsys.search.recommender import BackboneStatus
from recsys.settings import Settings
from recsys.ui.compare.photo_set import KEY, Piece, UploadState, photo_set_input, piece_of
from recsys.ui.i18n.markdown import escape
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import message_text, ngettext, number_text
from recsys.ui.results.jobs_panel import progress_text, stop_button
from recsys.ui.shell.failures import log_error, show_reason
from recsys.ui.shell.plain_words import failed_job_in_plain_words
from recsys.ui.shell.stakeholders import is_administrator

_UPLOAD, _ANSWER, _CHOSEN = "measure_upload", "measure_answer", "measure_backbones"
_LOOK_SECONDS = 1
_NUM_NAMED = 50  # bad rows
_BUSY = Message("Other photos are being measured right now. Try again afterwards.")
_log = logging.getLogger(__name__)


def measuring_panel(settings: Settings, ready: Sequence[Backbone]) -> None:
    """Draw the upload of photos and the progress of their measurement, for administrators only."""
    if is_administrator(settings) and ready:
        with st.expander(
            _("Measure with your own photos"), icon=":material/science:", key="measure", expanded=_is_open(settings)
        ):
            _following(settings, MEASURING_JOB, lambda job: _measuring(settings, job, ready))


def study_panel(settings: Settings, statuses: Sequence[BackboneStatus]) -> None:
    """Draw the button that prepares all of the study's eight, and its progress, for administrators only."""
    missing = [status for status in statuses if status.backbone.in_study and not status.is_ready]
    if missing and is_administrator(settings):
        with st.container(key="study_eight"):
            _following(settings, STUDY_JOB, lambda job: _study(settings, job, missing))


def _is_open(settings: Settings) -> bool:
    return _ANSWER in st.session_state or _running(settings, MEASURING_JOB) is not None


def _following(settings: Settings, name: str, draw: Callable[[Job | None], None]) -> None:
    """Draw a job's state, again while it runs; when it starts or ends, redraw the whole page."""
    jobs = jobs_of(settings)
    drawn = _state(jobs.job(name))

    @st.fragment(run_every=_LOOK_SECONDS if drawn is JobState.RUNNING else None)
    def panel() -> None:
        job = jobs.job(name)
        if _state(job) is not drawn:
            st.rerun()
        draw(job)

    panel()


def _state(job: Job | None) -> JobState | None:
    return job.state if job else None


def _measuring(settings: Settings, job: Job | None, ready: Sequence[Backbone]) -> None:
    if job is not None and job.state is JobState.RUNNING:
        if problem := st.session_state.get(_ANSWER, UploadState()).problem:
            st.warning(escape(problem), icon=":material/info:")
        st.progress(job.share, _measuring_text(job))
        stop_button(settings, MEASURING_JOB, key="measuring_cancel")
        st.caption(_("You can leave this page. What has been measured is kept."))
        return
    st.markdown(
        _(
            "Choose a ZIP that holds photos and a CSV, or a CSV together with its photos. The CSV has the columns "
            "`photo`, `product_id` and, optionally, `group`."
        )
    )
    st.caption(
        _("At most {photos} photos and {megabytes} MB. They are deleted as soon as they have been measured.").format(
            photos=number_text(MAX_PHOTOS), megabytes=number_text(MAX_SET_BYTES // MEGABYTE)
        )
    )
    names = [backbone.name for backbone in ready]
    st.multiselect(_("Backbones to measure"), names, default=names, key=_CHOSEN)
    photo_set_input(st.session_state.get(_ANSWER, UploadState()), on_piece=lambda: _receive(settings, ready))
    _draw_end(settings, job)


def _measuring_text(job: Job) -> str:
    if job.stage is not Stage.MEASURING or not job.total:
        return progress_text(job)
    return _("Measuring, {done} of {total} searches").format(done=number_text(job.done), total=number_text(job.total))


def _draw_end(settings: Settings, job: Job | None) -> None:
    """Say how the last measurement ended, and list the rows it left out."""
    if job is None:
        return
    discard_measured(settings.cache, job.updated)
    if job.state is JobState.INTERRUPTED:
        st.info(_("The measurement was stopped. Everything measured so far is kept."), icon=":material/info:")
    elif job.failure:
        problem = failed_job_in_plain_words(job)
        st.error(escape(message_text(problem)), icon=":material/error:")
        if problem is not job.failure:
            show_reason(job.error)
    check = last_check(settings.cache) if job.state is not JobState.INTERRUPTED else None
    if check is not None:
        _draw_rows(check)


def _draw_rows(check: LastCheck) -> None:
    num_used = check.num_rows - len(check.bad_rows)
    st.markdown(
        ngettext(
            "{number} of the {total} photos last uploaded was measured.",
            "{number} of the {total} photos last uploaded were measured.",
            num_used,
            total=number_text(check.num_rows),
        )
    )
    for row in check.bad_rows[:_NUM_NAMED]:
        st.caption(f"{escape(row.name) or '?'}: {escape(message_text(row.reason))}")
    if len(check.bad_rows) > _NUM_NAMED:
        st.caption(ngettext("and {number} more", "and {number} more", len(check.bad_rows) - _NUM_NAMED))


def _study(settings: Settings, job: Job | None, missing: Sequence[BackboneStatus]) -> None:
    if job is not None and job.state is JobState.RUNNING:
        current = next((one for name in BACKBONES if (one := _running(settings, name))), None)
        name = f"{current.name}: {progress_text(current)}" if current else ""
        st.progress(job.share, " · ".join(filter(None, (progress_text(job), name))))
        stop_button(settings, STUDY_JOB, key="study_cancel")
        return
    if job is not None and job.failure:
        st.error(
            _("Not all of them could be made ready. Choose one on the search page to see why."),
            icon=":material/error:",
        )
        show_reason(job.error)
    is_busy = any(_running(settings, name) for name in BACKBONES)
    num_bytes = sum(status.backbone.weights_bytes for status in missing if not status.weights.is_here)
    label = (
        _("Download the study's eight backbones and encode the catalogue ({size} MB)")
        if num_bytes
        else _("Encode the catalogue with the study's eight backbones")
    )
    st.button(
        label.format(size=number_text(num_bytes / 1e6)),
        icon=":material/download:",
        key="study_start",
        on_click=_start_study,
        args=(settings,),
        disabled=is_busy,
    )


def _running(settings: Settings, name: str) -> Job | None:
    job = jobs_of(settings).job(name)
    return job if job is not None and job.state is JobState.RUNNING else None


def _start_study(settings: Settings) -> None:
    if is_administrator(settings):
        start_study_preparation(settings)


def _receive(settings: Settings, ready: Sequence[Backbone]) -> None:
    """Save a piece, and start measuring once all are here."""
    piece = piece_of(st.session_state[KEY].get("piece"))
    if piece is None or not is_administrator(settings):
        return
    try:
        received = _kept(settings, piece, ready)
        st.session_state[_ANSWER] = UploadState(piece.choice, received)
    except KalcareError as error:
        _refuse(piece, log_error(error))
    except OSError as error:
        _log.warning("Photos to be measured could not be kept: %s.", error.strerror)
        _refuse(piece, Message("The machine refused: {reason}.", reason=error.strerror or "?"))


def _kept(settings: Settings, piece: Piece, ready: Sequence[Backbone]) -> int:
    if piece.files:
        _forget()
        if _running(settings, MEASURING_JOB):
            raise PhotoSetError(_BUSY)
        st.session_state[_UPLOAD] = piece.choice, begin_upload(settings.cache, piece.files)
    choice, upload = st.session_state.get(_UPLOAD, ("", None))
    if upload is None or choice != piece.choice:
        return 0
    upload.add(piece.offset, piece.content)
    if not upload.is_whole:
        return int(upload.received)
    del st.session_state[_UPLOAD]
    chosen = [backbone for backbone in ready if backbone.name in st.session_state.get(_CHOSEN, ())]
    if not start_measuring(settings, upload, chosen or ready):
        upload.discard()
        raise PhotoSetError(_BUSY)
    return int(upload.size)


def _forget() -> None:
    upload: Upload
    _choice, upload = st.session_state.pop(_UPLOAD, ("", None))
    if upload is not None:
        upload.discard()


def _refuse(piece: Piece, problem: Message) -> None:
    _forget()
    st.session_state[_ANSWER] = UploadState(piece.choice, problem=message_text(problem))
