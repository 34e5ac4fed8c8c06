// What the flight recorder adds to a task that is made and awaited, in core and in compat: `npm run dev -- bench:recorder`. It is on and off in
// turn, in one process, and counted is the time that the thread had a processor: what else the machine does counts for both.
import * as compat from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { Effect } from "effect"

const tasks = 20_000
const rounds = 60
/** Of rounds before everything is compiled. */
const warm = 10

const clock = new Int32Array(new SharedArrayBuffer(8))
const ring = new lowlevel.TaskRing({ size: 65_536, clock })

// Nothing notifies it: a wait for it takes all of its time.
const pause = new Int32Array(new SharedArrayBuffer(4))

const nanos = (): number => {
  // The kernel brings its count up to date when a thread leaves the processor, and else only some hundred times in a second.
  Atomics.wait(pause, 0, 0, 0.01)
  const { system, user } = process.threadCpuUsage()
  return (system + user) * 1000
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Nanoseconds of each task, by whether it was recorded. */
class Times {
  readonly #of = { off: [] as Array<number>, on: [] as Array<number> }
  #stop = () => {}
  #began = 0

  begin(round: number): void {
    const [loop] = lowlevel.loopsUnsafe()
    this.#stop = round % 2 === 0 ? () => {} : lowlevel.recordUnsafe(loop!, ring)
    this.#began = nanos()
  }

  end(round: number): void {
    this.#of[round % 2 === 0 ? "off" : "on"].push((nanos() - this.#began) / tasks)
    this.#stop()
  }

  print(name: string): void {
    const [off, on] = [this.#of.off.slice(warm), this.#of.on.slice(warm)]
    const ratio = median(on.map((each, i) => each / off[i]!))
    console.log(
      `${name}: create and await takes ${median(off).toFixed(0)} ns, recorded ${median(on).toFixed(0)} ns: ${((ratio - 1) * 100).toFixed(1)} % more`
    )
  }
}

const one = Effect.fnUntraced(function* () {
  return 1
})

const inCore = new Times()
await core.run(
  Effect.gen(function* () {
    for (let round = 0; round < 2 * rounds; round++) {
      inCore.begin(round)
      for (let i = 0; i < tasks; i++) yield* yield* core.createTask(one())
      inCore.end(round)
    }
  })
)
inCore.print("core")

const inCompat = new Times()
await compat.run(async () => {
  for (let round = 0; round < 2 * rounds; round++) {
    inCompat.begin(round)
    for (let i = 0; i < tasks; i++) await compat.createTask(async () => 1)
    inCompat.end(round)
  }
})
inCompat.print("compat")
