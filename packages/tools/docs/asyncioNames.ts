// Writes asyncioNames.json, which docs/coming-from-asyncio.md is held to: the public names of asyncio, and the members of its classes,
// in each Python of `versions` on each platform of `platforms`. `npm run dev -- asyncio:names`, which needs the npm registry.
//
// They come from typeshed, the stubs that type checkers read the standard library by, because those say for one version and
// platform after the other what there is; a Python that is installed knows its own only. The stubs are those in the npm package
// pyright, the version below. Python reads them, by its own parser (asyncioNames.py). What the CPython 3.14 of the conformance
// tests exports has to be in the list: docs/test/pages/comingFromAsyncio.test.ts.
import { execFileSync } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { loadPyodide } from "pyodide"
import { isProgram, root } from "../repository.ts"

const pyright = "1.1.414"
const versions = ["3.14", "3.15"]
const platforms = { Linux: "linux", macOS: "darwin", Windows: "win32" }

/** The modules whose `__all__` counts. */
const modules = { asyncio: "asyncio/__init__.pyi", contextvars: "contextvars.pyi" }

/** The classes whose members count: those that programs hold in their hands. */
const classes = {
  "asyncio.AbstractEventLoop": "asyncio/events.pyi",
  "asyncio.AbstractServer": "asyncio/events.pyi",
  "asyncio.Barrier": "asyncio/locks.pyi",
  "asyncio.Condition": "asyncio/locks.pyi",
  "asyncio.Event": "asyncio/locks.pyi",
  "asyncio.Future": "_asyncio.pyi",
  "asyncio.Handle": "asyncio/events.pyi",
  "asyncio.Lock": "asyncio/locks.pyi",
  "asyncio.Queue": "asyncio/queues.pyi",
  "asyncio.Runner": "asyncio/runners.pyi",
  "asyncio.Semaphore": "asyncio/locks.pyi",
  "asyncio.StreamReader": "asyncio/streams.pyi",
  "asyncio.StreamWriter": "asyncio/streams.pyi",
  "asyncio.Task": "_asyncio.pyi",
  "asyncio.TaskGroup": "asyncio/taskgroups.pyi",
  "asyncio.Timeout": "asyncio/timeouts.pyi",
  "asyncio.TimerHandle": "asyncio/events.pyi",
  "asyncio.subprocess.Process": "asyncio/subprocess.pyi",
  "contextvars.Context": "_contextvars.pyi",
  "contextvars.ContextVar": "_contextvars.pyi",
  "contextvars.Token": "_contextvars.pyi",
  "unittest.IsolatedAsyncioTestCase": "unittest/async_case.pyi"
}

/** Names, each with where it is, as `3.15 Windows`; an empty list stands for all versions and platforms. */
type Places = Readonly<Record<string, ReadonlyArray<string>>>

export interface AsyncioNames {
  readonly source: { readonly pyright: string; readonly typeshed: string }
  readonly versions: ReadonlyArray<string>
  readonly platforms: ReadonlyArray<string>
  readonly modules: Readonly<Record<string, Places>>
  readonly members: Readonly<Record<string, Places>>
}

const path = join(root, "packages/tools/docs/asyncioNames.json")

export const asyncioNames = (): AsyncioNames => JSON.parse(readFileSync(path, "utf8")) as AsyncioNames

const write = async () => {
  const folder = mkdtempSync(join(tmpdir(), "typeshed-"))
  try {
    execFileSync("npm", ["pack", "--silent", `pyright@${pyright}`], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"]
    })
    execFileSync("tar", ["-xzf", `pyright-${pyright}.tgz`, "package/dist/typeshed-fallback"], { cwd: folder })
    const typeshed = join(folder, "package/dist/typeshed-fallback")
    const python = await loadPyodide()
    const stubs = "/home/pyodide/stubs"
    for (const file of globSync(["*.pyi", "asyncio/*.pyi", "unittest/*.pyi"], { cwd: join(typeshed, "stdlib") })) {
      python.FS.mkdirTree(join(stubs, file, ".."))
      python.FS.writeFile(join(stubs, file), readFileSync(join(typeshed, "stdlib", file)))
    }
    for (const [name, value] of Object.entries({ stubs, versions, platforms, modules, classes })) {
      python.globals.set(name, python.toPy(value))
    }
    const read = readFileSync(new URL("asyncioNames.py", import.meta.url), "utf8")
    const names = JSON.parse(String(python.runPython(read))) as Pick<AsyncioNames, "modules" | "members">
    const source = { pyright, typeshed: readFileSync(join(typeshed, "commit.txt"), "utf8").trim() }
    writeFileSync(
      path,
      JSON.stringify({ source, versions, platforms: Object.keys(platforms), ...names }, null, 2) + "\n"
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (isProgram(import.meta.url)) await write()
