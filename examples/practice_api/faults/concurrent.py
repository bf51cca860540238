"""Faults beside the request: tasks, threads, executors, time limits."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from fastapi import Response

from practice_api.faults.registry import Patient, Scene, fault

_tasks: set[asyncio.Task[None]] = set()


def _fail(patient: Patient) -> None:
    raise RuntimeError(f"Reminding {patient.name} failed")


async def _fail_later(patient: Patient) -> None:
    await asyncio.sleep(0)
    _fail(patient)


@fault(202)
async def background_task(scene: Scene) -> Response:
    scene.background.add_task(_fail_later, scene.patient)
    return Response(status_code=202)


@fault(202)
async def background_thread_task(scene: Scene) -> Response:
    scene.background.add_task(_fail, scene.patient)
    return Response(status_code=202)


@fault(200)
async def thread(scene: Scene) -> None:
    runner = threading.Thread(target=_fail, args=(scene.patient,))
    runner.start()
    await asyncio.to_thread(runner.join)


@fault(500)
async def to_thread(scene: Scene) -> None:
    await asyncio.to_thread(_fail, scene.patient)


@fault(500)
async def executor(scene: Scene) -> None:
    with ThreadPoolExecutor(1) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, _fail, scene.patient)


@fault(500)
async def asyncio_task(scene: Scene) -> None:
    await asyncio.create_task(_fail_later(scene.patient))


@fault(200)
async def forgotten_task(scene: Scene) -> None:
    task = asyncio.create_task(_fail_later(scene.patient))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


@fault(200)
async def event_loop_callback(scene: Scene) -> None:
    asyncio.get_running_loop().call_soon(_fail, scene.patient)


@fault(500)
async def task_group(scene: Scene) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_fail_later(scene.patient))
        group.create_task(asyncio.sleep(1))


@fault(500)
async def timeout(_scene: Scene) -> None:
    async with asyncio.timeout(0.01):
        await asyncio.sleep(1)
