/**
 * Features: the parts of asyncio a script uses. Runs are filtered by them, and generation is steered by them.
 */
import {
  allStatements,
  type ObjectDeclaration,
  queriesOf,
  type QueryName,
  type Script,
  type Statement
} from "./script.ts"

export const features = [
  "core",
  "futures",
  "handles",
  "gather",
  "wait",
  "wait_for",
  "shield",
  "as_completed",
  "aiter",
  "timeouts",
  "taskgroups",
  "events",
  "locks",
  "conditions",
  "semaphores",
  "barriers",
  "queues",
  "context",
  "eager",
  "names",
  "cause",
  "baseexc",
  "unretrieved",
  "busy",
  "eager_factory"
] as const

export type Feature = (typeof features)[number]

/**
 * What generated scripts can turn around: a feature, or what is not of one feature. These have generators of their own, and are no
 * features, because the list of those is a part of what a seed stands for.
 */
export const focuses = [...features, "requests"] as const

export type Focus = (typeof focuses)[number]

// Names for several features at once, on the command line.
const families: Record<string, ReadonlyArray<Feature>> = {
  all: features,
  groups: ["gather", "wait", "wait_for", "shield", "as_completed"],
  sync: ["events", "locks", "conditions", "semaphores", "barriers", "queues"]
}

// What is not listed belongs to "core"; `acquire`, `release` and `with` belong to the kind of their object.
const featureOfOp: { readonly [Op in Statement["op"]]?: Feature } = {
  busy: "busy",
  set_name: "names",
  future: "futures",
  set_result: "futures",
  set_exception: "futures",
  add_cb: "futures",
  remove_cb: "futures",
  call_soon: "handles",
  call_later: "handles",
  call_at: "handles",
  gather: "gather",
  wait: "wait",
  wait_for: "wait_for",
  shield: "shield",
  as_completed: "as_completed",
  timeout: "timeouts",
  timeout_at: "timeouts",
  reschedule: "timeouts",
  group: "taskgroups",
  ev_set: "events",
  ev_clear: "events",
  ev_wait: "events",
  cond_wait: "conditions",
  cond_wait_for: "conditions",
  notify: "conditions",
  notify_all: "conditions",
  bar_wait: "barriers",
  bar_reset: "barriers",
  bar_abort: "barriers",
  q_put: "queues",
  q_get: "queues",
  q_put_nowait: "queues",
  q_get_nowait: "queues",
  q_task_done: "queues",
  q_join: "queues",
  q_shutdown: "queues",
  ctx_set: "context"
}

const featureOfKind: Record<ObjectDeclaration["kind"], Feature> = {
  lock: "locks",
  event: "events",
  condition: "conditions",
  semaphore: "semaphores",
  bounded: "semaphores",
  barrier: "barriers",
  queue: "queues",
  lifo: "queues",
  priority: "queues",
  future: "futures",
  ctxvar: "context",
  counter: "core"
}

const featureOfQuery: { readonly [Name in QueryName]?: Feature } = {
  tasks: "names",
  current: "names",
  name: "names",
  cause: "cause",
  ctx: "context",
  hcancelled: "handles",
  expired: "timeouts",
  when: "timeouts",
  is_set: "events",
  n_waiting: "barriers",
  broken: "barriers",
  qsize: "queues",
  empty: "queues",
  full: "queues"
}

export const isFocus = (name: string): name is Focus => (focuses as ReadonlyArray<string>).includes(name)

export const isFeature = (name: string): name is Feature => (features as ReadonlyArray<string>).includes(name)

const featuresOfStatement = (statement: Statement): Array<Feature | undefined> => [
  featureOfOp[statement.op],
  statement.op === "spawn" && statement.eager !== undefined ? "eager" : undefined,
  statement.op === "as_completed" && statement.mode === "async" ? "aiter" : undefined,
  "exc" in statement && statement.exc === "MyBase" ? "baseexc" : undefined,
  ...queriesOf(statement).map((query) => featureOfQuery[query.q])
]

/** The features a script uses, in the order of {@link features}. */
export const featuresOf = (script: Script): Array<Feature> => {
  const used = new Set<Feature | undefined>(["core"])
  for (const declaration of Object.values(script.objects ?? {})) used.add(featureOfKind[declaration.kind])
  if (script.unretrieved === true) used.add("unretrieved")
  if (script.eager_factory === true) used.add("eager_factory")
  for (const statement of allStatements(script)) for (const feature of featuresOfStatement(statement)) used.add(feature)
  return features.filter((feature) => used.has(feature))
}

/**
 * The features that a list such as `queues,groups` or `-eager,-sync` allows: what it names, or everything but what it
 * excludes when it begins with a minus. `core` is always among them. Throws on a name that is neither a feature nor a
 * family of features.
 */
export const parseFeatures = (list: string): Array<Feature> => {
  const allowed = new Set<Feature>()
  const items = list.split(",").map((item) => item.trim())
  for (const [index, item] of items.filter((item) => item !== "").entries()) {
    const excluded = item.startsWith("-")
    if (excluded && index === 0) for (const feature of features) allowed.add(feature)
    for (const feature of familyOf(excluded ? item.slice(1) : item)) {
      if (excluded) allowed.delete(feature)
      else allowed.add(feature)
    }
  }
  allowed.add("core")
  return [...allowed]
}

const familyOf = (name: string): ReadonlyArray<Feature> => {
  if (Object.hasOwn(families, name)) return families[name]!
  if (isFeature(name)) return [name]
  throw new Error(
    `unknown feature ${JSON.stringify(name)}; there are ${[...features, ...Object.keys(families)].join(" ")}`
  )
}
