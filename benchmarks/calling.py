"""Calls of a vendor with its own SDK and nothing else, many at a time.

As a script: `python -m benchmarks.calling URL NUMBER IN_HAND` prints calls a second, processor time and latency.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from statistics import median

from openai import AsyncOpenAI


async def call(url: str, number: int, in_hand: int) -> dict[str, float]:
    """So many calls in all, so many of them at a time; the clients' connections are opened before the clock starts."""
    async with AsyncOpenAI(api_key="sk-mock", base_url=url, max_retries=0) as client:
        await asyncio.gather(*(_ask(client) for _ in range(in_hand)))
        waiting, took = iter(range(number)), list[float]()
        started, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(_go_on(client, waiting, took) for _ in range(in_hand)))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return {"per_second": number / seconds, "cpu_ms": cpu / number * 1000, "p50_ms": median(took) * 1000}


async def _go_on(client: AsyncOpenAI, waiting: Iterator[int], took: list[float]) -> None:
    for _ in waiting:
        started = time.perf_counter()
        await _ask(client)
        took.append(time.perf_counter() - started)


async def _ask(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="stub", messages=[{"role": "user", "content": "Say hello."}])
    assert answer.choices[0].message.content


if __name__ == "__main__":
    address, count, at_a_time = sys.argv[1:]
    print(json.dumps(asyncio.run(call(address, int(count), int(at_a_time)))))
