import { createOpenAI } from "@ai-sdk/openai"
import { generateText, streamText } from "ai"
import { bodyWays, requestWays, silent } from "./support/clients.ts"
import { openaiResponses } from "./support/models.ts"

const library = "ai"

const modelAt = (baseURL: string) => createOpenAI({ apiKey: "none", baseURL })("gpt-fake")
const prompt = "Hello?"

requestWays({ library, operation: "generateText({ abortSignal })" }, silent(), (url, abortSignal) =>
  generateText({ model: modelAt(url), prompt, abortSignal })
)

bodyWays(
  { library, operation: "for await (… of textStream)" },
  async (url, abortSignal, reading) => {
    for await (const _ of streamText({ model: modelAt(url), prompt, abortSignal }).textStream) reading()
    return "as if the answer had ended"
  },
  openaiResponses()
)

bodyWays(
  { library, operation: "for await (… of fullStream)" },
  async (url, abortSignal, reading) => {
    for await (const part of streamText({ model: modelAt(url), prompt, abortSignal }).fullStream) {
      if (part.type === "text-delta") reading()
    }
    return "as if the answer had ended"
  },
  openaiResponses()
)

bodyWays(
  { library, operation: "await streamText(…).text" },
  async (url, abortSignal, reading) => {
    const result = streamText({
      model: modelAt(url),
      prompt,
      abortSignal,
      onChunk: () => reading()
    })
    return result.text
  },
  openaiResponses()
)
