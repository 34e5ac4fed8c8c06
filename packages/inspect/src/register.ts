/**
 * `import "@effect-asyncio/inspect/register"`, or `node --import @effect-asyncio/inspect/register`: this process can be looked into.
 *
 * @since 0.1.0
 */
import { isMainThread } from "node:worker_threads"
import { serve } from "./serve.ts"

const { EFFECT_ASYNCIO_INSPECT_NAME: name, EFFECT_ASYNCIO_INSPECT_OBSERVE: observe } = process.env

// Threads inherit --import. The process is looked into by its main thread.
if (isMainThread) {
  await serve({ name: name === "" ? undefined : name, observe: observe === "1" }).catch((error: unknown) => {
    // A program that cannot be looked into runs all the same.
    process.stderr.write(`effect-asyncio inspect: ${error instanceof Error ? error.message : String(error)}\n`)
  })
}
