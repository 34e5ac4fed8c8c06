/**
 * Scripts as readable programs, and traces side by side.
 */
import {
  type Awaitable,
  type Block,
  type Expression,
  isQuery,
  type ObjectDeclaration,
  type Query,
  type Script,
  type Statement,
  type StatementOf
} from "./script.ts"
import { firstDifference, type Trace } from "./trace.ts"

// ---- programs --------------------------------------------------------------------------------------------------------

/** A script as the Python program it stands for. */
export const renderScript = (script: Script): string => {
  const lines: Array<string> = []
  const about = [...(script.features ?? []), ...(script.deps ?? []).map((dependence) => `order of ${dependence}`)]
  lines.push(`# ${script.id}${about.length === 0 ? "" : `: ${about.join(", ")}`}`)
  if (script.note !== undefined) lines.push(`# ${script.note}`)
  for (const [name, declaration] of Object.entries(script.objects ?? {})) {
    lines.push(`${name} = ${renderObject(name, declaration)}`)
  }
  for (const [name, body] of Object.entries(script.callbacks ?? {})) {
    lines.push(`def ${name}(arg=None):`, ...indented(body))
  }
  for (const [name, body] of Object.entries(script.coros)) {
    lines.push(`async def ${name}():`)
    if (name === "main" && script.eager_factory === true) lines.push("    loop.set_task_factory(eager_task_factory)")
    lines.push(...indented(body))
  }
  lines.push("asyncio.run(main())")
  return lines.join("\n")
}

const objects: {
  readonly [K in ObjectDeclaration["kind"]]: (
    declaration: Extract<ObjectDeclaration, { kind: K }>,
    name: string
  ) => string
} = {
  lock: () => "Lock()",
  event: () => "Event()",
  future: () => "loop.create_future()",
  counter: () => "0",
  condition: ({ lock = "" }) => `Condition(${lock})`,
  semaphore: ({ value = 1 }) => `Semaphore(${value})`,
  bounded: ({ value = 1 }) => `BoundedSemaphore(${value})`,
  barrier: ({ parties }) => `Barrier(${parties})`,
  queue: ({ maxsize = 0 }) => `Queue(${maxsize})`,
  lifo: ({ maxsize = 0 }) => `LifoQueue(${maxsize})`,
  priority: ({ maxsize = 0 }) => `PriorityQueue(${maxsize})`,
  ctxvar: (declaration, name) => `ContextVar('${name}', default=${expression(declaration.default)})`
}

const renderObject = (name: string, declaration: ObjectDeclaration): string =>
  objects[declaration.kind](declaration as never, name)

const indented = (block: Block | undefined): Array<string> => {
  const lines = (block ?? []).flatMap(renderStatement)
  return (lines.length === 0 ? ["pass"] : lines).map((line) => `    ${line}`)
}

const expression = (value: Expression | undefined): string => {
  if (isQuery(value)) return query(value)
  if (value === null || value === undefined) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  return typeof value === "string" ? `'${value}'` : String(value)
}

const query = ({ q, v = "", n }: Query): string => {
  const object = who(v)
  switch (q) {
    case "time":
      return "loop.time()"
    case "i":
      return "i"
    case "tasks":
      return "names_of(all_tasks())"
    case "current":
      return "current_task()"
    case "caught":
      return "e"
    case "cause":
      return "e.__cause__"
    case "exc":
      return `${object}.exception()`
    case "name":
      return `${object}.get_name()`
    case "ctx":
      return `${object}.get()`
    case "count":
      return object
    case "ge":
      return `${object} >= ${n}`
    case "hcancelled":
      return `${object}.cancelled()`
    case "n_waiting":
    case "broken":
      return `${object}.${q}`
    default:
      return `${object}.${q}()`
  }
}

const who = (name: string): string => (name === "self" ? "current_task()" : name)
const awaitable = (value: Awaitable): string => (typeof value === "string" ? value : `${value.coro}()`)
const list = (values: ReadonlyArray<Awaitable>): string => values.map(awaitable).join(", ")
const call = (name: string, ...args: ReadonlyArray<string | undefined>): string =>
  `${name}(${args.filter((arg) => arg !== undefined && arg !== "").join(", ")})`
const text = (value: string | null | undefined): string | undefined =>
  value === null || value === undefined ? undefined : `'${value}'`
const keyword = (name: string, value: string | undefined): string | undefined =>
  value === undefined ? undefined : `${name}=${value}`
const optional = (value: number | null | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value)
const assigned = (to: string | undefined, value: string, otherwise = ""): string =>
  to === undefined ? `${otherwise}${value}` : `${to} = ${value}`

const lines: { readonly [Op in Statement["op"]]: (statement: StatementOf<Op>) => string | Array<string> } = {
  trace: ({ msg, x = [] }) => call("trace", text(msg), ...x.map(expression)),
  sleep: ({ t }) => `await sleep(${t})`,
  busy: ({ t }) => `time.sleep(${t})`,
  spawn: ({ to, coro, name, eager, group }) => {
    const start = keyword("eager_start", eager === undefined ? undefined : expression(eager))
    return `${to} = ${call(`${group === undefined ? "" : `${group}.`}create_task`, `${coro}()`, keyword("name", text(name)), start)}`
  },
  await: ({ v }) => `await ${who(v)}`,
  call: ({ coro }) => `await ${coro}()`,
  cancel: ({ v, msg }) => call(`${who(v)}.cancel`, text(msg)),
  uncancel: ({ v }) => `${who(v)}.uncancel()`,
  try: (statement) => {
    const clauses = (statement.except ?? []).flatMap(({ on, body }) => {
      const classes = on.length === 1 ? on[0] : `(${on.join(", ")})`
      return [`except ${classes} as e:`, ...indented(body)]
    })
    const otherwise = statement.else === undefined ? [] : ["else:", ...indented(statement.else)]
    const last = statement.finally === undefined ? [] : ["finally:", ...indented(statement.finally)]
    return ["try:", ...indented(statement.body), ...clauses, ...otherwise, ...last]
  },
  raise: ({ exc, msg }) => `raise ${call(exc, text(msg))}`,
  reraise: () => "raise e",
  return: ({ value }) => `return ${expression(value)}`,
  loop: ({ n, body }) => [`for i in range(${n}):`, ...indented(body)],
  if: (statement) => {
    const otherwise = statement.else === undefined ? [] : ["else:", ...indented(statement.else)]
    return [`if ${expression(statement.cond)}:`, ...indented(statement.then), ...otherwise]
  },
  border: ({ body }) => ["if True:  # across the border and back", ...indented(body)],
  result: ({ v }) => `${who(v)}.result()`,
  exception: ({ v }) => `${who(v)}.exception()`,
  inc: ({ v, by = 1 }) => `${v} += ${by}`,
  set_name: ({ v, name }) => `${who(v)}.set_name('${name}')`,
  future: ({ to }) => `${to} = loop.create_future()`,
  set_result: ({ v, value }) => `${who(v)}.set_result(${expression(value)})`,
  set_exception: ({ v, exc, msg }) => `${who(v)}.set_exception(${call(exc, text(msg))})`,
  add_cb: ({ v, cb }) => `${who(v)}.add_done_callback(${cb})`,
  remove_cb: ({ v, cb }) => `${who(v)}.remove_done_callback(${cb})`,
  call_soon: ({ cb, to }) => assigned(to, `loop.call_soon(${cb})`),
  call_later: ({ t, cb, to }) => assigned(to, `loop.call_later(${t}, ${cb})`),
  call_at: ({ t, cb, to }) => assigned(to, `loop.call_at(${t}, ${cb})`),
  gather: ({ args, re, to }) =>
    assigned(to, call("gather", list(args), keyword("return_exceptions", re === true ? "True" : undefined)), "await "),
  wait: ({ args, timeout, when }) =>
    `await ${call("wait", `[${list(args)}]`, keyword("timeout", optional(timeout)), keyword("return_when", when))}`,
  wait_for: ({ arg, t }) => `await wait_for(${awaitable(arg)}, ${expression(t)})`,
  shield: ({ arg, to }) => assigned(to, `shield(${awaitable(arg)})`, "await "),
  as_completed: ({ args, timeout, mode, catch: caught = [] }) => {
    const results = call("as_completed", `[${list(args)}]`, keyword("timeout", optional(timeout)))
    const head = `${mode === "async" ? "async " : ""}for f in ${results}:`
    if (caught.length === 0) return [head, "    trace(await f)"]
    return [head, "    try: trace(await f)", `    except (${caught.join(", ")}) as e: trace(e)`]
  },
  timeout: ({ to, t, body }) => [`async with timeout(${expression(t)}) as ${to}:`, ...indented(body)],
  timeout_at: ({ to, t, body }) => [`async with timeout_at(${expression(t)}) as ${to}:`, ...indented(body)],
  reschedule: ({ v, t }) => `${v}.reschedule(${t === null ? "None" : `loop.time() + ${t}`})`,
  group: ({ to, body }) => [`async with TaskGroup() as ${to}:`, ...indented(body)],
  with: ({ v, body }) => [`async with ${v}:`, ...indented(body)],
  ev_set: ({ v }) => `${v}.set()`,
  ev_clear: ({ v }) => `${v}.clear()`,
  ev_wait: ({ v }) => `await ${v}.wait()`,
  acquire: ({ v }) => `await ${v}.acquire()`,
  release: ({ v }) => `${v}.release()`,
  cond_wait: ({ v }) => `await ${v}.wait()`,
  cond_wait_for: ({ v, pred }) => `await ${v}.wait_for(lambda: ${expression(pred)})`,
  notify: ({ v, n = 1 }) => `${v}.notify(${n})`,
  notify_all: ({ v }) => `${v}.notify_all()`,
  bar_wait: ({ v }) => `await ${v}.wait()`,
  bar_reset: ({ v }) => `await ${v}.reset()`,
  bar_abort: ({ v }) => `await ${v}.abort()`,
  q_put: ({ v, value }) => `await ${v}.put(${expression(value)})`,
  q_put_nowait: ({ v, value }) => `${v}.put_nowait(${expression(value)})`,
  q_get: ({ v }) => `await ${v}.get()`,
  q_get_nowait: ({ v }) => `${v}.get_nowait()`,
  q_task_done: ({ v }) => `${v}.task_done()`,
  q_join: ({ v }) => `await ${v}.join()`,
  q_shutdown: ({ v, immediate }) => `${v}.shutdown(${immediate === true ? "immediate=True" : ""})`,
  ctx_set: ({ v, value }) => `${v}.set(${expression(value)})`
}

const renderStatement = (statement: Statement): Array<string> => {
  const rendered = (lines[statement.op] as (statement: Statement) => string | Array<string>)(statement)
  return typeof rendered === "string" ? [rendered] : rendered
}

// ---- traces ----------------------------------------------------------------------------------------------------------

export interface SideBySideOptions {
  readonly titles?: readonly [left: string, right: string]
  /** How many lines to show before and after the first difference. */
  readonly context?: number
  readonly width?: number
}

/** Two traces beside each other around their first difference, which is marked with `>`, the later ones with `*`. */
export const sideBySide = (expected: Trace, actual: Trace, options: SideBySideOptions = {}): string => {
  const { titles = ["CPython 3.14", "candidate"], context = 12, width = 58 } = options
  const first = firstDifference(expected, actual) ?? 0
  const length = Math.max(expected.length, actual.length)
  const [from, to] = [Math.max(0, first - context), Math.min(length, first + context)]
  const cell = (line: string | undefined) => shortened(line ?? "(end)", width)
  const rows = [`  ${titles[0].padEnd(width)} | ${titles[1]}`, `  ${"-".repeat(width)}-+-${"-".repeat(width)}`]
  if (from > 0) rows.push(`  ... ${from} equal lines`)
  for (let index = from; index < to; index++) {
    const [left, right] = [expected[index], actual[index]]
    const mark = left === right ? " " : index === first ? ">" : "*"
    rows.push(`${mark} ${cell(left).padEnd(width)} | ${cell(right)}`)
  }
  if (to < length) rows.push(`  ... ${length - to} more`)
  return rows.join("\n")
}

const shortened = (line: string, width: number): string =>
  line.length > width ? `${line.slice(0, width - 3)}...` : line
