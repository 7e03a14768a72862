"""A picture in Graphviz's language, and drawn by its ``dot``."""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape

import graphviz

from ekp.runner.errors import RunnerError

from .picture import Box, Edge, Flow, Kind, Node, Picture, Row

FONT = "Helvetica,Arial,sans-serif"
# Room for fonts that are wider than the one that dot measured.
SPACE = "&#160;"
INK, NOTE = "#1b2330", "#4d5866"

# Fill and stroke. Strokes are of Okabe and Ito's palette, darkened where text size needs it, so
# that they differ for colour-blind eyes too; what a node is, its words say without any colour.
COLOURS = {
    Kind.PEOPLE: ("#ffffff", "#1b2330"),
    Kind.WAY_IN: ("#e3f0fa", "#0072b2"),
    Kind.SHIELD: ("#fdebdc", "#d55e00"),
    Kind.NETWORK: ("#eef0f3", "#69727f"),
    Kind.CLUSTER: ("#f7e9f1", "#a8527f"),
    Kind.PLATFORM: ("#e0f3ed", "#009e73"),
    Kind.TENANT: ("#fff6d6", "#b58900"),
    Kind.STORE: ("#ffffff", "#69727f"),
    Kind.OUTSIDE: ("#ffffff", "#69727f"),
    Kind.REFUSAL: ("#fbdfe3", "#b00020"),
}
EDGES = {
    Flow.REQUEST: {"color": "#0072b2", "penwidth": "1.8"},
    Flow.ACCESS: {"color": "#4d5866", "style": "dashed"},
    Flow.CONTRACT: {"color": "#a3abb5", "penwidth": "0.8", "arrowsize": "0.5"},
    Flow.ORDER: {"style": "invis"},
}


def source(picture: Picture) -> str:
    """Return the picture in Graphviz's language; the same picture gives the same text."""
    return str(_graph(picture).source)


def said(picture: Picture) -> list[tuple[str, str]]:
    """Return what the drawn SVG says: the title of each node, box and edge, with its words."""
    anchors = dict(_anchors(picture.boxes))
    found = [(node.name, node.words) for node in picture.every_node()]
    found += [(f"cluster {box.name}", f"{box.title} {box.note}") for box in picture.every_box()]
    found += [
        ("->".join(_ends(edge, anchors)), edge.label)
        for edge in picture.edges
        if edge.flow is not Flow.ORDER
    ]
    return sorted((title, " ".join(words.split())) for title, words in found)


def _graph(picture: Picture) -> graphviz.Digraph:
    graph = graphviz.Digraph(
        picture.title,
        graph_attr={
            "label": _title(picture),
            "labelloc": "t",
            "fontname": FONT,
            "fontsize": "18",
            "fontcolor": INK,
            "bgcolor": "#ffffff",
            "rankdir": "TB",
            "nodesep": "0.25",
            "ranksep": "0.45",
            "pad": "0.2",
            "compound": "true",
        },
        node_attr={"shape": "plain", "fontname": FONT, "fontsize": "11", "fontcolor": INK},
        edge_attr={"fontname": FONT, "fontsize": "10", "fontcolor": NOTE},
    )
    for node in picture.nodes:
        graph.node(node.name, label=_label(node))
    for box in picture.boxes:
        _box(graph, box, depth=0)
    anchors = dict(_anchors(picture.boxes))
    for edge in picture.edges:
        _edge(graph, edge, anchors)
    return graph


def _anchors(boxes: Iterable[Box]) -> Iterator[tuple[str, str]]:
    """Yield each box with the lowest node in it: an edge of a box needs a node to end at."""
    for box in boxes:
        *_, lowest = box.every_node()
        yield box.name, lowest.name
        yield from _anchors(box.boxes)


def _title(picture: Picture) -> str:
    """Return the title with what edges mean, in words that need no colours."""
    drawn = {edge.flow for edge in picture.edges}
    words = (
        (Flow.REQUEST, EDGES[Flow.REQUEST]["color"], "thick: requests"),
        (Flow.ACCESS, EDGES[Flow.ACCESS]["color"], "dashed: rights to use or administer"),
        (Flow.CONTRACT, NOTE, "thin: what a layer publishes goes to its reader"),
    )
    legend = "     ".join(
        f'<FONT POINT-SIZE="10" COLOR="{colour}">{text}</FONT>'
        for flow, colour, text in words
        # Where all edges are of one kind there is nothing to tell apart.
        if flow in drawn and len(drawn) > 1
    )
    return f"<<B>{escape(picture.title)}</B><BR/>{legend}>"


def _box(graph: graphviz.Digraph, box: Box, depth: int) -> None:
    fill, stroke = (("#ffffff", "#1b2330"), ("#f6f7f9", "#69727f"), ("#ffffff", "#c3c9d1"))[
        min(depth, 2)
    ]
    note = f'  <FONT COLOR="{NOTE}">{escape(box.note)}</FONT>' if box.note else ""
    with graph.subgraph(name=f"cluster {box.name}") as part:
        part.attr(
            label=f"<<B>{escape(box.title)}</B>{note}>",
            labeljust="l",
            # Requests come from above; what comes to other accounts does too, and spares the words.
            labelloc="b" if depth == 0 and box.nodes else "t",
            fontsize=("13", "13", "10")[min(depth, 2)],
            style="rounded,filled",
            fillcolor=fill,
            color=stroke,
            margin=("16", "12", "10")[min(depth, 2)],
        )
        with part.subgraph() as row:
            if box.level:
                row.attr(rank="same")
            for node in box.nodes:
                row.node(node.name, label=_label(node))
        for inner in box.boxes:
            _box(part, inner, depth + 1)


def _edge(graph: graphviz.Digraph, edge: Edge, anchors: Mapping[str, str]) -> None:
    first, second = _ends(edge, anchors)
    boxes = [name if name in anchors else None for name in _downward(edge)]
    graph.edge(
        first,
        second,
        label=_words(edge.label) if edge.label else None,
        dir="back" if edge.upward else None,
        ltail=f"cluster {boxes[0]}" if boxes[0] else None,
        lhead=f"cluster {boxes[1]}" if boxes[1] else None,
        **EDGES[edge.flow],
    )


def _downward(edge: Edge) -> tuple[str, str]:
    """Return an edge's ends, the upper one first: dot puts an edge's first end above."""
    return (edge.head, edge.tail) if edge.upward else (edge.tail, edge.head)


def _ends(edge: Edge, anchors: Mapping[str, str]) -> tuple[str, str]:
    rows = {edge.tail: edge.tail_row, edge.head: edge.head_row}
    first, second = (
        f"{anchors.get(name, name)}{f':{rows[name]}' if rows[name] else ''}"
        for name in _downward(edge)
    )
    return first, second


def _words(text: str) -> str:
    """Return an edge's words on a ground that hides the lines behind them."""
    lines = "<BR/>".join(map(escape, text.split("\n")))
    return (
        '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"><TR><TD WIDTH="8"></TD>'
        f'<TD BGCOLOR="#ffffffd0">{lines}</TD></TR></TABLE>>'
    )


def _label(node: Node) -> str:
    fill, stroke = COLOURS[node.kind]
    head = "<BR/>".join((f"<B>{escape(node.title)}</B>", *map(_small, node.lines)))
    cells = [f"<TR><TD>{head}</TD></TR>"]
    cells += [_row(row) for row in node.rows]
    if node.columns:
        columns = "".join(
            f'<TD ALIGN="LEFT" BALIGN="LEFT" VALIGN="TOP">{"<BR/>".join(map(_small, column))}</TD>'
            for column in node.columns
        )
        table = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3"><TR>{columns}</TR></TABLE>'
        cells.append(f"<TR><TD>{table}</TD></TR>")
    return (
        f'<<TABLE STYLE="ROUNDED" BORDER="1" CELLBORDER="0" CELLSPACING="2" CELLPADDING="4"'
        f' COLOR="{stroke}" BGCOLOR="{fill}">{"".join(cells)}</TABLE>>'
    )


def _row(row: Row) -> str:
    port = f' PORT="{escape(row.key, quote=True)}"' if row.key else ""
    text = "<BR/>".join((f"<B>{escape(row.title)}</B>", *map(_small, row.lines)))
    fill, stroke = COLOURS[row.kind] if row.kind else ("#ffffff", "#c3c9d1")
    look = f'STYLE="ROUNDED" BORDER="1" COLOR="{stroke}" BGCOLOR="{fill}"'
    return f"<TR><TD{port} {look}>{text}</TD></TR>"


def _small(text: str) -> str:
    return f'<FONT POINT-SIZE="10" COLOR="{NOTE}">{SPACE}{escape(text)}{SPACE}</FONT>'


def svg(picture: Picture) -> str:
    """Return the picture as SVG, without what tells of the ``dot`` that drew it.

    Raises:
        RunnerError: there is no ``dot``, or it fails.
    """
    try:
        drawn = _graph(picture).pipe(format="svg", encoding="utf-8")
    except graphviz.ExecutableNotFound as error:
        raise RunnerError(
            "Graphviz's `dot` is not on PATH; it draws the picture.",
            remedy="Install it (`apt-get install graphviz`, `brew install graphviz`), or take the"
            " picture in its language: `--format dot` needs no Graphviz.",
        ) from error
    except graphviz.CalledProcessError as error:
        raise RunnerError(
            f"Graphviz's `dot` failed: {error}", remedy="See what it says with `--format dot`."
        ) from error
    # What stands before the picture names the version of dot.
    plain = re.sub(r"^.*?(?=<svg)|<!--.*?-->\n?", "", drawn, flags=re.DOTALL)
    return plain.replace("<svg ", '<svg role="img" ', 1)
