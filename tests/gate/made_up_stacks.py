"""Made-up stacks as CDKTF would have written them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ekp.runner.stacks import Stack


def stack(
    folder: Path, configuration: Mapping[str, Any], id_: str = "prod-edge", region: str = "global"
) -> Stack:
    """Write a stack below a folder; its id is ENVIRONMENT-LAYER or ENVIRONMENT-REGION-LAYER."""
    place = folder / id_
    place.mkdir(exist_ok=True)
    environment, _, rest = id_.partition("-")
    found = Stack(
        id=id_,
        folder=place,
        environment=environment,
        region=region,
        layer=rest.removeprefix(f"{region}-"),
        depends_on=(),
        contract={},
        configuration=configuration,
    )
    found.file.write_text(json.dumps(configuration), encoding="utf-8")
    return found
