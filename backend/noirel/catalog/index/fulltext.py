"""Full-text search: from a typed query to matching products, with synonyms and spelling corrections."""

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
MAX_WORD_LENGTH = 61  # characters; indexed words have 60 at most, so longer ones match nothing anyway
# Shorter words are not used as prefixes, because they would match half of the catalogue.
MIN_PREFIX_LENGTH = 3
MAX_COMPLETIONS = 4
# In a query of several words, words up to this length are not corrected: nearly all short words are one edit apart.
MAX_UNCORRECTED_LENGTH = 3
# Relevance steps of a match, the best first. Staff see them as `why` in the search preview.
NAME, NAME_BEGINS, IN_NAME, BESIDE, ANYWHERE = 4, 3, 2, 1, 0

# A group of alternatives, each a list of words that must all match: see catalog_asked in fulltext_sql.py.
Alternative = list[tuple[str, bool]]
Group = list[Alternative]
# Words of a query that belong together, and the group for them.
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
# Candidates for spelling corrections: words with similar trigrams and, for short words, which have few trigrams, words of about
# the same length within an edit distance of 2.
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
# For each group of alternatives: whether it searches for anything (stop words don't), and whether any visible product matches.
# The vocabulary is checked first, because a common word matches half of a large catalogue; stems, codes and synonyms remain.
# count(*) instead of EXISTS keeps the planner from scanning all products in the hope of an early match.
_TERM_MATCHES = f"""
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
    """Matches in one snapshot of the columns: their slots and relevance steps."""

    def __init__(self, ids: Ints, steps: Ints, columns: Columns) -> None:
        self._snapshot = columns.version, columns.ids
        self.slots, exists = columns.slots_of(ids)
        self.steps = steps[exists]
        self.products = Bitset.from_slots(self.slots, len(columns.ids))
        self._rankings: dict[str, Ranking] = {}

    def is_current_for(self, columns: Columns) -> bool:
        version, ids = self._snapshot
        return version == columns.version and ids is columns.ids

    def ranking(self, columns: Columns, q: str) -> Ranking:
        """The ranking by relevance: the step of the match, boosts by staff and, within a step, popularity.

        The key is in thousandths of a step.
        """
        query = " ".join(tokens(q)[:MAX_WORDS])
        if (ranking := self._rankings.get(query)) is None:
            scores = _scores(columns, self.slots, self.steps, query)
            ranking = self._rankings[query] = Ranking(scores, self.slots, descending=True)
        return ranking


@dataclass(frozen=True)
class Matches:
    """The result of a search: product ids, ascending, and their relevance steps.

    corrected_query: what was searched for instead, after spelling corrections.
    ignored: words left out, because no visible product has them while some have the others.
    """

    ids: Ints
    steps: Ints
    corrected_query: str = ""
    ignored: tuple[str, ...] = ()
    _match_slots: "MatchSlots | None" = field(default=None, init=False, repr=False, compare=False)

    @property
    def nbytes(self) -> int:
        """The size including what `slots_in` computes: slots, steps, scores and their sorted copies."""
        return self.ids.nbytes * 7

    def slots_in(self, columns: Columns) -> MatchSlots:
        """These matches in a snapshot of the columns, computed once per snapshot."""
        match_slots = self._match_slots
        if match_slots is None or not match_slots.is_current_for(columns):
            match_slots = MatchSlots(self.ids, self.steps, columns)
            object.__setattr__(self, "_placed", match_slots)
        return match_slots


class Completions(tuple[str, ...]):
    """Completions of a word, the most common first."""

    __slots__ = ()

    @property
    def nbytes(self) -> int:
        return sum(map(len, self))


Cacheable = TypeVar("Cacheable", Matches, Completions)
NO_MATCHES = Matches(np.empty(0, np.int64), np.empty(0, np.int64))


def find(columns: Columns, q: str, *, is_typing: bool = False) -> Matches:
    """Search for a query: one statement, none if it is cached, up to five if no visible product has all the words.

    If no product has all the words, spelling is corrected, and words that no product has are ignored as long as some products
    have the others. One or two letters that are not a word match names that begin with them.

    is_typing: treat the last of several words as a prefix, however short it is.
    """
    words = _search(q)
    if not words:
        return NO_MATCHES
    is_prefix = is_typing and len(words) > 1 and len(words[-1]) < MIN_PREFIX_LENGTH
    key = ("prefix " if is_prefix else "all ") + " ".join(words)
    matches = _cached(columns, key, lambda: _matches(words, columns, is_prefix=is_prefix))
    if (columns.visible() & matches.slots_in(columns).products).count:
        return matches
    if len(words) == 1 and len(words[0]) < MIN_PREFIX_LENGTH:
        return name_prefix_matches(columns, words)
    return _cached(columns, "corrected " + " ".join(words), lambda: _corrected(words, matches, columns))


def _search(q: str) -> list[str]:
    """The words of a query, truncated to MAX_WORD_LENGTH.

    Folding can lengthen a word (ⅲ becomes three letters), and levenshtein() accepts 255 characters at most.
    """
    return [word[:MAX_WORD_LENGTH] for word in tokens(q)[:MAX_WORDS]]


def _cached(columns: Columns, key: str, find: Callable[[], Cacheable]) -> Cacheable:
    result: Cacheable | None = columns.search_cache.get(key)
    if result is None:
        if not columns.may_query:
            raise NotCached
        result = find()
        columns.search_cache.put(key, result)
    return result


def _corrected(words: Sequence[str], matches: Matches, columns: Columns) -> Matches:
    """The matches with unknown words replaced by their likeliest corrections, else those of the other words alone."""
    likely = [next(iter(similar), "") for similar in _similar_words(words, limit=1)]
    if len(words) == 1:
        return replace(_matches(likely, columns), corrected_query=likely[0]) if likely[0] else matches
    terms = _terms(words, columns.taxonomy.synonyms)
    unknown = {
        word
        for (term_words, _), is_known in zip(terms, _have_matches(terms), strict=True)
        if not is_known
        for word in term_words
    }
    if not unknown:
        return matches
    corrections = {
        word: correction
        for word, correction in zip(words, likely, strict=True)
        if word in unknown and correction and len(word) > MAX_UNCORRECTED_LENGTH
    }
    for corrected in (corrections, {}):
        attempt = [corrected.get(word, word) for word in words if word not in unknown or word in corrected]
        if not attempt or attempt == list(words):
            continue
        attempt_matches = _matches(attempt, columns)
        if (columns.visible() & attempt_matches.slots_in(columns).products).count:
            ignored = tuple(dict.fromkeys(word for word in words if word in unknown and word not in corrected))
            return replace(attempt_matches, corrected_query=" ".join(attempt) if corrected else "", ignored=ignored)
        if not corrected:
            break
    return matches


def _have_matches(terms: Sequence[Term]) -> list[bool]:
    """For each term, whether any visible product matches it. Stop words count as matching. One statement."""
    words = [term[0] if len(term) == 1 else None for term, _ in terms]
    groups = orjson.dumps([group for _, group in terms]).decode()
    with connection.cursor() as cursor:
        cursor.execute(_TERM_MATCHES, {"language": settings.SEARCH_LANGUAGE, "words": words, "groups": groups})
        return [has_match or not is_searched for is_searched, has_match in cursor.fetchall()]


def nearest(columns: Columns, q: str) -> Matches:
    """Products with at least one of the words, or of similar words. More words give a higher step."""
    words = _search(q)
    by_word = [find(columns, word) for word in words]
    if not any(len(matches.ids) for matches in by_word):
        similar = _cached(columns, "similar " + " ".join(words), lambda: _any_of(words))
        by_word = [similar]
    ids, word_counts = np.unique(np.concatenate([matches.ids for matches in by_word] or [NO_MATCHES.ids]), return_counts=True)
    return Matches(ids, word_counts.astype(np.int64))


def _any_of(words: Sequence[str]) -> Matches:
    similar = [word for likely in _similar_words(words, limit=3) for word in likely]
    return _read(_MATCHES, groups=[[[(word, False)] for word in similar]], text="") if similar else NO_MATCHES


def name_prefix_matches(columns: Columns, words: Sequence[str]) -> Matches:
    """Products whose name begins with one or two letters."""
    return _cached(columns, "names " + words[0], lambda: _read(_NAME_PREFIX, text=words[0]))


def completions(columns: Columns, word: str) -> Completions:
    """The most common words of visible products that begin with `word`: one statement, or none if it is cached."""
    return _cached(columns, "words " + word, lambda: _completions(word))


def _completions(word: str) -> Completions:
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETIONS, {"word": word, "most": MAX_COMPLETIONS})
        return Completions(completion for (completion,) in cursor.fetchall())


def _matches(words: Sequence[str], columns: Columns, *, is_prefix: bool = False) -> Matches:
    groups = _groups(words, columns.taxonomy.synonyms)
    if is_prefix:
        groups[-1] = [[(words[-1], True)], *groups[-1]]
    return _read(_MATCHES, groups=groups, text=" ".join(words))


def _read(statement: str, **values: Any) -> Matches:
    parameters = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in values.items()}
    ((ids, steps),) = binary_rows(statement, {"language": settings.SEARCH_LANGUAGE} | parameters)
    return Matches(to_ints(ids), to_ints(steps))


def _group(word: str) -> Group:
    return [[(word, len(word) >= MIN_PREFIX_LENGTH)]]


def _groups(words: Sequence[str], synonyms: Iterable[Sequence[Sequence[str]]]) -> list[Group]:
    """A group for each word. Words that form a term of a synonym share a group, which includes the other terms."""
    return [group for _, group in _terms(words, synonyms)]


def _terms(words: Sequence[str], synonyms: Iterable[Sequence[Sequence[str]]]) -> list[Term]:
    """Like `_groups`, each group with the words of the query that it stands for."""
    terms = {tuple(term): equivalent for equivalent in synonyms for term in equivalent}
    longest = max((len(term) for term in terms), default=0)
    groups: list[Term] = []
    position = 0
    while position < len(words):
        for size in range(min(longest, len(words) - position), 0, -1):
            if equivalent := terms.get(tuple(words[position : position + size])):
                groups.append((words[position : position + size], [[(word, False) for word in term] for term in equivalent]))
                break
        else:
            size = 1
            groups.append((words[position : position + 1], _group(words[position])))
        position += size
    return groups


def _similar_words(words: Sequence[str], limit: int) -> list[list[str]]:
    """For each unknown word, the likeliest words of the vocabulary. Known words have none. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CORRECTIONS, {"words": list(words)})
        candidates = cursor.fetchall()
    result: list[list[str]] = []
    for nth, word in enumerate(words, start=1):
        ranked = []
        for position, other, products, distance, similarity in candidates:
            if position != nth:
                continue
            # Two swapped neighbours count as one mistake.
            mistakes = 1 if _is_swapped(word, other) else distance
            if limit > 1 or mistakes <= _max_mistakes(word, other):
                ranked.append((mistakes, -similarity, -products, other))
        result.append([other for _, _, _, other in sorted(ranked)[:limit]])
    return result


def _max_mistakes(word: str, other: str) -> int:
    """The number of mistakes accepted as a typo: none in words of two letters, one in words up to five, two in longer ones.

    Two are accepted only if the first letters agree; otherwise it is another word (returns is not a misspelling of turns).
    """
    if len(word) < MIN_PREFIX_LENGTH:
        return 0
    return 2 if len(word) > 5 and word[0] == other[0] else 1


def _is_swapped(first: str, second: str) -> bool:
    different = [position for position, (a, b) in enumerate(zip(first, second, strict=False)) if a != b]
    if len(first) != len(second) or len(different) != 2:
        return False
    position, following = different
    return following == position + 1 and first[position] == second[following] and first[following] == second[position]


def _scores(columns: Columns, slots: Ints, steps: Ints, searched: str) -> Ints:
    scores = steps * 1000 + columns.popularity[slots]
    for query in {"", searched}:
        for product, weight in columns.taxonomy.boosts.get(query, ()):
            scores[np.isin(slots, columns.slots_of(np.array([product]))[0])] += round(weight * 1000)
    return scores
