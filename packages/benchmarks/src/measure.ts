/**
 * Workload by workload, round by round, peer by peer: A B C A B C, so that whatever else the machine does hits all alike.
 */
import { type Answer, type AvailablePeer, PeerProcess } from "./driver.ts"
import type { Progress } from "./progress.ts"
import { quantile, type Summary, summarize } from "./statistics.ts"
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
  /** How far one run in a new process raised the process's memory. */
  readonly peakBytes?: number
}

export interface Result {
  readonly workload: string
  readonly measures: Workload["measures"]
  readonly n: number
  readonly operations: number
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

  figures(): Figures {
    const peer = this.peer.name
    if (this.failed !== undefined) return { peer, failed: this.failed }
    return {
      peer,
      summary: summarize(this.values),
      ...(this.cpuValues.length === 0 ? {} : { cpu: summarize(this.cpuValues) }),
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

/** Measures one workload at one size. */
export const measure = async (
  workload: Workload,
  n: number,
  peers: ReadonlyArray<AvailablePeer>,
  processes: Processes,
  plan: Plan,
  progress: Progress
): Promise<Result> => {
  if (plan.fresh) await processes[Symbol.asyncDispose]()
  const contestants = new Map(ableFor(workload, peers).map((peer) => [peer.name, new Contestant(peer)]))
  // Nothing is compiled or cached on the way to a full heap, so that memory needs no warm-up and few rounds.
  const rounds = workload.measures === "memory" ? Math.min(plan.rounds, 3) : plan.rounds
  const runs = new Runs(workload, n, plan.times ?? 1, processes)
  const title = `${workload.name}, N = ${n}`
  if (workload.measures !== "memory") {
    for (const contestant of contestants.values()) {
      progress.say(`${title}: ${contestant.peer.name} warms up`)
      await runs.warmUp(contestant, plan.warmUp)
    }
  }
  for (let done = 0; done < rounds; done++) {
    progress.say(`${title}: round ${done + 1} of ${rounds}`)
    await runs.round([...contestants.values()], done)
  }
  progress.clear()
  return {
    workload: workload.name,
    measures: workload.measures,
    n,
    operations: workload.operations(n),
    rounds,
    peers: peers.map((peer): Figures => {
      const absent = absenceOf(peer, workload)
      if (absent !== undefined) return { peer: peer.name, absent }
      const figures = contestants.get(peer.name)!.figures()
      // After the first run of a process that has done other things, the peak says nothing.
      if (plan.fresh || figures.peakBytes === undefined) return figures
      const { peakBytes: _, ...rest } = figures
      return rest
    })
  }
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
