/**
 * The HTTP interfaces of language models, as far as it needs to stream a word: then they fall silent.
 */
import { SilentServer } from "./servers.ts"

interface Message {
  readonly type?: string
  readonly [field: string]: unknown
}

/** Sends events of a stream; a name only where the interface has names. */
export const events = (messages: ReadonlyArray<Message>, named = false): SilentServer =>
  new SilentServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    for (const message of messages) {
      if (named) response.write(`event: ${message.type}\n`)
      response.write(`data: ${JSON.stringify(message)}\n\n`)
    }
  })

const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "gpt-fake" }

export const openaiChat = () =>
  events([{ ...chunk, choices: [{ index: 0, delta: { role: "assistant", content: "Hello" }, finish_reason: null }] }])

const response = {
  id: "resp_1",
  object: "response",
  created_at: 1,
  model: "gpt-fake",
  output: [],
  status: "in_progress"
}
const item = { id: "msg_1", type: "message", role: "assistant", content: [], status: "in_progress" }

export const openaiResponses = () =>
  events(
    [
      { type: "response.created", sequence_number: 0, response },
      { type: "response.output_item.added", sequence_number: 1, output_index: 0, item },
      {
        type: "response.content_part.added",
        sequence_number: 2,
        item_id: "msg_1",
        output_index: 0,
        content_index: 0,
        part: { type: "output_text", text: "", annotations: [] }
      },
      {
        type: "response.output_text.delta",
        sequence_number: 3,
        item_id: "msg_1",
        output_index: 0,
        content_index: 0,
        delta: "Hello",
        logprobs: []
      }
    ],
    true
  )

const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-fake",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 }
}

export const anthropicMessages = () =>
  events(
    [
      { type: "message_start", message },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } }
    ],
    true
  )
