"""Small synthesized stacks, in the form in which CDKTF writes them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REGION = "eu-west-1"
ROLE = "arn:aws:iam::111122223333:role/ekp-deploy"
Json = dict[str, Any]


@dataclass(frozen=True)
class Sketch:
    """One stack to write: only what a test cares about."""

    resources: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    after: Sequence[str] = ()
    outputs: Mapping[str, Json] = field(default_factory=dict)
    contract: Mapping[str, Any] = field(default_factory=dict)
    reads: Sequence[str] = ()
    environment: str = "dev"
    aws: bool = False
    extra: Json = field(default_factory=dict)


def synthesize(outdir: Path, sketches: Mapping[str, Sketch], *, bucket: str | None = None) -> Path:
    """Write ``cdktf.out``; state in ``bucket``, or beside the folder where there is none."""
    manifest: Json = {"version": "0.21.0", "stacks": {}}
    for id_, sketch in sketches.items():
        folder = outdir / "stacks" / id_
        folder.mkdir(parents=True, exist_ok=True)
        body = _configuration(outdir, id_, sketch, bucket)
        (folder / "cdk.tf.json").write_text(json.dumps(body))
        manifest["stacks"][id_] = {
            "name": id_,
            "dependencies": list(sketch.after),
            "synthesizedStackPath": f"stacks/{id_}/cdk.tf.json",
            "workingDirectory": f"stacks/{id_}",
        }
    (outdir / "manifest.json").write_text(json.dumps(manifest))
    return outdir


def backend(outdir: Path, id_: str, bucket: str | None) -> tuple[str, Json]:
    """Where the state of a stack lies."""
    if bucket is None:
        return "local", {"path": str(outdir.parent / "states" / f"{id_}.tfstate")}
    return "s3", {
        "bucket": bucket,
        "key": f"{id_}.tfstate",
        "region": REGION,
    }


def _configuration(outdir: Path, id_: str, sketch: Sketch, bucket: str | None) -> Json:
    kind, settings = backend(outdir, id_, bucket)
    own = settings if bucket is None else {**settings, "encrypt": True, "use_lockfile": True}
    body: Json = {
        "//": {
            "metadata": {"backend": kind, "stackName": id_, "version": "0.21.0"},
            "ekp": {
                "environment": sketch.environment,
                "region": REGION,
                "layer": id_.rpartition("-")[2],
                "contract": dict(sketch.contract),
            },
        },
        "terraform": {"backend": {kind: own}},
    }
    if sketch.resources:
        body["resource"] = {
            type_: {
                name: {**one, "//": {"metadata": {"path": f"{id_}/{name}/Resource"}}}
                for name, one in named.items()
            }
            for type_, named in sketch.resources.items()
        }
    if sketch.outputs:
        body["output"] = dict(sketch.outputs)
    if sketch.aws:
        body["terraform"]["required_providers"] = {"aws": {"source": "aws", "version": "5.100.0"}}
        body["provider"] = {"aws": [{"region": REGION, "assume_role": [{"role_arn": ROLE}]}]}
    if sketch.reads:
        states = {
            one: dict(zip(("backend", "config"), backend(outdir, one, bucket), strict=True))
            for one in sketch.reads
        }
        body["data"] = {
            "terraform_remote_state": {one.rpartition("-")[2]: two for one, two in states.items()}
        }
    return body | sketch.extra
