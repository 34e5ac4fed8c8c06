import { type InvalidCase, inTask, testRule } from "./support.ts"

/** A line of an async function that has to be flagged, and what the suggestions make of it. */
const line = (
  code: string,
  messageId: string,
  data: Readonly<Record<string, string>>,
  suggestions: Readonly<Record<string, string>> = {}
): InvalidCase => ({
  code: inTask(`  ${code}`),
  errors: [
    {
      messageId,
      data,
      line: 3,
      suggestions: Object.fromEntries(Object.entries(suggestions).map(([id, text]) => [id, inTask(`  ${text}`)]))
    }
  ]
})

testRule("no-dropped-task", {
  valid: {
    "callbacks whose results are used": inTask(
      "  const tasks = names.map((name) => asyncio.createTask(() => load(name)))",
      "  await Promise.all(names.map((name) => asyncio.createTask(() => load(name))))",
      "  await asyncio.taskGroup(step).catch(log)",
      "  emitter.on(asyncio.createTask(step), log)",
      "  start(() => asyncio.createTask(step))",
      "  return tasks"
    ),
    "a task of a group": inTask("  group.createTask(step)", "  this.tasks.createTask(step)"),

    "a file that does not import compat": "createTask(step); sleep(1)",
    "functions of another module": `
      import { sleep } from "@effect-asyncio/compat"
      import { createTask } from "elsewhere"
      createTask(step)`,
    "core, whose tasks are Effects": `
      import * as asyncio from "@effect-asyncio/core"
      asyncio.createTask(step)`,
    "types only": {
      typescript: true,
      code: `import type * as asyncio from "@effect-asyncio/compat"\nasyncio.createTask(step)`
    },
    "an awaited task": inTask("  await asyncio.createTask(step)"),
    "a task that is used": inTask("  const task = asyncio.createTask(step)", "  task.cancel()"),
    "a returned task": inTask("  return [asyncio.createTask(step)]"),
    "a task that is given away": inTask("  tasks.push(asyncio.createTask(step))"),
    "a task kept in a field": inTask("  this.task = asyncio.createTask(step)"),
    "a task that somebody is called back for": inTask("  asyncio.createTask(step).addDoneCallback(log)"),
    "an exported task": `
      import { createTask } from "@effect-asyncio/compat"
      export const one = createTask(step)
      const two = createTask(step)
      export { two }`,
    "a variable that is read elsewhere": `
      import { createTask } from "@effect-asyncio/compat"
      let current
      const start = () => { current = createTask(step) }
      const stop = () => current.cancel()`,
    "a global of a script": {
      sourceType: "script",
      code: `async function f() { const asyncio = await import("@effect-asyncio/compat"); task = asyncio.createTask(step) }`
    },
    "the tasks of a group, which holds them": inTask(
      "  await asyncio.taskGroup(async (tg) => { tg.createTask(step) })",
      "  await using tg = new asyncio.TaskGroup()",
      "  tg.createTask(step)"
    ),
    "a condition that is used": inTask("  const task = quick ? undefined : asyncio.createTask(step)", "  await task"),
    "an operator": inTask("  const none = !asyncio.createTask(step)", "  total += asyncio.createTask(step)"),
    "a name that is computed": inTask("  asyncio[createTask](step)"),
    "a variable that may hold something else": inTask("  let start = asyncio.createTask", "  start(step)"),
    "the rest of compat": inTask("  const { run, ...rest } = asyncio", "  rest.createTask(step)"),
    "a task as the question": inTask("  asyncio.createTask(step) ? one() : two()"),
    "a task as a condition": inTask("  asyncio.createTask(step) && step()"),
    "a run, which is the edge of the program": `
      import * as asyncio from "@effect-asyncio/compat"
      asyncio.run(main)`,
    "a scope": inTask("  await using deadline = asyncio.timeout(1000)", "  await using tg = new asyncio.TaskGroup()"),
    "a scope that somebody else may end": inTask(
      "  const tg = stack.use(new asyncio.TaskGroup())",
      "  const deadline = asyncio.timeout(1000)",
      "  await using _ = deadline",
      "  return new asyncio.TaskGroup()"
    ),
    "a scope that is ended by hand": inTask(
      "  const tg = new asyncio.TaskGroup()",
      "  await tg[Symbol.asyncDispose]()"
    ),
    "an exported scope": `
      import { TaskGroup } from "@effect-asyncio/compat"
      export const tg = new TaskGroup()`,
    "another TaskGroup": inTask("  const tg = new TaskGroup()", "  tg.createTask(step)"),
    "awaited waits": inTask("  await asyncio.sleep(1)", "  await asyncio.timeout(1000, async () => step())"),
    "a wait whose outcome somebody looks at": inTask("  asyncio.sleep(1).then(step)"),
    "methods of something else": inTask("  const queue = []", "  queue.put(1)", "  event.wait()"),
    "methods that do not wait": inTask(
      "  const queue = new asyncio.Queue()",
      "  queue.putNowait(1)",
      "  queue.taskDone()"
    ),
    "an awaited method": inTask("  const queue = new asyncio.Queue()", "  await queue.put(1)"),
    "another compat in an inner scope": inTask("  const inner = (asyncio) => { asyncio.sleep(1) }")
  },

  invalid: {
    ...Object.fromEntries(
      [
        "emitter.on('x', () => asyncio.createTask(step))",
        "emitter.once('x', function () { return asyncio.createTask(step) })",
        "button.addEventListener('click', async () => asyncio.createTask(step))",
        "setTimeout(() => asyncio.createTask(step), 10)",
        "setImmediate(() => asyncio.createTask(step))",
        "process.nextTick(() => asyncio.createTask(step))",
        "loop.callLater(10, () => asyncio.createTask(step))",
        "names.map((name) => asyncio.createTask(() => load(name)))",
        "const tasks = names.map((name) => asyncio.createTask(() => load(name)))",
        "void names.flatMap((name) => asyncio.createTask(() => load(name)))"
      ].map((code) => [code, { code: inTask(`  ${code}`), errors: [{ messageId: "droppedTask", line: 3 }] }])
    ),
    "a task of the loop": line(
      "asyncio.getRunningLoop().createTask(step)",
      "droppedTask",
      { name: "asyncio.getRunningLoop().createTask" },
      {
        await: "await asyncio.getRunningLoop().createTask(step)",
        keep: "const task = asyncio.getRunningLoop().createTask(step)"
      }
    ),
    "a task of what is called a loop": {
      code: inTask(
        "  const one = asyncio.getRunningLoop()",
        "  void one.createTask(step)",
        "  void this.loop.createTask(step)"
      ),
      errors: [
        {
          messageId: "droppedTask",
          suggestions: {
            await: inTask(
              "  const one = asyncio.getRunningLoop()",
              "  await one.createTask(step)",
              "  void this.loop.createTask(step)"
            ),
            keep: inTask(
              "  const one = asyncio.getRunningLoop()",
              "  const task = one.createTask(step)",
              "  void this.loop.createTask(step)"
            )
          }
        },
        {
          messageId: "droppedTask",
          suggestions: {
            await: inTask(
              "  const one = asyncio.getRunningLoop()",
              "  void one.createTask(step)",
              "  await this.loop.createTask(step)"
            ),
            keep: inTask(
              "  const one = asyncio.getRunningLoop()",
              "  void one.createTask(step)",
              "  const task = this.loop.createTask(step)"
            )
          }
        }
      ]
    },
    "a group that is handled and not awaited": {
      code: inTask("  asyncio.taskGroup(step).catch(log)", "  void asyncio.timeout(10, step).then(use).finally(log)"),
      errors: [
        { messageId: "droppedWait", line: 3, data: { name: "taskGroup" } },
        { messageId: "droppedWait", line: 4, data: { name: "timeout" } }
      ]
    },

    "a group without await using": {
      code: inTask("  const tg = new asyncio.TaskGroup()", "  tg.createTask(step)"),
      errors: [
        {
          messageId: "openScope",
          data: { name: "new TaskGroup()" },
          line: 3,
          suggestions: { using: inTask("  await using tg = new asyncio.TaskGroup()", "  tg.createTask(step)") }
        }
      ]
    },
    "a group that is used and not awaited": line(
      "using tg = new asyncio.TaskGroup()",
      "openScope",
      { name: "new TaskGroup()" },
      { using: "await using tg = new asyncio.TaskGroup()" }
    ),
    "a timeout without await using": line(
      "const deadline = asyncio.timeout(1000)",
      "openScope",
      { name: "timeout()" },
      { using: "await using deadline = asyncio.timeout(1000)" }
    ),
    "a timeout that nothing holds": line("asyncio.timeoutAt(1000)", "openScope", { name: "timeoutAt()" }),
    "several declarations, which are yours to part": line(
      "const deadline = asyncio.timeout(1000), other = 1",
      "openScope",
      { name: "timeout()" }
    ),
    "a scope in a function that cannot await": {
      code: inTask("  const open = () => { const tg = new asyncio.TaskGroup() }"),
      errors: [{ messageId: "openScope", line: 3 }]
    },
    "a statement": line(
      "asyncio.createTask(step)",
      "droppedTask",
      { name: "createTask" },
      {
        await: "await asyncio.createTask(step)",
        keep: "const task = asyncio.createTask(step)"
      }
    ),
    void: line(
      "void asyncio.gather([one, two])",
      "droppedTask",
      { name: "gather" },
      {
        await: "await asyncio.gather([one, two])",
        keep: "const future = asyncio.gather([one, two])"
      }
    ),
    shield: line(
      "asyncio.shield(task)",
      "droppedTask",
      { name: "shield" },
      {
        await: "await asyncio.shield(task)",
        keep: "const future = asyncio.shield(task)"
      }
    ),
    ensureFuture: line(
      "asyncio.ensureFuture(task)",
      "droppedTask",
      { name: "ensureFuture" },
      {
        await: "await asyncio.ensureFuture(task)",
        keep: "const future = asyncio.ensureFuture(task)"
      }
    ),
    "a variable nobody reads": line(
      "const worker = asyncio.createTask(step)",
      "unreadTask",
      { name: "createTask", variable: "worker" },
      { await: "const worker = await asyncio.createTask(step)" }
    ),
    "a name that says it is ignored": line(
      "const _ = asyncio.createTask(step)",
      "unreadTask",
      { name: "createTask", variable: "_" },
      { await: "const _ = await asyncio.createTask(step)" }
    ),
    "a variable that is only assigned": line(
      "let worker; worker = asyncio.createTask(step)",
      "unreadTask",
      { name: "createTask", variable: "worker" },
      { await: "let worker; worker = await asyncio.createTask(step)" }
    ),
    "behind a condition": line(
      "ready && asyncio.createTask(step)",
      "droppedTask",
      { name: "createTask" },
      {
        await: "ready && await asyncio.createTask(step)"
      }
    ),
    "in a branch": line(
      "ready ? asyncio.createTask(step) : step()",
      "droppedTask",
      { name: "createTask" },
      {
        await: "ready ? await asyncio.createTask(step) : step()"
      }
    ),
    "in a body without a block": line(
      "if (ready) asyncio.createTask(step)",
      "droppedTask",
      { name: "createTask" },
      {
        await: "if (ready) await asyncio.createTask(step)"
      }
    ),
    "in a sequence": line("log((asyncio.createTask(step), 1))", "droppedTask", { name: "createTask" }),
    "at the end of a sequence": line(
      "log(), asyncio.createTask(step)",
      "droppedTask",
      { name: "createTask" },
      {
        await: "log(), await asyncio.createTask(step)"
      }
    ),
    "in a forEach": line("names.forEach((name) => asyncio.createTask(() => step(name)))", "droppedTask", {
      name: "createTask"
    }),
    "void in an arrow function": line("on(() => void asyncio.createTask(step))", "droppedTask", { name: "createTask" }),
    "a function that can not await": {
      code: `import { createTask as start } from "@effect-asyncio/compat"\nconst task = () => {\n  start(step)\n}`,
      errors: [
        {
          messageId: "droppedTask",
          line: 3,
          suggestions: {
            keep: `import { createTask as start } from "@effect-asyncio/compat"\nconst task = () => {\n  const task2 = start(step)\n}`
          }
        }
      ]
    },
    "an import by a string": {
      code: `import { "createTask" as start } from "@effect-asyncio/compat"\nconst run = () => [1].forEach((n) => start(n))`,
      errors: [{ messageId: "droppedTask" }]
    },
    "a class body": {
      code: `import { createTask } from "@effect-asyncio/compat"\nclass A { static { createTask(step) } }`,
      errors: [
        {
          messageId: "droppedTask",
          suggestions: {
            keep: `import { createTask } from "@effect-asyncio/compat"\nclass A { static { const task = createTask(step) } }`
          }
        }
      ]
    },
    "a variable of compat": {
      code: `const start = async () => {\n  const { createTask: make } = await import("@effect-asyncio/compat")\n  make(step)\n}`,
      errors: [
        {
          messageId: "droppedTask",
          suggestions: {
            await: `const start = async () => {\n  const { createTask: make } = await import("@effect-asyncio/compat")\n  await make(step)\n}`,
            keep: `const start = async () => {\n  const { createTask: make } = await import("@effect-asyncio/compat")\n  const task = make(step)\n}`
          }
        }
      ]
    },
    "the top level of a module": {
      code: `import * as asyncio from "@effect-asyncio/compat"\nasyncio["sleep"](1)`,
      errors: [
        {
          messageId: "droppedWait",
          suggestions: { await: `import * as asyncio from "@effect-asyncio/compat"\nawait asyncio["sleep"](1)` }
        }
      ]
    },
    "a wait": line("asyncio.sleep(1)", "droppedWait", { name: "sleep" }, { await: "await asyncio.sleep(1)" }),
    ...Object.fromEntries(
      [
        "anyOf([a])",
        "mapTasks(items, step, limits)",
        "moveOn(5, step)",
        "race([a])",
        "shielded(step)",
        "staggered(5, [a])"
      ].map((call) => {
        const name = call.slice(0, call.indexOf("("))
        return [name, line(`asyncio.${call}`, "droppedWait", { name }, { await: `await asyncio.${call}` })] as const
      })
    ),
    "a wait into a variable": line(
      "const slept = asyncio.waitFor(step, 10)",
      "droppedWait",
      { name: "waitFor" },
      {
        await: "const slept = await asyncio.waitFor(step, 10)"
      }
    ),
    "a timeout with a body": line(
      "asyncio.timeout(10, async () => step())",
      "droppedWait",
      { name: "timeout" },
      {
        await: "await asyncio.timeout(10, async () => step())"
      }
    ),
    "a method of a queue": {
      code: inTask("  const queue = new asyncio.Queue()", "  queue.put(1)", "  void queue.join()"),
      errors: [
        {
          messageId: "droppedWait",
          data: { name: "queue.put" },
          suggestions: {
            await: inTask("  const queue = new asyncio.Queue()", "  await queue.put(1)", "  void queue.join()")
          }
        },
        {
          messageId: "droppedWait",
          data: { name: "queue.join" },
          suggestions: {
            await: inTask("  const queue = new asyncio.Queue()", "  queue.put(1)", "  await queue.join()")
          }
        }
      ]
    },
    TypeScript: {
      typescript: true,
      code: inTask("  const task: unknown = asyncio.createTask(step) as unknown", "  asyncio.sleep(1)!"),
      errors: [
        {
          messageId: "unreadTask",
          suggestions: {
            await: inTask("  const task: unknown = await asyncio.createTask(step) as unknown", "  asyncio.sleep(1)!")
          }
        },
        {
          messageId: "droppedWait",
          suggestions: {
            await: inTask("  const task: unknown = asyncio.createTask(step) as unknown", "  await asyncio.sleep(1)!")
          }
        }
      ]
    }
  }
})
