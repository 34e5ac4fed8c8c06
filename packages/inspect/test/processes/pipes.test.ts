// What is done on Windows, with names of pipes that are given. Whether Windows takes them nobody has tried.
import { once } from "node:events"
import { join } from "node:path"
import { spawn } from "node:child_process"
import { assert, describe, it } from "vitest"
import { find, findAll } from "../../src/client/find.ts"
import { folderPath, makeFolder } from "../../src/folder.ts"
import { placeText } from "../../src/place.ts"
import { placeOfPipe, pipePath, pipesOf } from "../../src/pipes.ts"
import type { Sockets } from "../../src/sockets.ts"
import { greeting, nobody, pretend, withPretenders } from "../impostor.ts"

describe("a pipe", () => {
  it("is called by its user and its process", () => {
    assert.strictEqual(pipePath("ada", { pid: 4711, part: 0 }), String.raw`\\.\pipe\effect-asyncio-ada-4711`)
  })

  it("has no sign in its name that means something there", () => {
    assert.strictEqual(
      pipePath("COMPANY\\ada l.", { pid: 1, part: 0 }),
      String.raw`\\.\pipe\effect-asyncio-COMPANY_ada_l.-1`
    )
  })

  it.each([
    ["effect-asyncio-ada-4711", "4711"],
    ["effect-asyncio-ada-4711:2", "4711:2"],
    ["effect-asyncio-ada-4711:0", undefined],
    ["effect-asyncio-bob-4711", undefined],
    ["effect-asyncio-ada-b-4711", undefined],
    ["effect-asyncio-ada-0", undefined],
    ["effect-asyncio-ada-", undefined],
    ["docker_engine", undefined]
  ])("%s is of the place %s", (name, text) => {
    const place = placeOfPipe("ada", name)

    assert.strictEqual(place && placeText(place), text)
  })
})

describe("the pipes of a user", () => {
  const files = withPretenders()

  /** As on Windows, but for where they lead: here to sockets in a folder. */
  const pipes = (names: () => ReadonlyArray<string>): Sockets => ({
    ...pipesOf("ada", names),
    path: (place) => join(files.folder, `${placeText(place)}.sock`)
  })

  const problemOf = (finding: Promise<unknown>) =>
    finding.then(
      () => "found",
      (error: unknown) => String(error)
    )

  it("are those with the name of the user, by the numbers of their processes", () => {
    const { areThere, exists, isOwn, path, places } = pipesOf("ada", () => [
      "effect-asyncio-ada-4711",
      "docker_engine",
      "effect-asyncio-bob-12",
      "effect-asyncio-ada-99:10",
      "effect-asyncio-ada-99",
      "effect-asyncio-ada-99:9"
    ])
    const [first] = places()

    assert.deepStrictEqual(places().map(placeText), ["99", "99:9", "99:10", "4711"])
    assert.deepStrictEqual(
      { areThere: areThere(), exists: exists(path(first!)), isOwn: isOwn(path(first!)) },
      { areThere: true, exists: true, isOwn: true }
    )
  })

  it("lead to the processes, of which some have ended meanwhile and one is somebody else", async () => {
    await pretend(files.folder, nobody, greeting({ name: "api" }))
    await pretend(files.folder, nobody - 1, "220 ready\r\n")
    const names = [nobody, nobody - 1, nobody - 2].map((pid) => `effect-asyncio-ada-${pid}`)

    const found = await findAll(
      {},
      pipes(() => names)
    )
    for (const { connection } of found) connection?.close()

    assert.deepStrictEqual(
      found.map(({ connection, place, problem }) => [place.pid, connection?.hello.name ?? problem]),
      [
        [nobody - 1, `what listens for process ${nobody - 1} is no process of @effect-asyncio/inspect`],
        [nobody, "api"]
      ]
    )
  })

  it("are tried for a process, which may have none, or have ended", async () => {
    const none = pipes(() => [])
    const child = spawn(process.execPath, ["-e", ""])
    await once(child, "close")

    assert.match(
      await problemOf(find(String(process.pid), {}, none)),
      /^InspectError: process \d+ does not let itself be looked into/
    )
    assert.strictEqual(
      await problemOf(find(String(child.pid), {}, none)),
      `InspectError: there is no process ${child.pid}`
    )
  })

  it("need not be listed for a process that is given by its number", async () => {
    await pretend(files.folder, nobody, greeting())
    const unlisted = pipes(() => {
      throw new Error("EPERM")
    })

    const connection = await find(String(nobody), {}, unlisted)
    connection.close()

    assert.strictEqual(connection.hello.pid, nobody)
    assert.strictEqual(
      await problemOf(find("api", {}, unlisted)),
      "InspectError: the pipes of this machine cannot be listed: give a process by its number (EPERM)"
    )
  })

  it("are in no folder for files: heap snapshots are in that of the user", () => {
    assert.strictEqual(makeFolder(), folderPath())
    assert.notInclude(folderPath(), "pipe")
  })
})
