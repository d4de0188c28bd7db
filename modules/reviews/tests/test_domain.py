"""The rules, without a database."""

from __future__ import annotations

from decimal import Decimal

import pytest

from feria_reviews.domain import (
    Rules,
    Status,
    Submission,
    bayesian_mean,
    decide,
    folded,
    mean,
    public_name,
    without_person,
)

OPEN = Rules("all", hold_links=False, hold_first=False, words=frozenset())
PLAIN = Submission(("Title", "A text.", "Ana B."), is_verified=False, is_first=True, was_refused=False)


def change(submission: Submission = PLAIN, **values: object) -> Submission:
    return Submission(**{**vars(submission), **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rules", "submission", "held_by"),
    [
        (OPEN, PLAIN, None),
        (OPEN, change(was_refused=True), "refused_before"),
        (Rules("verified", False, False, ()), PLAIN, "unverified"),
        (Rules("verified", False, False, ()), change(is_verified=True), None),
        (Rules("none", False, False, ()), change(is_verified=True), "all"),
        (Rules("all", False, True, ()), PLAIN, "first_review"),
        (Rules("all", False, True, ()), change(is_first=False), None),
        (Rules("all", True, False, ()), change(texts=("", "see HTTPS://x", "")), "link"),
        (Rules("all", True, False, ()), change(texts=("cheap-baskets.com", "", "")), "link"),
        (Rules("all", True, False, ()), change(texts=("", "", "www.me")), "link"),
        (Rules("all", True, False, ()), change(texts=("", "It is fine.It holds. 3.5 stars", "")), None),
        (Rules("all", False, False, {"stupid"}), change(texts=("STÚPID!", "", "")), "word"),
        (Rules("all", False, False, {"ass"}), change(texts=("", "a glass of wine, an asset", "")), None),
        (Rules("all", False, False, {"two words"}), change(texts=("", "these two\n words", "")), "word"),
    ],
)  # fmt: skip
def test_the_first_rule_that_fits_holds(rules: Rules, submission: Submission, held_by: str | None) -> None:
    decision = decide(submission, rules)
    assert (decision.status, decision.held_by) == (Status.PENDING if held_by else Status.APPROVED, held_by)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Ana Brenes", "Ana B."), ("Ana", "Ana"), ("", ""), ("  ", ""), ("Ana María de la O", "Ana O."), ("\x01 \x02", ""),
     ("ana brenes", "ana B."), ("x" * 90 + " Y", "x" * 60)],
)  # fmt: skip
def test_a_person_is_shown_by_first_name_and_initial(name: str, shown: str) -> None:
    assert public_name(name) == shown


def test_means_are_exact_to_the_hundredth() -> None:
    assert mean(0, 0) is None
    assert mean(14, 3) == Decimal("4.67")
    assert mean(9, 2) == Decimal("4.50")
    assert bayesian_mean(0, 0, prior=Decimal("3.5"), weight=10) is None
    assert bayesian_mean(5, 1, prior=Decimal("3.5"), weight=10) == Decimal("3.64")
    assert bayesian_mean(480, 100, prior=Decimal("3.5"), weight=10) == Decimal("4.68")
    assert bayesian_mean(5, 1, prior=Decimal("3.5"), weight=0) == Decimal("5.00")


def test_a_person_is_taken_out_of_texts() -> None:
    text = "Zenobia Quill here: mail ZQ@example.org or zenobia QUILL. Quill pens, Zenobias and a zenobia stay."
    assert without_person(text, name="Zenobia Quill", addresses=["zq@example.org"]) == (
        "*** here: mail *** or ***. *** pens, Zenobias and a zenobia stay."
    )
    assert without_person("A rose", name="Al", addresses=[""]) == "A rose"
    assert without_person("nothing", name="", addresses=[]) == "nothing"


def test_words_are_compared_without_case_accents_and_blanks() -> None:
    assert folded("  ÁRBOL\tverde ") == "arbol verde"
