import { jsonItems } from '../listed.ts'
import { presentCdr, presentSummary } from './present.ts'

/** Where a store finds the encoders of both lists. */
export const LOGS_LISTED_AS = { module: import.meta.url, name: 'listedLogs' } as const
export const CDRS_LISTED_AS = { module: import.meta.url, name: 'listedCdrs' } as const

export const listedLogs = jsonItems(presentSummary)
export const listedCdrs = jsonItems(presentCdr)
