import type { PresentAs } from '../dialect/native/call-routes.ts'
import { showCall } from '../dialect/nectardesk/routes.ts'
import { presentCall } from '../dialect/plivo/present.ts'
import { presentLegacyCall } from '../dialect/plivo-legacy/present.ts'
import { isShown as isPortsipShown } from '../dialect/portsip/call.ts'
import { presentCallLog } from '../dialect/portsip/present.ts'
import { isShown } from '../dialect/zentrunk/call.ts'
import { isPrimary } from '../store/query.ts'

/** What `GET /calls/{call_uuid}?as=` can show a call as. */
export const SHOWN_AS: PresentAs = {
  plivo: (call) => (isShown(call) ? presentCall(call) : null),
  'plivo-legacy': (call, { settings }) => (isShown(call) ? presentLegacyCall(call, settings.timeZone) : null),
  portsip: (call) => (isPortsipShown(call) ? presentCallLog(call) : null),
  nectardesk: async (call, { id }, parts) => (isPrimary(call) ? showCall(parts, id, call) : null),
}
