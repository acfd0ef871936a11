"""Every write of reach: a venue's channels, where a guest is reached, and what went out."""

from reach.commands.channels import LONGEST_FALLBACK_S as LONGEST_FALLBACK_S
from reach.commands.channels import SHORTEST_FALLBACK_S as SHORTEST_FALLBACK_S
from reach.commands.channels import set_channels as set_channels
from reach.commands.contacts import change_contact as change_contact
from reach.commands.contacts import choose as choose
from reach.commands.contacts import forget_email as forget_email
from reach.commands.contacts import keep as keep
from reach.commands.messages import add_messages as add_messages
from reach.commands.messages import arrived as arrived
from reach.commands.messages import forget_again as forget_again
from reach.commands.messages import hurry as hurry
from reach.commands.messages import lease as lease
from reach.commands.messages import news_told as news_told
from reach.commands.messages import note_receipt as note_receipt
from reach.commands.messages import note_shown as note_shown
from reach.commands.messages import same_notice as same_notice
from reach.commands.messages import settle as settle
from reach.commands.proofs import prove as prove
from reach.commands.proofs import send_code as send_code
from reach.commands.texts import Texts as Texts
from reach.commands.texts import new_gateway_secret as new_gateway_secret
from reach.commands.texts import remove_texts as remove_texts
from reach.commands.texts import set_texts as set_texts
