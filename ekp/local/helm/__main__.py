"""`python -m ekp.local.helm`: the plugin, as Terraform starts it."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ..layout import HELM_FOLDER

# https://github.com/hashicorp/terraform/blob/v1.11.4/internal/plugin6/serve.go
COOKIE = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
)
LOOPBACK = ("127.0.0.1", "::1", "localhost")
WHAT = "ekp's stand-in of the Terraform provider hashicorp/helm"
LEVELS = {"WARNING": "warn", "CRITICAL": "error"}


class _TerraformsForm(logging.Formatter):
    """Lines as Terraform's log reads them from plugins."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info:
            text += f"\n{self.formatException(record.exc_info)}"
        return json.dumps(
            {
                "@level": LEVELS.get(record.levelname, record.levelname.lower()),
                "@message": text,
                "@module": "helm-stand-in",
                "@timestamp": datetime.now(UTC).isoformat(),
            }
        )


def main(environ: Mapping[str, str]) -> int:
    """Serve Terraform in local mode; refuse everything else."""
    reason = refusal(environ)
    if reason is not None:
        # Terraform shows what a plugin prints where it should have introduced itself.
        print(reason, flush=True)  # noqa: T201
        return 1
    handler = logging.StreamHandler()
    handler.setFormatter(_TerraformsForm())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger(__name__).info(
        "This is %s: it records releases for the local AWS at %s and installs nothing.",
        *(WHAT, environ["AWS_ENDPOINT_URL"]),
    )
    # What is refused is refused before the half second that these take.
    from modules.addons.charts import CHARTS  # noqa: PLC0415 - as said above

    from .provider import Provider  # noqa: PLC0415 - as said above
    from .server import serve  # noqa: PLC0415 - as said above

    serve(Provider(Path(environ[HELM_FOLDER]), CHARTS), environ)
    return 0


def refusal(environ: Mapping[str, str]) -> str | None:
    """Return why the plugin does not start here; None where it may."""
    if environ.get(COOKIE[0]) != COOKIE[1]:
        return (
            f"This is {WHAT} for `ekp --local`. It is a plugin, not meant to be executed directly: "
            "Terraform loads it by itself where the local AWS is its target."
        )
    if urlsplit(environ.get("AWS_ENDPOINT_URL", "")).hostname not in LOOPBACK:
        return (
            f"This is {WHAT} and it installs nothing, so it serves the local AWS alone: "
            "AWS_ENDPOINT_URL is not a loopback address. A CLI configuration of local mode is in "
            "use outside of it; unset TF_CLI_CONFIG_FILE, or use `ekp deploy ENV --local`."
        )
    if not environ.get(HELM_FOLDER):
        return f"This is {WHAT}: {HELM_FOLDER} names no folder; `ekp local env` prints it."
    return None


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] # a real stream here
    code = main(os.environ)
    sys.stdout.flush()
    sys.stderr.flush()
    # Terraform kills a plugin that takes two seconds to end; taking gRPC's threads down is slow.
    os._exit(code)
