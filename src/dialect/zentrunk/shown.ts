import type { CallRecord } from '../../record/call-record.ts'
import type { EncoderName } from '../../store/call-encoder.ts'
import type { CallStore, Reading } from '../../store/call-store.ts'
import type { CallQuery, Expr } from '../../store/query.ts'
import { FaultError } from '../fault.ts'
import { itemsOf } from '../listed.ts'
import { isShown, SHOWN } from './call.ts'
import { type EndWindow, endedWithin } from './end-time.ts'
import type { Paging } from './page.ts'

/** A call that Plivo's dialects show: it has ended. */
export type ShownCall = CallRecord & { endedAtUs: number }

/** A list request, read: when the calls ended, what else they are, and which rows of them. */
export interface ListRequest {
  window: EndWindow
  where: readonly Expr[]
  paging: Paging
}

/** The rows of a request as an encoder wrote them, and the exact number of matches; latest end first. */
export async function listShown(
  calls: CallStore,
  { accountId, encoder }: { accountId: string; encoder: EncoderName },
  asked: ListRequest,
  reading: Reading,
): Promise<{ objects: string; total: number }> {
  const page = await calls.listText({ ...queryOf(accountId, asked), encoder }, reading)
  return { objects: itemsOf(page), total: page.total ?? 0 }
}

function queryOf(accountId: string, { window, where, paging }: ListRequest): CallQuery {
  const whole: Expr = { op: 'and', of: [...SHOWN, ...endedWithin(window), ...where] }
  return { accountId, where: whole, order: { by: 'endedAtUs', descending: true }, ...paging, total: true }
}

/** The call; throws `call_not_found` for one of another account, one that still goes on, or one that never left. */
export async function findShown(calls: CallStore, accountId: string, callUuid: string): Promise<ShownCall> {
  const call = await calls.find({ accountId, callUuid: callUuid.toLowerCase() })
  if (call === null || !isShown(call)) throw new FaultError({ code: 'call_not_found', callId: callUuid })
  return call
}
