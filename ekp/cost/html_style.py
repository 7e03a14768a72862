"""How the HTML report looks: one style sheet, on a screen and on paper."""

COLORS = {
    "cpu": "#2f6fb0",
    "memory": "#57a0d3",
    "storage": "#8e6bbf",
    "network": "#3f9b7c",
    "load_balancer": "#d99a2b",
    "other": "#8a8f98",
    "shared": "#c9ced6",
}
"""Of a bar's parts."""

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; background: #f5f6f8; margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
p { margin: .4rem 0; }
.sum { font-size: 2.2rem; font-weight: 600; margin: .8rem 0 0; }
.note { color: #56606e; }
.warnings { background: #fff4e0; border-left: 4px solid #d99a2b; padding: .6rem 1rem; }
.warnings ul { margin: .2rem 0; padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; background: #fff; }
td { font-variant-numeric: tabular-nums; }
th, td { padding: .45rem .6rem; text-align: right; border-bottom: 1px solid #e3e6ea; }
th { font-weight: 600; color: #56606e; font-size: .85rem; vertical-align: bottom; }
th.word, td.word { text-align: left; }
td small { display: block; color: #56606e; }
tfoot td { font-weight: 600; border-bottom: 0; }
tr.line td { border-bottom: 0; }
tr.bars td { padding-top: 0; }
.bar { display: flex; height: .7rem; background: #eef0f3; }
.bar span { display: block; height: 100%; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; }
.legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; }
.state { font-weight: 600; }
.within { color: #2c7a4b; } .ahead { color: #a36700; } .over { color: #b3261e; }
@media print { body { background: #fff; } main { padding: 0; } tr { break-inside: avoid; } }
"""
