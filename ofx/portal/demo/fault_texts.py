"""What the demonstration's fault desks work with: partners' rules, checklists, macros, people's words. Data."""

from typing import Any

# What each simulated partner wants (docs/sandbox.md); the others take a fault with the two questions of any desk.
RULES: dict[str, dict[str, Any]] = {
    "northfibre": {
        "required": ["SERVICE_HAS_WORKED", "CPE_CHECKED", "SYNC_LIGHT", "24HR_ACCESS"],
        "max_lengths": {"description": 1000},
        "barring_codes": ["KNOWN_INCIDENT"],
    },
    "southlink": {
        "required": ["SERVICE_HAS_WORKED", "CPE_POWER", "REPEAT_PROBLEM"],
        "max_lengths": {"description": 4000},
        "test_max_age_minutes": 1440,
        "green_blocks": False,
    },
    "eastwave": {
        "required": ["SERVICE_HAS_WORKED", "ONT_POWER", "USAGE_CHANGES"],
        "max_lengths": {"description": 500},
        "barring_codes": ["KNOWN_INCIDENT"],
    },
    "mailtel": {"required": ["SERVICE_HAS_WORKED", "CPE_CHECKED"], "test_required": False},
}
OTHERS: dict[str, Any] = {"required": ["SERVICE_HAS_WORKED", "CPE_CHECKED"], "test_required": False}

# Fault class → title and steps: (title, help, evidence, mandatory)
CHECKLISTS: dict[str, tuple[str, tuple[tuple[str, str, str, bool], ...]]] = {
    "no_connection": (
        "No connection over fibre",
        (
            ("Check for an outage", "Same partner, sector or exchange: attach to it and tell the time.", "none", True),
            ("Check the order and the bill", "An order in flight or a suspension explains many faults.", "none", True),
            ("Ask for the lights", "Power, PON and LAN of the fibre box, in their colours.", "text", True),
            ("Run a line test", "A result that is not green opens the way to the partner.", "test", True),
            ("Restart the fibre box and router", "Not while the customer phones over this line.", "none", False),
            ("Say which side is at fault", "Customer, us or partner: a wrong verdict costs a visit.", "text", True),
        ),
    ),
    "slow_speed": (
        "Slow speed",
        (
            ("Ask for a wired test", "One device by cable, everything else off.", "text", True),
            ("Run a line test", "Look at the port speed: 100 Mbit/s is a cable.", "test", True),
            ("Compare with the product", "Contention at eight in the evening is not a line fault.", "text", False),
        ),
    ),
    "intermittent": (
        "Keeps dropping",
        (
            ("Ask when it drops", "Times, weather, other devices.", "text", True),
            ("Run a line test", "Low light and errors show between the drops.", "test", True),
            ("Look at the last week", "Drops for everybody in the sector are one fault.", "none", False),
        ),
    ),
    "wifi": (
        "Wi-Fi at home",
        (
            ("Wired test", "If the cable is fast, the line is good.", "text", True),
            ("Place and channel of the router", "High, free, away from metal; 5 GHz near it.", "none", False),
        ),
    ),
    "voice": (
        "Phone over fibre",
        (
            ("Do not restart", "Emergency calls go over this line: restart only with a mobile at hand.", "none", True),
            ("Check the registration", "The adapter's light, then the account.", "text", True),
        ),
    ),
    "ethernet_down": (
        "Ethernet tail down",
        (
            ("Check power at site", "Both supplies of the terminal.", "text", True),
            ("Continuity check", "CFM from our edge to the partner's terminal.", "test", True),
            ("Call the partner's duty desk", "Priority 1: raise and call within 15 minutes.", "text", True),
        ),
    ),
}  # fmt: skip

MACROS: tuple[tuple[str, str, str, str], ...] = (  # name, keys, text, state afterwards
    (
        "Ask for the lights",
        "l",
        "Hello {contact}, which lights show on the fibre box, and in which colour? Reference {reference}.",
        "pending",
    ),
    (
        "Ask to restart",
        "r",
        "Hello {contact}, please switch the fibre box and the router off, wait half a minute, and on again. "
        "Tell us whether it works. Reference {reference}.",
        "pending",
    ),
    (
        "With the partner",
        "p",
        "Hello {contact}, the line test shows a fault outside your premises. We have raised it and will tell you of "
        "every step. Reference {reference}.",
        "",
    ),
    (
        "Fixed?",
        "f",
        "Hello {contact}, we believe that it works again. Please tell us if it does not: then we go on at once. "
        "Reference {reference}.",
        "",
    ),
    ("Engineer comes", "v", "Hello {contact}, an engineer will come as agreed. Please be there. {reference}", ""),
)

# Fault class → titles, what people write, and what helped at the fault desk: (fix, cause, verdict)
WORDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "no_connection": {
        "titles": (
            "No internet since this morning",
            "Internet is dead",
            "No connection at all",
            "Red light on the box",
        ),
        "said": (
            "Nothing works, the box shows a red light.",
            "We came in this morning and there was no internet. The card terminal does not work either.",
            "Restarted everything twice. Still nothing.",
        ),
        "helped": (
            ("Fibre box was unplugged by the cleaners; plugged in again", "No power", "customer"),
            ("Router restarted; session is up again", "Session hung", "customer"),
            ("Sign-in of the router corrected", "Wrong sign-in after a swap", "us"),
        ),
    },
    "slow_speed": {
        "titles": ("Very slow since Monday", "A tenth of the speed that we pay for", "Slow in the evening"),
        "said": ("Speed test shows 90 instead of 500.", "Video calls freeze.", "Slow on all devices, even by cable."),
        "helped": (
            ("Old cable replaced; the port runs at 1,000 Mbit/s", "Cable of category 5", "customer"),
            ("Profile corrected after the upgrade", "Wrong profile", "us"),
        ),
    },
    "intermittent": {
        "titles": ("Internet keeps dropping", "Drops every hour", "Connection comes and goes"),
        "said": ("It drops several times a day for some minutes.", "Calls cut off. The light turns red, then green."),
        "helped": (
            ("Loose plug at the fibre box seated", "Loose plug", "customer"),
            ("Router software updated", "Router restarts by itself", "customer"),
        ),
    },
    "wifi": {
        "titles": ("Wi-Fi does not reach the back room", "Wi-Fi slow upstairs"),
        "said": ("By cable it is fine.", "The tablets lose the Wi-Fi in the back."),
        "helped": (("Router moved out of the cupboard; channel changed", "Place of the router", "customer"),),
    },
    "voice": {
        "titles": ("Phone has no dial tone", "Calls drop after a minute"),
        "said": ("The internet works, the phone does not.", "Callers hear nothing."),
        "helped": (("Adapter registered again", "Registration lost after a restart", "us"),),
    },
    "ethernet_down": {
        "titles": ("Ethernet tail down", "Leased line is down", "Site is off the network"),
        "said": ("The whole site is offline.", "Backup SIM has taken over; the tail is down."),
        "helped": (("Second power supply switched on after works at site", "No power at site", "customer"),),
    },
    "order": {
        "titles": ("When will my line be ready?",),
        "said": ("We were told a date and heard nothing since.",),
        "helped": (("Told the date and its history; the order goes on", "Question", "none_found"),),
    },
    "billing": {
        "titles": ("Charged for a visit",),
        "said": ("We were charged for an engineer though the fault was in the street.",),
        "helped": (("Charge disputed with the partner and credited", "Wrong charge", "partner"),),
    },
    "other": {
        "titles": ("Fixed address is gone", "Box makes a noise"),
        "said": ("Our fixed address changed after the works.",),
        "helped": (("Fixed address assigned again", "Lost after a migration", "us"),),
    },
}
PARTNER_FIXES = (  # code, cause, fix, chargeable
    ("FIXED_NETWORK", "Patch lead at the splitter loose", "Patch lead re-seated and cleaned", False),
    ("FIXED_NETWORK", "Drop fibre damaged between pole and house", "Drop fibre replaced and spliced", False),
    ("ONT_REPLACED", "Optical terminal defective", "Optical terminal replaced and provisioned", False),
    ("FIXED_NETWORK", "Port on the line card failed", "Moved to a spare port", False),
    ("RIGHT_WHEN_TESTED", "No fault found", "Right when tested; no work was done", True),
)
TSC_FIXES = (
    ("Router firmware 4.1 loses its session each night; updated to 4.2", "Router firmware 4.1"),
    ("Large packets are lost on the handover; MTU corrected", "MTU on the handover"),
    ("Profile of the new speed was missing in the partner's network; re-pushed", "Profile missing after an upgrade"),
)
HELD = (
    ("PARTNER_WORKLOAD", "NO_SLOTS", "No engineer is free in this area today"),
    ("CAPACITY", "CAPACITY", "A spare port is being provided"),
    ("POLE_ISSUE", "POLE", "The pole must be made safe before it is climbed"),
    ("WAYLEAVE", "WAYLEAVE", "The landowner must let us reach the joint"),
)
PARTNER_ASKS = (
    "Which lights show on the fibre box, and in which colour?",
    "When may an engineer come, and whom shall they ask for?",
)
TESTS = {  # code → colour, what it means, measures
    "LINE_OK": ("green", "No fault found", (("rxPower", "-18.6", "dBm"), ("uniPortState", "up", ""))),
    "ONT_LOW_LIGHT": ("amber", "Light reaches the fibre box but is weak", (("rxPower", "-27.8", "dBm"),)),
    "SPEED_BELOW_PROFILE": ("amber", "The port runs slower than the product", (("uniPortSpeed", "100", "Mbit/s"),)),
    "PON_ERRORS": ("amber", "Bit errors above the limit", (("bitErrorRate", "3.1E-4", ""),)),
    "ONT_NO_LIGHT": ("red", "The fibre box sees no light", (("ontState", "down", ""), ("lastSeen", "last night", ""))),
    "ONT_DYING_GASP": ("red", "The fibre box lost power and said so", (("ontState", "dying gasp", ""),)),
    "UNIPORT_DOWN": ("red", "The customer port is down", (("uniPortState", "down", ""), ("rxPower", "-18.9", "dBm"))),
    "CFM_DOWN": ("red", "Continuity check lost", (("cfmLoss", "100", "%"),)),
}
COMPLAINTS = (
    ("Two visits, and it still drops. Nobody called back.", "One person who cares, and a credit."),
    ("I was told a day three times.", "A date that holds."),
    ("The engineer did not come and we closed the shop for him.", "What the missed visit is worth."),
    ("Charged for a fault that was in the street.", "The charge back."),
)
