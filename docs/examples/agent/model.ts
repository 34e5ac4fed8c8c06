/**
 * A model that knows three prompts by heart, and takes a second for each of its turns.
 */
import * as asyncio from "@effect-asyncio/compat"

/** What a model wants next. */
export type Action =
  | { readonly do: "delegate"; readonly to: string; readonly background?: boolean; readonly limit?: number }
  | { readonly do: "tool"; readonly seconds: number }
  | { readonly do: "answer"; readonly text: string }

const scripts: Readonly<Record<string, ReadonlyArray<Action>>> = {
  // Has one helper look for sources, while another one makes an index that is useful later as well.
  report: [
    { do: "delegate", to: "index", background: true },
    { do: "delegate", to: "research", limit: 60_000 },
    { do: "tool", seconds: 5 },
    { do: "answer", text: "the report" }
  ],
  research: [
    { do: "delegate", to: "search" },
    { do: "tool", seconds: 3600 },
    { do: "answer", text: "the sources" }
  ],
  search: [
    { do: "tool", seconds: 3600 },
    { do: "answer", text: "what was found" }
  ],
  index: [
    { do: "tool", seconds: 20 },
    { do: "answer", text: "the index" }
  ]
}

/** What it wants in the end. */
export const scripted = (prompt: string, done: number): Action =>
  scripts[prompt]?.[done] ?? { do: "answer", text: `nothing is known of ${prompt}` }

/** The next action of a conversation, given what has been done in it. */
export const nextAction = async (prompt: string, done: number): Promise<Action> =>
  asyncio.sleep("1 second", scripted(prompt, done))
