/**
 * The numbers of paths in a row's document: the place in this list, from 1. They are on the disk: a path keeps its place
 * for ever, and new ones are appended; there is room for 120. Paths that are columns are here too, for the stamps of
 * their groups.
 */
const PATHS: readonly string[] = [
  ...['sourceId', 'sessionId', 'sipCallId', 'leg', 'parentUuid', 'direction'],
  ...['from.number', 'from.asSent', 'from.name', 'from.domain', 'from.country', 'from.carrier', 'from.region'],
  ...['to.number', 'to.asSent', 'to.name', 'to.domain', 'to.country', 'to.carrier', 'to.region'],
  ...['destination', 'did', 'outboundCallerId', 'serviceNumber'],
  ...['startedAtUs', 'rangAtUs', 'answeredAtUs', 'endedAtUs', 'endInferred', 'durationS'],
  ...['hangup.by', 'hangup.side', 'hangup.code', 'hangup.name', 'hangup.sipStatus', 'hangup.q850'],
  ...['hangup.endReason', 'hangup.rerouteReason'],
  ...['trunk.id', 'trunk.name', 'trunk.domain', 'trunk.region', 'trunk.transport', 'trunk.srtp', 'trunk.secure'],
  ...['stir.verification', 'stir.attestation', 'stir.origId', 'stir.evidence'],
  ...['cost.currency', 'cost.rateNanos', 'cost.secureRateNanos', 'cost.cnamRateNanos', 'cost.billS', 'cost.billedS'],
  ...['cost.amountMicros', 'cost.carrierAmountMicros', 'cost.account', 'cost.trace'],
  ...['quality.rttMs', 'quality.jitterMs', 'quality.packetLossPct', 'quality.postDialDelayMs', 'quality.mos'],
  ...['quality.streams', 'quality.method'],
  ...['center.number', 'center.contact', 'center.ivr', 'center.campaign', 'center.ringGroup', 'center.disposition'],
  ...['center.surveyIds', 'center.requestedCallback', 'center.automatedCallback', 'center.originalCallUuid'],
  ...['center.callTypes', 'tags', 'userData', 'source'],
  ...['center.queues', 'center.agents', 'center.externalNumbers', 'recordings'],
]

/** Entries of a document that are no facts: when each group was stated, and how far it is to be believed. */
export const STAMPS = 126
export const TRUSTS = 127

const codes = new Map(PATHS.map((path, at) => [path, at + 1]))

/** The number of a path; undefined for one of an entry of a united list, which has none. */
export function docCode(path: string): number | undefined {
  return codes.get(path)
}

/** The path of a number. */
export function codePath(code: number): string {
  const path = PATHS[code - 1]
  if (path === undefined) throw new Error(`a row's document has the entry ${code}, which this Calltrail does not know`)
  return path
}

/** Facts that are objects, and their fields in the order they are written. Append only. */
export const OBJECT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'center.number': ['id', 'number', 'alias'],
  'center.contact': ['id', 'fullName', 'number', 'countryCode', 'nationalNumber', 'listIds'],
  'center.ivr': ['id', 'name', 'enteredAtUs'],
  'center.campaign': ['id', 'name'],
  'center.ringGroup': ['id', 'name'],
  'center.disposition': ['id', 'code', 'note'],
  ringGroup: ['id', 'name'],
  'quality.streams': ['direction', 'codec', 'packets', 'lost', 'jitterMs', 'rttMs', 'mos'],
}

/**
 * Facts, beside those that are objects and lists, of which a text may be written as a part of a number or of the trunk: to
 * filter by them takes these columns too. Append only.
 */
export const REFERRING: ReadonlySet<string> = new Set(['from.asSent', 'to.asSent', 'trunk.domain'])

/** Texts that many calls have, written by their place in this list: the first 24 take one octet. Append only. */
export const WORDS: readonly string[] = [
  ...['udp', 'tcp', 'tls', 'none', 'blind', 'warm', 'answer', 'hangup', 'overflow', 'callback', 'closed'],
  ...['NORMAL_CLEARING', 'ORIGINATOR_CANCEL', 'NO_ANSWER', 'USER_BUSY', 'CALL_REJECTED', 'NO_USER_RESPONSE'],
  ...['RECOVERY_ON_TIMER_EXPIRE', 'NORMAL_TEMPORARY_FAILURE', 'in', 'out', 'PCMU', 'PCMA', 'opus'],
  ...['G722', 'G729', 'ws', 'wss', 'NORMAL_UNSPECIFIED', 'UNALLOCATED_NUMBER', 'BLIND_TRANSFER', 'ATTENDED_TRANSFER'],
  ...['LOSE_RACE', 'PICKED_OFF', 'MEDIA_TIMEOUT', 'ALLOTTED_TIMEOUT', 'SUBSCRIBER_ABSENT', 'DESTINATION_OUT_OF_ORDER'],
  ...[
    'INCOMPATIBLE_DESTINATION',
    'NETWORK_OUT_OF_ORDER',
    'MANAGER_REQUEST',
    'SYSTEM_SHUTDOWN',
    'EXCHANGE_ROUTING_ERROR',
  ],
  ...['INVALID_NUMBER_FORMAT', 'SERVICE_UNAVAILABLE', 'CALLER_DISCONNECTED', 'CALLEE_DISCONNECTED', 'sip', 'sips'],
]
