"""The size of a Helm release as its cluster keeps it, estimated before there is a cluster."""

import base64
import gzip
import json

# Kubernetes' limit of a Secret's data, in bytes: Helm keeps a revision in one Secret.
# https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size
LIMIT = 1_048_576
# Room for what the estimate does not know: notes, hooks, the names of a longer path.
SYNTH_LIMIT = 800_000
# Of a chart what is stored is measured; the tenth is for how it grows until it is measured again.
CHART_LIMIT = LIMIT * 9 // 10


def estimate(values: str, *, manifest: str | None = None, chart: int = 0) -> int:
    """Return about how many bytes of its Secret a release takes.

    Helm stores values, rendered manifest and chart as JSON, gzips it and writes it as base64.

    Args:
        values: the values as text, YAML or JSON.
        manifest: what the chart renders; a bundle of objects renders its values, so those are
            counted once more unless said otherwise.
        chart: bytes that the chart alone is known to take when it is stored, such as a big
            third-party chart's templates and definitions.
    """
    stored = {
        "config": values,
        "manifest": values if manifest is None else manifest,
        "info": {"status": "deployed", "description": "Upgrade complete"},
    }
    packed = gzip.compress(json.dumps(stored).encode(), compresslevel=9, mtime=0)
    return len(base64.b64encode(packed)) + chart
