"""What people write in the invented shop: notes, letters and reviews. A reader of headers never needs a word of it."""

from __future__ import annotations

from typing import Final

PRIVATE: Final = "Blaubeerkuchen"
"""Stands in every letter's subject and body, so that a test can prove that it went nowhere."""

NOTES: Final = (
    "",
    "Bitte als Geschenk verpacken 🎁",
    'Bitte beim Nachbarn abgeben,\nHinterhof, Klingel "Grün"',
    "请用气泡膜包好，谢谢 🍵",
    "S'il vous plaît, pas de plastique ; merci !",
    "=Rechnung bitte an die Firma",
)

LATE_QUESTIONS: Final = (
    (
        "Wo bleibt meine Bestellung?",
        "Guten Tag,\n\nes hieß zwei Werktage. Ist das Paket schon unterwegs?\n\nViele Grüße",
    ),
    (
        "Bestellung noch nicht verschickt",
        "Hallo,\n\nFrom Monday on I wait for it. Can you say when it leaves?\n\nThank you",
    ),
    ("Où est mon colis ?", "Bonjour,\n\nma commande n'est toujours pas partie. Que se passe-t-il ?\n\nCordialement"),
    ("订单什么时候发货？", "你好，\n\n我的订单已经好几天了，还没有发货。\n\n谢谢"),
)
OTHER_QUESTIONS: Final = (
    ("Frage zur Ziehzeit", "Hallo,\n\nwie lange soll der Oolong ziehen, und wie heiß?\n\nDanke"),
    ("Adresse ändern", "Guten Tag,\n\nich bin umgezogen. Können Sie die Adresse noch ändern?\n\nFreundliche Grüße"),
    ("Thermosflasche undicht", "Hallo,\n\nmeine Flasche tropft am Deckel. Was kann ich tun?\n\nGrüße"),
    ("Rechnung", "Guten Tag,\n\nbitte schicken Sie mir die Rechnung.\nFrom the office they keep asking.\n\nDanke"),
)
STRANGER_QUESTIONS: Final = (
    ("Zusammenarbeit?", "Hallo Haiwen,\n\nwir führen ein Café und suchen guten Tee.\n\nBeste Grüße"),
    ("Führt ihr auch Rooibos?", "Hallo,\n\nich finde keinen Rooibos bei euch. Kommt der noch?\n\nDanke"),
)
FOLLOW_UPS: Final = (
    ("Re: ", "Hallo,\n\nich habe noch keine Antwort bekommen. Bitte melden Sie sich.\n\nGrüße"),
    ("Re: ", "Guten Tag,\n\nnoch einmal wegen meiner Frage von gestern.\n\nGrüße"),
)
THANKS: Final = (("Re: ", "Vielen Dank, das hilft mir weiter! 😊"), ("AW: ", "Danke für die schnelle Antwort."))
ANSWERS: Final = (
    (
        "Re: ",
        "Guten Tag,\n\nentschuldigen Sie bitte. Ihr Paket geht so bald wie möglich hinaus.\n\nIhr Team von Haiwen",
    ),
    ("AW: ", "Hallo,\n\ndanke für Ihre Nachricht, wir kümmern uns darum.\n\nLena von Haiwen"),
    ("Re: ", "您好，\n\n我们马上处理您的订单。\n\nHaiwen"),
)

LETTERS: Final = (*LATE_QUESTIONS, *OTHER_QUESTIONS, *STRANGER_QUESTIONS, *FOLLOW_UPS, *THANKS, *ANSWERS)
"""All of them: subject (or what is put before the subject answered) and body."""


def _places(letters: tuple[tuple[str, str], ...]) -> range:
    begin = LETTERS.index(letters[0])
    return range(begin, begin + len(letters))


LATE, OTHER, STRANGERS = _places(LATE_QUESTIONS), _places(OTHER_QUESTIONS), _places(STRANGER_QUESTIONS)
FOLLOWING, THANKING, ANSWERING = _places(FOLLOW_UPS), _places(THANKS), _places(ANSWERS)
"""Where the letters of each sort stand in `LETTERS`."""

REVIEWS: Final = {
    5: (
        ("Wunderbar", "Duftet herrlich, schnell da. 🍃"),
        ("很好喝", "香气很足，会回购。"),
        ("", "Comme toujours, parfait."),
    ),
    4: (("Sehr gut", "Guter Tee, schön verpackt."), ("Gut", "Ein bisschen teuer, aber gut.")),
    3: (("Ganz in Ordnung", "Der Tee ist gut, das Paket kam spät."), ("", "Geht so.")),
    2: (("Schade", "Musste lange warten, und niemand hat etwas gesagt."),),
    1: (("Undicht", 'Tropft am Deckel, "dicht" ist etwas anderes; zurückgeschickt.'), ("Nie wieder", "Viel zu spät.")),
}
THANKS_FOR_REVIEW: Final = "Danke für Ihre offenen Worte. Wir melden uns bei Ihnen."
