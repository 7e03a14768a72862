"""Gives an answer again to a client that lost it, in place of doing the call twice.

The SDK of Terraform's provider closes the body of its request when the head of the answer is there.
An answer that is faster than Go's last look at that body makes Go close the connection before the
answer is read, and the SDK sends the call again: AWS is never so fast, the local AWS is on a busy
machine once in some thousand calls. Source: aws/aws-sdk-go-v2#2737, and the comment on `WriteTo` in
smithy-go's `transport/http/internal/io/safe.go`, which later versions correct.
"""

from collections import OrderedDict
from collections.abc import Iterable
from http import HTTPStatus
from threading import Lock

from werkzeug.wrappers import Response

from .protocol import Environ, StartResponse, WsgiApplication

# The SDKs name a call once, whatever the number of their attempts.
CALL = "HTTP_AMZ_SDK_INVOCATION_ID"
# These change nothing and have no body, so they may be done twice, and their answers may be large.
HARMLESS = ("GET", "HEAD")
# Some seconds of a busy Terraform; the second attempt follows within one.
MOST_KEPT = 1000


class Answers:
    """The latest answers to calls that may have changed something."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[str, Response] = OrderedDict()

    def wrap(self, application: WsgiApplication) -> WsgiApplication:
        """Put these answers in front of an application."""

        def answering(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            call = environ.get(CALL)
            if not call or environ["REQUEST_METHOD"] in HARMLESS:
                return application(environ, start_response)
            answer = self._answer(call)
            if answer is None:
                answer = Response.from_app(application, environ, buffered=True)
                self._keep(call, answer)
            return answer(environ, start_response)

        return answering

    def _answer(self, call: str) -> Response | None:
        with self._lock:
            return self._kept.get(call)

    def _keep(self, call: str, answer: Response) -> None:
        # A call that failed is one that the SDK may rightly try again.
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            return
        with self._lock:
            self._kept[call] = answer
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
