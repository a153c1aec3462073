"""From what somebody typed to the products that are meant: PostgreSQL's full text, synonyms, and a typo or two forgiven."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import orjson
from django.conf import settings
from django.db import connection

from noirel.catalog.index.arrays import Ints, binary_rows, to_ints
from noirel.catalog.index.bitset import Bitset
from noirel.catalog.index.columns import Columns
from noirel.catalog.index.ranking import Ranking
from noirel.catalog.selectors import VISIBLE
from noirel.catalog.text import tokens
from noirel.core.db.queries import NotCached

MAX_WORDS = 8
MAX_WORD_LENGTH = 61  # letters: as good as a whole word that nothing has (services.present keeps those up to 60)
# A shorter word has to be whole: what begins with one or two letters is half of a shop.
MIN_PREFIX_LENGTH = 3
MAX_COMPLETIONS = 4
# Among other words, one of so many letters is not corrected: nearly every other short word is one letter away.
SHORT = 3
# What a match is worth, the best first; `why` in staff's preview.
NAME, NAME_BEGINS, IN_NAME, BESIDE, ANYWHERE = 4, 3, 2, 1, 0

# A group of alternatives, each of them words that must all be there: see catalog_asked in words_sql.py.
Alternative = list[tuple[str, bool]]
Group = list[Alternative]
# Words of a question that belong together, and the group for them.
Term = tuple[Sequence[str], Group]

_MATCHES = """
WITH asked AS MATERIALIZED (
    SELECT catalog_asked(%(language)s, %(groups)s::jsonb, '') AS whole,
        catalog_asked(%(language)s, %(groups)s::jsonb, 'A') AS named
), found AS (
    SELECT w.product_id, CASE WHEN w.name = %(text)s THEN 4 WHEN starts_with(w.name, %(text)s) THEN 3
        WHEN w.head @@ asked.named THEN 2 WHEN w.head @@ asked.whole THEN 1 ELSE 0 END AS step
    FROM asked, catalog_productwords w WHERE w.lexemes @@ asked.whole ORDER BY w.product_id
)
SELECT array_agg(product_id), array_agg(step::bigint) FROM found
"""
# As far from a word as people type: one letter in a short one, two in one of six and more (as search engines do); candidates
# are alike in their trigrams, or, where a short word has hardly any, as long as it.
_CORRECTIONS = """
SELECT t.nth, w.word, w.products, levenshtein(t.word, w.word) AS far, similarity(t.word, w.word) AS alike
FROM unnest(%(words)s::text[]) WITH ORDINALITY t(word, nth)
CROSS JOIN LATERAL (
    SELECT k.word, k.products FROM catalog_word k WHERE k.word %% t.word
    UNION SELECT k.word, k.products FROM catalog_word k
        WHERE length(t.word) <= 5 AND length(k.word) BETWEEN length(t.word) - 1 AND length(t.word) + 1
        AND levenshtein_less_equal(k.word, t.word, 2) <= 2
) w
WHERE NOT EXISTS (
    SELECT FROM catalog_word k WHERE k.word >= t.word AND k.word < t.word || chr(1114111)
        AND (length(t.word) >= 3 OR k.word = t.word)
)
"""
# Of each group of alternatives: whether it asks for anything (stop words don't), and whether anything on show has it. Counted
# words are looked up first, as they would be half of a large shop; what is left are stems, codes and synonyms. All matches are
# counted: PostgreSQL takes it for granted that one is found soon, and would read every product for a word that nothing has.
_HAD = f"""
SELECT numnode(a.asked) > 0, EXISTS (
    SELECT FROM catalog_word k
    WHERE k.word >= t.word AND k.word < t.word || chr(1114111) AND (length(t.word) >= 3 OR k.word = t.word)
) OR 0 < (
    SELECT count(*) FROM catalog_productwords w JOIN catalog_product p ON p.id = w.product_id
    WHERE w.lexemes @@ a.asked AND {VISIBLE}
)
FROM ROWS FROM (unnest(%(words)s::text[]), jsonb_array_elements(%(groups)s::jsonb)) WITH ORDINALITY t(word, one, nth)
CROSS JOIN LATERAL (SELECT catalog_asked(%(language)s, jsonb_build_array(t.one), '') AS asked OFFSET 0) a
ORDER BY t.nth
"""
_NAME_PREFIX = """
WITH found AS (
    SELECT product_id FROM catalog_productwords
    WHERE name COLLATE "C" >= %(text)s AND name COLLATE "C" < %(text)s || chr(1114111) ORDER BY product_id
)
SELECT array_agg(product_id), array_agg(3::bigint) FROM found
"""
_COMPLETIONS = """
SELECT word FROM catalog_word WHERE word >= %(word)s AND word < %(word)s || chr(1114111)
ORDER BY products DESC, word LIMIT %(most)s
"""


class MatchSlots:
    """What was found, in one edition of the columns: where it stands, and what each match is worth."""

    def __init__(self, ids: Ints, steps: Ints, columns: Columns) -> None:
        self._of = columns.version, columns.ids
        self.slots, there = columns.slots_of(ids)
        self.steps = steps[there]
        self.met = Bitset.from_slots(self.slots, len(columns.ids))
        self._rankings: dict[str, Ranking] = {}

    def is_current_for(self, columns: Columns) -> bool:
        edition, ids = self._of
        return edition == columns.version and ids is columns.ids

    def ranking(self, columns: Columns, q: str) -> Ranking:
        """By relevance: what a match is worth, what staff have boosted, and, within a step, how much has been sold of it; in
        thousandths of a step."""
        query = " ".join(tokens(q)[:MAX_WORDS])
        if (ranking := self._rankings.get(query)) is None:
            scores = _scores(columns, self.slots, self.steps, query)
            ranking = self._rankings[query] = Ranking(scores, self.slots, descending=True)
        return ranking


@dataclass(frozen=True)
class Matches:
    """Products by id, rising, and what each match is worth.

    meant: the words that were searched for instead, with typos corrected. ignored: words that were left out, because nothing on
    show has them while something has the others.
    """

    ids: Ints
    steps: Ints
    corrected_query: str = ""
    ignored: tuple[str, ...] = ()
    _placed: "MatchSlots | None" = field(default=None, init=False, repr=False, compare=False)

    @property
    def nbytes(self) -> int:
        """With what will be made of it: places, worth and scores, and these in order."""
        return self.ids.nbytes * 7

    def slots_in(self, columns: Columns) -> MatchSlots:
        """Looked up once for an edition."""
        placed = self._placed
        if placed is None or not placed.is_current_for(columns):
            placed = MatchSlots(self.ids, self.steps, columns)
            object.__setattr__(self, "_placed", placed)
        return placed


class Completions(tuple[str, ...]):
    """Words, the most common first."""

    __slots__ = ()

    @property
    def nbytes(self) -> int:
        return sum(map(len, self))


Held = TypeVar("Held", Matches, Completions)
NO_MATCHES = Matches(np.empty(0, np.int64), np.empty(0, np.int64))


def find(columns: Columns, q: str, *, is_typing: bool = False) -> Matches:
    """What these words find: one statement, or none if it was asked lately; up to five where nothing on show has them all.

    Where nothing has them all, typos are corrected, and words that nothing has are ignored as long as something has the others.
    A letter or two that are no word find the names that begin so.

    is_typing: the last of several words may go on, however short it is.
    """
    asked = _search(q)
    if not asked:
        return NO_MATCHES
    goes_on = is_typing and len(asked) > 1 and len(asked[-1]) < MIN_PREFIX_LENGTH
    key = ("begun " if goes_on else "all ") + " ".join(asked)
    found = _cached(columns, key, lambda: _matches(asked, columns, goes_on=goes_on))
    if (columns.visible() & found.slots_in(columns).met).count:
        return found
    if len(asked) == 1 and len(asked[0]) < MIN_PREFIX_LENGTH:
        return name_prefix_matches(columns, asked)
    return _cached(columns, "meant " + " ".join(asked), lambda: _corrected(asked, found, columns))


def _search(q: str) -> list[str]:
    """The words of a question. Folding makes letters more (ⅲ is three): PostgreSQL counts mistakes in 255 at most, and nothing
    that is found by its words has one longer than 60."""
    return [word[:MAX_WORD_LENGTH] for word in tokens(q)[:MAX_WORDS]]


def _cached(columns: Columns, key: str, find: Callable[[], Held]) -> Held:
    found: Held | None = columns.search_cache.get(key)
    if found is None:
        if not columns.may_query:
            raise NotCached
        found = find()
        columns.search_cache.put(key, found)
    return found


def _corrected(asked: Sequence[str], found: Matches, columns: Columns) -> Matches:
    """What the likeliest words find in place of those that nothing on show has, else what the other words find alone."""
    likely = [next(iter(alike), "") for alike in _is_similar(asked, most=1)]
    if len(asked) == 1:
        return replace(_matches(likely, columns), corrected_query=likely[0]) if likely[0] else found
    terms = _terms(asked, columns.taxonomy.synonyms)
    unknown = {word for (words, _), had in zip(terms, _had(terms), strict=True) if not had for word in words}
    if not unknown:
        return found
    corrections = {
        word: other for word, other in zip(asked, likely, strict=True) if word in unknown and other and len(word) > SHORT
    }
    for corrected in (corrections, {}):
        words = [corrected.get(word, word) for word in asked if word not in unknown or word in corrected]
        if not words or words == list(asked):
            continue
        rest = _matches(words, columns)
        if (columns.visible() & rest.slots_in(columns).met).count:
            ignored = tuple(dict.fromkeys(word for word in asked if word in unknown and word not in corrected))
            return replace(rest, corrected_query=" ".join(words) if corrected else "", ignored=ignored)
        if not corrected:
            break
    return found


def _had(terms: Sequence[Term]) -> list[bool]:
    """Of each term, whether anything on show has it; a stop word asks for nothing and counts as had. One statement."""
    words = [term[0] if len(term) == 1 else None for term, _ in terms]
    groups = orjson.dumps([group for _, group in terms]).decode()
    with connection.cursor() as cursor:
        cursor.execute(_HAD, {"language": settings.SEARCH_LANGUAGE, "words": words, "groups": groups})
        return [is_had or not asks for asks, is_had in cursor.fetchall()]


def nearest(columns: Columns, q: str) -> Matches:
    """What has at least one of the words, or of words that are anything like them; the more of them, the better."""
    asked = _search(q)
    each = [find(columns, word) for word in asked]
    if not any(len(found.ids) for found in each):
        alike = _cached(columns, "alike " + " ".join(asked), lambda: _any_of(asked))
        each = [alike]
    ids, of_words = np.unique(np.concatenate([found.ids for found in each] or [NO_MATCHES.ids]), return_counts=True)
    return Matches(ids, of_words.astype(np.int64))


def _any_of(asked: Sequence[str]) -> Matches:
    words = [word for likely in _is_similar(asked, most=3) for word in likely]
    return _read(_MATCHES, groups=[[[(word, False)] for word in words]], text="") if words else NO_MATCHES


def name_prefix_matches(columns: Columns, asked: Sequence[str]) -> Matches:
    """What somebody may mean by a letter or two: names that begin so."""
    return _cached(columns, "names " + asked[0], lambda: _read(_NAME_PREFIX, text=asked[0]))


def completions(columns: Columns, word: str) -> Completions:
    """The most common words of what is on show that begin so: one statement, or none if it was asked lately."""
    return _cached(columns, "words " + word, lambda: _completions(word))


def _completions(word: str) -> Completions:
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETIONS, {"word": word, "most": MAX_COMPLETIONS})
        return Completions(found for (found,) in cursor.fetchall())


def _matches(asked: Sequence[str], columns: Columns, *, goes_on: bool = False) -> Matches:
    groups = _groups(asked, columns.taxonomy.synonyms)
    if goes_on:
        groups[-1] = [[(asked[-1], True)], *groups[-1]]
    return _read(_MATCHES, groups=groups, text=" ".join(asked))


def _read(statement: str, **values: Any) -> Matches:
    told = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in values.items()}
    ((ids, steps),) = binary_rows(statement, {"language": settings.SEARCH_LANGUAGE} | told)
    return Matches(to_ints(ids), to_ints(steps))


def _group(word: str) -> Group:
    return [[(word, len(word) >= MIN_PREFIX_LENGTH)]]


def _groups(asked: Sequence[str], synonyms: Iterable[Sequence[Sequence[str]]]) -> list[Group]:
    """A group for each word, or for the words that are one term of a synonym: then with its other terms."""
    return [group for _, group in _terms(asked, synonyms)]


def _terms(asked: Sequence[str], synonyms: Iterable[Sequence[Sequence[str]]]) -> list[Term]:
    """The same, each group with the words of the question that it is for."""
    terms = {tuple(term): same for same in synonyms for term in same}
    longest = max((len(term) for term in terms), default=0)
    groups: list[Term] = []
    at = 0
    while at < len(asked):
        for size in range(min(longest, len(asked) - at), 0, -1):
            if same := terms.get(tuple(asked[at : at + size])):
                groups.append((asked[at : at + size], [[(word, False) for word in term] for term in same]))
                break
        else:
            size = 1
            groups.append((asked[at : at + 1], _group(asked[at])))
        at += size
    return groups


def _is_similar(asked: Sequence[str], most: int) -> list[list[str]]:
    """For each word that is unknown, the likeliest known ones; one statement. A word that is known has none."""
    with connection.cursor() as cursor:
        cursor.execute(_CORRECTIONS, {"words": list(asked)})
        candidates = cursor.fetchall()
    found: list[list[str]] = []
    for nth, word in enumerate(asked, start=1):
        mine = []
        for at, other, products, far, alike in candidates:
            if at != nth:
                continue
            # Two letters that changed their places are one mistake.
            mistakes = 1 if _is_swapped(word, other) else far
            if most > 1 or mistakes <= _forgiven(word, other):
                mine.append((mistakes, -alike, -products, other))
        found.append([other for _, _, _, other in sorted(mine)[:most]])
    return found


def _forgiven(word: str, other: str) -> int:
    """How many mistakes are taken for a typo: none in a word of two letters, one up to five, two in a longer one.

    Two only behind the same first letter: with another it is another word (returns is no misspelling of turns).
    """
    if len(word) < MIN_PREFIX_LENGTH:
        return 0
    return 2 if len(word) > 5 and word[0] == other[0] else 1


def _is_swapped(one: str, other: str) -> bool:
    different = [at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    if len(one) != len(other) or len(different) != 2:
        return False
    at, next_to = different
    return next_to == at + 1 and one[at] == other[next_to] and one[next_to] == other[at]


def _scores(columns: Columns, slots: Ints, steps: Ints, asked: str) -> Ints:
    made = steps * 1000 + columns.popularity[slots]
    for query in {"", asked}:
        for product, weight in columns.taxonomy.boosts.get(query, ()):
            made[np.isin(slots, columns.slots_of(np.array([product]))[0])] += round(weight * 1000)
    return made
