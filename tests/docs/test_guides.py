"""What a guide says that its settings do, they do."""

from pathlib import Path

from modules.core.origin_records import Share
from modules.stacks.ingress import IngressConfig

from cdktf import App

from tests.support import edge_settings
from tests.support.synth import Synth

from .pages import DOCS

SAID = "The plan destroys the region's records, and changes nothing else."


def ingress(folder: Path, share: Share) -> Synth:
    app = App(outdir=str(folder))
    stack = edge_settings.ingress_stack(
        app, edge_settings.edge(), IngressConfig(share=share), region="eu-west-1"
    )
    return Synth(stack)


def test_taking_a_region_out_destroys_its_records_and_changes_nothing_else(tmp_path: Path) -> None:
    before = ingress(tmp_path / "before", Share()).resources()
    after = ingress(tmp_path / "after", Share(serving=False)).resources()

    gone = set(before) - set(after)
    assert gone
    assert {address.partition(".")[0] for address in gone} == {"aws_route53_record"}
    assert after == {address: one for address, one in before.items() if address not in gone}
    assert SAID in (DOCS / "guides" / "region-out.md").read_text(encoding="utf-8")
