import * as lowlevel from "@effect-asyncio/core/lowlevel"

/** Throws a TypeError for a body of a task that is no function, or that is a generator function. */
export const checkBody = (body: unknown): void => {
  if (typeof body === "function") return lowlevel.checkFunction(body, "a task", "async () => ...")
  // When: something else than a function stands where an async function is expected; often the promise of a call.
  throw lowlevel.unexpectedValue(
    "a coroutine function was expected",
    body,
    "Give it the async function itself, not the promise of a call: `createTask(work)`, `createTask(() => work(1))`."
  )
}
