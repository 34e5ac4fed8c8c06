/**
 * An implementation under test: a process that reads scripts as JSONL on stdin and writes answers as JSONL on stdout.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Script } from "./script.ts"

export interface Candidate {
  readonly name: string
  readonly command: string
  readonly args: ReadonlyArray<string>
}

export type CandidateAnswer =
  | { readonly trace: ReadonlyArray<string> }
  | { readonly unsupported: string }
  | { readonly error: string }

const program = (file: string): ReadonlyArray<string> => [
  ...process.execArgv,
  "--conditions=@effect-asyncio/source",
  fileURLToPath(new URL(file, import.meta.url))
]

/** The implementations in this repository, by name. */
export const implementations: { readonly [name: string]: Candidate } = {
  core: { name: "core", command: process.execPath, args: program("./core.ts") },
  compat: { name: "compat", command: process.execPath, args: program("./compat.ts") }
}

/** Any other implementation, by the command that starts it. */
export const fromCommand = (command: string): Candidate =>
  process.platform === "win32"
    ? { name: "candidate", command: "cmd.exe", args: ["/d", "/s", "/c", command] }
    : // `exec` makes the command itself the process that can be killed.
      { name: "candidate", command: "/bin/sh", args: ["-c", `exec ${command}`] }

export interface RunOptions {
  /** How long a process may take, in milliseconds, plus 20 for every script. */
  readonly patience?: number
}

// A process that never answers is not tried with every script: it is the process, not the scripts.
const hopeless = 5

/**
 * Runs scripts and gives their answers by id; every script has one. When the process crashes or hangs, the scripts that
 * are left without an answer run again in smaller groups, so that only the one that did it is blamed.
 */
export const runCandidate = async (
  candidate: Candidate,
  scripts: ReadonlyArray<Script>,
  { patience = 30_000 }: RunOptions = {}
): Promise<Map<string, CandidateAnswer>> => {
  const answers = new Map<string, CandidateAnswer>()
  let blamed = 0
  let lastError = ""
  const answer = async (group: ReadonlyArray<Script>): Promise<void> => {
    if (blamed >= hopeless && blamed === answers.size) {
      for (const { id } of group) {
        answers.set(id, { error: lastError })
        blamed++
      }
      return
    }
    if (group.length === 0) return
    const ended = await runOnce(candidate, group, patience + 20 * group.length)
    for (const line of ended.output.split("\n")) takeAnswer(line, answers)
    const missing = group.filter(({ id }) => !answers.has(id))
    const [suspect, ...rest] = missing
    if (suspect === undefined) return
    if (group.length === 1) {
      const said = ended.errors.trim().slice(-1000)
      lastError = `${ended.how}${said === "" ? "" : `: ${said}`}`
      answers.set(suspect.id, { error: lastError })
      blamed++
      return
    }
    // A process that answers as it goes died of the first script without an answer.
    await answer([suspect])
    const middle = missing.length === group.length ? rest.length >> 1 : 0
    await answer(rest.slice(0, middle))
    await answer(rest.slice(middle))
  }
  await answer(scripts)
  return answers
}

const takeAnswer = (line: string, answers: Map<string, CandidateAnswer>): void => {
  if (line.trim() === "") return
  try {
    const answer = JSON.parse(line) as CandidateAnswer & { readonly id: string }
    answers.set(answer.id, answer)
  } catch {
    // Half a line, written by a process that was killed: its script has no answer.
  }
}

interface Ended {
  readonly output: string
  readonly errors: string
  readonly how: string
}

const runOnce = (candidate: Candidate, scripts: ReadonlyArray<Script>, patience: number): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(candidate.command, candidate.args, { stdio: ["pipe", "pipe", "pipe"] })
    let output = ""
    let errors = ""
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill("SIGKILL")
    }, patience)
    const end = (how: string) => {
      clearTimeout(timer)
      resolve({ output, errors, how: timedOut ? `no answer within ${patience} ms` : how })
    }
    child.stdout.setEncoding("utf8").on("data", (text: string) => void (output += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (errors = (errors + text).slice(-2000)))
    // It may end before it has read everything.
    child.stdin.on("error", () => {})
    child.on("error", (error) => end(`could not be started: ${error.message}`))
    child.on("close", (code, signal) => end(`no answer, the process ended with ${signal ?? `code ${code}`}`))
    child.stdin.end(scripts.map((script) => `${JSON.stringify(withoutRecording(script))}\n`).join(""))
  })

/** The script alone: an implementation under test is not shown the answer. */
const withoutRecording = (script: Script): Script => {
  const { expect: _expect, deps: _deps, note: _note, ...rest } = script
  return rest
}
