// `npm run dev -- rooms`, a part of `npm run lint`: who imports what in core and compat, and no circles in any package. The table below is
// all that is allowed; docs/design.md says what each room is for. oxlint does the looking.
import { spawnSync } from "node:child_process"
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { isProgram, root } from "../repository.ts"

/** The rooms of core's internal/, and whom each knows, types included. No room knows a public file; those know all rooms. */
export const rooms: Readonly<Record<string, ReadonlyArray<string>>> = {
  data: [],
  host: ["data"],
  model: ["data", "host"],
  loop: ["data", "host", "model"],
  task: ["data", "host", "model", "loop"],
  make: ["data", "host", "model", "loop", "task"],
  sync: ["data", "host", "model", "loop", "task", "make"],
  combine: ["data", "host", "model", "loop", "task", "make", "sync"],
  run: ["data", "host", "model", "loop", "task", "make", "sync", "combine"],
  leaks: ["data", "host", "model", "loop", "task", "make", "sync", "combine", "run"]
}

const folder = (files: string, group: ReadonlyArray<string>, message: string) => ({
  files: [files],
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] }
})

const config = {
  plugins: ["import"],
  categories: { correctness: "off" },
  // Files, at run time: types may know each other.
  rules: { "import/no-cycle": ["error", { ignoreTypes: true }] },
  overrides: [
    ...Object.entries(rooms).map(([room, known]) =>
      folder(
        `**/core/src/internal/${room}/**`,
        ["../**", ...known.map((each) => `!../${each}/*`)],
        `${room}/ knows ${known.length === 0 ? "no other room" : known.join(", ")}, and no public file`
      )
    ),
    folder("**/core/src/{,lowlevel/}*.ts", ["**/testing/*"], "nothing knows testing/"),
    folder("**/compat/src/internal/**", ["../**"], "internal/ knows no public file")
  ]
}

/** Looks at the sources below `folders`, and gives what oxlint says, and whether it has found nothing. */
export const checkRooms = (folders: ReadonlyArray<string>): { readonly ok: boolean; readonly text: string } => {
  const temporary = mkdtempSync(join(tmpdir(), "rooms-"))
  try {
    const file = join(temporary, "oxlintrc.json")
    writeFileSync(file, JSON.stringify(config))
    const oxlint = join(root, "node_modules/oxlint/bin/oxlint")
    const { status, stderr, stdout } = spawnSync(process.execPath, [oxlint, "--config", file, ...folders], {
      cwd: root,
      encoding: "utf8"
    })
    return { ok: status === 0, text: stripVTControlCharacters(stdout + stderr) }
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

if (isProgram(import.meta.url)) {
  const { ok, text } = checkRooms(globSync("packages/*/src", { cwd: root }))
  console.log(text.trim())
  process.exitCode = ok ? 0 : 1
}
