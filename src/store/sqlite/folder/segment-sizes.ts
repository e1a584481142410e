/** When segments roll, merge and split, in calls. */
export interface SegmentSizes {
  /** The segment that takes new calls rolls at so many. */
  openCalls: number
  /** A segment past so many is split, and young ones are merged up to so many. */
  fullCalls: number
  /** So many young segments in a row are merged into one. */
  mergeYoung: number
  /** From so many segments on, one filter over all of them is asked before theirs. */
  overallFrom: number
}

export const SEGMENT_SIZES: SegmentSizes = { openCalls: 250_000, fullCalls: 2_000_000, mergeYoung: 8, overallFrom: 12 }

/** As `segments.life` has it: grows at its end; rolled, with number indexes; written in order, with number indexes. */
export const LIFE = { open: 0, young: 1, full: 2 } as const
export type Life = (typeof LIFE)[keyof typeof LIFE]
