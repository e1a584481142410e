import type { CallRecord, HangupBy } from '../../record/call-record.ts'
import { crossedTrunk, type Expr, type Field } from '../../store/query.ts'

/** What Plivo's dialects show: ended calls that crossed a trunk, none that stayed inside. */
export const SHOWN: readonly Expr[] = [
  { op: 'eq', field: 'onTrunk', value: true },
  { op: 'ne', field: 'direction', value: 'internal' },
]

/** Whether a single call is one that the lists show; `endedAtUs` is then not null. */
export function isShown(call: CallRecord): call is CallRecord & { endedAtUs: number } {
  return call.endedAtUs !== null && call.direction !== 'internal' && crossedTrunk(call)
}

export const SHOWN_DIRECTIONS = ['inbound', 'outbound'] as const
export type ShownDirection = (typeof SHOWN_DIRECTIONS)[number]

/** A call that came from one trunk and left by another was placed by us on the second: it shows as outbound. */
export function shownDirection({ direction }: Pick<CallRecord, 'direction'>): ShownDirection {
  return direction === 'inbound' ? 'inbound' : 'outbound'
}

export function whereDirection(shown: ShownDirection): Expr {
  if (shown === 'inbound') return { op: 'eq', field: 'direction', value: 'inbound' }
  return { op: 'in', field: 'direction', values: ['outbound', 'transit'] }
}

export const HANGUP_SOURCES = ['customer', 'carrier', 'zentrunk'] as const
export type HangupSource = (typeof HANGUP_SOURCES)[number]

/** Plivo names its platform `zentrunk`; null where it is not known who ended the call. */
export function hangupSource(by: HangupBy | null): HangupSource | null {
  return by === 'platform' ? 'zentrunk' : by
}

export function whereHangupSource(source: HangupSource): Expr {
  return { op: 'eq', field: 'hangup.by', value: source === 'zentrunk' ? 'platform' : source }
}

/** Seconds billed, rounded as the rate says; where no bill is known, the seconds to bill, else the seconds talked. */
export function shownBillS({ cost, durationS }: Pick<CallRecord, 'cost' | 'durationS'>): number {
  return cost.billedS ?? cost.billS ?? durationS ?? 0
}

/** `shownBillS` compared with a value; of ended calls, whose `durationS` is never null. */
export function whereBillS(op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte', value: number): Expr {
  const compare = (field: Field): Expr => (op === 'eq' ? { op, field, value } : { op, field, value })
  const unknown = (field: Field): Expr => ({ op: 'eq', field, value: null })
  return {
    op: 'or',
    of: [
      compare('cost.billedS'),
      { op: 'and', of: [unknown('cost.billedS'), compare('cost.billS')] },
      { op: 'and', of: [unknown('cost.billedS'), unknown('cost.billS'), compare('durationS')] },
    ],
  }
}
