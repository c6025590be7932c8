"""Examples of the operators' API, as bodies and as commands that can be pasted into a shell."""

import json
from typing import Any

DAY, LATER = "2027-03-18", "2027-03-25"
BODIES: dict[str, dict[str, Any]] = {
    "acknowledge": {"reference": "NF-20481"},
    "commit": {"date": DAY},
    "delay": {"date": LATER, "reason": "DUCT_BLOCKAGE_CIVILS", "text": "Duct blocked at the kerb"},
    "hold": {"reason": "WAYLEAVE", "text": "The landowner has not signed"},
    "resume": {"text": "Signed"},
    "complete": {"text": "Fitted and tested"},
    "reject": {"reason": "NOT_FEASIBLE", "text": "There is no duct"},
    "ask": {"text": "Which floor is the comms room on?"},
    "propose": {"date": DAY, "text": "8 am to 1 pm"},
    "note": {"text": "We ring half an hour before"},
    "charge": {"amount": "450.00", "currency": "GBP", "text": "12 m of new duct"},
    "accept_cancel": {"text": "Nothing was built"},
    "refuse_cancel": {"text": "The engineer is on site"},
    "accept_change": {"date": LATER},
    "refuse_change": {"text": "No engineer is free then"},
}
BULK: dict[str, Any] = {
    "answers": [
        {"our_key": "OFX-000123-1-a1b2c3", "answer": "commit", "date": DAY},
        {"our_key": "OFX-000124-1-d4e5f6", "answer": "complete"},
    ]
}
FOOTPRINT: dict[str, Any] = {
    "country": "GB",
    "rows": [
        {"postcode": "SW1A 1AA", "technology": "FTTP", "status": "live", "down_mbps": "900"},
        {"postcode": "SW1A 2AA", "technology": "FTTP", "status": "planned", "available_from": "2027-06-01"},
    ],
}


ORDER: dict[str, Any] = {
    "our_key": "OFX-000123-1-a1b2c3",
    "reference": "NF-20481",
    "provider": "Brightwave Telecom",
    "state": "acknowledged",
    "product": "Fibre 500/500",
    "product_code": "fttp-500",
    "action": "add",
    "quantity": 1,
    "address": "1 Example Street, SW1A 1AA",
    "postcode": "SW1A1AA",
    "country": "GB",
    "requested_date": DAY,
    "committed_date": None,
    "target_date": None,
    "submitted_at": "2027-03-01T09:00:00Z",
    "acknowledged_at": "2027-03-01T10:15:00Z",
    "completed_at": None,
    "needs": "date",
    "needs_since": "2027-03-01T10:15:00Z",
    "answers": ["commit", "delay", "hold", "complete", "reject", "ask", "propose", "note", "charge"],
    "simulated": False,
    "contact": {"name": "Paula Placeholder", "phone": "020 7946 0000", "email": ""},
    "access_notes": "Ring twice",
    "characteristics": {},
}


def command(method: str, path: str, body: dict[str, Any] | None = None) -> str:
    """A call as a command. Set OFX_URL, OFX_TOKEN and OUR_KEY (or ID) first, or put them in."""
    target = path.replace("{our_key}", "$OUR_KEY").replace("{id}", "$ID")
    lines = [f'curl -sS -X {method} "$OFX_URL/api/v1/partner/{target}"', '  -H "Authorization: Bearer $OFX_TOKEN"']
    if body is not None:
        lines += ['  -H "Content-Type: application/json"', f"  -d '{json.dumps(body)}'"]
    return " \\\n".join(lines)


def shown(text: str, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """What `extend_schema` is told of a call: in words, and as a command that can be pasted."""
    source = command(method, path, body)
    sample = {"lang": "Shell", "label": "curl", "source": source}
    return {"description": f"{text}\n\n```sh\n{source}\n```", "extensions": {"x-codeSamples": [sample]}}
