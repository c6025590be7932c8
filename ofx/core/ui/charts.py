"""A chart's data for the page: JSON that static/js/charts.js draws with uPlot, and the same as a table."""

from typing import Any

MAX_SERIES = 5


def context(identity: str, title: str, data: dict[str, Any]) -> dict[str, Any]:
    """Context of components/chart.html. Raises ValueError for more than five series or ragged values (DESIGN, Shape).

    `data`: `{"type": "line"|"bar", "x": [labels or ISO dates], "time": bool, "unit": str,
    "series": [{"label": str, "values": [number|None], "tone": "blue"|owner|risk name}]}`.
    """
    series = data["series"]
    if len(series) > MAX_SERIES:
        raise ValueError(f"{title}: {len(series)} series; at most {MAX_SERIES} can be told apart")
    if any(len(one["values"]) != len(data["x"]) for one in series):
        raise ValueError(f"{title}: every series needs one value for each of the {len(data['x'])} x values")
    rows = [(x, [one["values"][index] for one in series]) for index, x in enumerate(data["x"])]
    return {"identity": identity, "title": title, "data": data, "series": series, "rows": rows}
