"""The development mailbox, driven by a real SMTP client, and the process that runs it."""

import asyncio
import json
import os
import signal
import sys
import time
from email.message import EmailMessage

import aiohttp
import aiosmtplib
import pytest

from feria_core.testing.mailbox import Mailbox, clear_mails, read_mails


@pytest.fixture
async def mailbox(tmp_path):
    async with Mailbox(tmp_path / "mail") as mailbox:
        yield mailbox


def letter(subject: str = "Hello", *, message_id: str = "<1@shop.example>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "shop@shop.example"
    message["To"] = "Ana <ana@example.com>"
    message["Subject"] = subject
    message["Message-ID"] = message_id
    message.set_content("Plain text ñ\n")
    message.add_alternative("<p>Marked up €</p>", subtype="html")
    return message


async def send(mailbox, message: EmailMessage, **options) -> None:
    await aiosmtplib.send(message, hostname=mailbox.host, port=mailbox.port, timeout=5, **options)


async def test_a_mail_is_kept_decoded(mailbox):
    await send(mailbox, letter("Confirmación de tu pedido €"))
    (mail,) = mailbox.mails()
    assert (mail["to"], mail["subject"]) == ("ana@example.com", "Confirmación de tu pedido €")
    assert (mail["text"], mail["html"]) == ("Plain text ñ\n", "<p>Marked up €</p>\n")
    assert mail["message_id"] == "<1@shop.example>"
    assert mail["headers"]["From"] == "shop@shop.example"
    assert mail["sent_at"].endswith("Z")


async def test_all_recipients_are_named_also_the_hidden_ones(mailbox):
    await send(mailbox, letter(), recipients=["ana@example.com", "hidden@example.com"])
    assert mailbox.mails()[0]["to"] == "ana@example.com, hidden@example.com"


async def test_the_newest_mail_comes_first_and_doubles_stay_visible(mailbox):
    for subject in ("one", "two", "two"):
        await send(mailbox, letter(subject, message_id=f"<{subject}@shop.example>"))
    assert [mail["subject"] for mail in mailbox.mails()] == ["two", "two", "one"]
    assert len(read_mails(mailbox.folder, limit=1)) == 1
    clear_mails(mailbox.folder)
    assert mailbox.mails() == []


async def test_clearing_forgets_mails_and_failures(mailbox):
    await send(mailbox, letter())
    mailbox.fail_next(550)
    mailbox.clear()
    await send(mailbox, letter("after"))
    assert [mail["subject"] for mail in mailbox.mails()] == ["after"]


async def test_no_folder_means_no_mails(tmp_path):
    assert read_mails(tmp_path / "missing") == []


async def test_attachments_are_left_out_and_headers_are_decoded(mailbox):
    message = letter()
    message["Reply-To"] = "Peña <p@example.com>"
    message.add_attachment("not the text", filename="a.txt")
    await send(mailbox, message)
    (mail,) = mailbox.mails()
    assert mail["text"] == "Plain text ñ\n"
    assert mail["headers"]["Reply-To"] == "Peña <p@example.com>"


async def test_a_mail_without_headers_and_with_odd_bytes_is_kept(mailbox):
    raw = b"Content-Type: text/plain; charset=nobody-knows\r\nX-Odd: \xff\r\n\r\n\xe9\xff body\r\n"
    async with aiosmtplib.SMTP(hostname=mailbox.host, port=mailbox.port) as client:
        await client.sendmail("a@example.com", ["b@example.com"], raw)
    (mail,) = mailbox.mails()
    assert (mail["subject"], mail["message_id"]) == ("", "")
    assert "body" in mail["text"]


@pytest.mark.parametrize("code", [451, 550])
async def test_a_forced_failure_refuses_so_many_mails(mailbox, code):
    mailbox.fail_next(code, 2)
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await send(mailbox, letter())
        assert refused.value.code == code
    await send(mailbox, letter())
    assert len(mailbox.mails()) == 1


async def test_a_recipient_can_be_refused(mailbox):
    mailbox.fail_next(550, step="rcpt")
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(mailbox, letter())


async def test_a_failure_is_no_success_code(mailbox):
    with pytest.raises(ValueError, match="250"):
        mailbox.fail_next(250)


async def test_a_dropped_connection_leaves_the_mail_stored(mailbox):
    mailbox.drop_next()
    with pytest.raises(aiosmtplib.SMTPException):
        await send(mailbox, letter())
    await send(mailbox, letter())
    assert [mail["message_id"] for mail in mailbox.mails()] == ["<1@shop.example>"] * 2


async def test_a_stalled_mailbox_runs_into_the_senders_timeout(mailbox):
    mailbox.stall(5)
    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await aiosmtplib.send(letter(), hostname=mailbox.host, port=mailbox.port, timeout=0.2)


async def test_a_thousand_mails_come_in_fast(mailbox):
    content = letter().as_bytes()

    async def deliver(count: int) -> None:
        async with aiosmtplib.SMTP(hostname=mailbox.host, port=mailbox.port) as client:
            for _ in range(count):
                await client.sendmail("shop@shop.example", ["ana@example.com"], content)

    begun = time.perf_counter()
    await asyncio.gather(*(deliver(250) for _ in range(4)))
    rate = 1000 / (time.perf_counter() - begun)
    assert len(mailbox.mails()) == 1000
    # Some 370 a second where client and server share a slow core; the bound leaves room for a busy one.
    assert rate > 100, f"{rate:.0f} mails/s"


async def test_the_development_services_start_say_where_and_stop(tmp_path):
    ready_file, mails, state = tmp_path / "ready.json", tmp_path / "mail", tmp_path / "state.json"
    arguments = [
        "--mail-dir",
        mails,
        "--ready-file",
        ready_file,
        "--state",
        state,
        "--webhook-url",
        "http://127.0.0.1:9/",
    ]
    secrets = {"FERIA_GATEWAY_SECRET_KEY": "sk_test_1", "FERIA_GATEWAY_WEBHOOK_SECRET": "whsec_1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "feria_core.testing.devservices", *map(str, arguments), env=os.environ | secrets
    )
    try:
        async with asyncio.timeout(20):
            while not ready_file.exists():  # another process writes it
                await asyncio.sleep(0.05)
        ready = json.loads(ready_file.read_text())
        await aiosmtplib.send(letter(), hostname=ready["smtp_host"], port=ready["smtp_port"])
        async with aiohttp.ClientSession(ready["gateway_url"]) as session:
            async with session.get("/_fake/ledger") as response:
                assert response.status == 200
            async with session.post("/_fake/mailbox", json={"fail": 451}) as response:
                assert response.status == 200
        with pytest.raises(aiosmtplib.SMTPDataError):
            await aiosmtplib.send(letter(), hostname=ready["smtp_host"], port=ready["smtp_port"])
    finally:
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 10)
    assert code == 0
    assert len(read_mails(mails)) == 1
    assert state.exists()
    assert not ready_file.exists()


async def test_the_development_services_refuse_to_start_without_secrets(tmp_path):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "feria_core.testing.devservices",
        *("--mail-dir", str(tmp_path), "--ready-file", str(tmp_path / "ready")),
        env={name: value for name, value in os.environ.items() if not name.startswith("FERIA_GATEWAY")},
        stderr=asyncio.subprocess.PIPE,
    )
    _, message = await process.communicate()
    assert process.returncode == 2
    assert b"FERIA_GATEWAY_SECRET_KEY" in message
