/**
 * What the loops have done in the last two minutes: a number and a line each.
 */
import type { JSX } from "preact"
import type { Picture, Sample } from "../src/live/picture.ts"
import { duration } from "../src/text/durations.ts"
import { count } from "./texts.ts"

const width = 160
const height = 34
/** How much of the past is drawn, in milliseconds: what there is, but not less than that and not more than this. */
const shortest = 15_000
const longest = 120_000

/** Timers that come later than this are worth a look, and those that come later than that are a problem. */
const slow = 50
const verySlow = 250

interface ChartProps {
  readonly title: string
  readonly value: string
  readonly unit?: string
  readonly hint: string
  readonly samples: ReadonlyArray<Sample>
  readonly of: (sample: Sample) => number
  /** A second line, below the first. */
  readonly second?: (sample: Sample) => number
  /** What is at least at the top. */
  readonly top?: number
  readonly tone?: string
}

const pointsOf = (
  samples: ReadonlyArray<Sample>,
  of: (sample: Sample) => number,
  top: number
): ReadonlyArray<string> => {
  const end = samples.at(-1)?.at ?? 0
  const span = Math.min(longest, Math.max(shortest, end - (samples[0]?.at ?? 0)))
  return samples
    .filter(({ at }) => end - at <= span)
    .map((sample) => {
      const x = width - ((end - sample.at) / span) * width
      const y = height - 1 - (of(sample) / top) * (height - 3)
      return `${x.toFixed(1)},${y.toFixed(1)}`
    })
}

const Chart = ({ hint, of, samples, second, title, tone = "brand", top = 1, unit, value }: ChartProps): JSX.Element => {
  const highest = Math.max(top, ...samples.map(of), ...(second === undefined ? [] : samples.map(second)))
  const points = pointsOf(samples, of, highest)
  const first = points[0]?.split(",")[0] ?? String(width)
  return (
    <div class={`chart tone-${tone}`} title={hint}>
      <dt>{title}</dt>
      <dd>
        {value}
        {unit !== undefined && <span class="unit">{unit}</span>}
      </dd>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <polygon class="area" points={`${first},${height} ${points.join(" ")} ${width},${height}`} />
        <polyline class="line" points={points.join(" ")} />
        {second !== undefined && <polyline class="line second" points={pointsOf(samples, second, highest).join(" ")} />}
      </svg>
    </div>
  )
}

const Lag = ({ samples }: { readonly samples: Picture["samples"] }): JSX.Element => {
  const lag = samples.at(-1)?.lag ?? 0
  return (
    <Chart
      title="Lag"
      value={duration(lag)}
      hint="By how much timers come too late because something computes"
      samples={samples}
      of={({ lag }) => lag}
      top={slow}
      tone={lag > verySlow ? "red" : lag > slow ? "yellow" : "green"}
    />
  )
}

export const Strip = ({ picture }: { readonly picture: Picture }): JSX.Element => {
  const { samples } = picture
  const last = samples.at(-1)
  return (
    <dl class="strip" aria-label="The last two minutes" tabIndex={0}>
      <Chart
        title="Tasks"
        value={count(picture.tasks.size)}
        hint="Tasks that are not done"
        samples={samples}
        of={({ tasks }) => tasks}
        top={10}
      />
      <Chart
        title="Begun and ended"
        value={count(last?.started ?? 0)}
        unit={`and ${count(last?.ended ?? 0)} per second`}
        hint="Tasks that have begun, and in grey those that have ended, in a second"
        samples={samples}
        of={({ started }) => started}
        second={({ ended }) => ended}
        top={10}
        tone="green"
      />
      <Chart
        title="Steps"
        value={count(last?.steps ?? 0)}
        unit="per second"
        hint="From one await of a task to its next"
        samples={samples}
        of={({ steps }) => steps}
        top={10}
        tone="purple"
      />
      <Chart
        title="Computing"
        value={String(Math.round((last?.busy ?? 0) * 100))}
        unit="%"
        hint="Which part of the time tasks compute"
        samples={samples}
        of={({ busy }) => busy}
      />
      <Lag samples={samples} />
    </dl>
  )
}
