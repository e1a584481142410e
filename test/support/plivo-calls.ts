/** Noon of the day after most of these calls: the clock of the servers that hold them. */
export const NOON = '2026-09-19 12:00:00'

const uuid = (ordinal: number) => `c0ffee00-0000-4000-8000-${String(ordinal).padStart(12, '0')}`

const US = '+13128574907'

/** Calls in the native wire form, each with what tells it from the others; the first six are shown by default. */
const CALLS = {
  /** Inbound, carrier ended it, 32 s talked and 60 billed, attestation C. */
  fromIndia: {
    direction: 'inbound',
    from: { number: '+919902443540' },
    to: { number: '+17322179088' },
    started_at: '2026-09-18T08:51:53Z',
    answered_at: '2026-09-18T08:51:54Z',
    ended_at: '2026-09-18T08:52:26.250Z',
    hangup: { by: 'carrier', code: 3000 },
    trunk: { id: 'trunk-in' },
    stir: { verification: 'not_verified', attestation: 'C' },
    cost: { billed_seconds: 60, bill_seconds: 32 },
  },
  /** Outbound, customer ended it, 180 s, attestation A. */
  toChicago: {
    direction: 'outbound',
    from: { number: '+12025551234' },
    to: { number: US },
    started_at: '2026-09-18T08:48:00Z',
    answered_at: '2026-09-18T08:49:00Z',
    ended_at: '2026-09-18T08:52:00Z',
    hangup: { by: 'customer', code: 3010 },
    trunk: { id: 'trunk-out' },
    stir: { verification: 'verified', attestation: 'A' },
    cost: { billed_seconds: 180, bill_seconds: 180 },
  },
  /** In by one trunk and out by another, never answered, ended by ourselves. */
  transit: {
    direction: 'transit',
    from: { number: '+442071838750' },
    to: { number: '+4930901820' },
    started_at: '2026-09-17T23:59:00Z',
    ended_at: '2026-09-17T23:59:59.999999Z',
    hangup: { by: 'platform', code: 5250 },
    trunk: { id: 'trunk-out' },
    cost: { billed_seconds: 0, bill_seconds: 0 },
  },
  /** Nobody stated a bill: 61 s of talk, from an extension. */
  fromExtension: {
    direction: 'outbound',
    from: { number: '1001' },
    to: { number: US },
    started_at: '2026-09-17T10:00:00Z',
    answered_at: '2026-09-17T10:00:09Z',
    ended_at: '2026-09-17T10:01:10Z',
    hangup: { by: 'customer', code: 3010 },
  },
  /** The leg to an agent, which went out by a trunk again. */
  forwardedLeg: {
    direction: 'outbound',
    leg: 'b',
    from: { number: '+12025551234' },
    to: { number: '+5511987654321' },
    started_at: '2026-09-16T10:00:00Z',
    answered_at: '2026-09-16T10:00:01Z',
    ended_at: '2026-09-16T10:00:08Z',
    hangup: { by: 'carrier', code: 3000 },
    trunk: { id: 'trunk-out' },
  },
  /** The oldest of the usual thirty days. */
  monthOld: {
    direction: 'inbound',
    from: { number: '+919902443541' },
    to: { number: US },
    started_at: '2026-08-20T11:59:00Z',
    ended_at: '2026-08-20T12:00:00Z',
    hangup: { by: 'carrier', code: 4420 },
  },
  /** Older than thirty days, by a second. */
  olderThanMonth: {
    direction: 'inbound',
    from: { number: '+919902443541' },
    to: { number: US },
    started_at: '2026-08-20T11:59:00Z',
    ended_at: '2026-08-20T11:59:59Z',
    hangup: { by: 'carrier', code: 4420 },
  },
  /** Older than ninety days, by a second. */
  olderThanHorizon: {
    direction: 'inbound',
    from: { number: '+919902443541' },
    to: { number: US },
    started_at: '2026-06-21T11:59:00Z',
    ended_at: '2026-06-21T11:59:59Z',
    hangup: { by: 'carrier', code: 4420 },
  },
  internal: {
    direction: 'internal',
    from: { number: '1001' },
    to: { number: '1002' },
    started_at: '2026-09-18T09:00:00Z',
    ended_at: '2026-09-18T09:00:10Z',
    trunk: { id: 'trunk-in' },
  },
  agentLeg: {
    direction: 'inbound',
    leg: 'b',
    from: { number: '+919902443540' },
    to: { number: '1002' },
    started_at: '2026-09-18T08:51:54Z',
    ended_at: '2026-09-18T08:52:26Z',
  },
  live: {
    direction: 'inbound',
    from: { number: '+919902443540' },
    to: { number: US },
    started_at: '2026-09-19T11:59:00Z',
    answered_at: '2026-09-19T11:59:10Z',
  },
} as const satisfies Record<string, object>

export type CallName = keyof typeof CALLS

const NAMES = Object.keys(CALLS) as CallName[]

export const callUuid = (name: CallName) => uuid(NAMES.indexOf(name) + 1)

/** The calls as native reports; `live` is a start, so that it may lack its end. */
export const CALL_REPORTS: readonly object[] = NAMES.map((name) => ({ call_uuid: callUuid(name), ...CALLS[name] }))

/** The names of the calls of an answer, in its order. */
export function namesOf(objects: readonly Record<string, unknown>[]): string[] {
  return objects.map(({ call_uuid }) => NAMES.find((name) => callUuid(name) === call_uuid) ?? String(call_uuid))
}

/** What both dialects show without any filter, latest end first. */
export const SHOWN_BY_DEFAULT: readonly CallName[] = [
  'fromIndia',
  'toChicago',
  'transit',
  'fromExtension',
  'forwardedLeg',
  'monthOld',
]
