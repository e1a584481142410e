import type { CallRecord } from '../record/call-record.ts'
import type { Report } from '../record/report.ts'
import { formatRfc3339 } from '../record/time.ts'
import { NO_LISTS } from '../record/united-lists.ts'
import { type CallStore, ReportsRefusedError } from '../store/call-store.ts'
import { Rounds } from '../store/rounds.ts'

/** Calls whose ends are inferred together. */
const BATCH_CALLS = 500

export interface ReaperParts {
  calls: Pick<CallStore, 'silent' | 'append'>
  /** Epoch microseconds. */
  now: () => number
  /** Seconds after the last report of a call after which its end is inferred. */
  silentCallS: number
  /** Told of a step that failed; the next one tries again. */
  onError: (error: unknown) => void
}

/**
 * Ends calls of which nothing came for too long: their switch was restarted, or its last report was lost. An inferred
 * end is marked, and any end that a source states later takes its place.
 */
export class Reaper {
  readonly #parts: ReaperParts
  readonly #rounds: Rounds
  #stopped = false
  #inferred = 0
  /** Silent calls, as they are, of which no end could be stored. */
  #unending = new Set<string>()

  constructor(parts: ReaperParts) {
    this.#parts = parts
    this.#rounds = new Rounds({ work: () => this.reap(), onError: parts.onError })
  }

  /** Ends inferred since the start. */
  get inferred(): number {
    return this.#inferred
  }

  /** Looks every minute, or four times in the time that a call may be silent where that is less. */
  start(): void {
    this.#rounds.start(Math.min(60_000, this.#parts.silentCallS * 250))
  }

  /** No more steps; resolves when the one under way is done. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#rounds.stop()
  }

  /** Ends every call that has been silent for too long by now; how many. */
  async reap(): Promise<number> {
    const { calls, now, silentCallS } = this.#parts
    const nowUs = now()
    const updatedBeforeUs = nowUs - silentCallS * 1_000_000
    let ended = 0
    for (;;) {
      // What cannot be ended stays silent, and would stand before the others for ever.
      const limit = BATCH_CALLS + this.#unending.size
      const silent = await calls.silent({ updatedBeforeUs, limit })
      const unending = this.#unending
      const ending = silent.filter((call) => !unending.has(keyOf(call))).slice(0, BATCH_CALLS)
      if (silent.length < limit) this.#unending = new Set(silent.map(keyOf).filter((key) => unending.has(key)))
      const changed = await this.#end(ending, nowUs)
      ended += changed
      this.#inferred += changed
      if (silent.length < limit || this.#stopped) return ended
    }
  }

  /** How many calls changed. One that nothing can be stored of is left to itself until something comes of it. */
  async #end(silent: readonly CallRecord[], nowUs: number): Promise<number> {
    if (silent.length === 0) return 0
    try {
      const outcomes = await this.#parts.calls.append(silent.map((call) => inferredEnd(call, nowUs)))
      silent.forEach((call, index) => {
        if (outcomes[index] !== 'updated') this.#unending.add(keyOf(call))
      })
      return outcomes.filter((outcome) => outcome === 'updated').length
    } catch (error) {
      if (!(error instanceof ReportsRefusedError)) throw error
      this.#parts.onError(error)
      const [only, ...others] = silent
      if (only !== undefined && others.length === 0) {
        this.#unending.add(keyOf(only))
        return 0
      }
      const half = silent.length >> 1
      return (await this.#end(silent.slice(0, half), nowUs)) + (await this.#end(silent.slice(half), nowUs))
    }
  }
}

/** A call as it is: another once something comes of it. */
function keyOf({ accountId, callUuid, updatedAtUs, changeSeq }: CallRecord): string {
  return JSON.stringify([accountId, callUuid, updatedAtUs, changeSeq])
}

/**
 * The end of a silent call, at the latest time that the call tells, which is not after `nowUs` and not before its start.
 * The same call gives the same report, so that one that was reaped twice has one end.
 */
export function inferredEnd(call: CallRecord, nowUs: number): Report {
  const { accountId, callUuid, source, startedAtUs } = call
  const endedAtUs = Math.max(startedAtUs, Math.min(latestUs(call), nowUs))
  const record = {
    kind: 'end',
    call_uuid: callUuid,
    source,
    ended_at: formatRfc3339(endedAtUs),
    end_inferred: true,
    inferred_by: 'reaper',
    silent_since: formatRfc3339(call.updatedAtUs),
  }
  return {
    accountId,
    callUuid,
    source,
    kind: 'end',
    eventAtUs: endedAtUs,
    arrivedAtUs: nowUs,
    facts: { endedAtUs, endInferred: true },
    lists: NO_LISTS,
    listsBehind: 0,
    startGuessUs: startedAtUs,
    clear: [],
    raw: JSON.stringify(record),
  }
}

function latestUs({ startedAtUs, rangAtUs, answeredAtUs, center }: CallRecord): number {
  const told: (number | null | undefined)[] = [startedAtUs, rangAtUs, answeredAtUs, center?.ivr?.enteredAtUs]
  for (const queue of center?.queues ?? []) told.push(queue.queuedAtUs, queue.distributedAtUs, queue.leftAtUs)
  for (const agent of center?.agents ?? []) told.push(agent.startedAtUs, agent.answeredAtUs, agent.endedAtUs)
  return Math.max(...told.map((time) => time ?? 0))
}
