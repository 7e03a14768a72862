"""The report as CSV: a row a tenant and environment, for the books."""

import csv
import io

from .answer import COMPONENTS
from .report import Report

COLUMNS = (
    "from",
    "to",
    "environment",
    "tenant",
    "cost_center",
    "owner",
    *COMPONENTS,
    "direct",
    "shared",
    "total",
    "monthly_budget",
    "budget_state",
    "share",
)
PLATFORM = "(platform)"
UNKNOWN = "(unknown)"
# What spreadsheets take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(report: Report) -> str:
    """Return the report's rows under a row of names; their totals add up to the report's."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    common = {
        "from": report.periods[0].start.isoformat(),
        "to": report.periods[-1].end.isoformat(),
        "share": report.rule.value,
    }
    for one in report.environments:
        for line in one.lines:
            budget = line.budget
            writer.writerow(
                {
                    **common,
                    "environment": text(one.environment),
                    "tenant": text(line.tenant or PLATFORM),
                    "cost_center": text(line.cost_center),
                    "owner": text(line.owner),
                    **line.costs,
                    "direct": line.direct,
                    "shared": line.shared,
                    "total": line.total,
                    "monthly_budget": "" if budget is None else budget.monthly,
                    "budget_state": "" if budget is None else budget.state.value,
                }
            )
    for cluster, amount in report.unknown.items():
        writer.writerow(
            {**common, "environment": UNKNOWN, "tenant": text(cluster), "total": amount}
        )
    return file.getvalue()


def text(value: str) -> str:
    """Return words as a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value
