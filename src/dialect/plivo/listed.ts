import { jsonItems } from '../listed.ts'
import { presentCall } from './present.ts'

/** Where a store finds the encoder `listed`. */
export const LISTED_AS = { module: import.meta.url, name: 'listed' } as const

/** A call as the list shows it. */
export const listed = jsonItems(presentCall)
