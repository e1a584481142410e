/**
 * Short names of the facts in the documents of rows before version 3, which were JSON. They are on disks that are not
 * brought up to date yet: nothing is added here any more; `doc-codes.ts` is what rows have now. A path without a key is of an
 * entry of a united list: row-lists.ts says how those lie.
 */
export const DOC_KEYS: Readonly<Record<string, string>> = {
  sourceId: 'si',
  sessionId: 'ss',
  sipCallId: 'sc',
  parentUuid: 'pu',
  'from.asSent': 'fs',
  'from.name': 'fn',
  'from.domain': 'fd',
  'from.carrier': 'fc',
  'from.region': 'fr',
  'to.asSent': 'ts',
  'to.name': 'tn',
  'to.domain': 'td',
  'to.carrier': 'tc',
  'to.region': 'tr',
  destination: 'ds',
  did: 'di',
  outboundCallerId: 'oc',
  serviceNumber: 'sn',
  'hangup.name': 'hn',
  'hangup.endReason': 'he',
  'hangup.rerouteReason': 'hr',
  'trunk.name': 'kn',
  'trunk.domain': 'kd',
  'trunk.region': 'kr',
  'trunk.transport': 'kt',
  'stir.origId': 'so',
  'stir.evidence': 'se',
  'cost.currency': 'cu',
  'cost.rateNanos': 'cr',
  'cost.secureRateNanos': 'cs',
  'cost.cnamRateNanos': 'cn',
  'cost.carrierAmountMicros': 'cc',
  'cost.account': 'ca',
  'cost.trace': 'ct',
  'quality.rttMs': 'qr',
  'quality.jitterMs': 'qj',
  'quality.packetLossPct': 'ql',
  'quality.postDialDelayMs': 'qp',
  'quality.mos': 'qm',
  'quality.streams': 'qs',
  'quality.method': 'qt',
  'center.number': 'zn',
  'center.contact': 'zc',
  'center.ivr': 'zi',
  'center.campaign': 'zm',
  'center.ringGroup': 'zr',
  'center.disposition': 'zd',
  'center.surveyIds': 'zs',
  'center.requestedCallback': 'zb',
  'center.automatedCallback': 'za',
  'center.originalCallUuid': 'zo',
  tags: 'tg',
  userData: 'ud',
}

const paths = new Map(Object.entries(DOC_KEYS).map(([path, key]) => [key, path]))

export function docKey(path: string): string {
  return DOC_KEYS[path] ?? path
}

export function docPath(key: string): string {
  return paths.get(key) ?? key
}
