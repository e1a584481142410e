import type { SegmentRange } from '../folder/folder.ts'

/** Which segment holds which range of `started_at`: the ranges are disjoint, in order of time, and cover all time. */
export class RangeMap {
  readonly ranges: readonly SegmentRange[]

  /** `ranges` in order of time, at least one. */
  constructor(ranges: readonly SegmentRange[]) {
    if (ranges.length === 0) throw new Error('a folder has at least one segment')
    this.ranges = ranges
  }

  /** The segment of a start, epoch microseconds from 0. */
  at(startedAtUs: number): SegmentRange {
    const found = this.ranges[this.#placeOf(startedAtUs)] as SegmentRange
    if (startedAtUs < found.fromUs || startedAtUs >= found.beforeUs) throw new Error(`no segment covers ${startedAtUs}`)
    return found
  }

  /** The segments that hold starts from `fromUs` on and before `beforeUs`, in order of time. */
  within(fromUs: number, beforeUs: number): readonly SegmentRange[] {
    if (beforeUs <= fromUs) return []
    const first = this.#placeOf(fromUs)
    const last = this.#placeOf(beforeUs - 1)
    return this.ranges.slice(first, last + 1)
  }

  /** The one that covers to the end of time, and takes new calls. */
  get last(): SegmentRange {
    return this.ranges.at(-1) as SegmentRange
  }

  byNo(no: number): SegmentRange | undefined {
    return this.ranges.find((range) => range.no === no)
  }

  /** The place of the last segment that begins at this time or before it; the first where none does. */
  #placeOf(us: number): number {
    let low = 0
    let high = this.ranges.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.ranges[middle] as SegmentRange).fromUs <= us) low = middle
      else high = middle - 1
    }
    return low
  }
}
