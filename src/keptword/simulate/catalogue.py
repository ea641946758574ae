"""What the invented shop sells, where it ships to and how: the tables that everything else is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Product:
    """One thing that can be bought: a product, or one size of it. Money in cents, tax included."""

    sku: str
    handle: str
    title: str
    size: str
    vendor: str
    kind: str
    price: int
    cost: int | None
    tax: int
    refund: float
    """Probability that a sold line of it is sent back."""
    demand: float
    grams: int

    @property
    def name(self) -> str:
        """The name as it stands on an order's line."""
        return f"{self.title} - {self.size}" if self.size else self.title


@dataclass(frozen=True)
class Carrier:
    """A way of shipping, by the name it has on orders; `shift` moves the log odds of leaving in time."""

    name: str
    shift: float
    days: int


@dataclass(frozen=True)
class Country:
    """Where it is shipped to: share of customers, carriers' shares (in the order of `CARRIERS`), postage in cents."""

    code: str
    share: float
    carriers: tuple[float, float, float]
    postage: int
    free_from: int
    shift: float
    tax: tuple[int, int]
    """Per cent on tea and on other things."""


HOUSE, TSCHI, LEHM, MORI, FADEN = "Haiwen", "Teegarten Tschi", "Lehm & Licht", "Mori Kobo", "Fadenhof"
TEA, POT, HOME = "Tee", "Teegeschirr", "Wohnen"

PRODUCTS: Final[tuple[Product, ...]] = (
    Product("OOL-NEB-100", "nebelberg-oolong", "Nebelberg Oolong", "100 g", TSCHI, TEA, 1490, 560, 7, 0.02, 9.0, 120),
    Product("OOL-NEB-250", "nebelberg-oolong", "Nebelberg Oolong", "250 g", TSCHI, TEA, 3290, 1290, 7, 0.02, 5.0, 280),
    Product("GRU-MOR-100", "morgentau-sencha", "Morgentau Sencha", "100 g", MORI, TEA, 1290, 510, 7, 0.02, 8.0, 120),
    Product("GRU-MOR-250", "morgentau-sencha", "Morgentau Sencha", "250 g", MORI, TEA, 2890, 1180, 7, 0.02, 4.0, 280),
    Product("WEI-SIL-050", "silberflaum", "Silberflaum Weißtee", "50 g", TSCHI, TEA, 1790, 720, 7, 0.03, 4.0, 70),
    Product("SCH-KAM-100", "kaminfeuer", "Kaminfeuer Rauchtee", "100 g", TSCHI, TEA, 1190, 430, 7, 0.04, 5.0, 120),
    Product("JAS-PER-100", "jasminperlen", "Jasminperlen „Mondhof“", "100 g", TSCHI, TEA, 1690, 690, 7, 0.02, 7.0, 120),
    Product("KRA-GAR-080", "gartenruhe", "Gartenruhe Kräuter", "80 g", HOUSE, TEA, 890, 290, 7, 0.02, 8.0, 100),
    Product(
        "PUE-ALT-357", "alter-ziegel", "Alter Ziegel Pu-Erh 2019", "357 g", TSCHI, TEA, 4490, 2100, 7, 0.03, 2.0, 380
    ),
    Product("MAT-KOC-500", "matcha-koch", "Matcha Koch & Back", "500 g", MORI, TEA, 2490, 1050, 7, 0.03, 4.0, 540),
    Product("PRO-FUN-005", "probe-fuenf", "Probierkistchen Fünf Tees", "", HOUSE, TEA, 1990, 780, 7, 0.02, 10.0, 210),
    Product("KAN-TON-600", "tonkanne-stille", "Tonkanne Stille", "0,6 l", LEHM, POT, 5900, 2650, 19, 0.06, 3.0, 900),
    Product("KAN-TON-900", "tonkanne-stille", "Tonkanne Stille", "0,9 l", LEHM, POT, 6900, 3100, 19, 0.06, 2.0, 1200),
    Product(
        "THE-NEB-500", "thermos-nebel", "Thermosflasche Nebel", "0,5 l", HOUSE, POT, 3490, 1380, 19, 0.24, 7.0, 420
    ),
    Product(
        "SCH-MAT-001",
        "matchaschale-uferkiesel",
        "Matchaschale Uferkiesel",
        "",
        MORI,
        POT,
        3890,
        1720,
        19,
        0.07,
        3.0,
        480,
    ),
    Product("BES-BAM-001", "bambusbesen", "Bambusbesen", "", MORI, POT, 1890, 690, 19, 0.05, 4.0, 90),
    Product(
        "BEC-PAA-002", "becherpaar-regen", "Becherpaar Regen", "2 Stück", LEHM, POT, 2990, 1240, 19, 0.05, 5.0, 620
    ),
    Product("SIE-EDE-001", "teesieb-feinmaschig", "Teesieb feinmaschig", "", HOUSE, POT, 990, 310, 19, 0.03, 6.0, 60),
    Product(
        "DOS-WEI-200", "teedose-weissblech", "Teedose Weißblech", "200 g", HOUSE, POT, 1190, 380, 19, 0.03, 5.0, 150
    ),
    Product(
        "KER-BIE-001", "bienenwachskerze", "Bienenwachskerze Winterlicht", "", LEHM, HOME, 1590, 640, 19, 0.03, 4.0, 320
    ),
    Product("TUC-LEI-001", "leinentuch", "Leinentuch Atem", "50 × 70 cm", FADEN, HOME, 1690, None, 19, 0.04, 3.0, 140),
    Product(
        "DEC-WOL-001", "wolldecke-herbstfeld", "Wolldecke Herbstfeld", "", FADEN, HOME, 12900, 6800, 19, 0.09, 1.0, 1500
    ),
    Product(
        "RAU-SAN-020",
        "raeucherwerk-sandelholz",
        "Räucherwerk Sandelholz",
        "20 Stäbchen",
        MORI,
        HOME,
        1290,
        420,
        19,
        0.03,
        3.0,
        80,
    ),
    Product("KAR-GUT-001", "grusskarte-wolken", "Grußkarte Wolken", "", HOUSE, HOME, 390, 90, 19, 0.01, 3.0, 20),
)

CARRIERS: Final[tuple[Carrier, ...]] = (
    Carrier("DHL Paket", 0.25, 2),
    Carrier("DPD Classic", -1.0, 2),
    Carrier("Post Warenpost", 0.3, 3),
)

COUNTRIES: Final[tuple[Country, ...]] = (
    Country("DE", 0.72, (0.62, 0.16, 0.22), 490, 4900, 0.1, (7, 19)),
    Country("AT", 0.10, (0.40, 0.15, 0.45), 890, 7900, 0.0, (10, 20)),
    Country("FR", 0.06, (0.45, 0.40, 0.15), 990, 9900, -0.1, (6, 20)),
    Country("NL", 0.04, (0.55, 0.35, 0.10), 990, 9900, 0.0, (9, 21)),
    Country("CH", 0.02, (0.50, 0.00, 0.50), 1490, 14900, -0.3, (0, 0)),
    Country("ES", 0.06, (0.60, 0.00, 0.40), 1790, 14900, -1.7, (0, 0)),
)

PAYMENTS: Final = ("Shopify Payments", "PayPal Express Checkout", "Klarna", "Bank Deposit", "bogus", "Manual")
PAYMENT_SHARES: Final = (0.55, 0.29, 0.09, 0.07)
BANK, BOGUS, MANUAL = 3, 4, 5

CODES: Final = (("", 0), ("TEE10", 10), ("WILLKOMMEN10", 10), ("TEAM30", 30), ("ERSATZ", 100))
"""Each discount code and the per cent it takes off."""
TEAM, REPLACEMENT = 3, 4

HOUR_WEIGHTS: Final = (4, 2, 1, 1, 1, 2, 5, 10, 16, 22, 26, 28, 30, 28, 26, 26, 27, 30, 36, 44, 50, 46, 30, 14)
"""How often people order and write in each hour of the day."""
WEEKDAY_WEIGHTS: Final = (1.15, 1.0, 0.95, 0.95, 0.9, 0.85, 1.2)
SEASON_WEIGHTS: Final = (0.85, 0.9, 0.95, 0.95, 0.9, 0.85, 0.85, 0.85, 1.0, 1.1, 1.45, 1.6)
