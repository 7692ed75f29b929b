"""Every page of the console, in one place: what the walks look at, and what `make screenshots` makes pictures of."""

from __future__ import annotations

from typing import Any

from config.tests.e2e.installation import Installation

REQUESTS = "/admin/prompts/promptrequest/"
VERSIONS = "/admin/prompts/promptversion/"
TYPES = "/admin/prompts/prompttype/"
AUDIT = "/admin/audit/auditentry/"
ACCOUNTS = "/admin/system"


def one(installation: Installation, query: str, *values: Any) -> Any:
    """The only value of the first row."""
    ((value,),) = installation.sql(f"{query} LIMIT 1", *values)
    return value


def console_pages(installation: Installation) -> dict[str, str]:
    """Every kind of page for who is signed in, by the name of its picture."""
    # Not above: that module needs this one.
    from config.tests.browser.documents import document_pages

    return {
        "index": "/admin/",
        "index-month": "/admin/?window=30d",
        "operations": "/admin/operations/",
        **request_pages(installation),
        **version_pages(installation),
        **workbench_pages(installation),
        **account_pages(installation),
        **audit_pages(installation),
        **document_pages(installation),
    }


def request_id(installation: Installation, text: str) -> str:
    """Of the request that was sent with a text that begins so, not with a version."""
    query = "SELECT id FROM prompt_requests WHERE version_id IS NULL AND prompt_text LIKE %s"
    ((identifier,),) = installation.sql(query, f"{text}%")
    return str(identifier)


def request_of(installation: Installation, version: int) -> str:
    """The first request of a version."""
    return str(one(installation, "SELECT id FROM prompt_requests WHERE version_id = %s ORDER BY created_at", version))


def request_pages(installation: Installation) -> dict[str, str]:
    """Requests in every state, and their answers."""
    response = one(installation, "SELECT id FROM prompt_responses ORDER BY id")
    user = one(installation, "SELECT id FROM users")
    identifier = {
        name: request_id(installation, text)
        for name, text in {
            "completed": "لخّص",
            "thai": "ช่วย",
            "retried": "Try hard",
            "failed": "Try in vain",
            "cancelled": "Later.",
            "pending": "Later, really",
        }.items()
    }
    page = {name: f"{REQUESTS}{key}" for name, key in identifier.items()}
    return {
        "requests": REQUESTS,
        "requests-filtered": f"{REQUESTS}?status__exact=completed&user__exact={user}",
        "requests-search": f"{REQUESTS}?q=Try",
        **{f"request-{name}": f"{address}/change/" for name, address in page.items()},
        "request-cancel": f"{page['pending']}/cancel/",
        "request-replay": f"{page['failed']}/replay/",
        "request-prove": f"{page['completed']}/prove/",
        "request-compare": f"{REQUESTS}compare/?left={identifier['completed']}&right={identifier['retried']}",
        "responses": "/admin/prompts/promptresponse/",
        "response": f"/admin/prompts/promptresponse/{response}/change/",
    }


def version_pages(installation: Installation) -> dict[str, str]:
    """The pages about versions: of the active one, a tested one, one that is not English, and a deleted one."""
    key = version_keys(installation)
    active, tested = key["ocr_extraction", 1], key["ocr_extraction", 2]
    deleted, foreign = key["text", 2], key["text", 3]
    return {
        "versions": VERSIONS,
        "versions-filtered": f"{VERSIONS}?prompt_type__slug__exact=text&state=any",
        "version-active": f"{VERSIONS}{active}/change/",
        "version-tested": f"{VERSIONS}{tested}/change/",
        "version-foreign": f"{VERSIONS}{foreign}/change/",
        "version-deleted": f"{VERSIONS}{deleted}/change/",
        "version-activate": f"{VERSIONS}{tested}/activate/",
        "version-activate-foreign": f"{VERSIONS}{foreign}/activate/",
        "version-test": f"{VERSIONS}{tested}/test/",
        "version-test-two": f"{VERSIONS}{foreign}/test/",
        "version-note": f"{VERSIONS}{tested}/note/",
        "version-delete": f"{VERSIONS}{tested}/delete/",
        "version-delete-active": f"{VERSIONS}{active}/delete/",
        "version-add": f"{VERSIONS}add/?prompt_type=ocr_extraction",
        "version-draft": f"{VERSIONS}add/?from={tested}",
        "requests-of-version": f"{REQUESTS}?version={tested}",
        "request-sandbox": f"{REQUESTS}{request_of(installation, tested)}/change/",
        "request-deleted-version": f"{REQUESTS}{request_of(installation, deleted)}/change/",
    }


def version_keys(installation: Installation) -> dict[tuple[str, int], int]:
    """The keys of the versions, by type and number."""
    rows = installation.sql("SELECT prompt_type, version_number, id FROM prompt_versions")
    return {(kind, number): identifier for kind, number, identifier in rows}


def workbench_pages(installation: Installation) -> dict[str, str]:
    """Prompt types and their workbenches: empty, with a difference, and with answers side by side."""
    kind, ocr = (
        one(installation, "SELECT id FROM prompt_types WHERE slug = %s", slug) for slug in ("text", "ocr_extraction")
    )
    key = version_keys(installation)
    answered, refused = request_of(installation, key["ocr_extraction", 2]), request_of(installation, key["text", 3])
    return {
        "types": TYPES,
        "type": f"{TYPES}{kind}/change/",
        "type-add": f"{TYPES}add/",
        "type-history": f"{TYPES}{kind}/history/",
        "workbench": f"{TYPES}{ocr}/workbench/",
        "workbench-difference": f"{TYPES}{ocr}/workbench/?version=2&against=1",
        "workbench-answers": f"{TYPES}{ocr}/workbench/?version=2&left={answered}&right={answered}",
        "workbench-refused": f"{TYPES}{kind}/workbench/?version=3&left={refused}",
    }


def account_pages(installation: Installation) -> dict[str, str]:
    """People, their roles and their tokens."""
    user = one(installation, "SELECT id FROM users")
    group = one(installation, "SELECT id FROM auth_group ORDER BY id")
    token = one(installation, "SELECT id FROM api_tokens WHERE revoked_at IS NULL")
    return {
        "users": f"{ACCOUNTS}/user/",
        "user": f"{ACCOUNTS}/user/{user}/change/",
        "user-add": f"{ACCOUNTS}/user/add/",
        "user-password": f"{ACCOUNTS}/user/{user}/password/",
        "groups": "/admin/auth/group/",
        "group": f"/admin/auth/group/{group}/change/",
        "group-add": "/admin/auth/group/add/",
        "group-delete": f"/admin/auth/group/{group}/delete/",
        "tokens": f"{ACCOUNTS}/apitoken/",
        "token": f"{ACCOUNTS}/apitoken/{token}/change/",
        "token-add": f"{ACCOUNTS}/apitoken/add/",
        "token-revoke": f"{ACCOUNTS}/apitoken/{token}/revoke/",
        "password": "/admin/password_change/",
        "password-done": "/admin/password_change/done/",
        "lists-of-an-app": "/admin/prompts/",
    }


def audit_pages(installation: Installation) -> dict[str, str]:
    """The log and an entry."""
    created = one(installation, "SELECT id FROM audit_logs WHERE action = 'user.created' ORDER BY at")
    return {
        "audit": AUDIT,
        "audit-entry": f"{AUDIT}{created}/change/",
        "audit-export": f"{AUDIT}export/",
    }


def api_pages() -> dict[str, str]:
    """What the API shows to people."""
    return {"api-docs": "/api/docs/", "api-redoc": "/api/redoc/", "api-browsable": "/api/ai/prompts/"}
