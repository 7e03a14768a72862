"""What the stand-in refuses."""


class RefusedError(Exception):
    """An error as the provider shows it: a summary, the detail, and the argument at fault."""

    def __init__(self, summary: str, detail: str, attribute: str | None = None) -> None:
        super().__init__(f"{summary}: {detail}")
        self.summary = summary
        self.detail = detail
        self.attribute = attribute
