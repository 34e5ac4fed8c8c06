import { once } from "node:events"
import { createInterface } from "node:readline/promises"
import { createInterface as createLines } from "node:readline"
import { PassThrough } from "node:stream"
import { localWays, quietEnd } from "./support/clients.ts"

const library = "node:readline"

localWays({ library, operation: "question(query, { signal })" }, async (signal) => {
  const lines = createInterface({ input: new PassThrough(), output: new PassThrough() })
  try {
    return await lines.question("who is there? ", { signal })
  } finally {
    lines.close()
  }
})

localWays(
  { library, operation: "for await (… of createInterface(…))", recipe: quietEnd },
  async (signal) => {
    const input = new PassThrough()
    input.write("a line\n")
    const seen: Array<string> = []
    for await (const line of createLines({ input, signal })) seen.push(line)
    return `${seen.length} lines, as if the input had ended`
  },
  { quiet: true }
)

localWays(
  { library, operation: 'once(lines, "close"), { signal }', recipe: quietEnd },
  async (signal) => {
    const lines = createLines({ input: new PassThrough(), signal })
    await once(lines, "close")
    return "closed"
  },
  { quiet: true }
)
