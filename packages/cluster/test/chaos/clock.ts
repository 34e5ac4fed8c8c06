// Loaded before a program: its clock is off by CLOCK_SHIFT milliseconds, as that of a machine nobody looks after.
const shift = Number(process.env.CLOCK_SHIFT)
const { now } = Date
const RealDate = Date

class ShiftedDate extends RealDate {
  constructor(...args: ReadonlyArray<never>) {
    super(...((args.length === 0 ? [now() + shift] : args) as [number]))
  }
  static override now = (): number => now() + shift
}

globalThis.Date = ShiftedDate as DateConstructor
Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin + shift })
