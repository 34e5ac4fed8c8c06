// What is meant by a text that stands for a process, a task or a label.
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { cli, type Program, start, untilWaiting, withFolder } from "../process.ts"

/** No process has this number, which is the name of one. */
const name = "999999991:1"

let files: ReturnType<typeof withFolder>
let program: Program
let pid: string

beforeAll(async () => {
  files = withFolder()
  program = await start("named.ts", { EFFECT_ASYNCIO_INSPECT_NAME: name })
  pid = String(program.pid)
  await untilWaiting(program, 8)
})

afterAll(async () => {
  await program.end()
  files.remove()
})

const firstLine = async (...args: ReadonlyArray<string>) => {
  const { code, err, out } = await cli(...args)
  return [code, `${out}${err}`.replace(/^the process is observed.*\n/m, "").split("\n")[0]]
}

describe("a task", () => {
  it.each([
    ["3", "3 is the number of plain (3) and the name of 3 (2): say number:3 or name:3"],
    ["77", "no task has the number 77, but one is called 77: 77 (4). Say name:77"]
  ])("is not guessed from %s, which is a name", async (task, message) => {
    assert.deepStrictEqual(await firstLine("where", pid, task), [1, message])
    assert.deepStrictEqual(await firstLine("cancel", pid, task), [1, message])
    assert.deepStrictEqual(await firstLine("cancel", pid, "--tree", task), [1, message])
  })

  it.each([
    ["number:3", "plain (3), pending"],
    ["name:3", "3 (2), pending"],
    ["2", "3 (2), pending"],
    ["name:77", "77 (4), pending"],
    ["name:plain", "plain (3), pending"],
    ["name:worker", "name:worker (5), pending"]
  ])("is known by %s", async (task, title) => {
    assert.deepStrictEqual(await firstLine("where", pid, task), [0, title])
  })

  it("is cancelled by the name that was meant", async () => {
    assert.deepStrictEqual(await firstLine("cancel", pid, "name:77"), [0, "77 (4): cancelled"])
  })
})

describe("a process whose name looks like the place of another", () => {
  it("is found by its name where it is said to be one", async () => {
    const { code, out } = await cli("ps", `name:${name}`)

    assert.strictEqual(code, 0)
    assert.strictEqual((await cli("ps", `number:${pid}`)).out, out)
  })

  it("is told of where there is no other", async () => {
    assert.deepStrictEqual(await firstLine("ps", name), [
      1,
      `there is no process 999999991. What is called ${name} is ${pid}: say name:${name}`
    ])
  })
})

describe("a label", () => {
  it("with a = in its key or its value is not guessed where tasks have both", async () => {
    assert.deepStrictEqual(await firstLine("cancel", pid, "--label", "a=b=c"), [
      1,
      '--label a=b=c says more than one thing: "a" is "b=c" of value (7); "a=b" is "c" of key (6). Cancel by numbers'
    ])
  })

  it("that a task does not have is not undefined", async () => {
    for (const label of ["job=undefined", "toString=undefined", "job=1=2"]) {
      assert.deepStrictEqual(await firstLine("cancel", pid, "--label", label), [
        1,
        `no task was asked: none has ${label}; there are a=b=c, x=y=z`
      ])
    }
  })

  it("has one value", async () => {
    assert.deepStrictEqual(await firstLine("cancel", pid, "--label", "job=1", "job=2"), [
      2,
      "--label has job twice: a task has one value of it"
    ])
  })

  it("with a = in its key is found by how it is printed", async () => {
    assert.deepStrictEqual(await firstLine("cancel", pid, "--label", "x=y=z"), [0, "other key (8): cancelled"])
  })
})
