"""The drill ``bot-attack``: more requests than anybody good would send, by every way in."""

from ekp.configured.environment import Configured
from ekp.drill.place import Place
from ekp.drill.report import Drill

from . import around, floods, users
from .crowds import PERIOD
from .scene import Scene, play
from .tables import tables


def run(configured: Configured, place: Place) -> Drill:
    """Send a generated log of requests to the web ACLs' rules, and say what passes where.

    Raises:
        Unsupported: a part of a web ACL is not understood.
    """
    del place  # Web ACLs of the local AWS judge nothing, so nothing is asked there.
    scene = play(configured)
    return Drill(
        name="bot-attack",
        environment=configured.environment,
        title="Bots attack",
        broken=_broken(scene),
        checks=(*floods.checks(scene), *users.checks(scene), *around.checks(scene)),
        tables=tables(scene),
    )


def _broken(scene: Scene) -> str:
    sent = sum(each.sent for each in scene.crowds)
    return (
        f"{len(scene.crowds)} kinds of clients, good and bad, send {sent:,} requests within "
        f"{PERIOD} s. The log is generated, the same each time, and judged by the rules as they "
        "are synthesized; no request is sent. Rates are counted as AWS describes it, with its "
        "usual delay; what AWS's managed groups would stop is not computed, as AWS alone knows."
    )
