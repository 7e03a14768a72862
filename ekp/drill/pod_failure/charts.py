"""Every chart that the platform installs, as a scheduler sees it."""

from collections.abc import Mapping

from .charts_calico import CALICO
from .charts_hub import HUB
from .charts_observability import OBSERVABILITY
from .charts_platform import PLATFORM
from .charts_serving import ISTIO, NGINX
from .component import Chart

CHARTS: Mapping[str, Chart] = {**ISTIO, **NGINX, **PLATFORM, **CALICO, **OBSERVABILITY, **HUB}
"""Name of a chart -> its workloads."""
