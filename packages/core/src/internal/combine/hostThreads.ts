/**
 * The host's module for threads. Bundlers put hostThreads.browser.ts in place of this file where they make a program for browsers.
 */
import { noThreads } from "./noThreads.ts"
import { Thread, type WorkerThreads } from "./thread.ts"

// Not a literal, so that bundlers for browsers leave it alone; webpack and vite are told besides, as they warn of what they
// cannot follow.
const workerThreads: string = "node:worker_threads"
let threads: WorkerThreads | undefined

/** What starts a thread; `onGone` is called when it has ended. Fails where the host has none. */
export const importThreads = async (): Promise<(onGone: () => void) => Thread> => {
  let imported: WorkerThreads
  try {
    imported = threads ??= (await import(/* webpackIgnore: true */ /* @vite-ignore */ workerThreads)) as WorkerThreads
  } catch {
    throw noThreads()
  }
  return (onGone) => new Thread(imported, onGone)
}
