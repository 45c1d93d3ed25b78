"""The addresses of the desk. Each view says at its own door whom it lets in."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from lotline.web import (
    brief,
    conversations,
    customers,
    handling,
    messaging,
    pages,
    presence,
    replies,
    rulebook,
    search,
    trying,
)

C = "c/<uuid:conversation_id>/"
WHO = "customers/<uuid:contact_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.start),
    path("inbox/", conversations.inbox, name="inbox"),
    path("inbox/counts/", conversations.counts),
    path("inbox/bulk/", handling.bulk),
    path("inbox/row/<uuid:conversation_id>/", conversations.row),
    path(C, conversations.conversation, name="conversation"),
    path(f"{C}items/", conversations.items),
    path(f"{C}earlier/", conversations.earlier),
    path(f"{C}foot/", conversations.foot),
    path(f"{C}here/", presence.here),
    path(f"{C}templates/", replies.choices),
    path(f"{C}preview", messaging.preview),
    path(f"{C}send", messaging.send),
    path(f"{C}draft/", messaging.draft),
    path(f"{C}notes/", messaging.note),
    path(f"{C}assign/", handling.assign),
    path(f"{C}done/", handling.done),
    path(f"{C}reopen/", handling.reopen),
    path(f"{C}snooze/", handling.snooze),
    path(f"{C}unread/", handling.unread),
    path(f"{C}read/", handling.read),
    path("out/<uuid:text_id>/undo", messaging.undo),
    path("new/", customers.new, name="new"),
    path("customers/", customers.index, name="customers"),
    path(WHO, customers.page, name="customer"),
    path(f"{WHO}consent/", customers.timeline),
    path(f"{WHO}consent/add/", customers.add_consent),
    path(f"{WHO}stop/", customers.stop),
    path(f"{WHO}confirm/", customers.confirm),
    path(f"{WHO}change/", customers.change),
    path("templates/", replies.index, name="templates"),
    path("templates/<uuid:template_id>/retire/", replies.retire),
    path("rules/", rulebook.index, name="rules"),
    path("rules/try/", trying.page),
    path("rules/brief/", brief.page),
    path("rules/brief.pdf", brief.pdf),
    path("rules/<str:rule_id>/", rulebook.rule, name="rule"),
    path("search/", search.page, name="search"),
    path("menu/", search.menu),
    path("more/", pages.more),
    path("help/keys/", pages.keys),
    path("me/theme/", pages.theme),
    path("me/here/", pages.here),
    path("me/lock/", pages.lock),
    path("manifest.webmanifest", pages.manifest),
    path("sw.js", pages.worker),
    path("offline.html", pages.offline),
    path("favicon.ico", pages.favicon),
]
