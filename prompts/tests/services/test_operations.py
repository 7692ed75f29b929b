"""What somebody who runs the installation is told, and retrying."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from prompts.exceptions import InvalidInput
from prompts.models import PromptRequest, PromptType, RequestStat
from prompts.services import execution, lifecycle, recording, statistics
from prompts.services.operations import retrying
from prompts.services.operations.failures import failed_groups, failed_requests
from prompts.services.operations.pins import broken_pins
from prompts.services.operations.providers import ProviderHealth, provider_health
from prompts.services.operations.retrying import Retried, retry_failed
from prompts.tests.factories import completed, failed, make_request, make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def fail(*requests: PromptRequest, error_class: str = "auth") -> None:
    claims = execution.claim(1000, worker="w1")
    assert {claim.request_id for claim in claims} == {request.pk for request in requests}
    recording.record([failed(claim, error_class) for claim in claims])


def make_failed(error_class: str = "auth", **values: Any) -> PromptRequest:
    request = make_request(**values)
    fail(request, error_class=error_class)
    return request


def retry(*requests: PromptRequest, actor: Any = None) -> Retried:
    return retry_failed([request.pk for request in requests], actor=actor or make_user())


def refused(outcome: Retried) -> list[UUID]:
    return [identifier for ids in outcome.refused.values() for identifier in ids]


# --- Retrying ---------------------------------------------------------------------------------------


def test_a_failed_request_is_sent_again_for_whoever_sent_it() -> None:
    request = make_failed(purpose="Why not")
    (sent,) = retry(request).sent
    assert (sent.replay_of, sent.user, sent.status, sent.purpose) == (request, request.user, "pending", "Why not")


def test_the_log_tells_who_had_it_retried() -> None:
    operator = make_user()
    (sent,) = retry(make_failed(), actor=operator).sent
    entry = AuditEntry.objects.get(action="prompt_request.retried")
    assert (entry.actor_id, entry.target_id) == (operator.pk, str(sent.pk))


def test_what_was_retried_is_not_sent_twice() -> None:
    request = make_failed()
    retry(request)
    outcome = retry(request)
    assert (outcome.sent, refused(outcome)) == ([], [request.pk])
    assert request.replays.count() == 1


def test_a_request_that_is_named_twice_is_sent_once() -> None:
    request = make_failed()
    assert len(retry(request, request).sent) == 1
    assert request.replays.count() == 1


def test_a_retry_that_failed_too_can_be_retried() -> None:
    (second,) = retry(make_failed()).sent
    fail(second)
    assert len(retry(second).sent) == 1


def test_only_what_has_failed_is_retried() -> None:
    outcome = retry(make_request())
    assert list(outcome.refused) == ["Only what has failed can be retried."]


def test_an_id_that_is_none_of_a_request_is_refused() -> None:
    unknown = uuid4()
    assert refused(retry_failed([unknown], actor=make_user())) == [unknown]


def test_those_that_can_not_be_sent_keep_none_of_the_others_back() -> None:
    first, last = make_failed(), make_failed(prompt_type_id="code")
    PromptType.objects.filter(slug="text").update(is_active=False)
    outcome = retry(first, last)
    assert [sent.replay_of for sent in outcome.sent] == [last]
    assert list(outcome.refused.values()) == [[first.pk]]


def test_a_refused_one_leaves_no_trace() -> None:
    request = make_failed()
    PromptType.objects.filter(slug="text").update(is_active=False)
    retry(request)
    assert not AuditEntry.objects.filter(action="prompt_request.retried").exists()
    assert not request.replays.exists()


def test_the_limit_of_the_one_who_sent_it_holds(settings: Any) -> None:
    user = make_user()
    requests = [make_failed(user=user), make_failed(user=user)]
    settings.MAX_UNFINISHED_PER_USER = 1
    outcome = retry(*requests)
    assert (len(outcome.sent), refused(outcome)) == (1, [requests[1].pk])


def test_too_many_at_once_are_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "MOST_AT_ONCE", 1)
    requests = [make_failed(), make_failed()]
    with pytest.raises(InvalidInput):
        retry(*requests)
    assert not PromptRequest.objects.exclude(replay_of=None).exists()


# --- What failed ------------------------------------------------------------------------------------


def test_failures_are_counted_by_class_and_model() -> None:
    make_failed("auth")
    make_failed("auth")
    make_failed("bad_request", model="simulator/other")
    groups = [(group.error_class, group.model, group.number) for group in failed_groups("24h")]
    assert groups == [("auth", "simulator/default", 2), ("bad_request", "simulator/other", 1)]


def test_what_failed_before_the_window_is_not_counted() -> None:
    make_failed()
    RequestStat.objects.update(hour=timezone.now() - timedelta(days=3))
    assert failed_groups("24h") == []
    assert len(failed_groups("7d")) == 1


def test_what_failed_within_the_window_counts_though_its_day_was_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    make_failed()
    failed_at = timezone.now().replace(hour=20)
    RequestStat.objects.update(hour=failed_at.replace(minute=0, second=0, microsecond=0))
    monkeypatch.setattr(timezone, "now", lambda: failed_at + timedelta(days=6, hours=20))
    statistics.fold()
    assert len(failed_groups("7d")) == 1


def test_failed_requests_are_found_by_class_and_model_newest_first() -> None:
    first = make_failed("auth")
    second = make_failed("auth")
    make_failed("bad_request")
    make_failed("auth", model="simulator/other")
    found = failed_requests("24h", error_class="auth", model="simulator/default")
    assert list(found) == [second, first]


def test_a_failed_request_says_what_it_was_sent_again_as() -> None:
    request = make_failed()
    (sent,) = retry(request).sent
    (found,) = failed_requests("24h")
    assert found.retried_as == sent.pk  # type: ignore[attr-defined]


# --- Models and providers ---------------------------------------------------------------------------


def activate(model: str) -> Any:
    version = make_version(model=model)
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    return version


def test_with_models_that_can_be_asked_nothing_is_told() -> None:
    activate("simulator/default")
    assert broken_pins() == []


def test_an_active_version_whose_provider_is_gone_is_told(settings: Any) -> None:
    stub = {"backend": "providers.openai.OpenAIProvider", "api_key": "sk-stub"}
    settings.LLM_PROVIDERS = settings.LLM_PROVIDERS | {"openai": stub}
    version = activate("openai/gpt-5-mini")
    settings.LLM_PROVIDERS = {name: value for name, value in settings.LLM_PROVIDERS.items() if name != "openai"}
    (pin,) = broken_pins()
    assert (pin.version, pin.provider, pin.is_configured) == (version, "openai", False)


def test_a_default_model_that_is_not_allowed_any_more_is_told(settings: Any) -> None:
    PromptType.objects.filter(slug="text").update(default_model="simulator/default")
    settings.MODELS_ALLOWED = ["simulator/other"]
    (pin,) = broken_pins()
    assert (pin.kind.slug, pin.version, pin.is_configured) == ("text", None, True)


def test_a_version_that_is_not_active_is_not_told(settings: Any) -> None:
    make_version(model="simulator/default")
    settings.MODELS_ALLOWED = ["simulator/other"]
    assert broken_pins() == []


def test_a_type_that_takes_no_requests_is_not_told(settings: Any) -> None:
    PromptType.objects.filter(slug="text").update(default_model="simulator/default", is_active=False)
    settings.MODELS_ALLOWED = ["simulator/other"]
    assert broken_pins() == []


def health(alias: str = "simulator") -> ProviderHealth:
    return next(provider for provider in provider_health() if provider.alias == alias)


def test_a_provider_has_what_it_answered_and_refused() -> None:
    make_failed("rate_limited_for_good")
    for _ in range(3):
        make_request()
    recording.record([completed(claim) for claim in execution.claim(10, worker="w1")])
    found = health()
    assert (found.recent.completed, found.recent.failed, found.main_error_class) == (3, 1, "rate_limited_for_good")
    assert found.last_answer is not None
    assert found.last_error_class == "rate_limited_for_good"
    assert 100 < (found.recent.slow_ms or 0) <= 250


def test_what_ended_hours_ago_is_only_the_last_answer() -> None:
    make_request()
    recording.record([completed(claim) for claim in execution.claim(10, worker="w1")])
    RequestStat.objects.update(hour=timezone.now() - timedelta(hours=5))
    found = health()
    assert found.recent.completed == 0
    assert found.last_answer is not None


def test_requests_that_wait_for_another_attempt_are_counted_by_class() -> None:
    make_request()
    recording.record([failed(claim, "overloaded") for claim in execution.claim(10, worker="w1")])
    assert health().waiting == {"overloaded": 1}


def test_a_provider_that_is_configured_no_more_is_told_as_such() -> None:
    make_failed(model="gone/model")
    assert not health("gone").is_configured
    assert health("simulator").is_configured
