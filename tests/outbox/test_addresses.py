"""Addresses that people and programs give: those of inner networks are refused before anything is resolved, however they are
written (X4)."""

import pytest

from outbox.addresses import LONGEST_ADDRESS, NotAllowed, parse

WHAT = "the https address of a program"
INNER = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "0", "0.0.0.0",
    "10.0.0.8", "10.8", "0xa.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "localhost", "LocalHost.", "till.localhost", "printer.local", "[::1]", "[::]",
    "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:a00:8]", "[::ffff:a9fe:a9fe]", "[fe80::1]", "[fd00::1]", "[ff02::1]",
    "[2002:7f00:1::]", "[64:ff9b::a00:8]", "[64:ff9b::169.254.169.254]",
)  # fmt: skip


@pytest.mark.parametrize("host", INNER)
def test_an_inner_address_is_refused_however_it_is_written(host: str) -> None:
    for port in ("", ":443", ":8443"):
        with pytest.raises(NotAllowed, match=r"^must lead to a public address\.$"):
            parse(f"https://{host}{port}/hook", extra_hosts=[], what=WHAT)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://me:secret@till.example.com/", "must not hold a user name or a fragment."),
        ("https://@till.example.com/", "must not hold a user name or a fragment."),
        ("https://till.example.com#@127.0.0.1/", "must not hold a user name or a fragment."),
        ("http://till.example.com/", "must be an https address."),
        ("ftp://till.example.com/", "must be an https address."),
        ("//till.example.com/", "must be an https address."),
        ("https://till.example.com:0/", "must lead to a public address."),
        *((f"https://{each}/", f"must be {WHAT}.") for each in (
            "till.example.com:65536", "till.example.com:-1", "till.example.com:x", "", "[::1", "[fe80::1%25eth0]", "[v1.x]",
            "%31%32%37.0.0.1", "127.0.0.1%2f.example.com", "till example.com", "till\texample.com", "till.example.com\\.evil",
            "１２７.0.0.1", "tïll.example.com", "till.example.com\r\nX: y", "a,b", "*",
        )),
        ("https://till.example.com/" + "x" * LONGEST_ADDRESS, f"must have at most {LONGEST_ADDRESS} characters."),
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_program_is_refused(address: str, why: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        parse(address, extra_hosts=[], what=WHAT)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    "address",
    [
        "https://till.example.com/",
        "https://till.example.com:8443/a?b=c",
        "https://123abc.example/",
        "https://8.8.8.8/",
        "https://[2606:4700::1]/x",
        "https://[::ffff:808:808]/",
    ],
)
def test_a_public_address_is_kept_as_it_is(address: str) -> None:
    assert parse(address, extra_hosts=[], what=WHAT).url == address


@pytest.mark.parametrize("host", ["10.0.0.8:8080", "[::1]:8080", "printer.local:8080", "localhost:8080"])
def test_an_operator_may_name_an_inner_address(host: str) -> None:
    found = parse(f"http://{host}/hook", extra_hosts=[host], what=WHAT)
    assert found.extra and found.url == f"http://{host}/hook"
    with pytest.raises(NotAllowed):
        parse(f"http://{host}1/hook", extra_hosts=[host], what=WHAT)
