import { Counter, Gauge, type Registry } from 'prom-client'
import type { Keeper } from '../store/keeper.ts'

/** Tells of what was let go because of its age. */
export function watchKeeper(registry: Registry, keeper: Keeper): void {
  new Counter({
    name: 'calltrail_let_go_total',
    help: 'What was let go because accounts keep it no longer, since the start: calls, reports as they came, and so on.',
    labelNames: ['what'] as const,
    registers: [registry],
    collect() {
      const { calls, reports, links, quarantined, segments, rawFiles } = keeper.counts
      this.reset()
      for (const [what, count] of Object.entries({ calls, reports, links, quarantined, segments, raw_files: rawFiles }))
        this.inc({ what }, count)
    },
  })
  new Gauge({
    name: 'calltrail_retention_held_back',
    help: 'Accounts of which nothing was let go at the last run, because the clock or the number of calls looked wrong.',
    registers: [registry],
    collect() {
      this.set(keeper.counts.heldBack)
    },
  })
  new Gauge({
    name: 'calltrail_retention_last_run_seconds',
    help: 'Unix time of the last run that the clock did not hold back; 0 before there was one since the start.',
    registers: [registry],
    collect() {
      this.set((keeper.counts.lastRunUs ?? 0) / 1_000_000)
    },
  })
}
