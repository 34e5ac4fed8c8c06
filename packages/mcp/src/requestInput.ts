/**
 * Asking the client for something in the middle of a call.
 *
 * @since 0.1.0
 */
import * as asyncio from "@effect-asyncio/compat"
import { currentCall } from "./internal/call.ts"
import type { InputRequest } from "./internal/inputs.ts"

export type { InputRequest } from "./internal/inputs.ts"

/**
 * Asks the client for something, and gives a future with its answer: of a form that it shows to a person (`elicitation/create`), of a model
 * (`sampling/createMessage`).
 *
 * **Details**
 *
 * The call is answered with a task, at once if it was not yet, whose status is `input_required` until all that was asked is answered by
 * `tasks/update`. Several questions may be open; `gather` waits for them. The answer is what the client sends: check it.
 *
 * Throws a RuntimeError where no client could answer: outside of a call, and in one that cannot be answered with a task, because the client
 * does not know the extension, or the tool is none of those in `support`. For these return the SDK's `inputRequired(...)`, before there is a task.
 *
 * **Cancellation**
 *
 * Takes the question back: the client no longer sees it, and an answer to it is passed over.
 *
 * **asyncio**
 *
 * Beyond asyncio. The future is that of [`loop.create_future()`](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.create_future).
 *
 * **Example** (Where no client can answer)
 *
 * ```ts import.meta.vitest
 * import { requestInput } from "@effect-asyncio/mcp"
 *
 * const ask = () => requestInput({ method: "elicitation/create", params: { message: "Really?" } })
 *
 * expect(ask).toThrow("requestInput() needs a call of a tool that is answered with a task")
 * ```
 *
 * @category tools
 * @stability unstable
 * @since 0.1.0
 */
export const requestInput = (request: InputRequest): asyncio.Future<unknown> => {
  const inputs = currentCall.get()?.inputs
  if (inputs === undefined) {
    throw new asyncio.RuntimeError("requestInput() needs a call of a tool that is answered with a task")
  }
  return inputs.ask(request)
}
