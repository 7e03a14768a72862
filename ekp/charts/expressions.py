"""Values as Helm will read them, with stand-ins for what Terraform fills in."""

PLACEHOLDER = "terraform"


def filled(text: str) -> str:
    """Return Terraform's text with each ``${...}`` replaced, and what it escapes as it will be."""
    parts: list[str] = []
    place = 0
    while (start := text.find("{", place)) >= 0:
        sign = text[start - 1 : start]
        if sign not in ("$", "%"):
            parts.append(text[place : start + 1])
            place = start + 1
        elif text[start - 2 : start] == sign * 2:
            # "$${" is how Terraform writes a "${" that is none of its own.
            parts.append(text[place : start - 1] + "{")
            place = start + 1
        else:
            parts.append(text[place : start - 1] + PLACEHOLDER)
            place = _end(text, start)
    return "".join(parts) + text[place:]


def _end(text: str, start: int) -> int:
    """Return the place after the brace that closes the one at ``start``; quoted ones count not."""
    depth = 0
    quoted = False
    for place in range(start, len(text)):
        character = text[place]
        if character == '"' and text[place - 1] != "\\":
            quoted = not quoted
        elif not quoted and character in "{}":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return place + 1
    return len(text)
