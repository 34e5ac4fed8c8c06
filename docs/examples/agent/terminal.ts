/**
 * What a person types, and what is shown for it. The same commands are tools of an MCP server, see tools.ts.
 */
import type { Session } from "./session.ts"
import { listed, over } from "./show.ts"

export const command = async (session: Session, line: string): Promise<string> => {
  const { agents } = session
  const [word = "", ...rest] = line.split(" ")
  const task = agents.get(Number(rest[0]))
  const reason = rest.slice(1).join(" ") || "stopped by hand"
  switch (word) {
    case "list":
      return listed(agents.list())
    case "ended":
      return over(agents.ended())
    case "stop": {
      if (rest[0] === "all") {
        const mine = agents.list().filter(({ detached }) => !detached)
        const reports = await Promise.all(mine.map((each) => agents.stop(each, "everything but the background")))
        return `${new Set(reports.flatMap(({ cancelled }) => cancelled)).size} stopped`
      }
      if (task === undefined) return `nothing runs as ${rest[0]}`
      const { cancelled, ignoring } = await agents.stop(task, reason)
      return `stopped: ${cancelled.map((each) => each.getName()).join(", ")}${ignoring.length === 0 ? "" : `; ${ignoring.length} do not listen`}`
    }
    case "extend":
      if (task === undefined) return `nothing runs as ${rest[0]}`
      agents.extend(task, 60_000)
      return `${task.getName()} has another minute`
    case "background":
      if (task === undefined) return `nothing runs as ${rest[0]}`
      agents.promote(task)
      return `${task.getName()} goes on in the background`
    case "resume":
      return `${session.resume(rest.join(" ")).id} goes on`
    default:
      return "list, ended, stop ID WHY, stop all, extend ID, background ID, resume NAME"
  }
}
