"""Whatever a client sends, the answer is a 4xx with a code or a cart, never a 500."""

from __future__ import annotations

from urllib.parse import quote

import orjson
import pytest

NAUGHTY = {
    "empty": "",
    "blank": " \t ",
    "nul": "a\x00b",
    "quotes": "'; DROP TABLE cart_cart; --",
    "rtl": "\u202etxet",
    "zalgo": "Z\u0351\u036b\u0343\u036a",
    "emoji": "👩‍👩‍👧‍👦" * 5,
    "astral": "\U0001d518\U0001d52b",
    "bom": "\ufeff",
    "noncharacter": "\uffff",
    "percent": "%00%s%n",
    "format": "{0}{self}",
    "long": "x" * 100_000,
    "path": "../../etc/passwd",
    "braces": "{01936f2e-7c1a-7000-8000-0123456789ab}",
    "urn": "urn:uuid:01936f2e-7c1a-7000-8000-0123456789ab",
    "arabic digits": "\u0660\u0661\u0669\u0663\u0666f2e-7c1a-7000-8000-0123456789ab",
    "header": "a\r\nSet-Cookie: x=1",
}
TEXTS = pytest.mark.parametrize("text", NAUGHTY.values(), ids=NAUGHTY.keys())


def is_refusal(reply) -> bool:
    return 400 <= reply.status < 500 and bool(reply.code)


@TEXTS
async def test_any_text_in_a_body(guest, discounts, text):
    assert is_refusal(await guest.post("/api/cart/items", {"variant_id": text, "quantity": 1}))
    assert is_refusal(await guest.post("/api/cart/codes", {"code": text}))
    assert is_refusal(await guest.post("/api/cart/codes", {text or "code ": "WELCOME10"}))


@TEXTS
async def test_any_text_in_a_path(with_token, catalog, discounts, text):
    guest = await with_token()
    await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    segment = quote(text[:2000], safe="")
    if not segment:
        return
    assert is_refusal(await guest.patch(f"/api/cart/items/{segment}", {"quantity": 1}))
    assert is_refusal(await guest.patch(f"/api/cart/items/{segment}", {"quantity": 0}))
    assert is_refusal(await guest.delete(f"/api/cart/items/{segment}"))
    assert is_refusal(await guest.delete(f"/api/cart/codes/{segment}"))


@pytest.mark.parametrize("path", ["%ff%fe", "%ed%a0%80", "%00", "%c0%af"])
async def test_bytes_in_a_path_that_are_no_text(guest, path):
    assert is_refusal(await guest.delete(f"/api/cart/codes/{path}"))
    assert is_refusal(await guest.delete(f"/api/cart/items/{path}"))


@pytest.mark.parametrize(
    "token", ["x", ".", "..", "A" * 43, "é" * 43, "\xff\xfe", "x" * 8000, "a.b", "'; --", "null", "\x01", "a, b"]
)
async def test_any_token_is_no_cart(guest, customer, catalog, token):
    headers = {"Cart-Token": token}
    reply = await guest.get("/api/cart", headers=headers)
    assert (reply.status, reply.json["items"]) == (200, [])
    assert reply.headers["cart-token"] != token
    assert (await guest.delete("/api/cart", headers=headers)).status == 200
    assert (await customer.post("/api/cart/merge", headers=headers)).json["items"] == []
    added = await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1}, headers=headers)
    assert added.status == 201
    assert (await guest.get("/api/cart", headers=headers)).json["items"] == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}", b'{"quantity": 1}', b'{"a": {"b": []}}'],
)
async def test_any_body(with_token, body):
    guest = await with_token()
    headers = {"Content-Type": "application/json"}
    for method, path in (("POST", "/api/cart/items"), ("PATCH", "/api/cart/items/x"), ("POST", "/api/cart/codes")):
        reply = await guest.call(method, path, data=body, headers=headers)
        assert is_refusal(reply) or (method == "PATCH" and reply.status == 404)


async def test_a_lone_surrogate_in_a_body_is_refused(guest):
    body = orjson.dumps({"quantity": 1})[:-1] + b',"variant_id":"\\ud800"}'
    assert is_refusal(await guest.post("/api/cart/items", data=body, headers={"Content-Type": "application/json"}))
