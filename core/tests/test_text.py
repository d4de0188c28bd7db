import pytest

from feria_core.text import MAX_WORD, MAX_WORDS, fold, query_words, slug_of, stem, term, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Café Ñandú", "cafe nandu"), ("STRASSE straße", "strasse strasse"), ("ﬁne", "fine"), ("", "")],
)
def test_accents_and_case_are_folded(text, folded):
    assert fold(text) == folded


def test_words_are_cut_at_everything_that_is_no_letter_or_digit():
    assert words("Oak-table, 2nd_hand!") == ["oak", "table", "2nd", "hand"]


def test_the_words_of_a_search_are_bounded_and_each_stands_once():
    assert query_words("a a A") == ["a"]
    assert len(query_words(" ".join(f"w{n}" for n in range(100)))) == MAX_WORDS
    assert len(query_words("x" * 1000)[0]) == MAX_WORD


@pytest.mark.parametrize(
    ("word", "locale", "stemmed"),
    [("tables", "en", "tabl"), ("tables", "en-US", "tabl"), ("mesas", "es", "mes"), ("tables", "fr", "tables")],
)
def test_words_are_stemmed_in_their_language(word, locale, stemmed):
    assert stem(word, locale) == stemmed


def test_a_term_of_another_language_is_marked_but_a_number_is_the_same_in_all():
    assert term("mesas", "es", is_first=False) == "es:mes"
    assert term("tables", "en", is_first=True) == "tabl"
    assert term("2026", "es", is_first=False) == "2026"


def test_every_text_has_a_slug():
    assert slug_of("Oak table, 2nd edition") == "oak-table-2nd-edition"
    assert len(slug_of("\U0001f600")) == 10
