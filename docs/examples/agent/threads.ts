/**
 * Six threads of other projects: what was asked for, the code with an AbortController that does not do it, and the same with tasks.
 *
 * Both run on virtual time, `rest` is a pause of plain promises, and what both have to log is `wanted`.
 */
import * as asyncio from "@effect-asyncio/compat"

/** A pause that knows no task: what plain code has, with a signal where it is handed one. */
const rest = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = asyncio.getRunningLoop().callLater(milliseconds, resolve)
    signal?.addEventListener("abort", () => {
      timer.cancel()
      reject(signal.reason as Error)
    })
  })

type Log = (line: string) => void

export interface Thread {
  readonly url: string
  /** What the thread asks for. */
  readonly asks: string
  readonly wanted: ReadonlyArray<string>
  readonly plain: (log: Log) => Promise<void>
  readonly ours: (log: Log) => Promise<void>
}

/** Logs whether work was cut short. */
const worker = (log: Log, name: string, sleep: (milliseconds: number) => Promise<void>) => async (): Promise<void> => {
  try {
    await sleep(1000)
    log(`${name} has finished`)
  } catch {
    log(`${name} was stopped`)
  }
}

const ignore = (): void => {}

export const threads: ReadonlyArray<Thread> = [
  {
    url: "https://github.com/anomalyco/opencode/issues/28738",
    asks: "who interrupts the main agent stops the subagents that it has in the background",
    wanted: ["main was stopped", "subagent was stopped"],
    async plain(log) {
      const stop = new AbortController()
      const main = async () => {
        // Nobody waits for it, and so nobody has thought of its signal.
        void worker(log, "subagent", rest)()
        await worker(log, "main", (time) => rest(time, stop.signal))()
      }
      const running = main()
      await rest(10)
      stop.abort(new Error("Esc"))
      await running
      await rest(5000)
    },
    async ours(log) {
      const main = asyncio.createTask(async () => {
        asyncio.createTask(worker(log, "subagent", asyncio.sleep))
        await worker(log, "main", asyncio.sleep)()
      })
      await rest(10)
      asyncio.cancelTree(main, "Esc")
      await rest(5000)
    }
  },
  {
    url: "https://github.com/alvinunreal/oh-my-opencode-slim/issues/1113",
    asks: "a turn that is stopped to take another model leaves what runs in the background",
    wanted: ["turn was stopped", "background has finished"],
    async plain(log) {
      // One signal for the session: whatever belongs to it ends with the turn.
      const session = new AbortController()
      const sleep = (time: number) => rest(time, session.signal)
      void worker(log, "background", sleep)()
      void worker(log, "turn", sleep)()
      await rest(10)
      session.abort(new Error("the model is not available"))
      await rest(5000)
    },
    async ours(log) {
      const turn = asyncio.createTask(async () => {
        asyncio.createTask(worker(log, "background", asyncio.sleep), { detached: true })
        await worker(log, "turn", asyncio.sleep)()
      })
      await rest(10)
      asyncio.cancelTree(turn, "the model is not available")
      await rest(5000)
    }
  },
  {
    url: "https://github.com/openai/openai-agents-js/issues/1521",
    asks: "a run that is cancelled stops its tool, and asks the model for no further turn",
    wanted: ["turn 1", "tool was stopped"],
    async plain(log) {
      const stop = new AbortController()
      const run = async () => {
        for (let turn = 1; turn <= 2; turn++) {
          log(`turn ${turn}`)
          // The signal is for the model, and the tool has none.
          await worker(log, "tool", rest)()
        }
      }
      const running = run()
      await rest(10)
      stop.abort(new Error("cancelled"))
      await running
    },
    async ours(log) {
      const run = asyncio.createTask(async () => {
        for (let turn = 1; turn <= 2; turn++) {
          log(`turn ${turn}`)
          await worker(log, "tool", asyncio.sleep)().finally(() => {
            // The worker has caught its cancellation, as tools do. The loop looks whether it was asked to stop.
            if (asyncio.currentTask()!.cancelling() > 0) throw new asyncio.CancelledError()
          })
        }
      })
      await rest(10)
      await asyncio.cancelAndWait(run, { message: "cancelled" })
      await rest(5000)
    }
  },
  {
    url: "https://github.com/langchain-ai/langgraphjs/issues/2755",
    asks: "who cancels and waits goes on when the run is over, its cleanup included",
    wanted: ["cleanup is over", "cancelled"],
    async plain(log) {
      const stop = new AbortController()
      const run = async () => {
        try {
          await rest(1000, stop.signal)
        } finally {
          await rest(100)
          log("cleanup is over")
        }
      }
      void run().catch(ignore)
      await rest(10)
      stop.abort(new Error("cancelled"))
      // There is nothing to wait for: the signal has no end.
      log("cancelled")
      await rest(5000)
    },
    async ours(log) {
      const run = asyncio.createTask(async () => {
        try {
          await asyncio.sleep(1000)
        } finally {
          await asyncio.sleep(100)
          log("cleanup is over")
        }
      })
      await rest(10)
      await asyncio.cancelAndWait(run, { message: "cancelled" })
      log("cancelled")
    }
  },
  {
    url: "https://github.com/mastra-ai/mastra/issues/14820",
    asks: "a supervisor that is aborted stops its subagents at any depth",
    wanted: ["level 3 was stopped"],
    async plain(log) {
      const stop = new AbortController()
      const level3 = worker(log, "level 3", rest)
      // The second level has a signal, and has forgotten to hand it on.
      const level2 = async (_signal: AbortSignal) => level3()
      const level1 = async (signal: AbortSignal) => level2(signal)
      const running = level1(stop.signal)
      await rest(10)
      stop.abort(new Error("stop"))
      await running
    },
    async ours(log) {
      const level3 = worker(log, "level 3", asyncio.sleep)
      const level2 = async () => asyncio.createTask(level3)
      const level1 = asyncio.createTask(async () => asyncio.createTask(level2))
      await rest(10)
      await asyncio.cancelAndWait(level1, { message: "stop", tree: true })
    }
  },
  {
    // The text of issue 856 of this project could not be had; this is a later change of its background work.
    url: "https://github.com/griffinwork40/agent-afk/pull/1227",
    asks: "a model stops what it has in the background, with a reason, and nothing that a person has there",
    wanted: ["mine was stopped: obsolete", "theirs has finished"],
    async plain(log) {
      // Work is found by its number. Whose it is, and why it was stopped, was written down by nobody.
      const work = new Map<string, AbortController>()
      const start = (name: string) => {
        const stop = new AbortController()
        work.set(name, stop)
        void worker(log, name, (time) => rest(time, stop.signal))()
      }
      start("mine")
      start("theirs")
      await rest(10)
      for (const stop of work.values()) stop.abort(new Error("obsolete"))
      await rest(5000)
    },
    async ours(log) {
      const start = (name: string, by: "model" | "person") => {
        const task = asyncio.createTask(() => asyncio.sleep(1000), { name, detached: true, labels: { by } })
        task.addDoneCallback(() => {
          const { cancellation } = task.snapshot()
          log(cancellation === undefined ? `${name} has finished` : `${name} was stopped: ${cancellation.reason}`)
        })
      }
      start("mine", "model")
      start("theirs", "person")
      await rest(10)
      for (const task of asyncio.findTasks(({ labels }) => labels.by === "model")) task.cancel("obsolete")
      await rest(5000)
    }
  }
]
