"""What is uploaded to the stand-in of HCP Terraform stays in the folder of its run."""

import io
import tarfile
from pathlib import Path

import pytest

from ekp.local.hcp.worker import StepFailedError, Worker


def archive(*members: tarfile.TarInfo) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as file:
        for member in members:
            member.size = 2 if member.isfile() else 0
            file.addfile(member, io.BytesIO(b"{}") if member.isfile() else None)
    return packed.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, "/etc/hosts"
    return made


def test_files_and_folders_are_unpacked(tmp_path: Path) -> None:
    body = archive(entry("assets", tarfile.DIRTYPE), entry("cdk.tf.json"), entry("./assets/a/b"))

    place = Worker("terraform", {}, tmp_path).unpack("run-1", body)

    assert {file.relative_to(place).as_posix() for file in place.rglob("*") if file.is_file()} == {
        "cdk.tf.json",
        "assets/a/b",
    }


@pytest.mark.parametrize(
    "member",
    [entry("../outside"), entry("/tmp/outside"), entry("link", tarfile.SYMTYPE)],  # noqa: S108 - a path that is refused
)
def test_what_leads_outside_is_refused(member: tarfile.TarInfo, tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="not a file inside"):
        Worker("terraform", {}, tmp_path / "runs").unpack("run-1", archive(member))

    assert not (tmp_path / "runs" / "outside").exists()
    assert list((tmp_path / "runs" / "run-1").iterdir()) == []
