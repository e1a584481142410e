import { SEGMENT_SIZES } from '../../src/store/sqlite/folder/segment-sizes.ts'

/** Loaded into a server before its own code: segments roll, merge and split at some hundred calls. */
Object.assign(SEGMENT_SIZES, { openCalls: 300, fullCalls: 2400, mergeYoung: 4, overallFrom: 3 })
