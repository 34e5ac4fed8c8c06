/**
 * Tests that send signals to their own process. The test runner may listen to a signal itself, and a program that does is left alone.
 */
import { afterEach, beforeEach } from "vitest"

/** Has nobody listen to `signals` when a test begins; whoever did before listens again when it has ended. */
export const withoutListeners = (...signals: ReadonlyArray<NodeJS.Signals>): void => {
  const others = new Map<NodeJS.Signals, ReadonlyArray<NodeJS.SignalsListener>>()
  beforeEach(() => {
    for (const signal of signals) {
      others.set(signal, process.listeners(signal))
      process.removeAllListeners(signal)
    }
  })
  afterEach(() => {
    for (const signal of signals) {
      process.removeAllListeners(signal)
      for (const listener of others.get(signal)!) process.on(signal, listener)
    }
  })
}
