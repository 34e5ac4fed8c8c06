import { expect, it } from "vitest"
import { generate } from "../src/generator/generate.ts"
import { renderScript, sideBySide } from "../src/render.ts"
import type { Script } from "../src/script.ts"

const script: Script = {
  id: "example",
  v: 1,
  features: ["core", "queues", "timeouts"],
  note: "a note",
  eager_factory: true,
  objects: { Q0: { kind: "queue", maxsize: 1 }, N0: { kind: "counter" } },
  callbacks: { k0: [] },
  coros: {
    main: [
      { op: "spawn", to: "t1", coro: "c1", name: "N1", eager: true },
      {
        op: "timeout",
        to: "to1",
        t: null,
        body: [
          {
            op: "try",
            body: [{ op: "await", v: "t1" }],
            except: [{ on: ["CancelledError", "TimeoutError"], body: [{ op: "reraise" }] }],
            else: [{ op: "cancel", v: "self", msg: "x1" }],
            finally: [{ op: "trace", msg: "m1", x: [{ q: "ge", v: "N0", n: 2 }, { q: "caught" }, 1, null, "v1"] }]
          }
        ]
      },
      { op: "gather", args: ["t1", { coro: "c1" }], re: true },
      { op: "shield", arg: "t1", to: "s1" },
      { op: "as_completed", args: ["t1"], timeout: 1, catch: ["ValueError"], mode: "async" },
      { op: "return", value: { q: "time" } }
    ],
    c1: [
      { op: "loop", n: 2, body: [{ op: "q_put", v: "Q0", value: { q: "i" } }] },
      { op: "if", cond: { q: "done", v: "t1" }, then: [], else: [{ op: "raise", exc: "MyError" }] }
    ]
  }
}

it("renders a script as the Python program it stands for", () => {
  expect(renderScript(script)).toMatchInlineSnapshot(`
    "# example: core, queues, timeouts
    # a note
    Q0 = Queue(1)
    N0 = 0
    def k0(arg=None):
        pass
    async def main():
        loop.set_task_factory(eager_task_factory)
        t1 = create_task(c1(), name='N1', eager_start=True)
        async with timeout(None) as to1:
            try:
                await t1
            except (CancelledError, TimeoutError) as e:
                raise e
            else:
                current_task().cancel('x1')
            finally:
                trace('m1', N0 >= 2, e, 1, None, 'v1')
        await gather(t1, c1(), return_exceptions=True)
        s1 = shield(t1)
        async for f in as_completed([t1], timeout=1):
            try: trace(await f)
            except (ValueError) as e: trace(e)
        return loop.time()
    async def c1():
        for i in range(2):
            await Q0.put(i)
        if t1.done():
            pass
        else:
            raise MyError()
    asyncio.run(main())"
  `)
})

it("renders every statement the generator knows", () => {
  for (let seed = 1; seed <= 500; seed++) {
    expect(renderScript(generate(seed))).not.toContain("undefined")
    expect(renderScript(generate(seed, { focus: "requests" }))).not.toContain("undefined")
  }
})

it("puts traces side by side and marks where they part", () => {
  const expected = ["0 Task-1 a", "0 Task-1 b", "1 Task-1 c", "1 - main -> None"]
  const actual = ["0 Task-1 a", "0 Task-1 b", "1 Task-2 c with a rather long tail"]

  const rendered = sideBySide(expected, actual, { context: 1, width: 20 })

  expect(rendered).toMatchInlineSnapshot(`
    "  CPython 3.14         | candidate
      ---------------------+---------------------
      ... 1 equal lines
      0 Task-1 b           | 0 Task-1 b
    > 1 Task-1 c           | 1 Task-2 c with a...
      ... 1 more"
  `)
})
