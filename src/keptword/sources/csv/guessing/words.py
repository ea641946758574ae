"""The words by which a column's heading tells what it holds, in eight languages."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def spoken(heading: str) -> str:
    """Return a heading in small letters without accents and signs: "Ship_DateUTC" becomes "ship date utc"."""
    bare = unicodedata.normalize("NFKD", _CAMEL.sub(" ", heading)).casefold()
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w#%]+|_", " ", bare).split())


def _any(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts))


# Of dates the first that fits counts: what is particular stands before what is general.
DATES: Final[dict[str, re.Pattern[str]]] = {
    "changed": _any(
        r"updat|modif|changed|geandert|aktualis|actualiz|atualiz|aggiornat|gewijzigd|bijgewerkt|mise a jour|更新|修改"
    ),
    "ignored": _any(r"birth|\bdob\b|geburt|naissance|nacim|nascim|nascita|geboorte|expir|export|生日|出生|导出"),
    "refunded": _any(r"refund|erstatt|rembours|reembols|rimbors|terugbeta|退款"),
    "cancelled": _any(r"cancel|storn|annul|geannul|取消|撤销"),
    "returned": _any(r"\breturn|retour|ruckgabe|rucksend|devol|\bres[oi]\b|退货"),
    "replied": _any(
        r"first (response|reply|answer)|replied|answered|respon[ds]ed|antwort|reponse|repondu|respuesta|respondid",
        r"resposta|rispost|antwoord|beantwoord|回复|答复|响应",
    ),
    "due": _any(
        r"\bdue|promis|limit|estimat|expect|schedul|deadline",
        r"\b(ship|deliver|delivery|send|reply|resolve|needed|required) by",
        r"\beta\b|target|commit|planned|zugesagt|versproch|voraussicht|geplant|erwartet|fallig|termin|\bfrist|\bsoll",
        r"prevu|estime|echeance|attendu|delai|limite|promet|previst|estimad|esperad|vencim|compromis|prazo",
        r"promess|stimat|attes[oa]|scadenz|beloofd|verwacht|gepland|toegezegd|uiterlijk|vervaldat",
        r"承诺|预计|约定|截止|应发|应到|应答|计划|最晚",
    ),
    "reviewed": _any(r"review|rating|bewert|rezension|\bavis\b|resena|avaliac|recensi|beoordel|评价|评论"),
    "delivered": _any(
        r"deliver(?!.*(carrier|courier))|arriv|received|gelief|zugestellt|zustell|liefer|ankunft|angekommen|erhalten",
        r"\blivr|\brecu|entreg|recibid|llegad|recebid|chegad|consegn|ricevut|gelever|bezorg|ontvang|lever(dat|ing)",
        r"送达|签收|收货|到货|妥投|交付",
    ),
    "shipped": _any(
        r"\bship|despatch|dispatch|\bsent\b(?! to)|fulfil|carrier|courier|handed|versand|versendet|verschickt",
        r"abgeschickt|expedi|envoy|envia|\benvio|despach|postad|spedi|inviat|verzond|verzend|verstuur|发货|出库|寄出|发出",
    ),
    "paid": _any(
        r"\bpaid|\bpay|approved|bezahl|zahlung|paye|paiement|pagad|\bpago|pagament|pagat|betaald|betaling|付款|支付"
    ),
    "resolved": _any(
        r"resolv|solved|closed|complet|finished|gelost|erledigt|geschlossen|abgeschlossen|resolu|ferme|clotur|resuelt",
        r"cerrad|resolvid|fechad|risolt|chius|opgelost|gesloten|afgesloten|解决|关闭|完成|结束",
    ),
    "begun": _any(
        r"order|purchas|invoice|creat|placed|\bsale|sold|transaction|booked|opened|report|submit|raised|bestell",
        r"auftrag|kauf|rechnung|erstellt|angelegt|geoffnet|eingang|command|achat|facture|cree|ouvert|pedido|compra",
        r"factura|cread|abiert|encomenda|fatura|criad|abert|ordin|acquist|fattura|apert|aangemaakt|bestel|aankoop",
        r"factuur|geopend|下单|订单|订购|购买|创建|成交|提交|打开|报修",
    ),
    "day": _any(
        r"date|datum|\btag\b|\bday\b|time|zeit|fecha|\bdata\b|jour|\bdia\b|giorno|\bdag\b|日期|时间|\bat$|\bon$"
    ),
}

CELLS: Final[dict[str, re.Pattern[str]]] = {
    "kept": _any(
        r"\bsla\b|on time|in time|punktlich|a temps|a tiempo|no prazo|puntual|op tijd|\blate\b|准时|按时|达标"
    ),
    "steps": _any(r"reassign|reopen|re open|weitergeleitet|wiedereroff|reouvert|reabiert|转派|重开"),
    "currency": _any(r"currency|waehrung|wahrung|devise|monnaie|moneda|moeda|valuta|币种|货币"),
    "mail": _any(r"e ?mail|mail|correo|邮箱|邮件"),
    "personal": _any(
        r"phone|\btel\b|telefon|mobil|handy|portable|celular|telemovel|cellulare|address|adress|anschrift|street",
        r"strasse|\brue\b|\bcalle\b|\brua\b|\bvia\b|straat|direccion|endereco|indirizzo",
        r"(first|last|full|given|sur|user) ?name|vorname|nachname|\bprenom|\bapellido|sobrenome|cognome",
        r"achternaam|voornaam|birth|geburt|电话|手机|地址|姓名|收货人",
    ),
    "refund_amount": _any(r"refund|erstatt|rembours|reembols|rimbors|terugbeta|退款"),
    "carrier": _any(
        r"carrier|courier|ship(ping|ment)? (method|mode|via|service|company)|delivery (method|service)|versandart",
        r"versanddienst|versender|paketdienst|spediteur|transporteur|transporter|transportist|transportador|corriere",
        r"vettore|vervoerder|bezorgdienst|物流|快递|承运",
    ),
    "country": _any(r"country|\bland\b|lieferland|\bpays\b|\bpais\b|paese|nazione|国家|国别"),
    "vendor": _any(
        r"vendor|supplier|seller|\bbrand|hersteller|lieferant|verkaufer|marke\b|fournisseur|vendeur|proveedor",
        r"vendedor|fornecedor|fornitore|leverancier|verkoper|供应商|卖家|商家|品牌",
    ),
    "product": _any(
        r"product|\bsku\b|\bitem (?!price|total)|^item$|stock code|artikel|produkt|article|produit|producto|articulo",
        r"produto|artigo|prodotto|articolo|商品|产品|货号",
    ),
    "category": _any(r"categor|kategorie|priorit|商品类|类别|优先级"),
    "channel": _any(r"channel|contact type|kanal|\bcanal|canale|kanaal|渠道|来源"),
    "status": _any(r"status|\bstate\b|zustand|statut|estado|situacao|\bstato\b|状态"),
    "rating": _any(
        r"rating|\bstars?\b|score|bewertung|sterne|\bnote\b|etoiles|calificac|puntuac|estrellas|\bnota\b|avaliac",
        r"estrelas|punteggio|valutazione|stelle|beoordeling|sterren|\bnps\b|csat|satisf|评分|星级|打分",
    ),
    "quantity": _any(r"quantity|\bqty\b|menge|anzahl|quantite|cantidad|quantidade|quantita|aantal|数量"),
    "unit_price": _any(
        r"unit price|price each|item price|einzelpreis|stuckpreis|prix unitaire|precio unitario|preco unitario",
        r"prezzo unitario|stukprijs|单价",
    ),
    "total": _any(
        r"total|\bsum\b|gesamt|summe|montant ttc|importe|totale|totaal|总额|总价|总计|合计|实付|订单金额",
    ),
    "amount": _any(
        r"amount|revenue|\bvalue\b|price|betrag|umsatz|preis|montant|prix|importe|precio|valor|preco|importo|prezzo",
        r"bedrag|prijs|金额|价格",
    ),
    "user": _any(
        r"customer|client|buyer|caller|\buser|account|requester|patient|member|kunde|kundin|kaufer|besteller|anrufer|acheteur",
        r"comprador|usuario|utente|acquirente|klant|koper|consumidor|顾客|客户|用户|买家|会员",
    ),
}
"""What a column that holds no dates may be; of several that fit the first counts."""

PARTS: Final[dict[str, re.Pattern[str]]] = {
    "mail": CELLS["mail"],
    "phone": _any(r"phone|\btel\b|telefon|telemovel|mobil|handy|portable|celular|cellulare|电话|手机|微信"),
    "language": _any(r"language|locale|sprache|langue|idioma|lingua|\btaal\b|语言"),
    "country": CELLS["country"],
    "name": _any(
        r"name|nombre|\bnom\b|\bnome\b|\bnaam\b|\bprenom|\bapellido|cognome|achternaam|voornaam|姓|名$|名称|收货人"
    ),
}
"""What a column may be to the address book; of several that fit the first counts."""

PART_OF_NAME: Final = _any(
    r"first|given|last|\bsur|family|famil|vorname|nachname|prenom|apellido|sobrenome|cognome|achternaam|voornaam",
    r"^姓(氏)?$|^名(字)?$",
)

POSTAL: Final = _any(
    r"address|adress|anschrift|street|strasse|\brue\b|\bcalle\b|\brua\b|straat|direccion|endereco|indirizzo|地址"
)

ORDER: Final = _any(
    r"order|invoice|purchase|\bsale|transaction|receipt|shipment|booking|bestell|auftrag|rechnung|beleg|command|facture",
    r"pedido|factura|compra|encomenda|fatura|ordine|fattura|bestel|factuur|订单|发票|单号|交易",
)
TICKET: Final = _any(
    r"ticket|incident|\bcase\b|request|issue|conversation|vorgang|anfrage|storung|demande|consulta|solicitud|chamado",
    r"richiesta|segnalazione|melding|aanvraag|工单|事件|案件|请求",
)
ID: Final = _any(
    r"\bid\b|\bno\b|\bnr\b|\bnum\b|number|#|\bref|\bcode\b|\bname\b|nummer|numero|codigo|codice|kennung|号|编号",
)
NOT_ID: Final = _any(
    r"\bitem|\bline\b|position|product|customer|client|kunde|kundin|artikel|article|user|phone|zip|post|tracking|sendungs",
    r"status|state|type|country|total|amount|quantity|count|date|priority|商品|客户|顾客|产品|快递|物流|状态",
)
NAMES: Final = _any(r"\bname\b|nombre|\bnom\b|\bnome\b|\bnaam\b|名$|名称|姓名")
ADVERSE: Final = _any(r"breach|violat|miss|fail|\blate\b|overdue|verletz|verspat|违反|超时|逾期")
DISPATCH: Final = _any(
    r"ship|dispatch|despatch|\bsend|versand|expedi|envio|envoi|spedizion|verzend|发货|应发|出库",
)
NOT_TOTAL: Final = _any(r"sub ?total|\btax|discount|items|shipping|zwischensumme|mwst|rabatt|impuesto|remise|运费|税")
PAYING: Final = _any(r"\bpay|zahl|paiement|\bpago|pagament|betal|付款|支付")
REPLY: Final = _any(r"respon|reply|answer|antwort|repons|respuest|respost|rispost|antwoord|回复|响应|应答")
SURVEY: Final = _any(r"\bnps\b|csat|satisf|survey|umfrage|encuesta|满意")

YES: Final = frozenset(
    [
        "true",
        "yes",
        "y",
        "1",
        "t",
        "ja",
        "oui",
        "si",
        "sí",
        "sim",
        "wahr",
        "vrai",
        "met",
        "kept",
        "made",
        "on-time",
        "ok",
        "是",
        "达标",
        "准时",
    ]
)
NO: Final = frozenset(
    [
        "false",
        "no",
        "n",
        "0",
        "f",
        "nein",
        "non",
        "não",
        "nao",
        "nee",
        "falsch",
        "faux",
        "missed",
        "broken",
        "breached",
        "late",
        "failed",
        "否",
        "超时",
    ]
)
CALLED_OFF: Final = _any(r"^cancel|^void|storn|annul|cancelad|geannul|取消|撤销")
PAID_BACK: Final = _any(r"refunded|erstattet|rembourse|reembolsad|rimborsat|terugbetaald|已退款|退款")
NOTHING: Final = frozenset(
    [
        "?",
        "-",
        "--",
        "n/a",
        "na",
        "nan",
        "none",
        "null",
        "nil",
        "#n/a",
        "(null)",
        "(none)",
        "\\n",
        "nat",
        "unknown",
        "无",
    ]
)
"""Cells, in small letters, that stand for an empty one."""

SYMBOLS: Final[dict[str, str]] = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "CNY", "￥": "CNY", "₹": "INR", "zł": "PLN"}
CODES: Final = re.compile(r"\b(EUR|USD|GBP|CHF|CNY|RMB|JPY|INR|BRL|MXN|CAD|AUD|SEK|NOK|DKK|PLN|CZK)\b")
MONTHS: Final = frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
