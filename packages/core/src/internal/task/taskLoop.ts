/**
 * The loop, as its futures, tasks and awaits know it. What it is made of is in make/eventLoop.ts.
 */
import type * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import type { AnyFiber } from "../model/AnyFiber.ts"
import type { LinkedList } from "../data/linkedList.ts"
import type { Runnable } from "../data/readyQueue.ts"
import type { UnretrievedFailures } from "../loop/failures.ts"
import type { Iterations } from "../loop/iterations.ts"
import type { CancelledError } from "../model/CancelledError.ts"
import type { EndedTask } from "../model/EndedTask.ts"
import type { EventLoop, ExceptionContext } from "../model/EventLoop.ts"
import type { Copy } from "../model/copy.ts"
import type { Future } from "../model/Future.ts"
import type { CreateTaskOptions, Task } from "../model/Task.ts"
import type { ContextVars } from "../model/ContextVars.ts"
import type { ContextValues } from "../model/variables.ts"
import type { Leftovers } from "./aftermath.ts"
import type { Births } from "./ancestry.ts"
import type { FutureImpl } from "./future.ts"
import type { Lineage } from "./lineage.ts"
import type { TaskImpl } from "./task.ts"
import type { PlainWait } from "./plainWait.ts"

export interface TaskLoop extends Iterations, Omit<EventLoop, keyof Iterations | "allTasksUnsafe"> {
  /** The copy of the package that made the loop. */
  readonly copy: Copy
  /** Whether it is the loop of a clock: that of all code in no run, from its first task to the end of the process. */
  readonly ofClock: boolean
  /** Whether a task of one loop can await what belongs to the other: the loop of a clock meets any other. */
  meets(other: TaskLoop): boolean

  // ---- what is running -------------------------------------------------------------------------------------------

  /** The task whose step is on the JavaScript stack. */
  readonly running: TaskImpl | undefined
  /** The fiber that was running when that step began, if the step began inside one. */
  readonly aroundStep: AnyFiber | undefined
  /** Which plain fibers are a part of a task. */
  readonly lineage: Lineage
  /** Runs one step with `task` as the current one. */
  runStep(task: TaskImpl, step: Step, exit: Exit.Exit<never>): void
  /** The context variables of the task whose code is running, if there is a task and it has any. */
  taskVariables(): ContextValues | undefined
  /** Some values, as a program has them in its hand. */
  inHand(values: ContextValues): ContextVars

  /** Finds the task of code that runs neither in a step of the loop nor in a fiber. */
  ambientTask: ((loop: EventLoop) => Task<unknown, unknown> | undefined) | undefined
  /** Wraps every callback that a program gives to the loop or to a future. */
  aroundCallback: ((loop: EventLoop, callback: () => void) => void) | undefined
  /**
   * Says that something is under way outside of the loop which will wake it, until the function that this gives is called. Only a loop
   * on virtual time gives one: it waits before its clock jumps.
   */
  noteOutsideUnsafe(kind: "promise" | "thread"): (() => void) | undefined

  /** The future that the last run was to complete. */
  readonly lastRun: Future<unknown, unknown> | undefined

  // ---- its tasks -------------------------------------------------------------------------------------------------

  /** Adds a task to those that are not done, which the loop holds. */
  register(task: TaskImpl): void
  allTasksUnsafe(): ReadonlyArray<TaskImpl>
  unregister(task: TaskImpl): void
  /** What is kept of the tasks that are over; undefined where `keepEndedTasks` was not called. */
  ended: KeptTasks | undefined
  readonly births: Births
  /** The number in the next `Task-N`. */
  nextTaskNumber(): number
  /** Tasks that were started eagerly and have not suspended yet: when they do, they take their place among the loop's tasks. */
  starting: Set<TaskImpl> | undefined
  /** Checks that a task can be made with these options, and says whether a task factory is to make it. */
  hasFactoryFor(options: CreateTaskOptions | undefined): boolean
  /** Makes a task by way of the task factory. */
  makeTask<A, E>(
    options: CreateTaskOptions | undefined,
    make: (options: CreateTaskOptions | undefined) => TaskImpl<A, E>
  ): TaskImpl<A, E>
  /** The awaits of plain fibers, which end with the loop. */
  readonly plainWaits: LinkedList<PlainWait>
  /** What scopes that are over have in flight, once there was any. */
  leftovers: Leftovers | undefined

  // ---- services and reports --------------------------------------------------------------------------------------

  /** The {@link TaskImpl.base} of a task that is made in `context`, without the task that makes it. */
  baseFrom(context: Context.Context<never>): Context.Context<never>
  /** The services of the code that is running, without its task. */
  servicesHere(): Context.Context<never>
  /** Failures of the loop's tasks and futures that were not retrieved yet. */
  readonly failures: UnretrievedFailures
  callExceptionHandlerUnsafe(context: ExceptionContext, services?: Context.Context<never>): void

  observer: Observer | undefined
}

/** What is kept of tasks that are over. */
export interface KeptTasks {
  add(task: TaskImpl): void
  /** The oldest first. */
  toArray(): ReadonlyArray<EndedTask>
}

/** What goes on with a task. */
export interface Step {
  resume(exit: Exit.Exit<never>): void
}

/**
 * Hears of all that happens to the tasks of a loop, in the middle of it: it may look, and do nothing else. Where there is none, each
 * of these costs the look for one.
 */
export interface Observer {
  /** `task` joins the tasks that are not done, perhaps once more: one that has begun eagerly takes its place at the end. */
  registered(task: TaskImpl): void
  /** `task` is about to have its outcome, of which no other code was told yet. */
  ending(task: TaskImpl): void
  /** `item` is put on the queue: a step of `item.task`, if it has one. */
  queued(item: Runnable): void
  /** A step of `task` is about to run, with what its await has ended with. An observer that hears of it hears of its end. */
  stepBegins(task: TaskImpl, exit: Exit.Exit<never>): void
  /** The step has run. Steps nest where a task starts eagerly in another's step. */
  stepEnds(task: TaskImpl): void
  /** The loop works, or goes on when the microtasks after a step have run. */
  stretchBegins?(): void
  /** Promise code of `task` begins an await of `future`, or of the next iteration, perhaps in a microtask after the step. */
  waits(task: TaskImpl, future: FutureImpl | undefined): void
  /** `task` has its outcome. */
  ended(task: TaskImpl): void
  /** The objects in which the observer keeps what it knows of tasks: they wake no task. */
  readonly keeps?: ReadonlyArray<object>
  /** What is known of `task` because it was observed. */
  noted?(task: TaskImpl): Noted | undefined
  /** `task` is asked to cancel itself. */
  cancelRequested(task: TaskImpl, error: CancelledError): void
  /** `waiter` is a place in the queue of `owner`, a lock or the like. */
  waiterMade(waiter: FutureImpl<void, never>, owner: { toString(): string }): void
}

/** What only an observer can tell of a task: no other code reads the clock. In milliseconds on the loop's clock. */
export interface Noted {
  /** Since when it waits for what it waits for now. */
  readonly waitingSince: number | undefined
  /** The last request to cancel it. */
  readonly request: { readonly error: CancelledError; readonly at: number } | undefined
}
