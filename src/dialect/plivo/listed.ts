import type { CallEncoder } from '../../store/call-encoder.ts'
import type { ShownCall } from '../zentrunk/shown.ts'
import { presentCall } from './present.ts'

/** Where a store finds the encoder `listed`. */
export const LISTED_AS = { module: import.meta.url, name: 'listed' } as const

/** A call as the list shows it, with a comma behind it. */
export const listed: CallEncoder = {
  fields: null,
  head: '',
  write([call], out) {
    out.text(`${JSON.stringify(presentCall(call as ShownCall))},`)
  },
}
