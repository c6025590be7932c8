"""The twelve invented UK operators, Brightwave's own network, what each sells, and where. Data only.

Every name is made up. Where: postcode areas, and per technology the share of sectors that are live or planned.
"""

from dataclasses import dataclass

NORTH = "M L LS BD HX HD WF S SK OL BL WN PR BB FY LA CA DL NE SR DH TS YO HG HU WA CW CH DN"
SOUTH = "SW SE W WC EC E N NW CR KT TW BR DA RG GU RH BN PO SO SL HP OX TN ME CT SM UB HA EN"
EAST = "CB IP NR PE CO CM SS RM IG LU SG AL NN MK LN NG WD"
WEST = "BS BA GL SN TA EX PL TR TQ DT BH SP HR WR CF NP SA LD"
CITIES = "M L LS B G EH BS SW SE EC E N W WC CF NE S NG LE BT"
MIDLANDS = "B CV DE LE NG WS WV DY TF ST NN WR"
SCOTLAND = "G EH AB DD PA KA ML FK KY PH IV TD DG KW ZE HS"
RURAL = "CA LA DL TD DG KW IV PH LD SY HR TA EX PL TR NR IP LN YO HS ZE PE"
CENTRES = "EC WC W SW SE E M B LS G EH BS L NE CF RG CB"


@dataclass(frozen=True, kw_only=True)
class Product:
    """An offering with its list price in the operator's currency."""

    code: str
    name: str
    technology: str
    down: float | None = None
    up: float | None = None
    monthly: str
    one_off: str
    lead: int | None = None
    kind: str = "broadband"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Where one technology is published: by which level, in which areas, in what share of them.

    `sectors` is the share (%) of the areas' sectors that are served or planned, `inside` the share of postcodes in a
    served sector, `planned` and `build` the shares of served sectors that are not live yet.
    """

    technology: str
    level: str  # postcode, sector, outcode
    areas: str
    sectors: int
    inside: int = 100
    planned: int = 0
    build: int = 0
    down: float | None = None
    up: float | None = None
    lead: int | None = None


@dataclass(frozen=True, kw_only=True)
class Spec:
    """An operator to be."""

    code: str
    name: str
    provenance: str = "synthetic"
    on_net_of: str = ""
    products: tuple[Product, ...]
    reach: tuple[Reach, ...] = ()
    rules: dict[str, object]


def fibre(
    prefix: str, *speeds: tuple[float, float, str], one_off: str = "60.00", lead: int = 10
) -> tuple[Product, ...]:
    """FTTP products by (down, up, monthly)."""
    return tuple(
        Product(
            code=f"{prefix}-fttp-{down:g}",
            name=f"Fibre {down:g}/{up:g}",
            technology="FTTP",
            down=down,
            up=up,
            monthly=monthly,
            one_off=one_off,
            lead=lead,
        )
        for down, up, monthly in speeds
    )


def ethernet(prefix: str, *speeds: tuple[int, str], one_off: str = "1250.00", lead: int = 45) -> tuple[Product, ...]:
    """Ethernet access by (Mbit/s, monthly), the same both ways."""
    return tuple(
        Product(
            code=f"{prefix}-ead-{speed}",
            name=f"Ethernet access {speed if speed < 1000 else f'{speed // 1000} G'}",
            technology="EAD",
            down=speed,
            up=speed,
            monthly=monthly,
            one_off=one_off,
            lead=lead,
            kind="ethernet",
        )
        for speed, monthly in speeds
    )


def dark(prefix: str, monthly: str, one_off: str = "2200.00", lead: int = 60) -> Product:
    """Dark fibre: no speed of its own."""
    return Product(
        code=f"{prefix}-dfa",
        name="Dark fibre access",
        technology="DFA",
        monthly=monthly,
        one_off=one_off,
        lead=lead,
        kind="ethernet",
    )


def rules(lead: int, *required: str, access: int = 500) -> dict[str, object]:
    """Order rules with the English calendar (docs/coverage.md lists the keys)."""
    return {
        "required": ["contact_name", *required],
        "max_length": {"access_notes": access},
        "lead_working_days": lead,
        "calendar": "england-wales",
        "amendable": ["requested_date", "contact_name", "contact_phone", "contact_email", "access_notes"],
        "charges": {"cancel": {"acknowledged": "25.00"}, "amend": {"committed": "15.00"}, "currency": "GBP"},
        "ponr_hours": 48,
    }


SYMMETRIC = ((150, 150, "19.50"), (500, 500, "24.00"), (900, 900, "29.50"))
NEAR_SYMMETRIC = ((100, 100, "18.00"), (300, 300, "21.50"), (1000, 1000, "31.00"))
ASYMMETRIC = ((160, 30, "17.90"), (330, 50, "21.40"), (550, 75, "25.60"), (1000, 115, "31.80"))
EXTRAS = (
    Product(code="mt-router", name="Business router", technology="", monthly="0.00", one_off="89.00", lead=3,
            kind="device"),
    Product(code="mt-handset", name="Desk handset", technology="", monthly="0.00", one_off="64.00", lead=3,
            kind="device"),
    Product(code="mt-sim", name="4G backup SIM", technology="", monthly="6.50", one_off="5.00", lead=2, kind="sim"),
    Product(code="mt-delivery", name="Next-day delivery", technology="", monthly="0.00", one_off="9.50", lead=1,
            kind="delivery"),
)  # fmt: skip

OPERATORS: tuple[Spec, ...] = (
    Spec(
        code="northfibre",
        name="Northfibre",
        provenance="simulated",
        products=(*fibre("nf", *SYMMETRIC, lead=10), *ethernet("nf", (100, "155.00"), (1000, "245.00"), lead=40)),
        reach=(
            Reach(technology="FTTP", level="postcode", areas=f"{NORTH} SW", sectors=58, inside=93, planned=9, build=5,
                  down=900, up=900, lead=10),
            Reach(technology="EAD", level="outcode", areas=f"{NORTH} SW", sectors=85, down=10000, up=10000, lead=40),
        ),
        rules=rules(5, "contact_phone", access=200),
    ),
    Spec(
        code="southlink",
        name="Southlink",
        provenance="simulated",
        products=(*fibre("sl", *NEAR_SYMMETRIC, lead=12), *ethernet("sl", (100, "162.00"), (1000, "239.00"))),
        reach=(
            Reach(technology="FTTP", level="postcode", areas=f"{SOUTH} M", sectors=50, inside=90, planned=12, build=6,
                  down=1000, up=1000, lead=12),
            Reach(technology="EAD", level="outcode", areas=f"{SOUTH} M", sectors=90, down=1000, up=1000, lead=45),
        ),
        rules=rules(7, "contact_phone"),
    ),
    Spec(
        code="eastwave",
        name="Eastwave",
        provenance="simulated",
        products=(*fibre("ew", (200, 50, "18.40"), (600, 100, "23.10"), (1800, 500, "38.00"), lead=11),),
        reach=(
            Reach(technology="FTTP", level="postcode", areas=f"{EAST} SW M", sectors=62, inside=91, planned=8, build=4,
                  down=1800, up=500, lead=11),
        ),
        rules=rules(6, "contact_phone"),
    ),
    Spec(
        code="mailtel",
        name="Mailtel",
        provenance="simulated",
        products=(*fibre("mt", (80, 20, "15.20"), (300, 50, "19.90"), lead=15), *EXTRAS),
        reach=(
            Reach(technology="FTTP", level="sector", areas=f"{WEST} SW M", sectors=40, planned=10, down=300, up=50,
                  lead=15),
        ),
        rules=rules(8),
    ),
    Spec(
        code="albion-access",
        name="Albion Access",
        products=(
            *fibre("aa", *ASYMMETRIC, one_off="92.00", lead=12),
            Product(code="aa-sogea-40", name="SOGEA 40/10", technology="FTTC", down=40, up=10, monthly="13.90",
                    one_off="29.00", lead=7),
            Product(code="aa-sogea-80", name="SOGEA 80/20", technology="FTTC", down=80, up=20, monthly="16.10",
                    one_off="29.00", lead=7),
            *ethernet("aa", (100, "168.00"), (1000, "258.00"), (10000, "590.00"), one_off="1850.00"),
            dark("aa", "410.00"),
        ),
        reach=(
            Reach(technology="FTTP", level="postcode", areas="", sectors=42, inside=92, planned=11, build=6,
                  down=1000, up=115, lead=12),
            Reach(technology="FTTC", level="outcode", areas="", sectors=97, down=80, up=20, lead=7),
            Reach(technology="EAD", level="outcode", areas="", sectors=96, down=10000, up=10000, lead=45),
            Reach(technology="DFA", level="sector", areas=CENTRES, sectors=60, lead=60),
        ),
        rules=rules(5, "contact_phone"),
    ),
    Spec(
        code="citylight",
        name="Citylight Fibre",
        products=fibre("cl", (150, 150, "17.00"), (500, 500, "20.50"), (1000, 1000, "26.00"), one_off="0.00", lead=7),
        reach=(
            Reach(technology="FTTP", level="postcode", areas=CITIES, sectors=45, inside=86, planned=10, build=8,
                  down=1000, up=1000, lead=7),
        ),
        rules=rules(4),
    ),
    Spec(
        code="moorland",
        name="Moorland Broadband",
        products=fibre("mb", (100, 100, "23.00"), (900, 900, "36.00"), one_off="120.00", lead=20),
        reach=(
            Reach(technology="FTTP", level="postcode", areas=f"{RURAL} M", sectors=30, inside=72, planned=25, build=12,
                  down=900, up=900, lead=20),
        ),
        rules=rules(10, "contact_phone", "access_notes"),
    ),
    Spec(
        code="harbourside",
        name="Harbourside Networks",
        products=fibre("hn", *NEAR_SYMMETRIC, lead=14),
        reach=(
            Reach(technology="FTTP", level="postcode", areas=f"{WEST} PO SO BN SW", sectors=36, inside=84, planned=10,
                  down=1000, up=1000, lead=14),
        ),
        rules=rules(6),
    ),
    Spec(
        code="caledon",
        name="Caledon Fibre",
        products=(*fibre("cf", *SYMMETRIC, lead=13), *ethernet("cf", (1000, "262.00"))),
        reach=(
            Reach(technology="FTTP", level="postcode", areas=SCOTLAND, sectors=55, inside=88, planned=12, build=7,
                  down=900, up=900, lead=13),
            Reach(technology="EAD", level="outcode", areas=SCOTLAND, sectors=75, down=1000, up=1000, lead=50),
        ),
        rules={**rules(6), "calendar": "scotland"},
    ),
    Spec(
        code="lagan-link",
        name="Lagan Link",
        products=fibre("ll", (150, 30, "18.20"), (500, 75, "23.90"), (1000, 150, "30.50"), lead=10),
        reach=(
            Reach(technology="FTTP", level="postcode", areas="BT", sectors=80, inside=92, planned=6, down=1000, up=150,
                  lead=10),
        ),
        rules={**rules(5), "calendar": "northern-ireland"},
    ),
    Spec(
        code="metrowave",
        name="Metrowave Ethernet",
        products=(
            *ethernet("mw", (100, "139.00"), (1000, "198.00"), (10000, "455.00"), one_off="750.00", lead=30),
            dark("mw", "360.00", one_off="1400.00", lead=45),
        ),
        reach=(
            Reach(technology="EAD", level="sector", areas=CENTRES, sectors=75, down=10000, up=10000, lead=30),
            Reach(technology="DFA", level="sector", areas=CENTRES, sectors=35, lead=45),
        ),
        rules=rules(10, "contact_phone", "contact_email"),
    ),
    Spec(
        code="greenlane",
        name="Greenlane Fibre",
        products=fibre("gl", (100, 20, "16.40"), (500, 100, "22.80"), lead=9),
        reach=(
            Reach(technology="FTTP", level="postcode", areas=MIDLANDS, sectors=48, inside=89, planned=14, build=5,
                  down=500, up=100, lead=9),
        ),
        rules=rules(5),
    ),
    Spec(
        code="brightwave-net",
        name="Brightwave own network",
        on_net_of="brightwave",
        products=(*fibre("bw", (500, 500, "9.00"), (1000, 1000, "11.00"), one_off="35.00", lead=5),
                  *ethernet("bw", (1000, "120.00"), one_off="400.00", lead=15)),
        reach=(
            Reach(technology="FTTP", level="postcode", areas="M SK OL", sectors=22, inside=95, down=1000, up=1000,
                  lead=5),
            Reach(technology="EAD", level="sector", areas="M", sectors=30, down=1000, up=1000, lead=15),
        ),
        rules=rules(3),
    ),
)  # fmt: skip

# Outcodes that every demonstration visits, and who serves all of each, by postcode. Moorland is there without an
# agreement, Harbourside with a suspended one, so that both can be seen.
EVERYWHERE = ("SW1A", "M1")
SHOWCASE: dict[str, tuple[str, ...]] = {
    "northfibre": EVERYWHERE,
    "southlink": EVERYWHERE,
    "eastwave": EVERYWHERE,
    "mailtel": EVERYWHERE,
    "albion-access": EVERYWHERE,
    "citylight": EVERYWHERE,
    "moorland": ("M1",),
    "harbourside": ("SW1A",),
}

# Service provider → operators that it has no agreement with, and those whose agreement is suspended.
WITHOUT = {
    "brightwave": {"moorland", "lagan-link"},
    "cobalt": {"moorland", "caledon", "lagan-link", "brightwave-net", "greenlane"},
    "meridian": {"citylight", "harbourside", "moorland", "metrowave", "brightwave-net", "eastwave", "northfibre"},
}
SUSPENDED = {"brightwave": {"harbourside"}, "cobalt": {"citylight"}, "meridian": set()}
