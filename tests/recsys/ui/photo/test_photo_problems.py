import pytest

from embeddings.errors import PhotoError, PhotoProblem
from embeddings.imaging.photos import decode_photo
from recsys.ui.photo.photo_problems import photo_problem


@pytest.mark.parametrize(
    ("data", "problem", "said"),
    [
        (b"a text", PhotoProblem.OTHER_FORMAT, "Choose a JPEG, PNG, WebP, AVIF, GIF or HEIC file."),
        (
            bytes(11 * 1024**2),
            PhotoProblem.TOO_MANY_BYTES,
            "This file is too large (11 MB). Choose one of at most 10 MB.",
        ),
        (b"\xff\xd8\xff damaged", PhotoProblem.DAMAGED, "This picture is damaged or incomplete."),
    ],
)
def test_a_visitor_reads_plain_words(data: bytes, problem: PhotoProblem, said: str) -> None:
    with pytest.raises(PhotoError) as raised:
        decode_photo(data)
    assert raised.value.problem is problem
    assert said in str(photo_problem(raised.value))


@pytest.mark.parametrize("problem", PhotoProblem)
def test_there_are_words_for_every_problem(problem: PhotoProblem) -> None:
    error = PhotoError("Expected {limit}, got {size}, {sides}.", problem=problem, limit=1, size=2, sides="3x3")
    assert "{" not in str(photo_problem(error))
