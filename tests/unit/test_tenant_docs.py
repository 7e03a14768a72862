"""The page for business units says what a tenant's file takes."""

import re
from pathlib import Path

from modules.core.tenants import Tenant, TenantEnvironment

from ekp.synth import project_root
from environments.tenant_files import read_tenants

PAGE = (project_root() / "docs" / "tenants.md").read_text(encoding="utf-8")


def rows(after: str) -> list[str]:
    """Return the settings of the first table below a line."""
    table = PAGE.partition(after)[2].partition("\n\n")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)


def test_the_page_has_every_setting_of_a_tenant() -> None:
    assert rows("### Settings") == list(Tenant.model_fields)
    assert rows("In an environment:") == list(TenantEnvironment.model_fields)


def test_the_tenant_of_the_page_is_valid(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "environments" / "tenants"
    folder.mkdir(parents=True)
    (folder / "billing.yaml").write_text(text, encoding="utf-8")

    (file,) = read_tenants(folder)

    assert file.problems == ()
    assert file.tenant is not None
    assert file.tenant.spaces == ("billing", "billing-jobs")
