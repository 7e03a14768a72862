"""Agent pools: made by people, for the tokens that agents start with."""

import flask

from .documents import Answer, find, invalid, one, page, posted
from .store import Record, Store, now


def add_pool(store: Store, organization: Record, name: str) -> Record:
    """Make a pool without agents."""
    attributes = {
        "name": name,
        "agent-count": 0,
        "organization-scoped": True,
        "created-at": now(),
    }
    return store.add("agent-pools", attributes, organization=organization)


def agents(store: Store) -> flask.Blueprint:
    """Serve agent pools."""
    part = flask.Blueprint("agents", __name__, url_prefix="/api/v2")

    @part.get("/organizations/<organization>/agent-pools")
    def list_pools(organization: str) -> Answer:
        word = flask.request.args.get("q", "")
        pools = _of(store, find(store, "organizations", organization))
        return page([each for each in pools if word in each.attributes["name"]])

    @part.post("/organizations/<organization>/agent-pools")
    def create(organization: str) -> Answer:
        owner = find(store, "organizations", organization)
        name = posted("agent-pools").attributes.get("name")
        if not name:
            raise invalid("name", "can't be blank")
        if any(each.attributes["name"] == name for each in _of(store, owner)):
            raise invalid("name", "has already been taken")
        return one(add_pool(store, owner, name), 201)

    @part.get("/agent-pools/<id_>")
    def show(id_: str) -> Answer:
        return one(find(store, "agent-pools", id_))

    return part


def _of(store: Store, organization: Record) -> list[Record]:
    return [each for each in store.all("agent-pools") if each.one("organization") is organization]
