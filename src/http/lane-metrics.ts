import { Counter, Gauge, type Registry } from 'prom-client'
import type { CallStore, LaneLoad } from '../store/call-store.ts'

/** Tells how the lanes of the store fare: what waits in each, how long a slice takes, and what was given up. */
export function watchLanes(registry: Registry, calls: Pick<CallStore, 'lanes'>): void {
  // One look for all of them: the store forgets the longest slice once it has told it.
  let lanes: LaneLoad[] = []
  const registers = [registry]
  const labelNames = ['lane'] as const
  new Gauge({
    name: 'calltrail_reads_waiting',
    help: 'Questions to the store that wait or are being answered, by lane.',
    labelNames,
    registers,
    collect() {
      lanes = calls.lanes()
      for (const { lane, waiting } of lanes) this.set({ lane }, waiting)
    },
  })
  new Gauge({
    name: 'calltrail_longest_slice_seconds',
    help: 'The longest that a reader thread did not look up from its work since the last scrape, by lane.',
    labelNames,
    registers,
    collect() {
      for (const { lane, longestSliceMs } of lanes) this.set({ lane }, longestSliceMs / 1000)
    },
  })
  const counter = (name: string, help: string, countOf: (lane: LaneLoad) => number) =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset()
        for (const lane of lanes) this.inc({ lane: lane.lane }, countOf(lane))
      },
    })
  counter('calltrail_reads_cancelled_total', 'Reads ended because their client went away.', (lane) => lane.cancelled)
  counter('calltrail_reads_too_slow_total', 'Reads ended at their deadline.', (lane) => lane.tooSlow)
  counter(
    'calltrail_reads_refused_total',
    'Reads refused because too many of their account waited.',
    (lane) => lane.refused,
  )
  counter(
    'calltrail_reads_given_up_total',
    'Reads that took too long for their lane and were given to another.',
    (lane) => lane.givenUp,
  )
}
