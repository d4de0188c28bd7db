from feria_core.ids import new_id


def test_ids_made_one_after_the_other_sort_in_that_order_within_a_millisecond_too() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {found.version for found in ids} == {7}
    assert {found.variant for found in ids} == {"specified in RFC 4122"}
