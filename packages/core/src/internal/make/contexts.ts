/**
 * The contexts that the tasks of a loop start in.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Scheduler from "effect/Scheduler"
import type { EventLoop } from "../model/EventLoop.ts"
import { CurrentTask, Loop, RunningLoop } from "../model/references.ts"
import type { TaskImpl } from "../task/task.ts"
import type { Attachment } from "./eventLoop.ts"

export class Contexts {
  readonly #loop: EventLoop
  readonly #attachment: Attachment
  // What the loop was made with.
  readonly #own: Context.Context<never>
  /** That of what runs outside of any fiber: the services of the program, the loop, its scheduler. */
  outermost: Context.Context<never>
  // The context that the last task was made in, and the base that it got: most are made in the same place. Forgotten at the
  // end of the task whose context it is: a failure that is never retrieved is reported when its task is collected.
  #lastContext: Context.Context<never> | undefined = undefined
  #lastCreator: TaskImpl | undefined = undefined
  #lastBase: Context.Context<never> = Context.empty()

  constructor(loop: EventLoop, attachment: Attachment) {
    this.#loop = loop
    this.#attachment = attachment
    this.#own = this.outermost = this.#enter(attachment.context)
  }

  /**
   * Takes in the services of the program that is about to run, so that its loggers hear the loop's reports too. The loop's
   * own, such as its clock on virtual time, stay unless they are given.
   */
  provide(context: Context.Context<never> | undefined): Context.Context<never> {
    const services = context === undefined ? this.#own : Context.merge(this.#own, context)
    this.outermost = Context.add(services, Loop, this.#loop)
    return this.outermost
  }

  /** The {@link TaskImpl.base} of a task that is made in `context`, without the task that makes it. */
  baseFrom(context: Context.Context<never>): Context.Context<never> {
    if (context === this.#lastContext) return this.#lastBase
    const entered = this.#enter(context)
    const task = Context.get(entered, CurrentTask) as TaskImpl | undefined
    if (task === undefined) this.#lastBase = entered
    // Nothing was provided since that task began: its children share its base.
    else if (task.root?.entered === entered) this.#lastBase = task.base
    else this.#lastBase = withoutTask(entered)
    this.#lastContext = context
    this.#lastCreator = task
    return this.#lastBase
  }

  /** Forgets the last context if `task`, which is over, is its creator; without an argument, in any case. */
  forget(task = this.#lastCreator): void {
    if (task === this.#lastCreator) this.#lastContext = this.#lastCreator = undefined
  }

  /** `context` with the loop as its scheduler and its running loop. */
  #enter(context: Context.Context<never>): Context.Context<never> {
    const loop = this.#loop
    const { clock, outside } = this.#attachment
    const scheduler = Context.get(context, Scheduler.Scheduler)
    if (Context.get(context, RunningLoop) === loop) {
      // Inside, a program may put others over the loop's clock and the loop, as TestClock does. What it has from outside, under
      // `layer` for one, gives way to the loop.
      return scheduler === outside ? Context.add(context, Scheduler.Scheduler, loop) : context
    }
    const entered = context.pipe(Context.add(Scheduler.Scheduler, loop), Context.add(RunningLoop, loop))
    // A fiber from outside sleeps on the loop's clock.
    return Context.get(context, Clock.Clock) === clock ? entered : Context.add(entered, Clock.Clock, clock)
  }
}

/** A copy: what is added to a context refers to what it was added to, and so to the task and to all its creators. */
const withoutTask = (context: Context.Context<never>): Context.Context<never> =>
  Context.makeUnsafe(Context.add(context, CurrentTask, undefined).mapUnsafe)
