"""What a server answers to one question: status and whole body, or why there is no whole answer.

One question, one answer: nothing is asked a second time and no redirection is followed. CelesTrak wants it so: a
program that gets anything but 200 is to stop and to tell its user (https://celestrak.org/usage-policy.php, 2026-05-22).
"""

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from planner import __version__
from planner.errors import FetchError, Problem

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

_AGENT: Final = f"orbital-compute-planner/{__version__}"
_CHUNK: Final = 65_536


@dataclass(frozen=True)
class Answer:
    """What came.

    Attributes
    ----------
    status
        HTTP status.
    body
        All of it.
    location
        Where a redirection points; else empty.
    """

    status: int
    body: bytes
    location: str


def require_address(url: str) -> None:
    """Make sure that `url` is a plain address of a web server.

    Raises
    ------
    FetchError
        When it is not.
    """
    try:
        parts = urlsplit(url)
        plain = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        plain = False
    else:
        plain = plain and parts.username is None and not parts.query and not parts.fragment
    if not plain or not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise FetchError(Problem(url, "is no address to ask; write https://host/path, without user, query or fragment"))


def ask(url: str, *, timeout_s: float, limit_bytes: int) -> Answer:
    """Return what the server at `url` answers.

    Parameters
    ----------
    url
        An address that `require_address` allows, with its query.
    timeout_s
        For the connection, for each wait, and for the whole answer.
    limit_bytes
        A longer body is refused.

    Raises
    ------
    FetchError
        When nobody answers, or not all of the answer arrives.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import Request

    question = Request(url, headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"})  # noqa: S310 - see _opener
    ends = monotonic() + timeout_s
    try:
        try:
            response = _opener().open(question, timeout=timeout_s)
        except HTTPError as error:
            response = error
        with response:
            body = _body(response, url, ends, limit_bytes)
            return Answer(response.status, body, response.headers.get("Location") or "")
    except URLError as error:
        raise FetchError(Problem(url, f"cannot be reached: {_why(error.reason)}; is there a network?")) from None
    except TimeoutError:
        raise FetchError(Problem(url, f"no answer within {timeout_s:g} s; try again later")) from None
    except (OSError, HTTPException) as error:
        raise FetchError(Problem(url, f"the connection broke off: {_why(error)}; try again")) from None


def _opener() -> "OpenerDirector":
    """Return an opener for HTTP and HTTPS alone, which follows nothing; proxies are those of the environment."""
    from urllib import request

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(), request.HTTPHandler(), request.HTTPSHandler(), request.HTTPErrorProcessor(),
        request.HTTPDefaultErrorHandler(), request.UnknownHandler(),
    ):  # fmt: skip
        opener.add_handler(handler)
    return opener


def _body(response: Any, url: str, ends: float, limit_bytes: int) -> bytes:  # noqa: ANN401 - HTTPResponse or HTTPError
    """Return the whole body; read in parts, so that neither a slow nor an endless one holds us."""
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > limit_bytes:
            raise FetchError(Problem(url, f"the answer is longer than {limit_bytes / 1e6:,.0f} MB; it was not kept"))
        if monotonic() > ends:
            raise TimeoutError
    promised = response.headers.get("Content-Length", "")
    if promised.isdecimal() and len(body) < int(promised):
        raise FetchError(
            Problem(url, f"the connection broke off after {len(body):,} of {int(promised):,} bytes; try again")
        )
    return bytes(body)


def _why(reason: object) -> str:
    """Return the reason of a failed connection in the system's words."""
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return str(reason) or type(reason).__name__
