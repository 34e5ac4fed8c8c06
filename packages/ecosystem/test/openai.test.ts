import OpenAI from "openai"
import { bodyWays, quietEnd, requestWays, silent } from "./support/clients.ts"
import { openaiChat, openaiResponses } from "./support/models.ts"

const library = "openai"

const clientOf = (baseURL: string) => new OpenAI({ apiKey: "none", baseURL })
const messages = [{ role: "user" as const, content: "Hello?" }]
const model = "gpt-fake"

requestWays({ library, operation: "chat.completions.create(…, { signal })" }, silent(), (url, signal) =>
  clientOf(url).chat.completions.create({ model, messages }, { signal })
)

requestWays({ library, operation: "responses.create(…, { signal })" }, silent(), (url, signal) =>
  clientOf(url).responses.create({ model, input: "Hello?" }, { signal })
)

bodyWays(
  { library, operation: "for await, chat.completions.create", recipe: quietEnd },
  async (url, signal, reading) => {
    const stream = await clientOf(url).chat.completions.create({ model, messages, stream: true }, { signal })
    for await (const _ of stream) reading()
    return "as if the answer had ended"
  },
  openaiChat(),
  { quiet: true }
)

bodyWays(
  { library, operation: "for await, responses.create", recipe: quietEnd },
  async (url, signal, reading) => {
    const stream = await clientOf(url).responses.create({ model, input: "Hello?", stream: true }, { signal })
    for await (const _ of stream) reading()
    return "as if the answer had ended"
  },
  openaiResponses(),
  { quiet: true }
)

bodyWays(
  { library, operation: "chat.completions.stream(…).finalContent()" },
  async (url, signal, reading) => {
    const runner = clientOf(url).chat.completions.stream({ model, messages }, { signal })
    runner.on("content", reading)
    return runner.finalContent()
  },
  openaiChat()
)
