import Anthropic from "@anthropic-ai/sdk"
import { bodyWays, quietEnd, requestWays, silent } from "./support/clients.ts"
import { anthropicMessages } from "./support/models.ts"

const library = "@anthropic-ai/sdk"

const clientOf = (baseURL: string) => new Anthropic({ apiKey: "none", baseURL })
const parameters = {
  model: "claude-fake",
  max_tokens: 100,
  messages: [{ role: "user" as const, content: "Hello?" }]
}

requestWays({ library, operation: "messages.create(…, { signal })" }, silent(), (url, signal) =>
  clientOf(url).messages.create(parameters, { signal })
)

bodyWays(
  { library, operation: "for await, messages.create", recipe: quietEnd },
  async (url, signal, reading) => {
    const stream = await clientOf(url).messages.create({ ...parameters, stream: true }, { signal })
    for await (const _ of stream) reading()
    return "as if the answer had ended"
  },
  anthropicMessages(),
  { quiet: true }
)

bodyWays(
  { library, operation: "messages.stream(…).finalMessage()" },
  (url, signal, reading) => clientOf(url).messages.stream(parameters, { signal }).on("text", reading).finalMessage(),
  anthropicMessages()
)

bodyWays(
  { library, operation: "for await, messages.stream" },
  async (url, signal, reading) => {
    for await (const _ of clientOf(url).messages.stream(parameters, { signal })) reading()
    return "as if the answer had ended"
  },
  anthropicMessages()
)
