import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { checkRooms, rooms } from "../../checks/rooms.ts"

const packages = fileURLToPath(new URL("../../..", import.meta.url))

let copy: string

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "rooms-test-"))
  for (const name of ["core", "compat", "inspect"])
    cpSync(join(packages, name, "src"), join(copy, name, "src"), { recursive: true })
})

afterEach(() => rmSync(copy, { recursive: true }))

/** What is said when `statement` is added to a file. */
const saidOf = (file: string, statement: string): ReadonlyArray<string> => {
  appendFileSync(join(copy, file), `\n${statement}\n`)
  const { ok, text } = checkRooms([copy])
  assert.isFalse(ok)
  return Array.from(text.matchAll(/help: (.*)/g), ([, help = ""]) => help)
}

describe("the rooms", () => {
  it("are kept, and are all that there are", () => {
    const { ok, text } = checkRooms([copy])

    assert.isTrue(ok, text)
    assert.sameMembers(readdirSync(join(packages, "core/src/internal")), Object.keys(rooms))
  })

  it("know only those that stand before them", () => {
    const names = Object.keys(rooms)

    for (const [n, known] of Object.values(rooms).entries()) assert.deepStrictEqual(known, names.slice(0, n))
  })

  it("are not kept by a type of a room above", () => {
    assert.deepStrictEqual(
      saidOf("core/src/internal/loop/failures.ts", 'export type { TaskImpl } from "../task/task.ts"'),
      ["loop/ knows data, host, model, and no public file"]
    )
  })

  it("are not kept by a type of a public file", () => {
    assert.deepStrictEqual(saidOf("core/src/internal/run/patience.ts", 'export type { Lock } from "../../Lock.ts"'), [
      "run/ knows data, host, model, loop, task, make, sync, combine, and no public file"
    ])
  })

  it("are not kept by a type of a public file of compat", () => {
    assert.deepStrictEqual(saidOf("compat/src/internal/words.ts", 'export type { Lock } from "../Lock.ts"'), [
      "internal/ knows no public file"
    ])
  })

  it("are not kept by two files that need each other when they are loaded", () => {
    const [first] = saidOf("core/src/internal/task/cancellation.ts", 'export { Wait as W } from "./wait.ts"')

    assert.match(first!, /cycle/)
  })

  it("are not all: in no package may two files need each other when they are loaded", () => {
    const [first] = saidOf("inspect/src/target/observing.ts", 'export { Watch } from "./watch.ts"')

    assert.match(first!, /cycle/)
  })
})
