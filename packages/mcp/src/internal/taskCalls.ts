/**
 * The calls of a server that are answered with a task, and the requests about these.
 */
import type * as asyncio from "@effect-asyncio/compat"
import type * as Duration from "effect/Duration"
import type { McpTasks } from "../McpTasks.ts"
import type { ToolCall } from "./call.ts"
import { declaresTasks, EXTENSION, missingCapability } from "./capability.ts"
import { InputRequests } from "./inputs.ts"
import { answerOfDone, tie } from "./runCall.ts"
import { factsOf, type HandlerContext, ProtocolError, type ProtocolServer, type RequestFacts } from "./sdk.ts"
import { TaskEntry } from "./taskEntry.ts"

const INVALID_PARAMS = -32602

/** The first of those that are a server's own. */
const TOO_MANY = -32000

type Start = (call: ToolCall, ttl: Duration.Input) => asyncio.Task<unknown>

/** Starts a call, and gives its answer if it is there in time, or else a task, which goes on when the request is over. */
export const callAsTask = async (tasks: McpTasks, name: string, facts: RequestFacts, start: Start): Promise<object> => {
  // A task may not be forgotten before its time, and so there is no room that could be made.
  if (tasks.full) throw new ProtocolError(TOO_MANY, `${name} was refused: there are too many tasks`)
  let goOn!: () => void
  const enough = new Promise<void>((resolve) => void (goOn = resolve))
  let entry: TaskEntry | undefined
  const inputs = new InputRequests(() => {
    // The client cannot answer as long as it has no task to ask for.
    if (inputs.size > 0) goOn()
    entry?.changed()
  })
  const call: ToolCall = {
    facts,
    progress: -Infinity,
    thrown: undefined,
    inputs,
    said: (message) => entry?.say(message)
  }
  const task = start(call, tasks.ttlMs)
  entry = new TaskEntry(tasks, name, task, inputs, facts.client)
  const release = tie(task, facts.signal)
  task.addDoneCallback(() => goOn())
  tasks.undecided++
  const timer = setTimeout(goOn, tasks.patienceMs)
  await enough
  clearTimeout(timer)
  tasks.undecided--
  // From here on the request is answered, and says nothing of the task any more.
  release()
  if (task.done()) return answerOfDone(task)
  tasks.add(entry)
  return { ...entry.facts(), resultType: "task" }
}

/** Serves `tasks/get`, `tasks/update` and `tasks/cancel`, and declares the extension. */
export const install = (tasks: McpTasks, protocol: ProtocolServer): void => {
  protocol.registerCapabilities({ extensions: { [EXTENSION]: {} } })
  const serve = (method: string, use: (entry: TaskEntry, params: TaskParams, facts: RequestFacts) => object) =>
    protocol.setRequestHandler(method, { params: taskParams }, (params: TaskParams, context: HandlerContext) => {
      const facts = factsOf({}, context)
      if (!declaresTasks(facts, protocol)) throw missingCapability(method)
      const entry = tasks.find(params.taskId)
      // The tasks of others are as unknown as those that never were.
      if (entry === undefined || entry.client !== facts.client) {
        throw new ProtocolError(INVALID_PARAMS, `there is no task ${params.taskId}`)
      }
      return use(entry, params, facts)
    })
  serve("tasks/get", (entry) => entry.detailed())
  serve("tasks/update", (entry, _params, { inputResponses }) => {
    entry.inputs.answer(inputResponses)
    return {}
  })
  serve("tasks/cancel", (entry, { reason }) => {
    entry.task.cancel(reason ?? "cancelled by the client")
    return {}
  })
}

interface TaskParams {
  readonly taskId: string
  readonly reason?: string | undefined
}

/** As a standard schema, which the SDK asks for. */
const taskParams = {
  "~standard": {
    version: 1 as const,
    vendor: "effect-asyncio",
    validate: (value: unknown) => {
      const { reason, taskId } = (value ?? {}) as Readonly<Record<string, unknown>>
      if (typeof taskId !== "string") return { issues: [{ message: "taskId has to be a string" }] }
      return { value: { taskId, reason: typeof reason === "string" ? reason : undefined } }
    }
  }
}
