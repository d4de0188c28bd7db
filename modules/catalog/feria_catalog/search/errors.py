"""What the search refuses, and why."""

from __future__ import annotations

from feria_core.errors import Conflict


class SynonymTaken(Conflict):
    """The term has synonyms already."""

    code, title = "synonym_taken", "The term has synonyms already"

    def __init__(self, term: str) -> None:
        super().__init__(f"'{term}' has synonyms already: edit those.")


class TooManySynonyms(Conflict):
    """There are as many synonyms as every process can keep."""

    code, title = "too_many_synonyms", "There are too many synonyms"

    def __init__(self, most: int) -> None:
        super().__init__(f"There are {most} synonyms already, which is the most: delete some that nobody needs.")
