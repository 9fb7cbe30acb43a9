"""Errors of a bucket's server in one line; pyarrow and Lance each word them differently."""

from embeddings.errors import AddressError

_OF_A_BUCKET = ("AWS Error", "Generic S3 error")  # pyarrow's, Lance's
_MEANINGS = {
    ("NO_SUCH_BUCKET", "NoSuchBucket"): "there is no such bucket: make it",
    ("NETWORK_CONNECTION", "error sending request"): "no server answers: start it, or correct AWS_ENDPOINT_URL",
    ("ACCESS_DENIED", "ACCESS_KEY", "SIGNATURE", "403 Forbidden"): (
        "its server refuses this access: correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    ),
}


def refusal_of(address: object, error: BaseException) -> AddressError | None:
    """The server's error within an error of pyarrow or Lance; None if it is something else."""
    text = str(error)
    if not any(mark in text for mark in _OF_A_BUCKET):
        return None
    known = (reason for marks, reason in _MEANINGS.items() if any(mark in text for mark in marks))
    reason = next(known, text.splitlines()[0])
    return AddressError(f"Expected {address} to answer, but {reason}.")
