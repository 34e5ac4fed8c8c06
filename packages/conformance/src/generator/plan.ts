/**
 * What a generated script will be about. Every script uses few features, and those a lot, so that they meet often
 * ("swarm testing"); which ones is drawn here, along with the names everything will have.
 */
import { type Feature, features } from "../features.ts"
import type { Random, Weighted } from "../random.ts"
import type { ObjectDeclaration, Size } from "../script.ts"

// A theme is what the waiting statements of a script are about.
const themeWeights: { readonly [F in Feature]?: number } = {
  gather: 5,
  wait: 3,
  wait_for: 4,
  shield: 4,
  as_completed: 3,
  timeouts: 6,
  taskgroups: 7,
  events: 3,
  locks: 3,
  conditions: 4,
  semaphores: 4,
  barriers: 3,
  queues: 6
}

// A modifier colours any script, with this probability.
const modifierChances: { readonly [F in Feature]?: number } = {
  busy: 0.07,
  eager_factory: 0.06,
  eager: 0.12,
  names: 0.12,
  cause: 0.08,
  baseexc: 0.08,
  unretrieved: 0.1,
  aiter: 0.5,
  context: 0.08,
  handles: 0.22,
  futures: 0.35
}

/** A slot for a task. It always runs the coroutine `c<rank>`, which only waits for those of higher rank. */
export interface TaskSlot {
  readonly name: string
  readonly rank: number
}

/** A slot for the future of a `gather` or a `shield`. */
export interface FutureSlot {
  readonly name: string
  readonly rank: number
  readonly kind: "gather" | "shield"
  readonly args: ReadonlyArray<string>
}

export interface Plan {
  readonly size: Size
  readonly enabled: ReadonlySet<Feature>
  readonly themes: ReadonlyArray<Feature>
  readonly modifiers: ReadonlySet<Feature>
  /** Whether the script uses a feature as a theme or as a modifier. */
  has(feature: Feature): boolean
  /** How many coroutines there are besides `main`. */
  readonly coroutines: number
  readonly taskSlots: ReadonlyArray<TaskSlot>
  readonly futureSlots: ReadonlyArray<FutureSlot>
  /** Whether `main` spawns everything, acts now and then, and waits at the end. */
  readonly driven: boolean
  /** The task slots that `main` fills at the start. */
  readonly started: ReadonlySet<string>
  readonly objects: Record<string, ObjectDeclaration>
  readonly callbacks: ReadonlyArray<string>
  /** The delays of the script. Coarse palettes make many deadlines equal. */
  readonly palette: Weighted<number>
}

export interface PlanOptions {
  readonly size: Size | "mix"
  readonly enabled: ReadonlySet<Feature>
  readonly focus: Feature | undefined
}

export const makePlan = (random: Random, { size: wanted, enabled, focus }: PlanOptions): Plan => {
  const size =
    wanted === "mix"
      ? random.weighted<Size>([
          [6, "small"],
          [3, "medium"],
          [1, "large"]
        ])
      : wanted
  const themes = drawThemes(random, size, enabled, focus)
  const modifiers = drawModifiers(random, enabled, focus)
  if (focus === "aiter" && !themes.includes("as_completed")) themes.push("as_completed")
  const has = (feature: Feature) => themes.includes(feature) || modifiers.has(feature)

  const coroutines = drawCoroutineCount(random, size)
  const taskSlots = drawTaskSlots(random, coroutines)
  const driven = random.chance(0.5)
  const startChance = driven ? 0.85 : size === "large" ? 0.55 : 0.7
  const started = new Set(taskSlots.filter(() => random.chance(startChance)).map(({ name }) => name))
  const futureSlots = drawFutureSlots(random, taskSlots, has)
  const objects = drawObjects(random, has)
  const callbackCount = has("futures") || has("handles") ? random.int(1, 3) : 0
  return {
    size,
    enabled,
    themes,
    modifiers,
    has,
    coroutines,
    taskSlots,
    futureSlots,
    driven,
    started,
    objects,
    callbacks: Array.from({ length: callbackCount }, (_, index) => `k${index}`),
    palette: random.weighted(palettes)
  }
}

const drawThemes = (
  random: Random,
  size: Size,
  enabled: ReadonlySet<Feature>,
  focus: Feature | undefined
): Array<Feature> => {
  const themes: Array<Feature> = focus === undefined || focus === "core" ? [] : [focus]
  const left = (Object.keys(themeWeights) as Array<Feature>).filter((theme) => enabled.has(theme) && theme !== focus)
  let count = random.weighted(themeCounts[size])
  while (count-- > 0 && left.length > 0) {
    const theme = random.weighted(left.map((feature) => [themeWeights[feature]!, feature] as const))
    left.splice(left.indexOf(theme), 1)
    themes.push(theme)
  }
  return themes
}

const themeCounts: Record<Size, Weighted<number>> = {
  small: [
    [2, 0],
    [5, 1],
    [3, 2]
  ],
  medium: [
    [1, 0],
    [4, 1],
    [4, 2],
    [2, 3]
  ],
  large: [
    [2, 1],
    [4, 2],
    [4, 3],
    [2, 4]
  ]
}

const drawModifiers = (random: Random, enabled: ReadonlySet<Feature>, focus: Feature | undefined): Set<Feature> => {
  const modifiers = new Set<Feature>()
  for (const [name, probability] of Object.entries(modifierChances)) {
    const feature = name as Feature
    if (enabled.has(feature) && (focus === feature || random.chance(probability))) modifiers.add(feature)
  }
  if (!modifiers.has("context")) return modifiers
  // Context variables are about which task inherits what: callbacks and eager tasks are worth having.
  if (!modifiers.has("futures") && !modifiers.has("handles")) {
    for (const feature of ["futures", "handles"] as const) {
      if (enabled.has(feature) && random.chance(0.5)) modifiers.add(feature)
    }
  }
  if (enabled.has("eager") && random.chance(0.35)) modifiers.add("eager")
  return modifiers
}

const drawCoroutineCount = (random: Random, size: Size): number => {
  if (size === "small")
    return random.weighted([
      [3, 1],
      [4, 2],
      [2, 3]
    ])
  return size === "medium" ? random.int(2, 4) : random.int(4, 7)
}

const drawTaskSlots = (random: Random, coroutines: number): Array<TaskSlot> => {
  const slots: Array<TaskSlot> = []
  for (let rank = 1; rank <= coroutines; rank++) {
    slots.push({ name: `t${rank}`, rank })
    if (random.chance(0.35)) slots.push({ name: `t${rank}b`, rank })
  }
  return slots
}

const drawFutureSlots = (
  random: Random,
  taskSlots: ReadonlyArray<TaskSlot>,
  has: (feature: Feature) => boolean
): Array<FutureSlot> => {
  const slots: Array<FutureSlot> = []
  const gathers = has("gather") ? random.int(0, 2) : 0
  for (let i = 1; i <= gathers; i++) {
    const args = random.sample(taskSlots, random.int(1, 3))
    const rank = Math.min(...args.map((slot) => slot.rank))
    slots.push({ name: `g${i}`, kind: "gather", args: args.map((slot) => slot.name), rank })
  }
  if (has("shield") && random.chance(0.6)) {
    const { name, rank } = random.pick(taskSlots)
    slots.push({ name: "s1", kind: "shield", args: [name], rank })
    if (random.chance(0.4)) slots.push({ name: "s2", kind: "shield", args: [name], rank })
  }
  return slots
}

const drawObjects = (random: Random, has: (feature: Feature) => boolean): Record<string, ObjectDeclaration> => {
  const objects: Record<string, ObjectDeclaration> = {}
  const add = (prefix: string, count: number, make: () => ObjectDeclaration) => {
    for (let i = 0; i < count; i++) objects[`${prefix}${i}`] = make()
  }
  if (has("futures")) add("F", random.int(1, 3), () => ({ kind: "future" }))
  if (has("events")) add("E", random.int(1, 2), () => ({ kind: "event" }))
  if (has("locks")) add("L", random.int(1, 2), () => ({ kind: "lock" }))
  if (has("conditions")) {
    const count = random.weighted([
      [4, 1],
      [1, 2]
    ])
    add("C", count, () =>
      random.chance(0.15) && objects.L0 !== undefined ? { kind: "condition", lock: "L0" } : { kind: "condition" }
    )
    objects.N0 = { kind: "counter" }
  }
  if (has("semaphores")) {
    add("S", random.int(1, 2), () => ({
      kind: random.chance(0.65) ? "semaphore" : "bounded",
      value: random.weighted([
        [1, 0],
        [6, 1],
        [4, 2]
      ])
    }))
  }
  if (has("barriers"))
    add("B", 1, () => ({
      kind: "barrier",
      parties: random.weighted([
        [1, 1],
        [6, 2],
        [4, 3]
      ])
    }))
  if (has("queues")) {
    add("Q", random.int(1, 2), () => ({
      kind: random.weighted<"queue" | "lifo" | "priority">([
        [6, "queue"],
        [2, "lifo"],
        [3, "priority"]
      ]),
      maxsize: random.weighted([
        [3, 0],
        [5, 1],
        [3, 2]
      ])
    }))
  }
  if (has("context")) add("V", random.int(1, 2), () => ({ kind: "ctxvar", default: 0 }))
  return objects
}

const palettes: Weighted<Weighted<number>> = [
  [
    5,
    [
      [12, 0.25],
      [14, 0.5],
      [5, 0.75],
      [26, 1],
      [5, 1.25],
      [10, 1.5],
      [10, 2],
      [5, 3]
    ]
  ],
  [4, Array.from({ length: 14 }, (_, index) => [1, 0.25 * (index + 1)] as const)],
  [
    2,
    [
      [3, 1],
      [2, 2],
      [1, 0.5],
      [1, 3]
    ]
  ]
]

/** The features that options allow, `core` always among them. */
export const enabledFeatures = (allowed: ReadonlyArray<Feature> = features): Set<Feature> =>
  new Set<Feature>([...allowed, "core"])
