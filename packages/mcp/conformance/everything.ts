/**
 * What the other scenarios of the conformance suite ask for: tools, prompts and resources with given names.
 */
import { reportProgress } from "@effect-asyncio/mcp"
import * as asyncio from "@effect-asyncio/compat"
import {
  completable,
  createRequestStateCodec,
  fromJsonSchema,
  inputRequired,
  type McpHttpHandler,
  type McpServer,
  ResourceTemplate
} from "@modelcontextprotocol/server"
import * as z from "zod"

/** A red pixel. */
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="

/** A WAV file without a sample. */
const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="

const text = (said: string) => ({ type: "text" as const, text: said })
const image = { type: "image" as const, data: png, mimeType: "image/png" }
const resource = (uri: string, mimeType: string, said: string) => ({
  type: "resource" as const,
  resource: { uri, mimeType, text: said }
})

const addContents = (server: McpServer): void => {
  const contents = {
    test_simple_text: [text("This is a simple text response for testing.")],
    test_image_content: [image],
    test_audio_content: [{ type: "audio" as const, data: wav, mimeType: "audio/wav" }],
    test_embedded_resource: [
      resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")
    ],
    test_multiple_content_types: [
      text("Multiple content types test:"),
      image,
      resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')
    ]
  }
  for (const [name, content] of Object.entries(contents)) {
    server.registerTool(name, { description: `Answers with ${name}` }, async () => ({ content }))
  }
  server.registerTool("test_error_handling", { description: "Fails" }, async () => {
    throw new Error("This tool intentionally returns an error for testing")
  })
  server.registerTool("test_tool_with_progress", { description: "Tells how far it is" }, async () => {
    for (const progress of [0, 50, 100]) {
      reportProgress(progress, { total: 100 })
      await asyncio.sleep(50)
    }
    return { content: [text("done")] }
  })
}

const user = <C>(content: C) => ({ role: "user" as const, content })

/** An argument of a prompt that clients can complete. */
const place = (description: string) =>
  completable(z.string().describe(description), (value) =>
    ["paris", "park", "party"].filter((each) => each.startsWith(value))
  )

const addPrompts = (server: McpServer): void => {
  server.registerPrompt("test_simple_prompt", { description: "A text" }, () => ({
    messages: [user(text("This is a simple prompt for testing."))]
  }))
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "Two arguments", argsSchema: z.object({ arg1: place("The first"), arg2: place("The second") }) },
    ({ arg1, arg2 }) => ({ messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))] })
  )
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "A resource", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => ({
      messages: [
        user(resource(resourceUri, "text/plain", "Embedded resource content for testing.")),
        user(text("Please process the embedded resource above."))
      ]
    })
  )
  server.registerPrompt("test_prompt_with_image", { description: "An image" }, () => ({
    messages: [user(image), user(text("Please analyze the image above."))]
  }))
  server.registerPrompt("test_input_required_result_prompt", { description: "Asks first" }, ({ mcpReq }) =>
    mcpReq.inputResponses?.["user_context"] === undefined
      ? inputRequired({ inputRequests: { user_context: form("What context should the prompt use?", "context") } })
      : { messages: [user(text(JSON.stringify(mcpReq.inputResponses["user_context"])))] }
  )
}

const addResources = (server: McpServer): void => {
  server.registerResource(
    "static-text",
    "test://static-text",
    { description: "A text", mimeType: "text/plain" },
    ({ href }) => ({
      contents: [{ uri: href, mimeType: "text/plain", text: "This is the content of the static text resource." }]
    })
  )
  server.registerResource(
    "static-binary",
    "test://static-binary",
    { description: "An image", mimeType: "image/png" },
    ({ href }) => ({ contents: [{ uri: href, mimeType: "image/png", blob: png }] })
  )
  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { description: "Data by an id", mimeType: "application/json" },
    ({ href }, { id }) => ({
      contents: [
        {
          uri: href,
          mimeType: "application/json",
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` })
        }
      ]
    })
  )
}

/** A form with one field, which takes a text. */
const form = (message: string, field: string) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: "object", properties: { [field]: { type: "string" } }, required: [field] }
  })

const confirm = inputRequired.elicit({
  message: "Please confirm",
  requestedSchema: { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] }
})

const sample = (question: string, maxTokens: number) =>
  inputRequired.createMessage({ messages: [{ role: "user", content: text(question) }], maxTokens })

// A state that a client has changed is refused by the SDK, because the server has this codec's `verify`.
export const stateCodec = createRequestStateCodec({ key: "a key that is long enough for the conformance suite" })

const said = (answer: unknown) => JSON.stringify(answer)

const addInputs = (server: McpServer): void => {
  const add = (
    name: string,
    tool: (answers: Readonly<Record<string, unknown>>, state: unknown, capabilities: object) => unknown
  ) =>
    server.registerTool(name, { description: "Asks first" }, async ({ mcpReq }) => {
      const capabilities = (mcpReq.envelope as Readonly<Record<string, object>> | undefined)?.[
        "io.modelcontextprotocol/clientCapabilities"
      ]
      const result = await tool(mcpReq.inputResponses ?? {}, mcpReq.requestState(), capabilities ?? {})
      return typeof result === "string" ? { content: [text(result)] } : (result as ReturnType<typeof inputRequired>)
    })
  add("test_input_required_result_elicitation", ({ user_name }) =>
    user_name === undefined
      ? inputRequired({ inputRequests: { user_name: form("What is your name?", "name") } })
      : `Hello, ${(user_name as { content?: { name?: string } }).content?.name}!`
  )
  add("test_input_required_result_sampling", ({ capital_question }) =>
    capital_question === undefined
      ? inputRequired({ inputRequests: { capital_question: sample("What is the capital of France?", 100) } })
      : said(capital_question)
  )
  add("test_input_required_result_list_roots", ({ client_roots }) =>
    client_roots === undefined
      ? inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
      : said(client_roots)
  )
  for (const name of ["test_input_required_result_request_state", "test_input_required_result_tampered_state"]) {
    add(name, async (answers, state) =>
      answers["confirm"] === undefined || state === undefined
        ? inputRequired({
            inputRequests: { confirm },
            requestState: await stateCodec.mint({ name })
          })
        : "state-ok"
    )
  }
  add("test_input_required_result_multiple_inputs", async ({ client_roots, greeting, user_name }) =>
    client_roots === undefined || greeting === undefined || user_name === undefined
      ? inputRequired({
          inputRequests: {
            user_name: form("What is your name?", "name"),
            greeting: sample("Generate a greeting", 50),
            client_roots: inputRequired.listRoots()
          },
          requestState: await stateCodec.mint({ asked: 3 })
        })
      : said([user_name, greeting, client_roots])
  )
  add("test_input_required_result_multi_round", async ({ step1, step2 }, state) => {
    if (step2 !== undefined && state !== undefined) return said([state, step2])
    return step1 === undefined
      ? inputRequired({
          inputRequests: { step1: form("Step 1: What is your name?", "name") },
          requestState: await stateCodec.mint({ step: 1 })
        })
      : inputRequired({
          inputRequests: { step2: form("Step 2: What is your favorite color?", "color") },
          requestState: await stateCodec.mint({ step: 2, step1 })
        })
  })
  add("test_input_required_result_capabilities", (answers, _state, capabilities) =>
    Object.keys(answers).length > 0
      ? said(answers)
      : inputRequired({
          inputRequests: {
            ...("elicitation" in capabilities ? { name: form("What is your name?", "name") } : {}),
            ...("sampling" in capabilities ? { greeting: sample("Generate a greeting", 50) } : {})
          },
          requestState: "asked"
        })
  )
}

/** What the suite calls to see what is sent on which stream. */
const addStreams = (server: McpServer, notify: McpHttpHandler["notify"]): void => {
  server.registerTool("test_missing_capability", { description: "Needs sampling" }, async () =>
    inputRequired({ inputRequests: { question: sample("Anything?", 10) } })
  )
  server.registerTool("test_streaming_elicitation", { description: "Asks while it streams" }, async () => {
    reportProgress(1)
    return inputRequired({ inputRequests: { name: form("What is your name?", "name") } })
  })
  server.registerTool("test_logging_tool", { description: "Logs nothing that nobody has asked for" }, async () => ({
    content: [text("logged")]
  }))
  server.registerTool("test_trigger_tool_change", { description: "Changes the list of tools" }, async () => {
    notify.toolsChanged()
    return { content: [] }
  })
  server.registerTool("test_trigger_prompt_change", { description: "Changes the list of prompts" }, async () => {
    notify.promptsChanged()
    return { content: [] }
  })
}

const valid = async () => ({ content: [text("valid")] })

/** Schemas that the suite wants to see as they are. */
const addSchemas = (server: McpServer): void => {
  const word = { type: "string" }
  const schema = fromJsonSchema({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: { address: { $anchor: "addressDef", type: "object", properties: { street: word, city: word } } },
    properties: {
      name: word,
      address: { $ref: "#/$defs/address" },
      contactMethod: { type: "string", enum: ["phone", "email"] },
      phone: word,
      email: word
    },
    allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
    if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
    then: { required: ["phone"] },
    else: { required: ["email"] },
    additionalProperties: false
  })
  server.registerTool("json_schema_2020_12_tool", { description: "Keywords of 2020-12", inputSchema: schema }, valid)
  const region = fromJsonSchema({
    type: "object",
    // The keyword is of MCP, and no type of JSON Schema knows it.
    properties: { region: { type: "string", "x-mcp-header": "Region" } as object },
    required: ["region"]
  })
  server.registerTool("test_x_mcp_header", { description: "An argument as a header", inputSchema: region }, valid)
}

export const addEverything = (server: McpServer, notify: McpHttpHandler["notify"]): void => {
  addContents(server)
  addPrompts(server)
  addResources(server)
  addInputs(server)
  addStreams(server, notify)
  addSchemas(server)
}
