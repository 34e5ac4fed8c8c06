import { readFileSync } from "node:fs"
import { Ajv2020 } from "ajv/dist/2020.js"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { cli, type Program, start, untilWaiting, withFolder } from "./process.ts"

const schema = JSON.parse(readFileSync(new URL("../schema.json", import.meta.url), "utf8")) as { $defs: object }
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
ajv.addSchema(schema, "schema")

let program: Program
let files: ReturnType<typeof withFolder>

beforeAll(async () => {
  files = withFolder()
  program = await start("service.ts")
  await untilWaiting(program, 11)
})

afterAll(async () => {
  await program.end()
  files.remove()
})

describe("the schema", () => {
  it.each([
    ["list", []],
    ["dump", []],
    ["ps", []],
    ["pstree", []],
    ["where", ["waiter"]],
    ["top", []],
    ["cancel", ["stubborn", "--wait", "0"]],
    // Again, now that ages and what has ended are known, and one is asked to cancel itself.
    ["cancel", ["sleeper"]],
    ["where", ["sleeper"]],
    ["where", ["stubborn"]],
    ["dump", []]
  ] as const)("holds for what %s %j prints", async (command, args) => {
    const target = command === "list" ? [] : ["service.ts"]
    const { out } = await cli(command, ...target, ...args, "--json")
    const validate = ajv.getSchema(`schema#/$defs/${command}`)!

    void validate(JSON.parse(out))

    assert.deepStrictEqual(validate.errors ?? [], [])
  })
})
