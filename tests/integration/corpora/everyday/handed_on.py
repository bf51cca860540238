# ruff: noqa
"""Everyday idioms: threads, executors, partials, callbacks."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("sync started in a thread")
def case_1():
    t = threading.Thread(target=logger.info, args=("sync started in a thread",), daemon=True)
    t.start()
    t.join()


@idiom("sync of %s in a thread")
def case_2():
    worker = threading.Thread(target=logger.warning, args=("sync of %s in a thread", patient))
    worker.start()
    worker.join()


@idiom("thread keyword of %s")
def case_3():
    worker = threading.Thread(target=logger.error, kwargs={"msg": "thread keyword of %s", "extra": {"n": 1}})
    worker.start()
    worker.join()


@idiom("timer fired at last")
def case_4():
    timer = threading.Timer(0, logger.info, args=["timer fired at last"])
    timer.start()
    timer.join()


@idiom("thread of a closure for {who}")
def case_5():
    def work(who):
        logger.info(f"thread of a closure for {who}")

    t = threading.Thread(target=work, args=(patient,))
    t.start()
    t.join()


@idiom("pool job logged for %s")
def case_6():
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(logger.info, "pool job logged for %s", patient).result()


@idiom("pool job failed for {who}")
def case_7():
    def work(who):
        raise RuntimeError(f"pool job failed for {who}")

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(work, patient).result()


@idiom("pool mapped one {x}")
def case_8():
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        list(pool.map(lambda x: logger.info(f"pool mapped one {x}"), rows))


@idiom("partial with everything for %s")
def case_9():
    functools.partial(logger.info, "partial with everything for %s", patient)()


@idiom("partial told later %s")
def case_10():
    say = functools.partial(logger.warning, "partial told later %s")
    say(patient)


audit = functools.partial(logger.info, "audit trail kept of %s")


@idiom("audit trail kept of %s")
def case_11():
    audit(patient)


at_warning = functools.partial(logger.log, logging.WARNING)


@idiom("level given by a partial {patient}")
def case_12():
    at_warning(f"level given by a partial {patient}")


@idiom("called soon for %s")
def case_13():
    async def main():
        asyncio.get_running_loop().call_soon(logger.info, "called soon for %s", patient)
        await asyncio.sleep(0)

    asyncio.run(main())


@idiom("called a little later")
def case_14():
    async def main():
        asyncio.get_running_loop().call_later(0, logger.info, "called a little later")
        await asyncio.sleep(0.01)

    asyncio.run(main())


@idiom("to another thread went %s")
def case_15():
    asyncio.run(asyncio.to_thread(logger.info, "to another thread went %s", patient))


@idiom("in the executor ran it")
def case_16():
    async def main():
        await asyncio.get_running_loop().run_in_executor(None, logger.info, "in the executor ran it")

    asyncio.run(main())


@idiom("done callback saw {…}")
def case_17():
    async def work():
        return 1

    async def main():
        task = asyncio.create_task(work())
        task.add_done_callback(lambda t: logger.info(f"done callback saw {t.get_name()}"))
        await task
        await asyncio.sleep(0)

    asyncio.run(main())


@idiom("closing down the pool")
def case_18():
    with contextlib.ExitStack() as stack:
        stack.callback(logger.info, "closing down the pool")


@idiom("context run said hello to %s")
def case_19():
    contextvars.copy_context().run(logger.info, "context run said hello to %s", patient)


@idiom("task group member died for {who}")
def case_20():
    async def member(who):
        raise ValueError(f"task group member died for {who}")

    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(member(patient))

    asyncio.run(main())


@idiom("gathered failure of {who}")
def case_21():
    async def member(who):
        raise ValueError(f"gathered failure of {who}")

    async def main():
        for result in await asyncio.gather(member(patient), return_exceptions=True):
            if isinstance(result, Exception):
                logger.error("one failed", exc_info=result)

    asyncio.run(main())


@idiom("timed out waiting for the lab")
def case_22():
    async def main():
        try:
            async with asyncio.timeout(0.001):
                await asyncio.sleep(1)
        except TimeoutError as exc:
            raise TimeoutError("timed out waiting for the lab") from exc

    asyncio.run(main())


class Findings:
    def __init__(self):
        self.texts = {}

    def add(self, field, text):
        self.texts[field] = text

    def report(self, field):
        logger.warning(self.texts[field])


@idiom("the chart of {patient} lacks a date")
def case_23():
    findings = Findings()
    findings.add("date", f"the chart of {patient} lacks a date")
    findings.report("date")


@idiom("the second of the known illnesses", chosen=True)
def case_24():
    findings = Findings()
    findings.add("a", "the first of the known illnesses")
    findings.add("b", "the second of the known illnesses")
    findings.report("b" if patient else "a")


def signed(who):
    if not who:
        return True, None
    return False, f"the letter to {who} isn't signed"


@idiom("the letter to {who} isn't signed")
def case_25():
    is_signed, reason = signed(patient)
    if not is_signed:
        logger.warning(reason)


def refuse(field, short, long=None):
    raise ValueError(f"{field}: {long or short}")


@idiom("{field}: the scan of {patient} is blank")
def case_26():
    refuse(email, "unread", f"the scan of {patient} is blank")


@idiom("410: the waiting list was closed for good")
def case_27():
    raise msgs.Refusal.gone


@idiom("[Errno 2] the recording of {patient} is gone: '{…}'")
def case_28():
    raise FileNotFoundError(2, f"the recording of {patient} is gone", f"/records/{patient}.wav")
