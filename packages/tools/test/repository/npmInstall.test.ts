import { assert, describe, it } from "vitest"
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** What `npm install` says at the top of the repository. It fails before it would ask the network. */
const npmInstall = () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-asyncio-npm-"))
  try {
    copyFileSync(new URL("../../../../package.json", import.meta.url), join(folder, "package.json"))
    return spawnSync("npm", ["install", "--offline"], {
      cwd: folder,
      encoding: "utf8",
      shell: process.platform === "win32"
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe("npm install", () => {
  it("says what to type instead", () => {
    const { status, stderr } = npmInstall()

    assert.notStrictEqual(status, 0)
    assert.include(stderr, "Type npm test")
  })
})
