import type { SegmentRange } from '../folder/folder.ts'

const MAX_US = Number.MAX_SAFE_INTEGER

/** What is wrong with a range map, which has to cover all time once: gaps and overlaps, each with the segments beside it. */
export function rangeFaults(ranges: readonly Pick<SegmentRange, 'no' | 'fromUs' | 'beforeUs'>[]): string[] {
  if (ranges.length === 0) return ['there are no segments']
  const faults: string[] = []
  let beforeUs = 0
  let last = 'the beginning'
  for (const range of ranges) {
    const name = `segment ${range.no}`
    if (range.fromUs > beforeUs) faults.push(`${last} and ${name} leave a gap of ${spanText(beforeUs, range.fromUs)}`)
    if (range.fromUs < beforeUs) faults.push(`${last} and ${name} overlap by ${spanText(range.fromUs, beforeUs)}`)
    if (range.beforeUs <= range.fromUs) faults.push(`${name} ends before it begins`)
    beforeUs = Math.max(beforeUs, range.beforeUs)
    last = name
  }
  if (beforeUs < MAX_US) faults.push(`${last} ends at ${timeText(beforeUs)}, and none follows`)
  return faults
}

function spanText(fromUs: number, beforeUs: number): string {
  return `${(beforeUs - fromUs) / 1_000_000} s from ${timeText(fromUs)}`
}

/** Some of what a map can hold is beyond the years of a `Date`. */
function timeText(us: number): string {
  const at = new Date(us / 1000)
  return Number.isNaN(at.getTime()) ? `${us} us` : at.toISOString()
}
