"""The OpenAPI description of qualifications: the answer is plain dicts, so its shape is written down here."""

from typing import Any

DESCRIPTION = """Name a place by `postcode` (or ZIP), by `address` (part of it is enough when it fits one address), or
by `uprn`. `country` defaults to your organisation's.

`offers` come best first: lines before what goes with a line (devices, SIMs, deliveries), then those that can be
ordered, live ones, and by `score`. `unavailable` names every operator of the country from which nothing can be ordered
here, and why (`code`: no_coverage, planned_only, no_agreement,
suspended, no_product, some_premises, refused_live); one without an agreement may still show offers at list price with
`orderable: false`. `nearest` is filled where nothing live serves the place.

`confidence` is `premises`, `postcode` or `area`, by the most specific thing the operator published about the place.
`synthetic` marks invented data, `simulated` an operator played by the partner sandbox."""


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], **more}


TEXT = {"type": "string"}
NUMBER = _or_null("number")
WHOLE = _or_null("integer")
FLAG = {"type": "boolean"}
DAY = _or_null("string", format="date")

OPERATOR = _object(
    id={"type": "integer"},
    name=TEXT,
    code=TEXT,
    on_net=FLAG,
    provenance={"type": "string", "enum": ["real", "synthetic", "simulated"]},
)
ADDRESS = {
    **_object(id={"type": "integer"}, text=TEXT, uprn=TEXT, key=TEXT, lat=NUMBER, lon=NUMBER),
    "type": ["object", "null"],
}
PLACE = _object(
    id={"type": "integer"},
    country=TEXT,
    postcode=TEXT,
    display=TEXT,
    district=TEXT,
    lat=NUMBER,
    lon=NUMBER,
    live=_or_null("boolean"),
    addresses={"type": "integer", "description": "known addresses in it"},
    address=ADDRESS,
)
HISTORY = {
    **_object(
        p50_days=NUMBER,
        p80_days=NUMBER,
        sample={"type": "integer"},
        source={"type": "string", "enum": ["own", "pooled"]},
        area=TEXT,
        on_time=NUMBER,
        fallout=NUMBER,
    ),
    "type": ["object", "null"],
}
PRICE = {
    **_object(
        one_off={"type": "string", "format": "decimal"},
        monthly={"type": "string", "format": "decimal"},
        currency=TEXT,
        source={"type": "string", "enum": ["agreement", "list"]},
    ),
    "type": ["object", "null"],
}
PREMISES = {
    **_object(served={"type": "integer"}, known={"type": "integer"}),
    "type": ["object", "null"],
    "description": "where no address was chosen and only some known premises are served",
}
PARTS = _object(price=NUMBER, speed=NUMBER, lead_time=NUMBER, reliability=NUMBER, confidence=NUMBER)
LIVE = {
    **_object(
        state={"type": "string", "enum": ["live", "asking", "cached", "no_answer"]},
        available=_or_null("boolean"),
        reason={"type": "string", "description": "canonical reason where it is not available"},
        text=TEXT,
        transfer={"type": "boolean", "description": "a service is active on the line: order a transfer"},
        available_from=DAY,
        lead_days=WHOLE,
        price={"type": ["object", "null"]},
        asked_at={"type": "string", "format": "date-time"},
        answered_at=_or_null("string", format="date-time"),
        valid_until=_or_null("string", format="date-time"),
        simulated=FLAG,
    ),
    "type": ["object", "null"],
    "description": "what the operator's own system says; `cached` and `no_answer` may hold an older answer",
}
GHOST = {
    **_object(
        at={"type": "string", "format": "date-time"}, reason=TEXT, words=TEXT, text=TEXT, order=TEXT, simulated=FLAG
    ),
    "type": ["object", "null"],
    "description": "an order of yours that proved availability wrong here; it lowers the confidence",
}
OFFER = _object(
    id={"type": "integer", "description": "the offering, as orders name it"},
    operator=OPERATOR,
    product=TEXT,
    code=TEXT,
    kind={"type": "string", "enum": ["broadband", "ethernet", "device", "sim", "delivery"]},
    technology=TEXT,
    down_mbps=NUMBER,
    up_mbps=NUMBER,
    confidence={"type": "string", "enum": ["premises", "postcode", "area"]},
    level={"type": "string", "enum": ["premises", "postcode", "sector", "area", "some premises"]},
    premises=PREMISES,
    status={"type": "string", "enum": ["live", "planned", "build"]},
    available_from=DAY,
    price=PRICE,
    orderable=FLAG,
    why_not=TEXT,
    lead_time=_object(list_working_days=WHOLE, history=HISTORY),
    published_at=_or_null("string", format="date-time"),
    synthetic=FLAG,
    simulated=FLAG,
    live=LIVE,
    ghost=GHOST,
    score={"type": "number", "description": "out of 100"},
    parts=PARTS,
    why=TEXT,
)
UNAVAILABLE = _object(operator=OPERATOR, code=TEXT, reason=TEXT, available_from=DAY)
NEAREST = _object(
    place=_object(
        id={"type": "integer"}, country=TEXT, postcode=TEXT, display=TEXT, district=TEXT, lat=NUMBER, lon=NUMBER
    ),
    distance_km={"type": "number"},
    status={"type": "string", "enum": ["live", "planned", "build"]},
    operators=_list(_object(id={"type": "integer"}, name=TEXT, technology=TEXT, status=TEXT, available_from=DAY)),
)
QUALIFICATION = _object(place=PLACE, offers=_list(OFFER), unavailable=_list(UNAVAILABLE), nearest=_list(NEAREST))
PROBLEM = {
    "type": "object",
    "properties": {
        "code": TEXT,
        "reason": TEXT,
        "fields": {"type": "object", "additionalProperties": _list(TEXT)},
        "field": TEXT,
        "suggestions": _list({"type": "object"}),
        "candidates": _list({"type": "object"}),
    },
    "required": ["code", "reason"],
}

PARAMETERS: list[dict[str, Any]] = [
    {"name": "country", "type": str, "description": "ISO 3166 alpha-2; your organisation's by default."},
    {"name": "postcode", "type": str, "description": "Whole postcode or ZIP, any case and spacing."},
    {"name": "address", "type": str, "description": "An address or part of one; may come with a postcode."},
    {"name": "uprn", "type": str, "description": "The national id of one address."},
    {"name": "technology", "type": str, "description": "Only offers of this technology, such as FTTP."},
    {
        "name": "kind",
        "type": str,
        "enum": ["broadband", "ethernet", "device", "sim", "delivery"],
        "description": "Only offers of this kind.",
    },
    {"name": "limit", "type": int, "description": "At most this many offers (1 to 500)."},
    {
        "name": "live",
        "type": str,
        "enum": ["ask", "wait"],
        "description": "`ask`: have the operators asked live and answer at once; `wait`: and wait for their answers.",
    },
    {"name": "seconds", "type": float, "description": "How long `live=wait` may take: 0 to 5, 3 by default."},
]

EXAMPLES: list[dict[str, Any]] = [
    {
        "name": "One offer, one operator missing",
        "response_only": True,
        "status_codes": ["200"],
        "value": {
            "place": {
                "id": 1,
                "country": "GB",
                "postcode": "SW1A1AA",
                "display": "SW1A 1AA",
                "district": "",
                "lat": 51.501,
                "lon": -0.142,
                "live": True,
                "addresses": 0,
                "address": None,
            },
            "offers": [
                {
                    "id": 12,
                    "operator": {
                        "id": 3,
                        "name": "Northfibre",
                        "code": "northfibre",
                        "on_net": False,
                        "provenance": "simulated",
                    },
                    "product": "FTTP 500/100",
                    "code": "fttp-500",
                    "kind": "broadband",
                    "technology": "FTTP",
                    "down_mbps": 500.0,
                    "up_mbps": 100.0,
                    "confidence": "postcode",
                    "level": "postcode",
                    "premises": None,
                    "status": "live",
                    "available_from": None,
                    "price": {"one_off": "60.00", "monthly": "24.50", "currency": "GBP", "source": "agreement"},
                    "orderable": True,
                    "why_not": "",
                    "lead_time": {
                        "list_working_days": 10,
                        "history": {
                            "p50_days": 14.0,
                            "p80_days": 21.0,
                            "sample": 118,
                            "source": "own",
                            "area": "SW",
                            "on_time": 0.91,
                            "fallout": 0.04,
                        },
                    },
                    "published_at": "2026-11-02T06:00:00Z",
                    "synthetic": True,
                    "simulated": True,
                    "live": {
                        "state": "live",
                        "available": True,
                        "reason": "",
                        "text": "",
                        "transfer": False,
                        "available_from": None,
                        "lead_days": 8,
                        "price": None,
                        "asked_at": "2026-11-03T09:00:00Z",
                        "answered_at": "2026-11-03T09:00:01Z",
                        "valid_until": "2026-11-08T09:00:01Z",
                        "simulated": True,
                    },
                    "ghost": None,
                    "score": 86.4,
                    "parts": {
                        "price": 28.1,
                        "speed": 13.2,
                        "lead_time": 20.0,
                        "reliability": 17.5,
                        "confidence": 8.0,
                    },
                    "why": "7% dearer, soonest",
                }
            ],
            "unavailable": [
                {
                    "operator": {
                        "id": 4,
                        "name": "Southlink",
                        "code": "southlink",
                        "on_net": False,
                        "provenance": "simulated",
                    },
                    "code": "no_coverage",
                    "reason": "No coverage here",
                    "available_from": None,
                }
            ],
            "nearest": [],
        },
    },
    {
        "name": "A place that we do not hold",
        "response_only": True,
        "status_codes": ["404"],
        "value": {
            "code": "unknown_place",
            "reason": "We do not know SW1A 9ZZ (United Kingdom).",
            "field": "postcode",
            "suggestions": [{"postcode": "SW1A0AA", "display": "SW1A 0AA"}],
        },
    },
]
