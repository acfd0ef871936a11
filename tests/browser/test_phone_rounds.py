"""A poll that its host starts again while phones hold votes, receipts and pages of the round before; and votes after a link."""

from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.pages import ballots, expect_counted, open_poll, outbox, vote
from tests.browser.voting_phones import NOT_YET, act, busy, voting
from tests.installation import Stack, wait_until

OTHER_ROUND = (
    "This vote was not counted. This vote belongs to an earlier round. The host has started the poll again since."
)


def test_a_vote_of_an_earlier_round_is_refused_in_words_and_can_be_cast_again(
    tabs: BrowserContext, stack: Stack
) -> None:
    poll, phone = voting(stack, tabs)
    phone.route("**/ballot", busy(3_000))
    vote(phone, "Cake")
    expect(phone.get_by_text(NOT_YET)).to_be_visible()
    act(stack, poll, "reset")
    phone.unroute("**/ballot")
    phone.get_by_role("button", name="Try now").click()
    expect(phone.get_by_text(OTHER_ROUND)).to_be_visible()
    assert ballots(stack, poll["id"]) == []
    wait_until(lambda: outbox(phone) == [], what="nothing to be sent again")
    phone.get_by_role("button", name="Vote", exact=True).click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_pages_that_say_counted_notice_a_new_round(open_page: Open, stack: Stack) -> None:
    """In parallel, since each waits until it polls again: every state of the page, the poll open or closed before."""
    polls = [
        (open_poll(stack, visibility=visibility), closed)
        for visibility in ("always", "host_only", "after_voting")
        for closed in (False, True)
    ]
    phones, receipts = [], []
    for poll, _ in polls:
        phones.append(open_page(f"/vote/{poll['code']}", errors_allowed=True))
        vote(phones[-1], "Cake")
        expect_counted(phones[-1])
        receipts.append(phones[-1].context.new_page())
        receipts[-1].goto(f"/vote/{poll['code']}/receipt")
        expect(receipts[-1].get_by_text("Your ballot is in the count")).to_be_visible()
    for (poll, closed), phone in zip(polls, phones, strict=True):
        if closed:
            act(stack, poll, "close")
            expect(phone.locator("[data-results][data-status=closed]")).to_be_visible()
    for poll, _ in polls:
        act(stack, poll, "reset")
    for (poll, _), phone, receipt in zip(polls, phones, receipts, strict=True):
        expect(phone.get_by_text("The host has started this vote again.")).to_be_visible()
        expect(phone.get_by_role("heading", name="Counted")).to_be_hidden()
        expect(receipt.get_by_text("This browser has no ballot of this poll.")).to_be_visible()
        vote(phone, "Flan")
        expect_counted(phone)
        assert ballots(stack, poll["id"]) == [[0]]


def test_a_form_opened_before_a_reset_votes_in_the_new_round_with_its_picks(open_page: Open, stack: Stack) -> None:
    poll = open_poll(stack)
    phone = open_page(f"/vote/{poll['code']}", errors_allowed=True)
    phone.get_by_label("Cake").check()
    act(stack, poll, "reset")
    expect(phone.locator("[data-vote][data-epoch='1']")).to_be_visible()
    expect(phone.get_by_label("Cake")).to_be_checked()
    phone.get_by_role("button", name="Vote", exact=True).click()
    expect_counted(phone)
    assert ballots(stack, poll["id"]) == [[1]]


def test_a_page_that_the_phone_kept_of_an_older_round_says_nothing_of_counted(
    tabs: BrowserContext, stack: Stack
) -> None:
    """Its outbox still holds the receipt; the page that opens is of the new round."""
    poll, phone = voting(stack, tabs)
    phone.route(f"**/vote/{poll['code']}*", lambda route: route.abort())  # the server's page does not come
    vote(phone, "Cake")
    expect_counted(phone)
    phone.unroute(f"**/vote/{poll['code']}*")
    act(stack, poll, "reset")
    phone.reload()
    expect(phone.get_by_role("button", name="Vote", exact=True)).to_be_visible()
    wait_until(lambda: outbox(phone) == [], what="the old round's vote is forgotten")
    expect(phone.get_by_role("heading", name="Counted")).to_be_hidden()


def test_a_vote_that_is_changed_after_another_site_s_link_is_one(chromium: Browser, stack: Stack) -> None:
    """127.0.0.1 links to localhost, which to a browser is another site: cookies that are strict would not come along."""
    other = stack.url().replace("127.0.0.1", "localhost")
    assert other != stack.url()
    poll, second = open_poll(stack, mayChange=True), open_poll(stack, mayChange=True)
    context = chromium.new_context(base_url=other, viewport=PHONE, locale="en-US")
    try:
        page = context.new_page()
        page.goto(f"/vote/{poll['code']}")
        vote(page, "Cake")
        expect_counted(page)
        for wanted, choice in ((second, "Flan"), (poll, "Flan"), (second, "Cake")):
            page.goto(stack.url("web"))
            page.evaluate("(url) => { location.href = url; }", f"{other}/vote/{wanted['code']}")
            page.wait_for_url(f"**/vote/{wanted['code']}")
            expect(page.locator("[data-send]:disabled")).to_have_count(0)  # it is known whether this browser has voted
            if page.get_by_role("heading", name="Counted").is_visible():
                with page.expect_navigation():
                    page.get_by_role("link", name="Change my vote").click()
                page.get_by_label(choice).check()
                page.get_by_role("button", name="Change my vote").click()
            else:
                vote(page, choice)
            expect(page.locator(".own-pick")).to_have_text(choice)
        assert ballots(stack, poll["id"]) == [[0]]
        assert ballots(stack, second["id"]) == [[1]]
    finally:
        context.close()
