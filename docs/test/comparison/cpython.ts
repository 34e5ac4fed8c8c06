/** asyncio, on the CPython of the conformance tests: each program prints whether the answer is yes. */
import { type Program, runPrograms } from "../../../packages/tools/docs/pages.ts"
import type { Peer } from "./question.ts"

const programs: Readonly<Partial<Record<keyof Peer, string>>> = {
  stopWaits: `
cleaned = False

async def work():
    global cleaned
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(0.001)
        cleaned = True

async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0.001)
    task.cancel()
    print(cleaned)
`,
  resultInSpite: `
async def work():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        return "half"

async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0.001)
    task.cancel()
    print(await task == "half")
`,
  reason: `
async def main():
    task = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0.001)
    task.cancel("why")
    try:
        await task
    except asyncio.CancelledError as error:
        print(str(error) == "why")
`,
  siblings: `
stopped = False

async def sibling():
    global stopped
    try:
        await asyncio.sleep(3600)
    finally:
        stopped = True

async def failing():
    raise ValueError("one")

async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(sibling())
            group.create_task(failing())
    except* ValueError:
        print(stopped)
`,
  allFailures: `
async def failing(text):
    await asyncio.sleep(0)
    raise ValueError(text)

async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(failing("one"))
            group.create_task(failing("two"))
    except* ValueError as group:
        print(len(group.exceptions) == 2)
`
}

/** The questions, in the order of the programs below. */
const asked = Object.keys(programs) as ReadonlyArray<keyof Peer>

const toRun: ReadonlyArray<Program> = asked.map((question, index) => ({
  page: "docs/comparison.md",
  line: index + 1,
  end: index + 1,
  lang: "py",
  label: question,
  marks: [],
  group: 0,
  code: `import asyncio\n${programs[question]}\nasyncio.run(main())\n`,
  shown: undefined
}))

/** The answers of all of them, which run one after the other in one CPython. */
export const cpython = async (): Promise<Peer> => {
  const results = await runPrograms(toRun)
  return Object.fromEntries(
    toRun.map((program, index) => {
      const { problem, text } = results.get(program)!
      if (problem !== undefined) throw new Error(problem)
      return [asked[index]!, async () => text === "True"]
    })
  )
}
