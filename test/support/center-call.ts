import type { CenterCall } from '../../src/center/call-types.ts'
import type { CallRecord } from '../../src/record/call-record.ts'

type Center = NonNullable<CallRecord['center']>

/** A call in seconds after 10:00:00 UTC on Monday, 2024-01-15, fractions down to the microsecond; null is not known. */
export interface TimedCall {
  direction?: CallRecord['direction']
  start?: number
  answered?: number | null
  /** 100 unless given; null while the call lives. */
  end?: number | null
  hangup?: Partial<CenterCall['hangup']>
  ivr?: boolean
  ringGroup?: number
  queues?: readonly {
    group?: number
    in?: number | null
    rung?: number | null
    out?: number | null
    by?: Center['queues'][number]['leftBy']
  }[]
  agents?: readonly {
    from?: number | null
    answered?: number | null
    to?: number | null
    transfer?: 'none' | 'blind' | 'warm'
  }[]
  externalTransfer?: 'none' | 'blind' | 'warm'
  requestedCallback?: boolean
  automatedCallback?: boolean
  /** No contact centre had a part in it. */
  plain?: boolean
}

const TEN_US = Date.UTC(2024, 0, 15, 10) * 1000

/** Epoch microseconds of a second after ten. */
export function atS(second: number): number {
  return TEN_US + Math.round(second * 1_000_000)
}

const timeOf = (second: number | null | undefined) => (second == null ? null : atS(second))
const groupOf = (id: number | undefined) => (id === undefined ? null : { id, name: null })

/** What the times say, and nothing else: an inbound call that the caller ended, unless given. */
export function centerCall(given: TimedCall): CenterCall {
  const { direction = 'inbound', start = 0, answered, end = 100, hangup = { side: 'caller' } } = given
  return {
    direction,
    startedAtUs: atS(start),
    answeredAtUs: timeOf(answered),
    endedAtUs: timeOf(end),
    hangup: { side: null, by: null, sipStatus: null, ...hangup },
    center: given.plain === true ? null : centerOf(given),
  }
}

function centerOf({ ivr, queues = [], agents = [], externalTransfer, ...given }: TimedCall): Center {
  const lastGroup = queues.findLast(({ group }) => group !== undefined)?.group
  return {
    number: null,
    contact: null,
    ivr: ivr === true ? { id: 1, name: null, enteredAtUs: null } : null,
    campaign: null,
    ringGroup: groupOf(given.ringGroup ?? lastGroup),
    queues: queues.map((queue) => ({
      ringGroup: groupOf(queue.group),
      queuedAtUs: timeOf(queue.in),
      distributedAtUs: timeOf(queue.rung),
      leftAtUs: timeOf(queue.out),
      leftBy: queue.by ?? null,
    })),
    agents: agents.map((agent, index) => ({
      id: index,
      userId: null,
      alias: null,
      sip: null,
      startedAtUs: timeOf(agent.from),
      answeredAtUs: timeOf(agent.answered),
      endedAtUs: timeOf(agent.to),
      transfer: agent.transfer ?? null,
      hangupReason: null,
    })),
    externalNumbers: externalTransfer === undefined ? [] : [{ number: '1', transfer: externalTransfer }],
    disposition: null,
    surveyIds: [],
    requestedCallback: given.requestedCallback === true,
    automatedCallback: given.automatedCallback === true,
    originalCallUuid: null,
    callTypes: [],
  }
}
