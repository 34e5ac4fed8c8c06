/**
 * What is looked at through ports, for the dashboard.
 */
/// <reference lib="dom" />
import type { Listed, Source, Target } from "../dashboard/source.ts"
import type { LivePiece } from "../protocol.ts"
import { PortTalking } from "./ports.ts"

/** A target that computes for longer is listed with what is the matter, as processes are. */
const untilListed = 2000
/** What is stopped in a debugger goes on some time: the dashboard says that it does not answer. */
const day = 24 * 60 * 60 * 1000

/** Each is called by its place, from 1. */
export const portSource = (ports: ReadonlyArray<MessagePort>): Source => {
  const open = (pid: Target, timeout?: number) => PortTalking.open(ports[Number(pid) - 1]!, { timeout })
  return {
    processes: async () => ({
      processes: await Promise.all(ports.map((_, i) => listed(i + 1, open))),
      allowCancel: true
    }),

    live: (pid, hearing) => {
      let isHeard = true
      let talking: PortTalking | undefined
      const begin = async () => {
        talking = await open(pid, day)
        if (!isHeard) return talking.close()
        for await (const piece of talking.request({ request: "live" })) hearing.piece(piece as LivePiece)
      }
      begin().catch((error: unknown) => {
        if (isHeard) hearing.over(messageOf(error))
      })
      return () => {
        isHeard = false
        talking?.close()
      }
    },

    ask: async (pid, question) => {
      const talking = await open(pid)
      try {
        return await talking.ask(question)
      } finally {
        talking.close()
      }
    }
  }
}

const listed = async (pid: number, open: (pid: number, timeout: number) => Promise<PortTalking>): Promise<Listed> => {
  try {
    const talking = await open(pid, untilListed)
    talking.close()
    const { host, name, readOnly, startedAt, version } = talking.hello
    return { pid, name, host, version, startedAt, isPage: true, ...(readOnly === true ? { readOnly } : {}) }
  } catch (error) {
    return { pid, isPage: true, problem: messageOf(error) }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
