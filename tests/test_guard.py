import pytest

from ui.guard import refusal


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "127.0.0.1:7860", "[::1]:7860", "LOCALHOST:7860"])
def test_this_machine_is_served(host: str) -> None:
    assert refusal("GET", host, None, local=True) == ""


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:7860", "10.0.0.1", "", "localhost.evil"])
def test_other_names_for_a_local_server_are_refused(host: str) -> None:
    assert refusal("GET", host, None, local=True).startswith(repr(host))
    assert refusal("GET", host, None, local=False) == ""


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://wiki.corp.evil.com", "http://wiki.corp:81", ""]
)
def test_writes_from_other_origins_are_refused(origin: str) -> None:
    assert refusal("POST", "wiki.corp", origin, local=False) == f"requests from {origin!r} are not accepted\n"
    assert refusal("GET", "wiki.corp", origin, local=False) == ""


@pytest.mark.parametrize("origin", [None, "http://wiki.corp", "https://wiki.corp"])
def test_writes_from_the_page_and_from_programs_are_served(origin: str | None) -> None:
    assert refusal("POST", "wiki.corp", origin, local=False) == ""
