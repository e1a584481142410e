import type { CallEncoder, EncoderName } from '../../store/call-encoder.ts'
import { jsonItems } from '../listed.ts'
import type { ShownCall } from '../zentrunk/shown.ts'
import { presentLegacyCall } from './present.ts'

/** Where a store finds the encoder of a list whose times are local in `zone`. */
export function listedAs(zone: string): EncoderName {
  return { module: import.meta.url, name: 'listed', given: zone }
}

/** A call as the list shows it. */
export function listed(zone: string): CallEncoder {
  return jsonItems((call: ShownCall) => presentLegacyCall(call, zone))
}
