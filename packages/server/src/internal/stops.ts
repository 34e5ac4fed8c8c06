/**
 * What can stop a service: signals, the parent process, the main thread.
 */
import { isMainThread, parentPort } from "node:worker_threads"
import { constants } from "node:os"
import type { StopSignal } from "@effect-asyncio/core"

/** Calls `stop` for each signal and message. Gives what ends that. */
export const onStops = (
  signals: ReadonlyArray<StopSignal>,
  messages: ReadonlyArray<unknown>,
  stop: (reason: string) => void
): (() => void) => {
  const listeners: Array<() => void> = []
  for (const signal of signals) {
    const listener = () => stop(signal)
    process.on(signal, listener)
    listeners.push(() => process.off(signal, listener))
  }
  const onMessage = (message: unknown) => {
    if (messages.includes(message)) stop(String(message))
  }
  if (!isMainThread) {
    parentPort?.on("message", onMessage)
    listeners.push(() => parentPort?.off("message", onMessage))
  } else if (process.send !== undefined) {
    process.on("message", onMessage)
    listeners.push(() => process.off("message", onMessage))
  }
  return () => {
    for (const end of listeners) end()
  }
}

/** The status of a process that was ended for that reason: 143 for SIGTERM. */
export const statusOf = (reason: string): number => {
  const number = (constants.signals as Readonly<Record<string, number>>)[reason]
  return number === undefined ? 1 : 128 + number
}
