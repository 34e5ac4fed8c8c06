import { exec, execFile, fork, spawn } from "node:child_process"
import { once } from "node:events"
import { promisify } from "node:util"
import { progressWays, quietEnd } from "./support/clients.ts"

const library = "node:child_process"

// A process each is slow, and what a process leaves behind shows soon.
const few = { atOnce: 4, rounds: 60 }

progressWays(
  { library, operation: "promisify(exec)(command, { signal })" },
  (signal, { begun, stopped }) => {
    const running = promisify(exec)("sleep 600", { signal })
    running.child.on("spawn", begun).on("exit", stopped)
    return running
  },
  few
)

progressWays(
  { library, operation: "promisify(execFile)(file, …, { signal })" },
  (signal, { begun, stopped }) => {
    const running = promisify(execFile)("sleep", ["600"], { signal })
    running.child.on("spawn", begun).on("exit", stopped)
    return running
  },
  few
)

progressWays(
  { library, operation: 'spawn(command, …, { signal }), once(child, "exit")' },
  async (signal, { begun, stopped }) => {
    const child = spawn("sleep", ["600"], { signal })
    child.on("spawn", begun).on("exit", stopped)
    const [code] = (await once(child, "exit")) as [number | null]
    return code
  },
  few
)

progressWays(
  { library, operation: "for await (… of child.stdout)", recipe: quietEnd },
  async (signal, { begun, stopped }) => {
    const child = spawn("sh", ["-c", "echo a line; exec sleep 600"], { signal })
    child.on("exit", stopped)
    // Without it the error of a child that the signal has killed would be nobody's.
    child.on("error", () => {})
    for await (const _ of child.stdout) begun()
  },
  { ...few, quiet: true }
)

progressWays(
  { library, operation: 'fork(file, { signal }), once(child, "message")' },
  async (signal, { begun, stopped }) => {
    const child = fork("-e", ["process.on('message', () => {}); process.send('up')"], { signal, execArgv: [] })
    child.on("exit", stopped)
    await once(child, "message")
    begun()
    return once(child, "message")
  },
  { atOnce: 2, rounds: 8 }
)
