"""Records in the format of older versions of the app."""

from datetime import date

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, text

from recsys.database.engines import make_engine
from recsys.database.schema import MIGRATIONS
from recsys.survey.questions import QUESTIONS
from recsys.survey.responses import Response

KEYS = ("preference", "easier", "intuitive", "faster", "coming_back")


def make_older_records(url: URL, revision: str) -> list[Response]:
    """Make a database of an older revision with 64 responses; return the responses."""
    choices = [question.choices for question in QUESTIONS]
    responses = [
        Response(
            date(2026, 11, 1 + number // 32),
            {key: choices[place][number >> place & 1] for place, key in enumerate(KEYS)},
            f"Remark {number} 👍",
        )
        for number in range(64)
    ]
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with make_engine(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(text("insert into survey_participants values ('a key', true)"))
        connection.execute(text("insert into survey_invitations values ('another key', false)"))
        insert = f"insert into survey_responses (key, day, remark, {', '.join(KEYS)}) values "
        insert += f"(:key, :day, :remark, {', '.join(f':{key}' for key in KEYS)})"
        rows = [
            {"key": f"{number:032x}", "day": str(one.day), "remark": one.remark, **one.answers}
            for number, one in enumerate(responses)
        ]
        connection.execute(text(insert), rows[::-1])
    return responses
