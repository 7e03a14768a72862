"""What Kubecost is asked, and how: the addresses of its API.

Source: Kubecost, "Allocation API" and "Container Request Right Sizing Recommendation API".
"""

import re
from urllib.parse import urlencode, urlsplit

from .errors import AnswerError, UnreachableError

EXAMPLE = "http://127.0.0.1:9090/model"
"""The API behind Kubecost's pages; the aggregator's own port has no ``/model``."""
FORWARD = "kubectl -n kubecost port-forward svc/kubecost-frontend 9090"
_WORDS = "today|yesterday|week|lastweek|month|lastmonth"
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
WINDOW = re.compile(rf"({_WORDS}|[1-9]\d{{0,2}}[hd]|{_MOMENT},{_MOMENT})")
_CONNECT_SECONDS = 5
_READ_SECONDS = 300  # as long as Kubecost's own pages wait
_OK = 200
_SHOWN = 200


def allocation_url(base: str, window: str) -> str:
    """Return the address of what namespaces cost in each cluster, with its idle cost apart."""
    asked = {
        "window": window,
        "aggregate": "cluster,namespace",
        "accumulate": "true",
        "idle": "true",
        # Otherwise the idle cost of all clusters is one sum.
        "splitIdle": "true",
        "shareIdle": "false",
    }
    return f"{base.rstrip('/')}/allocation?{urlencode(asked, safe=',:')}"


def recommendations_url(base: str, window: str) -> str:
    """Return the address of what containers could ask for instead."""
    return f"{base.rstrip('/')}/savings/requestSizingV2?{urlencode({'window': window}, safe=',:')}"


def allocation_curl() -> str:
    """Return how a person asks for costs, as a remedy."""
    return f'Ask for it with `curl -fsS "{allocation_url(EXAMPLE, "month")}"`.'


def recommendations_curl() -> str:
    """Return how a person asks for recommendations, as a remedy."""
    return f'Ask for it with `curl -fsS "{recommendations_url(EXAMPLE, "7d")}"`.'


def check_window(window: str) -> None:
    """Refuse a window that Kubecost does not know.

    Raises:
        AnswerError: it is no word, no length and no pair of moments.
    """
    if not WINDOW.fullmatch(window):
        raise AnswerError(
            f"--window {window!r} is no window of Kubecost's.",
            remedy=f"Take one of {_WORDS.replace('|', ', ')}, a length such as 7d or 12h, or"
            " START,END such as 2026-11-01T00:00:00Z,2026-12-01T00:00:00Z.",
        )


def fetch(url: str) -> bytes:
    """Return what an address answers.

    Raises:
        UnreachableError: it is no http(s) address, nobody answers, or the answer is an error.
    """
    # Half of what the command takes to start, for the one case that asks.
    import urllib3  # noqa: PLC0415 - as said above

    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UnreachableError(
            f"--url {url.partition('?')[0]!r} is no http or https address.",
            remedy=f"Give the address of Kubecost's API, such as {EXAMPLE}.",
        )
    if "@" in parts.netloc:
        raise UnreachableError(
            f"--url for {parts.hostname} carries a user or a password.",
            remedy="Leave them out: Kubecost takes none, and command lines are seen by others.",
        )
    limits = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
    try:
        with urllib3.PoolManager(timeout=limits, retries=False) as pool:
            answer = pool.request("GET", url, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        raise UnreachableError(
            f"Kubecost does not answer at {parts.hostname}: {error}.",
            remedy=f"Open a way to it on the hub, `{FORWARD}`, and keep it open meanwhile.",
        ) from error
    if answer.status != _OK:
        said = " ".join(answer.data.decode(errors="replace").split())[:_SHOWN]
        raise UnreachableError(
            f"{url} answers HTTP {answer.status}{f': {said}' if said else ''}.",
            remedy="Where Kubecost asks for a sign-in, ask the aggregator itself:"
            " `kubectl -n kubecost port-forward svc/kubecost-aggregator 9004`, and"
            " --url http://127.0.0.1:9004.",
        )
    return answer.data
