"""The SQL of the search: which records may answer, and the parts of each one's score."""

from typing import Any

# The words of a query: stemmed, and as they stand (codes, models). With how many records hold each.
LEXEMES = """
WITH said AS (
  SELECT lexeme FROM unnest(to_tsvector('english', %(text)s))
  UNION SELECT lexeme FROM unnest(to_tsvector('simple', %(text)s))
)
SELECT said.lexeme, known.documents,
  EXISTS (SELECT FROM unnest(to_tsvector('english', %(text)s)) stem WHERE stem.lexeme = said.lexeme)
FROM said LEFT JOIN ticketing_knownerrorword known ON known.lexeme = left(said.lexeme, 200)
"""
# Words that nobody wrote are perhaps misspelt.
NEAREST = """
SELECT DISTINCT ON (said) said, lexeme, documents, similarity(lexeme, said)
FROM unnest(%(words)s::text[]) said JOIN ticketing_knownerrorword ON lexeme %% said
WHERE similarity(lexeme, said) >= 0.45 ORDER BY said, similarity(lexeme, said) DESC, documents DESC
"""
BY_WORDS = """
(SELECT article_id FROM ticketing_knownerrorindex
 WHERE words @@ %(rare)s::tsquery AND {scope} LIMIT %(most)s)"""
BY_MEANING = """
(SELECT article_id FROM ticketing_knownerrorindex WHERE vector IS NOT NULL AND {scope}
 ORDER BY vector <=> %(vector)s::vector LIMIT %(near)s)"""
SIGNED = "a.test_codes && %(codes)s::varchar[] OR a.closure_codes && %(closures)s::varchar[]"
BY_SIGNATURE = """
(SELECT i.article_id FROM ticketing_knownerrorindex i JOIN ticketing_knownerror a ON a.id = i.article_id
 WHERE ({signed}) AND {scope} LIMIT %(most)s)"""
COSINE = "1 - (vector <=> %(vector)s::vector)"
COSINE_OF_ARRAYS = "(SELECT sum(mine * asked) FROM unnest(vector, %(vector)s::real[]) pair(mine, asked))"
# One word of the query in one record: by its best field, and a little by how often.
WORD = "%(gain{n})s * least(1, ts_rank('{{0.25,0.4,0.7,1}}', words, %(word{n})s::tsquery) * 1.65)"
# Titles are compared last and only of the likeliest: a trigram similarity costs as much as twenty of the other parts.
PARTS = """
WITH near AS MATERIALIZED (
  SELECT article_id, {words} AS words, {meaning} AS meaning, {signed} AS signed FROM ticketing_knownerrorindex
  {join} WHERE article_id IN ({arms})
  ORDER BY {signed} + {weights.words} * ({words}) + {weights.meaning} * coalesce({meaning}, 0) DESC LIMIT %(close)s
)
SELECT article_id, words, {title} AS title, meaning FROM near JOIN ticketing_knownerror a ON a.id = article_id
ORDER BY signed + {weights.words} * words + {weights.title} * ({title}) + {weights.meaning} * coalesce(meaning, 0)
  DESC NULLS LAST LIMIT %(keep)s
"""


def scope_sql(*, organisation_id: int | None, everything: bool) -> str:
    """Who may be found: approved records of a provider and of the exchange; or every record of their own too."""
    if everything:
        mine = "(organisation_id = %(organisation)s OR organisation_id IS NULL AND state = 'approved')"
        return mine if organisation_id else "TRUE"
    return (
        "(organisation_id IS NULL OR organisation_id = %(organisation)s)"
        " AND state = 'approved' AND visibility = ANY(%(visibilities)s)"
    )


def quoted(lexeme: str) -> str:
    """A lexeme as a tsquery: quotes and backslashes doubled."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def parts_sql(scope: str, asked: dict[str, Any], *, pgvector: bool, weights: Any, nearest: bool) -> str:
    """The one statement that finds candidates and weighs their parts. `asked` is what it will be run with."""
    arms, qualified = [], scope.replace("organisation_id", "i.organisation_id").replace("state", "i.state")
    if asked.get("rare"):
        arms.append(BY_WORDS.format(scope=scope))
    if asked.get("vector") is not None and pgvector and nearest:
        arms.append(BY_MEANING.format(scope=scope))
    if asked.get("codes") or asked.get("closures"):
        arms.append(BY_SIGNATURE.format(signed=SIGNED, scope=qualified.replace("visibility", "i.visibility")))
    words = " + ".join(WORD.format(n=n) for n in range(asked["lexemes"])) or "0"
    title = "similarity(title, %(text)s)" if asked["text"] else "0"
    cosine = COSINE if pgvector else COSINE_OF_ARRAYS
    meaning = cosine if asked.get("vector") is not None else "NULL::real"
    by_sign = asked.get("codes") or asked.get("closures")
    return PARTS.format(
        words=words,
        title=title,
        meaning=meaning,
        signed=f"CASE WHEN {SIGNED} THEN 9 ELSE 0 END" if by_sign else "0",
        join="JOIN ticketing_knownerror a ON a.id = article_id" if by_sign else "",
        arms=" UNION ".join(arms),
        weights=weights,
    )
