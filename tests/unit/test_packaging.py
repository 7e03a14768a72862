"""What is installed elsewhere carries all that it reads."""

import tomllib

from modules.addons.charts import CHARTS
from modules.kubernetes.helm import VALUES, values_of

from ekp.synth import project_root


def test_a_wheel_carries_the_values_files_beside_the_packages() -> None:
    settings = tomllib.loads((project_root() / "pyproject.toml").read_text(encoding="utf-8"))
    carried = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]

    assert {"ekp", "modules", "environments", "policies", "main.py"} <= set(carried)
    assert VALUES.relative_to(project_root()).as_posix() in carried
    assert all(values_of(chart) for chart in CHARTS)
