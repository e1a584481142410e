import type { Directory } from './directory.ts'
import type { Keeping, RetentionOutcome } from './keeping.ts'

const HOUR_MS = 3_600_000
const DAY_US = 86_400_000_000

export interface KeeperParts {
  keeping: Keeping
  directory: Pick<Directory, 'accounts' | 'dropQuarantinedBefore'>
  /** Epoch microseconds. */
  now: () => number
  /** Told of a run that failed, and of what was held back; the next one tries again. */
  onError: (error: unknown) => void
}

/** What was let go since the start, and how the last run ended. */
export interface KeeperCounts {
  calls: number
  reports: number
  links: number
  quarantined: number
  segments: number
  rawFiles: number
  /** Accounts that were held back at the last run, all of them where it was the clock. */
  heldBack: number
  /** Epoch microseconds of the last run that was not held back by the clock; null before there was one. */
  lastRunUs: number | null
}

/** What a run let go, or would let go. */
export interface KeeperRun extends RetentionOutcome {
  quarantined: number
}

/** Lets go, hour by hour, what is older than its account keeps it. */
export class Keeper {
  readonly counts: KeeperCounts = {
    calls: 0,
    reports: 0,
    links: 0,
    quarantined: 0,
    segments: 0,
    rawFiles: 0,
    heldBack: 0,
    lastRunUs: null,
  }
  readonly #parts: KeeperParts
  #timer: NodeJS.Timeout | null = null
  #run: Promise<unknown> | null = null

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  /** A first run after a minute, when the start is over, and then one every hour. */
  start({ firstMs = 60_000, everyMs = HOUR_MS }: { firstMs?: number; everyMs?: number } = {}): void {
    this.#timer = setTimeout(() => {
      this.#timer = setInterval(() => this.#tick(), everyMs)
      this.#timer.unref()
      this.#tick()
    }, firstMs)
    this.#timer.unref()
  }

  /** No more runs; one that is under way ends with the store. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Lets go what is due by now, or says what would go, of what is held back as well; `confirmed` as `Keeping.retain` has it. */
  async run({ dryRun, confirmed }: { dryRun: boolean; confirmed: boolean }): Promise<KeeperRun> {
    const { keeping, directory, now } = this.#parts
    const accounts = directory.accounts().map(({ id, settings }) => ({ accountId: id, days: settings.retention }))
    const asks = accounts.some(({ days }) => Object.values(days).some((number) => number !== null))
    const outcome = asks ? await keeping.retain({ accounts, now, dryRun, confirmed }) : NOTHING
    const held = new Set(outcome.accounts.filter(({ refused }) => refused !== null).map(({ accountId }) => accountId))
    let quarantined = 0
    for (const { accountId, days } of outcome.refused === null || dryRun ? accounts : []) {
      const least = Math.min(days.rawDays ?? Number.POSITIVE_INFINITY, days.callDays ?? Number.POSITIVE_INFINITY)
      if ((held.has(accountId) && !dryRun) || !Number.isFinite(least)) continue
      quarantined += directory.dropQuarantinedBefore({ accountId, beforeUs: now() - least * DAY_US, dryRun })
    }
    const run = { ...outcome, quarantined }
    if (!dryRun) this.#count(run)
    return run
  }

  #count(run: KeeperRun): void {
    const { counts } = this
    for (const { refused, calls, links } of run.accounts) {
      if (refused !== null) continue
      counts.calls += calls
      counts.links += links
    }
    counts.reports += run.reports
    counts.quarantined += run.quarantined
    counts.segments += run.segments
    counts.rawFiles += run.rawFiles
    const problems = [run.refused, ...run.accounts.map(({ refused }) => refused)].filter((one) => one !== null)
    counts.heldBack = run.refused === null ? problems.length : this.#parts.directory.accounts().length
    if (run.refused === null) counts.lastRunUs = this.#parts.now()
    for (const problem of new Set(problems))
      this.#parts.onError(new Error(`nothing was let go: ${problem}; calltrail retention --dry-run shows it`))
  }

  #tick(): void {
    if (this.#run !== null) return
    this.#run = this.run({ dryRun: false, confirmed: false })
      .catch((error) => {
        if (this.#timer !== null) this.#parts.onError(error) // else the store was closed under it
      })
      .finally(() => {
        this.#run = null
      })
  }
}

const NOTHING: RetentionOutcome = {
  accounts: [],
  refused: null,
  reports: 0,
  segments: 0,
  segmentCalls: 0,
  rawFiles: 0,
}
