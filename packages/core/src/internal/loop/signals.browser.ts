/**
 * signals.ts for browsers, which have no signals: options that name some are let alone.
 */
import { noSignals } from "./noSignals.ts"

type Signals = typeof import("./signals.ts")

export const signalsOf: Signals["signalsOf"] = () => []

export const onSignals: Signals["onSignals"] = () => undefined

export const handleSignal: Signals["handleSignal"] = () => {
  throw noSignals()
}

export const unhandleSignal: Signals["unhandleSignal"] = () => false

export const listensOnly: Signals["listensOnly"] = () => false
