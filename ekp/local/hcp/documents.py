"""JSON:API documents as HCP Terraform writes and reads them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import flask

from .store import Record, Store

MEDIA_TYPE = "application/vnd.api+json"
PAGE_SIZE = 20
LARGEST_PAGE = 100
Answer = flask.Response


class ApiError(Exception):
    """A refusal: its HTTP status and what the ``errors`` of the document say."""

    def __init__(self, status: int, title: str, detail: str = "", pointer: str = "") -> None:
        super().__init__(detail or title)
        self.status = status
        error: dict[str, Any] = {"status": str(status), "title": title}
        if detail:
            error["detail"] = detail
        if pointer:
            error["source"] = {"pointer": pointer}
        self.errors = [error]


def not_found() -> ApiError:
    """404: there is none, or the token may not see it; HCP does not tell which."""
    return ApiError(404, "not found")


def invalid(field: str, detail: str) -> ApiError:
    """422 about one attribute, or about a relationship when ``field`` holds a slash."""
    pointer = f"/data/{field if '/' in field else f'attributes/{field}'}"
    return ApiError(422, "invalid attribute", f"{_words(field)} {detail}", pointer)


def conflict(detail: str) -> ApiError:
    """409: the record is in a state that forbids it."""
    return ApiError(409, "conflict", detail)


def answer(body: Mapping[str, Any] | None, status: int = 200) -> Answer:
    """A response of the API; None has no body."""
    if body is None:
        return flask.Response(status=status)
    response = flask.jsonify(body)
    response.status_code = status
    response.mimetype = MEDIA_TYPE
    return response


def refused(error: ApiError) -> Answer:
    """The response to a request that is refused."""
    return answer({"errors": error.errors}, error.status)


def resource(record: Record) -> dict[str, Any]:
    """A record as a JSON:API resource object."""
    return {
        "id": record.id,
        "type": record.type,
        "attributes": record.attributes,
        "relationships": {
            name: {"data": [ref(each) for each in to] if isinstance(to, list) else to and ref(to)}
            for name, to in record.relationships.items()
        },
        "links": {"self": f"/api/v2/{record.type}/{record.id}"},
    }


def ref(record: Record) -> dict[str, str]:
    """What stands for a record in a relationship."""
    return {"id": record.id, "type": record.type}


def one(record: Record, status: int = 200, *, included: Sequence[Record] = ()) -> Answer:
    """The response that holds one record."""
    body: dict[str, Any] = {"data": resource(record)}
    if included:
        body["included"] = [resource(each) for each in included]
    return answer(body, status)


def page(records: Sequence[Record]) -> Answer:
    """The page of a list that ``page[number]`` and ``page[size]`` of the request ask for."""
    number = _positive("page[number]", 1)
    size = min(_positive("page[size]", PAGE_SIZE), LARGEST_PAGE)
    pages = max(1, math.ceil(len(records) / size))
    before = number - 1 if number > 1 else None
    after = number + 1 if number < pages else None
    links = {"self": number, "first": 1, "prev": before, "next": after, "last": pages}
    return answer(
        {
            "data": [resource(record) for record in records[(number - 1) * size : number * size]],
            "links": {name: to and _link(to, size) for name, to in links.items()},
            "meta": {
                "pagination": {
                    "current-page": number,
                    "page-size": size,
                    "prev-page": before,
                    "next-page": after,
                    "total-pages": pages,
                    "total-count": len(records),
                }
            },
        }
    )


def whole(records: Sequence[Record]) -> Answer:
    """A list that the API answers without pages."""
    return answer({"data": [resource(record) for record in records]})


@dataclass(frozen=True)
class Posted:
    """What a request wants: attributes, and relationships as the references they hold."""

    attributes: Mapping[str, Any]
    relationships: Mapping[str, Any]

    def refs(self, name: str) -> list[Mapping[str, Any]] | None:
        """The references of a relationship; None where the request has none."""
        data = (self.relationships.get(name) or {}).get("data")
        if data is None:
            return None
        return data if isinstance(data, list) else [data]


def posted(type_: str) -> Posted:
    """Read the body of a POST or PATCH.

    Raises:
        ApiError: 415 for another media type, 400 for no JSON:API document, 409 for another type.
    """
    data = posted_data()
    if not isinstance(data, dict):
        raise ApiError(400, "bad request", 'missing "data"')
    if data.get("type", type_) != type_:
        raise conflict(f'"{data["type"]}" is not a valid resource for this operation.')
    return Posted(data.get("attributes") or {}, data.get("relationships") or {})


def posted_data() -> Any:
    """The ``data`` of the request's body, whatever it is."""
    if flask.request.mimetype != MEDIA_TYPE:
        raise ApiError(415, "unsupported media type", f"Content-Type must be {MEDIA_TYPE}")
    body = flask.request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise ApiError(400, "bad request", "the body is not a JSON:API document")
    return body.get("data")


def find(store: Store, type_: str, id_: str) -> Record:
    """A record by id; 404 where there is none."""
    record = store.get(type_, id_)
    if record is None:
        raise not_found()
    return record


def find_refs(store: Store, type_: str, refs: Sequence[Mapping[str, Any]]) -> list[Record]:
    """The records that references lead to; 404 where one leads nowhere."""
    found = []
    for each in refs:
        record = store.get(type_, str(each.get("id")))
        if record is None or each.get("type") != type_:
            raise not_found()
        found.append(record)
    return found


def _positive(name: str, default: int) -> int:
    try:
        return max(1, int(flask.request.args.get(name, default)))
    except ValueError:
        raise ApiError(400, "bad request", f"{name} must be a number") from None


def _link(number: int, size: int) -> str:
    kept = {k: v for k, v in flask.request.args.items() if not k.startswith("page[")}
    query = urlencode({**kept, "page[number]": number, "page[size]": size})
    return f"{flask.request.base_url}?{query}"


def _words(field: str) -> str:
    return field.rpartition("/")[2].replace("-", " ").capitalize()
