/**
 * What a person types, in Effect: as terminal.ts of the folder above.
 */
import { Effect } from "effect"
import { listed, over } from "../show.ts"
import type { Session } from "./session.ts"

export const command = Effect.fn("command")(function* (session: Session, line: string) {
  const { agents } = session
  const [word = "", ...rest] = line.split(" ")
  const task = yield* agents.get(Number(rest[0]))
  const reason = rest.slice(1).join(" ") || "stopped by hand"
  switch (word) {
    case "list":
      return listed(yield* agents.list)
    case "ended":
      return over(yield* agents.ended)
    case "stop": {
      if (rest[0] === "all") {
        const mine = (yield* agents.list).filter(({ detached }) => !detached)
        const why = "everything but the background"
        const reports = yield* Effect.forEach(mine, (each) => agents.stop(each, why), { concurrency: "unbounded" })
        return `${new Set(reports.flatMap(({ cancelled }) => cancelled)).size} stopped`
      }
      if (task === undefined) return `nothing runs as ${rest[0]}`
      const { cancelled, ignoring } = yield* agents.stop(task, reason)
      return `stopped: ${cancelled.map((each) => each.getName()).join(", ")}${ignoring.length === 0 ? "" : `; ${ignoring.length} do not listen`}`
    }
    case "extend":
      if (task === undefined) return `nothing runs as ${rest[0]}`
      yield* agents.extend(task, 60_000)
      return `${task.getName()} has another minute`
    case "background":
      if (task === undefined) return `nothing runs as ${rest[0]}`
      yield* agents.promote(task)
      return `${task.getName()} goes on in the background`
    case "resume":
      return `${(yield* session.resume(rest.join(" "))).id} goes on`
    default:
      return "list, ended, stop ID WHY, stop all, extend ID, background ID, resume NAME"
  }
})
