import { execa } from "execa"
import { progressWays } from "./support/clients.ts"

const library = "execa"
const few = { atOnce: 4, rounds: 60 }

progressWays(
  { library, operation: "execa(file, …, { cancelSignal })" },
  (signal, { begun, stopped }) => {
    const child = execa("sleep", ["600"], { cancelSignal: signal })
    child.once("spawn", begun).once("exit", stopped)
    return child
  },
  few
)

progressWays(
  { library, operation: "execa({ cancelSignal })`…`" },
  (signal, { begun, stopped }) => {
    const child = execa({ cancelSignal: signal })`sleep 600`
    child.once("spawn", begun).once("exit", stopped)
    return child
  },
  few
)

progressWays(
  { library, operation: "for await (… of execa(…))" },
  async (signal, { begun, stopped }) => {
    const child = execa("sh", ["-c", "echo a line; exec sleep 600"], { cancelSignal: signal })
    child.once("exit", stopped)
    for await (const _ of child) begun()
  },
  few
)
