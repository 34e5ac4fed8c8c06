/**
 * `import "@effect-asyncio/inspect/register"`, or `node --import @effect-asyncio/inspect/register`: this process can be looked into.
 *
 * @since 0.1.0
 */
import type { CancellationKind } from "@effect-asyncio/core"
import { isMainThread } from "node:worker_threads"
import { UnsafePath } from "./folder.ts"
import { serve } from "./serve.ts"
import { writeOptionsOf } from "./target/writing.ts"

const {
  EFFECT_ASYNCIO_INSPECT_KINDS: kinds,
  EFFECT_ASYNCIO_INSPECT_NAME: name,
  EFFECT_ASYNCIO_INSPECT_OBSERVE: observe,
  EFFECT_ASYNCIO_INSPECT_RECORD: record,
  EFFECT_ASYNCIO_INSPECT_WRITE: write,
  EFFECT_ASYNCIO_INSPECT_WRITE_TO: folder
} = process.env

/** 1, or how many events are kept. */
const recordOf = (text = "0"): boolean | { readonly events: number } => {
  if (!/^\d*$/.test(text)) {
    throw new UnsafePath(
      `EFFECT_ASYNCIO_INSPECT_RECORD has ${JSON.stringify(text)}: give it 1, or how many events to keep`
    )
  }
  return Number(text) > 1 ? { events: Number(text) } : text === "1"
}

const begin = async (): Promise<void> => {
  await serve({
    name: name === "" ? undefined : name,
    observe: observe === "1",
    kinds: kinds?.split(",").filter(Boolean) as ReadonlyArray<CancellationKind> | undefined,
    record: recordOf(record),
    write: write === undefined || write === "" ? undefined : writeOptionsOf(write, folder)
  })
}

// Threads inherit --import. The process is looked into by its main thread.
if (isMainThread) {
  await begin().catch((error: unknown) => {
    // A program that cannot be looked into runs all the same.
    process.stderr.write(`effect-asyncio inspect: ${error instanceof Error ? error.message : String(error)}\n`)
  })
}
