/**
 * Workload by workload, round by round, peer by peer: A B C A B C, so that what else the machine does hits all alike.
 */
import { type Answer, type AvailablePeer, PeerProcess } from "./driver.ts"
import type { Progress } from "./progress.ts"
import {
  type Experience,
  type Interval,
  intervalOf,
  mapInterval,
  quantile,
  type Summary,
  summarize
} from "./statistics.ts"
import type { Workload } from "./workloads.ts"

export interface Figures {
  readonly peer: string
  /** Why there are no figures: the peer has no such thing, or something went wrong. */
  readonly absent?: string
  readonly failed?: string
  /** Nanoseconds per operation, milliseconds of lateness (p99 of each round), or bytes per task. */
  readonly summary?: Summary
  /** Of time: nanoseconds per operation that its thread had a processor. */
  readonly cpu?: Summary
  /** Of lateness: over the samples of all rounds. */
  readonly quantiles?: { readonly p50: number; readonly p99: number; readonly max: number }
  /** The median of each sitting, of the CPU time where that is known; null where this peer was not asked again. */
  readonly sittings?: ReadonlyArray<number | null>
  /** How far one run in a new process raised the process's memory. */
  readonly peakBytes?: number
}

export interface Result {
  readonly workload: string
  readonly measures: Workload["measures"]
  readonly n: number
  readonly operations: number
  /** Of each sitting. */
  readonly rounds: number
  readonly peers: ReadonlyArray<Figures>
  /** The ISO date, where it is not that of the record. */
  readonly measured?: string
}

export interface Plan {
  /** Rounds that count. */
  readonly rounds: number
  /** How long each peer runs before them, in milliseconds, on a processor where that is known; once at least. */
  readonly warmUp: number
  /** Starts processes anew for each workload: then no workload sees what another one left. */
  readonly fresh: boolean
  /** How often in a row a round runs the program; once if not given. */
  readonly times?: number
}

// A run that takes longer than this is neither disturbed much nor in need of warming up. Seven of them would be a test of
// patience.
const slowRun = 10_000
const roundsOfSlow = 3

class Contestant {
  readonly peer: AvailablePeer
  readonly values: Array<number> = []
  readonly cpuValues: Array<number> = []
  readonly samples: Array<number> = []
  readonly sittings: Array<number | null> = []
  peakBytes: number | undefined = undefined
  failed: string | undefined = undefined
  /** Its first run took so long that it is spared most of the others. */
  slow = false

  constructor(peer: AvailablePeer) {
    this.peer = peer
  }

  /** Whether it runs in round `index`. */
  runs(index: number): boolean {
    return this.failed === undefined && (!this.slow || index < roundsOfSlow)
  }

  note(workload: Workload, n: number, answer: Answer): void {
    if (workload.measures === "memory") {
      this.values.push((answer.heldBytes ?? Number.NaN) / n)
    } else if (workload.measures === "lateness") {
      this.values.push(quantile(answer.samples ?? [], 0.99))
      this.samples.push(...(answer.samples ?? []))
    } else {
      this.values.push(answer.nanos / workload.operations(n))
      if (answer.cpuNanos !== undefined) this.cpuValues.push(answer.cpuNanos / workload.operations(n))
    }
  }

  /** Ends a sitting, in which it noted what came after its first `noted` values. */
  endSitting(noted: number): void {
    const values = (this.cpuValues.length === 0 ? this.values : this.cpuValues).slice(noted)
    this.sittings.push(values.length === 0 ? null : summarize(values).median)
  }

  figures(): Figures {
    const peer = this.peer.name
    if (this.failed !== undefined) return { peer, failed: this.failed }
    return {
      peer,
      summary: summarize(this.values),
      ...(this.cpuValues.length === 0 ? {} : { cpu: summarize(this.cpuValues) }),
      ...(this.sittings.length < 2 ? {} : { sittings: this.sittings }),
      ...(this.peakBytes === undefined ? {} : { peakBytes: this.peakBytes }),
      ...(this.samples.length === 0
        ? {}
        : {
            quantiles: {
              p50: quantile(this.samples, 0.5),
              p99: quantile(this.samples, 0.99),
              max: Math.max(...this.samples)
            }
          })
    }
  }
}

/** The processes of the peers: started when first asked for. */
export class Processes implements AsyncDisposable {
  readonly #running = new Map<string, PeerProcess>()

  get(peer: AvailablePeer): PeerProcess {
    let process = this.#running.get(peer.name)
    if (process === undefined) {
      process = peer.start()
      this.#running.set(peer.name, process)
    }
    return process
  }

  async end(peer: AvailablePeer): Promise<void> {
    const process = this.#running.get(peer.name)
    this.#running.delete(peer.name)
    await process?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#running.values()]
    this.#running.clear()
    await Promise.all(all.map((process) => process[Symbol.asyncDispose]()))
  }
}

/** Why a peer has no figures of a workload; undefined when it has. */
const absenceOf = ({ name, programs }: AvailablePeer, { beyond, program }: Workload): string | undefined =>
  programs[program] ?? beyond[name]

/** The peers that can do a workload. */
export const ableFor = (workload: Workload, peers: ReadonlyArray<AvailablePeer>): ReadonlyArray<AvailablePeer> =>
  peers.filter((peer) => absenceOf(peer, workload) === undefined)

/** Runs one workload at one size. */
class Runs {
  readonly #workload: Workload
  readonly #n: number
  readonly #times: number
  readonly #processes: Processes

  constructor(workload: Workload, n: number, times: number, processes: Processes) {
    this.#workload = workload
    this.#n = n
    this.#times = times
    this.#processes = processes
  }

  /** Lets a contestant run once; undefined, and noted, when that fails. */
  async once(contestant: Contestant): Promise<Answer | undefined> {
    const { measures, program, setting } = this.#workload
    // What a process still holds from an earlier round would hide what it holds now.
    if (measures === "memory") await this.#processes.end(contestant.peer)
    try {
      const request = { program, n: this.#n, setting, times: this.#times }
      const answer = await this.#processes.get(contestant.peer).perform(request)
      contestant.peakBytes ??= answer.peakBytes ?? undefined
      return answer
    } catch (error) {
      contestant.failed = (error as Error).message
      await this.#processes.end(contestant.peer)
      return undefined
    }
  }

  /** Until its code is compiled, which takes a run or hundreds of them, depending on their size. */
  async warmUp(contestant: Contestant, millis: number): Promise<void> {
    let spent = 0
    do {
      const before = performance.now()
      const answer = await this.once(contestant)
      const passed = performance.now() - before
      // On a busy machine a second passes before a peer has had a tenth of it.
      spent += Math.max(answer?.cpuNanos === undefined ? passed : (answer.cpuNanos * this.#times) / 1e6, 1)
      contestant.slow = passed > slowRun
    } while (contestant.failed === undefined && !contestant.slow && spent < millis)
  }

  async round(contestants: ReadonlyArray<Contestant>, index: number): Promise<void> {
    for (const contestant of contestants) {
      if (!contestant.runs(index)) continue
      const answer = await this.once(contestant)
      if (answer !== undefined) contestant.note(this.#workload, this.#n, answer)
    }
  }
}

/** Measures one workload at one size, in as many sittings as are asked for. In each, the peers have new processes if the plan says so. */
export class Measurement {
  readonly #workload: Workload
  readonly #n: number
  readonly #peers: ReadonlyArray<AvailablePeer>
  readonly #contestants: ReadonlyMap<string, Contestant>
  readonly #processes: Processes
  readonly #plan: Plan
  readonly #progress: Progress

  constructor(
    workload: Workload,
    n: number,
    peers: ReadonlyArray<AvailablePeer>,
    processes: Processes,
    plan: Plan,
    progress: Progress
  ) {
    this.#workload = workload
    this.#n = n
    this.#peers = peers
    this.#contestants = new Map(ableFor(workload, peers).map((peer) => [peer.name, new Contestant(peer)]))
    this.#processes = processes
    // Nothing is compiled or cached on the way to a full heap, so that memory needs no warm-up and few rounds.
    this.#plan = workload.measures === "memory" ? { ...plan, rounds: Math.min(plan.rounds, 3) } : plan
    this.#progress = progress
  }

  /** One sitting of all peers, or of those of these names. */
  async sit(names: Iterable<string> = this.#contestants.keys()): Promise<void> {
    const { fresh, rounds, times, warmUp } = this.#plan
    if (fresh) await this.#processes[Symbol.asyncDispose]()
    const chosen = new Set(names)
    const contestants = [...this.#contestants.values()].filter(({ peer }) => chosen.has(peer.name))
    const runs = new Runs(this.#workload, this.#n, times ?? 1, this.#processes)
    const title = `${this.#workload.name}, N = ${this.#n}`
    if (this.#workload.measures !== "memory") {
      for (const contestant of contestants) {
        this.#progress.say(`${title}: ${contestant.peer.name} warms up`)
        await runs.warmUp(contestant, warmUp)
      }
    }
    const noted = new Map([...this.#contestants.values()].map((each) => [each, each.values.length]))
    for (let done = 0; done < rounds; done++) {
      this.#progress.say(`${title}: round ${done + 1} of ${rounds}`)
      await runs.round(contestants, done)
    }
    for (const [contestant, before] of noted) contestant.endSitting(before)
    this.#progress.clear()
  }

  result(): Result {
    const workload = this.#workload
    return {
      workload: workload.name,
      measures: workload.measures,
      n: this.#n,
      operations: workload.operations(this.#n),
      rounds: this.#plan.rounds,
      peers: this.#peers.map((peer): Figures => {
        const absent = absenceOf(peer, workload)
        if (absent !== undefined) return { peer: peer.name, absent }
        const figures = this.#contestants.get(peer.name)!.figures()
        // After the first run of a process that has done other things, the peak says nothing.
        if (this.#plan.fresh || figures.peakBytes === undefined) return figures
        const { peakBytes: _, ...rest } = figures
        return rest
      })
    }
  }
}

/** Measures one workload at one size, in one sitting. */
export const measure = async (...args: ConstructorParameters<typeof Measurement>): Promise<Result> => {
  const measurement = new Measurement(...args)
  await measurement.sit()
  return measurement.result()
}

/** A peer's figure of a workload; undefined where it has none. */
export const medianOf = (result: Result, peer: string): number | undefined =>
  result.peers.find((figures) => figures.peer === peer)?.summary?.median

/**
 * How many times as much a peer takes as another: of the time on a processor where both tell it, which a busy machine does not
 * change; undefined where one has no figure.
 */
export const ratioOf = (result: Result, peer: string, other: string): number | undefined => {
  const [a, b] = [peer, other].map((name) => result.peers.find((figures) => figures.peer === name))
  if (a?.cpu !== undefined && b?.cpu !== undefined) return a.cpu.median / b.cpu.median
  return a?.summary === undefined || b?.summary === undefined ? undefined : a.summary.median / b.summary.median
}

// What the ratios of two sittings of one row usually differ by, on machines that do other things: 3 to 8 %, by the logarithm.
const usualRatios: Experience = { deviation: 0.05, weight: 4 }

/** {@link ratioOf}, and how far off it may be: the mean of what the sittings in which both took part gave. */
export const ratioBetween = (result: Result, peer: string, other: string): Interval | undefined => {
  const [a, b] = [peer, other].map((name) => result.peers.find((figures) => figures.peer === name)?.sittings)
  const logs = (a ?? []).flatMap((mine, sitting) => {
    const others = b?.[sitting]
    return mine === null || others === null || others === undefined ? [] : [Math.log(mine / others)]
  })
  const ratio = ratioOf(result, peer, other)
  if (ratio === undefined) return undefined
  return mapInterval(intervalOf(logs.length === 0 ? [Math.log(ratio)] : logs, usualRatios), Math.exp)
}
