"""The questionnaire: the questions for people who may answer, and a friendly note for everybody else."""

import logging

import streamlit as st

from recsys.errors import RecordsError, SurveyError
from recsys.settings import load_settings
from recsys.survey.admission import Eligibility
from recsys.survey.poll import Poll
from recsys.survey.questions import QUESTIONS, Question
from recsys.survey.responses import unanswered
from recsys.survey.survey_tables import MAX_REMARK
from recsys.ui import PAGES
from recsys.ui.i18n.translations import gettext as _
from recsys.ui.i18n.translations import language, ngettext
from recsys.ui.shell.respondent import respondent
from recsys.ui.shell.scrolling import scroll_on_change
from recsys.ui.survey.tabs import open_results

_log = logging.getLogger(__name__)
_WIDTH = 720  # of the questions, in pixels: lines of a readable length
_REMARK, _WRITTEN_IN, _FAILED, _TURNED_AWAY, _ELIGIBILITY, _TRIES, _SENT = (
    f"survey_{name}" for name in ("remark", "written_in", "failed", "turned_away", "eligibility", "tries", "sent")
)


def questionnaire(poll: Poll) -> None:
    """Draw the questions, or why this visitor cannot answer them now.

    Raises RecordsError only on a first visit: later the questions stay, with the choices made.
    """
    eligibility = _survey_eligibility(poll)
    if st.session_state.pop(_FAILED, False):
        _draw_failure()
    if st.session_state.pop(_TURNED_AWAY, False):
        st.warning(
            _("Many answers came from your network within an hour. Yours are still here: send them again later."),
            icon=":material/hourglass_empty:",
        )
    if eligibility is Eligibility.MAY_ANSWER:
        st.session_state.pop(_SENT, None)
        _draw_form(poll)
    elif eligibility is Eligibility.HAS_ANSWERED:
        _forget_answers()
        st.success(_("Thank you! Your answers are saved. Each person can answer once."), icon=":material/favorite:")
        st.button(_("See the results"), icon=":material/bar_chart:", key="survey_see_results", on_click=open_results)
    elif eligibility is Eligibility.HAS_NOT_SEARCHED:
        _send_to_search()
    else:
        st.info(_refusal(eligibility), icon=":material/info:")


def way_back_to_the_poll() -> None:
    """Draw the way back on the search page, for a visitor whom the poll sent there."""
    if not st.session_state.get(_SENT):
        return
    with st.container(key="survey_way_back", horizontal=True, vertical_alignment="center"):
        st.write(_("Search as often as you like. When you have seen enough:"))
        if st.button(_("Answer the poll"), type="primary", icon=":material/how_to_vote:", key="survey_back"):
            st.switch_page(PAGES / "survey.py")


def _survey_eligibility(poll: Poll) -> Eligibility:
    """Whether the visitor may answer; if the records fail now, what was known before."""
    try:
        eligibility = poll.eligibility(respondent(load_settings()))
    except RecordsError:
        if _ELIGIBILITY not in st.session_state:
            raise
        eligibility = st.session_state[_ELIGIBILITY]
    st.session_state[_ELIGIBILITY] = eligibility
    return eligibility


def _draw_form(poll: Poll) -> None:
    _translate_answers()
    missing = unanswered(_answers()) if _TRIES in st.session_state else []
    st.caption(
        _(
            "Answers are stored with the date only, separately from who has answered, "
            "so nobody can tell which are yours. No photo is stored."
        )
    )
    # The browser forgets what is in a form on another page, so the questions are in none. The remark is: left without
    # one, its box would take a tap on a link for itself, to save the text.
    with st.container(key="survey_form", border=True, width=_WIDTH):
        for number, question in enumerate(QUESTIONS, 1):
            _draw_question(number, question, is_missing=question.key in missing)
        with st.form("survey_send", border=False, enter_to_submit=False):
            st.text_area(
                _("Anything else you want to say? (optional)"),
                key=_REMARK,
                max_chars=MAX_REMARK,
                height=110,
                placeholder=_("Stakeholders read remarks as they are, so leave out your name."),
                persist_state="session",
            )
            if missing:
                st.warning(
                    ngettext(
                        "{number} question is not answered yet.",
                        "{number} questions are not answered yet.",
                        len(missing),
                    ),
                )
            st.form_submit_button(
                _("Send my answers"),
                type="primary",
                icon=":material/send:",
                key="survey_submit",
                on_click=_submit,
                args=(poll,),
            )
    if missing:
        scroll_on_change(f"survey_question_{missing[0]}", of=st.session_state.get(_TRIES))


def _draw_question(number: int, question: Question, *, is_missing: bool) -> None:
    with st.container(key=f"survey_question_{question.key}", gap="xsmall"):
        st.radio(
            f"{number}. {_(question.wording)}",
            question.choices,
            index=None,
            format_func=lambda choice: _(question.labels[choice]),
            key=f"survey_{question.key}",
            horizontal=True,
            persist_state="session",
        )
        if is_missing:
            st.error(_("Please choose one of the two."), icon=":material/arrow_upward:")


def _answers() -> dict[str, str | None]:
    """The choice so far for each question."""
    return {question.key: st.session_state.get(f"survey_{question.key}") for question in QUESTIONS}


def _translate_answers() -> None:
    """After a change of the language, send the choices again: the browser knows each by its text."""
    if st.session_state.get(_WRITTEN_IN, language()) != language():
        st.session_state.update({f"survey_{key}": choice for key, choice in _answers().items()})
    st.session_state[_WRITTEN_IN] = language()


def _forget_answers() -> None:
    for key in (*(f"survey_{question.key}" for question in QUESTIONS), _REMARK, _TRIES):
        st.session_state.pop(key, None)


def _submit(poll: Poll) -> None:
    # After a double click, the second click may arrive when the questions are gone.
    answers = _answers()
    st.session_state[_TRIES] = st.session_state.get(_TRIES, 0) + 1
    if unanswered(answers):
        return
    try:
        eligibility = poll.submit(respondent(load_settings()), answers, st.session_state.get(_REMARK, ""))
        st.session_state[_TURNED_AWAY] = eligibility is Eligibility.TURNED_AWAY
    except (RecordsError, SurveyError) as error:
        _log.warning("Answers were not saved. %s", error)
        st.session_state[_FAILED] = True


def _draw_failure() -> None:
    st.error(
        _("Your answers could not be saved just now. They are still here: wait a moment and send them again."),
        icon=":material/cloud_off:",
    )


def _send_to_search() -> None:
    st.info(
        _("The questions are about searching by photo, so please try it first. It takes a minute."),
        icon=":material/image_search:",
    )
    if st.button(_("Try a search"), type="primary", icon=":material/image_search:", key="survey_try"):
        st.session_state[_SENT] = True
        st.switch_page(PAGES / "search.py")
    st.caption(_("After your search, a link on that page brings you back here."))


def _refusal(eligibility: Eligibility) -> str:
    return {
        Eligibility.NOT_INVITED: _("This poll is by invitation. Open the link that you were sent, in this browser."),
        Eligibility.UNKNOWN_INVITATION: _(
            "This link is not one of our invitations. Copy the whole link from your message, or ask its sender "
            "for a new one."
        ),
        Eligibility.UNKNOWN_BROWSER: _(
            "Your browser blocks cookies, so we cannot tell whether you have tried the search or "
            "answered. Allow them for this address and reload the page, or use another browser."
        ),
    }[eligibility]
