"""What a call cost, by the price list of genai-prices (bundled with the package; no network).

https://github.com/pydantic/genai-prices
"""

from __future__ import annotations

import logging
from decimal import Decimal

from providers.base import Provider, Usage

logger = logging.getLogger(__name__)


def price(provider: Provider, model: str, usage: Usage) -> Decimal | None:
    """The price in US dollars, or None when the model, its price or the usage is unknown; never raises.

    A list price of zero is taken for an unknown one: a call that was billed must not look free.
    """
    if not provider.price_provider or usage.input_tokens is None or usage.output_tokens is None:
        return None
    try:
        return _calculated(provider.price_provider, model, usage) or None
    except LookupError:
        return None
    except Exception as error:  # noqa: BLE001 (whatever is wrong with a price must not cost the answer)
        logger.warning("No price for %s/%s and %s: %s", provider.alias, model, usage, error)
        return None


def _calculated(provider_id: str, model: str, usage: Usage) -> Decimal:
    # The list takes 20 MB and 0.2 s: only for those who ask for a price.
    import genai_prices

    counted = genai_prices.Usage(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
    )
    return genai_prices.calc_price(counted, model, provider_id=provider_id).total_price
