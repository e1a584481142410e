import { type Question, sidesOf } from './rig/bench.ts'
import type { Samples } from './rig/row.ts'

/** Bytes that a call takes with all indexes, and its raw reports apart, once both sides are settled. */
export const disk: Question = {
  name: 'disk',
  asks: 'bytes on disk, with late reports',
  figures: [
    { name: 'a call with indexes, B', better: 'less', budgets: [{ atMost: 250 }] },
    { name: 'its raw reports, B', better: 'less', budgets: [{ atMost: 120 }] },
  ],
  of: ({ calls }) => `${calls.toLocaleString('en')} calls`,
  async run(bench) {
    const samples: Samples[] = []
    for (const side of sidesOf(bench)) {
      const { calls, raw } = await side.diskBytes()
      samples.push({
        'a call with indexes, B': [calls / bench.plan.calls],
        'its raw reports, B': [raw / bench.plan.calls],
      })
    }
    const [ours = {}, theirs = null] = samples
    return { ours, theirs }
  },
}
