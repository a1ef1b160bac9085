"""Which language a text is in, as far as search has to know: by its script and its most frequent small words."""

import re

_SMALL_WORDS = {
    "en": "a about all also am an and any are as at be because been before being between both but by can could "
    "did do does doing during each for from further had has have having he her here hers him his how i if "
    "in into is it its just may me might more most must my no nor not now of off on once only or other "
    "our out over own same shall she should so some such than that the their them then there these they "
    "this those through to too under until up upon us very was we were what when where which while who "
    "whom whose why will with within without would you your",
    "de": "aber alle als also am an auch auf aus bei bis da das dass dem den der des die dies diese dieser doch "
    "du durch ein eine einem einen einer eines er es für gibt haben hat hatte ich ihr im in ist ja kann "
    "kein keine man mehr mit muss nach nicht noch nur oder ohne sehr sein seine sich sie sind so über um "
    "und uns unter viel viele vom von vor wann war was welche welcher welches wem wen wenn wer werden wie "
    "wir wird wo wurde wurden zu zum zur zwischen",
    "fr": "à au aux avec ce ces cette comment comme dans de des du elle elles en est et être eu il ils je la le "
    "les leur lui mais même ne nous on ont ou où par pas plus pour pourquoi qu quand que quel quelle "
    "quelles quels qui quoi sa sans se ses si son sont sur un une vous était",
    "es": "a al ante como con cómo cuál cuáles cuando cuándo de del desde donde dónde el ella en entre era es "
    "esta este esto fue ha han hasta hay la las le lo los más muy no o para pero por porque que qué quién "
    "se según ser si sin sobre son su sus también un una y ya",
    "it": "a ai al alla anche che chi ci come con così cosa cui da dal dalla dei del della delle di dove e è fu "
    "gli ha hanno i il in la le lo ma nel nella non o per perché più qual quale quali quando quanto "
    "quello questa questo se si sono su sua sul suo tra un una",
    "pt": "a ao aos as com como da das de do dos e é ela ele em entre era foi há isso já mais mas muito na não "
    "nas no nos o os ou para pela pelo por porque qual quais quando que quem se sem ser seu são sua "
    "também um uma você",
    "nl": "aan als bij dan dat de die dit door een en er geen had heeft het hij hoe hun ik in is je kan maar "
    "meer met na naar niet nog of om onder ook op over te tot uit van veel voor waar wanneer wat welke "
    "werd wie wordt worden ze zich zij zijn zo",
    "sv": "alla att av de den det där efter eller en ett finns från för ha hade han har hur i inte jag kan man "
    "med men mot när nu och om på sig sin ska som till under upp ut vad var vem vid vilka vilken är",
    "da": "af alle at blev de den der det dette efter eller en er et for fra han har have hun hvad hvem hvilke "
    "hvor hvordan hvornår i ikke jeg kan man med men mod må når og om på sig sin skal som til ud under "
    "var ved vil være",
    "pl": "a ale bez był była być co czy dla do gdzie i ich ile jak jaka jakie jaki jako jest już kiedy kto "
    "która które który ma między na nad nie o od po pod przez przy są się tak ten to tym tylko w we z za "
    "że",
    "cs": "a ale ani byl být co další do i jak jaké jaký jako je jeho jejich jen jsou k kde kdo kdy která které "
    "který má na nebo není o od po pod pro proč při s se si tak také ten to u už v ve z za že",
    "tr": "ama bir bu çok da daha de değil gibi hangi hem her için ile kaç kadar kim mi mı nasıl ne neden "
    "nerede olan olarak o sonra şu var ve veya ya",
    "fi": "ei että he hän ja jo joka jos kanssa kuin kuinka kuka me mikä miksi missä milloin mitä mutta myös ne "
    "niin nyt oli olla on ovat se sekä sen tai tämä vain voi",
    "id": "ada adalah akan apa atau bagaimana bahwa dalam dan dari dengan di untuk ini itu kapan karena ke "
    "lebih mengapa oleh pada siapa sudah tidak yang",
}
_LANGUAGES = {name: frozenset(words.split()) for name, words in _SMALL_WORDS.items()}
_LANGUAGES_OF = {
    word: [name for name, small in _LANGUAGES.items() if word in small]
    for word in frozenset[str]().union(*_LANGUAGES.values())
}
_NONE: frozenset[str] = frozenset()
_LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f]+")
_LETTER = re.compile(r"[^\W\d_]")
_SAMPLE = 1_500
"""Characters of a text that are looked at."""


def language(text: str) -> str | None:
    """Return the code (ISO 639-1) of the language whose small words stand in a text most, None where none do."""
    counts = _counts(text[:_SAMPLE])
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else None


def _counts(text: str) -> dict[str, int]:
    counts = dict.fromkeys(_LANGUAGES, 0)
    for word in _LATIN_WORD.findall(text.lower()):
        for name in _LANGUAGES_OF.get(word, ()):
            counts[name] += 1
    return counts


def function_words(text: str) -> frozenset[str]:
    """Return the small words of the language of a text: they stand everywhere and say nothing about a document."""
    found = language(text)
    return _LANGUAGES[found] if found else _NONE


def is_english(text: str) -> bool:
    """Whether a text is in English, or at least nothing speaks against it."""
    sample = text[:_SAMPLE]
    letters = _LETTER.findall(sample)
    foreign = sum(1 for letter in letters if letter > "\u024f")
    if foreign * 5 > len(letters):
        return False
    counts = _counts(sample)
    english, other = counts.pop("en"), max(counts.values())
    if not english and not other:
        # Letters that English only has in borrowed words.
        return not any(letter > "\u007f" for letter in letters)
    # Small words of other languages are words of English too ("die", "was", "in"): one of them says little.
    return english > 0 and other < english + 2
