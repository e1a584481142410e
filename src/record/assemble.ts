import type { CallRecord, State } from './call-record.ts'
import { DEFAULTS, DERIVABLE, FACTS, type Facts, UNITED_LISTS, wirePath } from './facts.ts'
import { type Entry, type Lists, lastRingGroup, listsOf, unitedEntries } from './united-lists.ts'

/** What a record has beside its facts. */
export interface RecordHead {
  id: number
  callUuid: string
  accountId: string
  receivedAtUs: number
  updatedAtUs: number
  changeSeq: number
}

/**
 * The record of a call, from its facts, stated and derived; `stated` names the derivable paths that were stated. What facts
 * say of lists is taken from `lists`.
 */
export function assemble(
  head: RecordHead,
  facts: Facts,
  stated: readonly string[],
  lists: Lists = listsOf(facts),
): CallRecord {
  const value = (path: string): never => (facts[path] ?? null) as never
  const united = unitedEntries(lists)
  return {
    id: head.id,
    callUuid: head.callUuid,
    accountId: head.accountId,
    source: (facts.source as string) ?? '',
    sourceId: value('sourceId'),
    sessionId: value('sessionId'),
    sipCallId: value('sipCallId'),
    leg: (facts.leg as 'whole') ?? 'whole',
    parentUuid: value('parentUuid'),
    direction: (facts.direction as 'inbound') ?? 'inbound',
    state: stateOf(facts, united),
    from: party('from', facts),
    to: party('to', facts),
    destination: value('destination'),
    did: value('did'),
    outboundCallerId: value('outboundCallerId'),
    serviceNumber: value('serviceNumber'),
    startedAtUs: (facts.startedAtUs as number) ?? 0,
    rangAtUs: value('rangAtUs'),
    answeredAtUs: value('answeredAtUs'),
    endedAtUs: value('endedAtUs'),
    endInferred: facts.endInferred === true,
    durationS: value('durationS'),
    hangup: {
      by: value('hangup.by'),
      side: value('hangup.side'),
      code: value('hangup.code'),
      name: value('hangup.name'),
      sipStatus: value('hangup.sipStatus'),
      q850: value('hangup.q850'),
      endReason: value('hangup.endReason'),
      rerouteReason: value('hangup.rerouteReason'),
    },
    trunk: {
      id: value('trunk.id'),
      name: value('trunk.name'),
      domain: value('trunk.domain'),
      region: value('trunk.region'),
      transport: value('trunk.transport'),
      srtp: value('trunk.srtp'),
      secure: value('trunk.secure'),
    },
    stir: {
      verification: value('stir.verification'),
      attestation: value('stir.attestation'),
      origId: value('stir.origId'),
      evidence: value('stir.evidence'),
    },
    cost: {
      currency: value('cost.currency'),
      rateNanos: value('cost.rateNanos'),
      secureRateNanos: value('cost.secureRateNanos'),
      cnamRateNanos: value('cost.cnamRateNanos'),
      billS: value('cost.billS'),
      billedS: value('cost.billedS'),
      amountMicros: value('cost.amountMicros'),
      carrierAmountMicros: value('cost.carrierAmountMicros'),
      account: value('cost.account'),
      trace: value('cost.trace'),
    },
    quality: {
      rttMs: value('quality.rttMs'),
      jitterMs: value('quality.jitterMs'),
      packetLossPct: value('quality.packetLossPct'),
      postDialDelayMs: value('quality.postDialDelayMs'),
      mos: value('quality.mos'),
      streams: (facts['quality.streams'] ?? []) as never,
      method: value('quality.method'),
    },
    center: centerOf(facts, united),
    callTypes: (facts['center.callTypes'] ?? []) as never,
    recordings: (united.get('recordings') ?? []) as never,
    tags: (facts.tags ?? []) as string[],
    userData: value('userData'),
    stated: stated.filter((path) => !(path in DEFAULTS)).map(wirePath),
    receivedAtUs: head.receivedAtUs,
    updatedAtUs: head.updatedAtUs,
    changeSeq: head.changeSeq,
  }
}

/** The derivable paths that the facts of the reports carry. */
export function statedPaths(facts: Facts): string[] {
  return DERIVABLE.filter((path) => facts[path] !== undefined)
}

function party(side: 'from' | 'to', facts: Facts): CallRecord['from'] {
  const value = (name: string): never => (facts[`${side}.${name}`] ?? null) as never
  return {
    number: value('number'),
    asSent: value('asSent'),
    name: value('name'),
    domain: value('domain'),
    country: value('country'),
    carrier: value('carrier'),
    region: value('region'),
  }
}

type United = ReadonlyMap<string, readonly Entry[]>

/**
 * Where a call is in its life. Queued while there is a queue that it has not left and that no agent has answered since:
 * a call that an IVR took is answered for the switch, and its caller still waits.
 */
export function stateOf(facts: Facts, known?: United): State {
  if (facts.endedAtUs !== undefined) return 'ended'
  const united = known ?? unitedEntries(listsOf(facts))
  let waitsSinceUs = -1
  let talksSinceUs = -1
  for (const { answeredAtUs } of united.get('center.agents') ?? [])
    talksSinceUs = Math.max(talksSinceUs, Number(answeredAtUs ?? -1))
  for (const { leftAtUs, leftBy, queuedAtUs } of united.get('center.queues') ?? [])
    if (leftAtUs == null && leftBy == null) waitsSinceUs = Math.max(waitsSinceUs, Number(queuedAtUs ?? 0))
  if (waitsSinceUs >= 0 && waitsSinceUs > talksSinceUs) return 'queued'
  return facts.answeredAtUs !== undefined || talksSinceUs >= 0 ? 'answered' : 'ringing'
}

const isCenterPath = ({ path }: { path: string }) => path.startsWith('center.') && path !== 'center.callTypes'
const CENTER_PATHS = FACTS.filter(isCenterPath).map(({ path }) => path)
const CENTER_LISTS = UNITED_LISTS.filter(isCenterPath).map(({ path }) => path)

/** What the facts say of a contact centre; null for a plain call: call types alone make no contact centre. */
export function centerOf(facts: Facts, united: United = unitedEntries(listsOf(facts))): CallRecord['center'] {
  if (!CENTER_LISTS.some((path) => united.has(path)) && !CENTER_PATHS.some((path) => facts[path] !== undefined))
    return null
  const value = (name: string): never => (facts[`center.${name}`] ?? null) as never
  const list = (name: string): never => (united.get(`center.${name}`) ?? []) as never
  return {
    number: value('number'),
    contact: value('contact'),
    ivr: value('ivr'),
    campaign: value('campaign'),
    ringGroup: value('ringGroup') ?? (lastRingGroup(united.get('center.queues')) as never),
    queues: list('queues'),
    agents: list('agents'),
    externalNumbers: list('externalNumbers'),
    disposition: value('disposition'),
    surveyIds: (facts['center.surveyIds'] ?? []) as number[],
    requestedCallback: facts['center.requestedCallback'] === true,
    automatedCallback: facts['center.automatedCallback'] === true,
    originalCallUuid: value('originalCallUuid'),
    callTypes: (facts['center.callTypes'] ?? []) as never,
  }
}

/** The ring group that a record shows: as stated, else that of the last queue. */
export function ringGroupOf(facts: Facts, lists: Lists = listsOf(facts)): { id: number; name: string | null } | null {
  const stated = facts['center.ringGroup'] as { id: number; name: string | null } | undefined
  if (stated !== undefined) return stated
  const queues = lists.filter(({ path }) => path === 'center.queues')
  return lastRingGroup(unitedEntries(queues).get('center.queues'))
}
