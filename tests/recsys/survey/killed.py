"""People answer in a process that is killed again and again: `python -m tests.recsys.survey.killed DATABASE TOKENS`.

Prints how often it was killed, and the tokens whose owners were thanked, one per line.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from sqlalchemy import URL

from recsys.database.database import open_database
from recsys.survey.admission import Respondent
from recsys.survey.poll import Poll
from tests.recsys.survey.answers import ALL_FOR_IT


def answer(poll: Poll, tokens: list[str], thanks: int) -> None:
    for token in tokens:
        poll.submit(Respondent("ana", token), ALL_FOR_IT, token)
        os.write(thanks, f"{token}\n".encode())


def killed_while_answering(poll: Poll, tokens: list[str], chance: random.Random) -> list[str]:
    """Kill a process at a random moment after its first thanks; return the tokens whose owners were thanked."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        answer(poll, tokens, write)
        os._exit(0)
    os.close(write)
    began = time.monotonic()
    first = os.read(read, 4096)
    time.sleep(chance.uniform(0, time.monotonic() - began))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read, "rb") as rest:
        return (first + rest.read()).decode().split()


def main(path: str, tokens: list[str]) -> None:
    poll = Poll(open_database(URL.create("sqlite", database=path)), "invited")
    chance, thanked, times = random.Random(7), [], 0
    while tokens:
        thanked += (now := killed_while_answering(poll, tokens, chance))
        times += 1
        # People who were answering at the time try again, or never come back.
        tokens = tokens[len(now) + chance.randrange(2) :]
    print(times, *thanked, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).read_text().split())
