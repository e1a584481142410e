import type { PresentAs } from '../dialect/native/call-routes.ts'
import { presentCall } from '../dialect/plivo/present.ts'
import { presentLegacyCall } from '../dialect/plivo-legacy/present.ts'
import { isShown } from '../dialect/zentrunk/call.ts'

/** What `GET /calls/{call_uuid}?as=` can show a call as. */
export const SHOWN_AS: PresentAs = {
  plivo: (call) => (isShown(call) ? presentCall(call) : null),
  'plivo-legacy': (call, { settings }) => (isShown(call) ? presentLegacyCall(call, settings.timeZone) : null),
}
