import { Counter, Gauge, type Registry } from 'prom-client'
import type { CallStore } from '../store/call-store.ts'

/** Tells what the store does with its files by itself. */
export function watchUpkeep(registry: Registry, calls: Pick<CallStore, 'upkeep'>): void {
  const registers = [registry]
  new Gauge({
    name: 'calltrail_segments',
    help: 'Files of ended calls, each with its range of starts.',
    registers,
    collect() {
      this.set(calls.upkeep()?.segments ?? 0)
    },
  })
  new Gauge({
    name: 'calltrail_filter_bytes',
    help: 'Memory that tells which calls a segment does not hold: it grows with the calls.',
    registers,
    collect() {
      this.set(calls.upkeep()?.filterBytes ?? 0)
    },
  })
  new Gauge({
    name: 'calltrail_upkeep_under_way',
    help: '1 for what is being done with the files just now: fill, fill overall, index, merge, split, vacuum.',
    labelNames: ['task'] as const,
    registers,
    collect() {
      this.reset()
      const task = calls.upkeep()?.underWay ?? null
      if (task !== null) this.set({ task }, 1)
    },
  })
  new Gauge({
    name: 'calltrail_upkeep_due',
    help: '1 while something is left to do with the files: now, within a minute, or again because it failed.',
    registers,
    collect() {
      this.set(Number(calls.upkeep()?.isDue ?? false))
    },
  })
  const counter = (name: string, help: string, which: 'done' | 'failed') =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(calls.upkeep()?.[which] ?? 0)
      },
    })
  counter('calltrail_upkeep_done_total', 'Pieces of work on the files since the start.', 'done')
  counter('calltrail_upkeep_failed_total', 'Those that failed, as on a full disk, and are tried again.', 'failed')
}
