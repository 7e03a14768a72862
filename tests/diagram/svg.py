"""What a drawn picture says, read from its SVG."""

from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def said(text: str) -> list[tuple[str, str]]:
    """Return the title of each node, box and edge, with the words drawn at it."""
    found = []
    for group in ET.fromstring(text).iter(f"{SVG}g"):  # noqa: S314 - a file of our own
        if group.get("class") in {"node", "edge", "cluster"}:
            words = " ".join(one.text or "" for one in group.iter(f"{SVG}text"))
            title = group.findtext(f"{SVG}title") or ""
            found.append((title, " ".join(words.split())))
    return sorted(found)
