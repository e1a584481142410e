import { LIFE, type SegmentSizes } from '../folder/segment-sizes.ts'
import { OVERFULL, type SegmentNews } from './open-segments.ts'
import type { OverallNews } from './overall-filter.ts'
import { MOST_SOURCES } from './rewrite.ts'

/** One thing that the maintenance thread does. */
export type Task =
  /** Makes the identity filter of a segment from its file. */
  | { kind: 'fill'; no: number }
  /** Makes the filter over all segments from their files; it is of no segment. */
  | { kind: 'fill overall'; no: 0 }
  /** Cuts a segment that has become too large into several. */
  | { kind: 'split'; no: number }
  /** Cuts off what began ahead of now, so that new calls need not go into a segment that has enough. */
  | { kind: 'split ahead'; no: number }
  /** Builds the number indexes of a segment that does not grow at its end any more. */
  | { kind: 'index'; no: number }
  /** Makes one of several that lie side by side. */
  | { kind: 'merge'; no: number; nos: number[] }
  /** A young segment is large enough to stay alone. */
  | { kind: 'grown'; no: number }
  /** Writes a segment anew, without the room that calls have left which are gone. */
  | { kind: 'vacuum'; no: number }

/** For people. */
export function taskName(task: Task): string {
  return task.kind === 'fill overall' ? 'fill of the filter over all segments' : `${task.kind} of segment ${task.no}`
}

/** Number indexes are built so long after a segment rolled: where calls come fast it is merged by then, and has them. */
export const INDEX_AFTER_US = 60_000_000

/** What is to be done, the most urgent first, given the segments in order of time and what is over all of them. */
export function* tasks(
  segments: readonly SegmentNews[],
  sizes: SegmentSizes,
  overall: OverallNews | null,
): Generator<Task> {
  const last = segments.at(-1) as SegmentNews
  // What takes new calls first: every one of them is looked for in it.
  for (const { range, calls, capacity } of [last, ...segments.slice(0, -1)])
    if (calls === null || calls > capacity * OVERFULL) yield { kind: 'fill', no: range.no }
  for (const { range, calls } of segments) if ((calls ?? 0) > sizes.fullCalls) yield { kind: 'split', no: range.no }
  if ((last.calls ?? 0) >= sizes.openCalls) yield { kind: 'split ahead', no: last.range.no }
  yield* merges(segments, sizes)
  const isKnown = segments.every(({ calls }) => calls !== null)
  if (segments.length >= sizes.overallFrom && isKnown && (overall === null || overall.keys > overall.most))
    yield { kind: 'fill overall', no: 0 }
  for (const { range, rolledForUs } of unindexed(segments))
    if (rolledForUs >= INDEX_AFTER_US) yield { kind: 'index', no: range.no }
}

/** Those that have no number indexes and do not grow at their end any more. */
export function unindexed(segments: readonly SegmentNews[]): readonly SegmentNews[] {
  return segments.slice(0, -1).filter(({ range }) => range.life === LIFE.open)
}

/** Of as many segments that rolled side by side as there must be, as many as fit into one. */
function* merges(segments: readonly SegmentNews[], { fullCalls, mergeYoung }: SegmentSizes): Generator<Task> {
  for (let first = 0; first + mergeYoung <= segments.length; first += 1) {
    const run = segments.slice(first, first + mergeYoung)
    const isYoung = ({ range, calls }: SegmentNews) => range.life !== LIFE.full && calls !== null
    if (run.at(-1) === segments.at(-1) || !run.every(isYoung)) continue
    let calls = 0
    const fitting = run.slice(0, MOST_SOURCES).filter((segment) => {
      calls += segment.calls as number
      return calls <= fullCalls
    })
    const [no, ...others] = fitting.map(({ range }) => range.no)
    if (no !== undefined && others.length > 0) yield { kind: 'merge', no, nos: [no, ...others] }
    else if (run[0]?.range.life === LIFE.young) yield { kind: 'grown', no: run[0].range.no }
  }
}
