import { CALL_TYPES } from '../src/record/call-record.ts'
import { centerList } from './rig/center-lists.ts'

/** The newest 20 calls of one type after the other, the common ones and the rare ones, and how many there are. */
export const listByCallType = centerList({
  name: 'list-by-call-type',
  asks: 'list: by call type, newest 20, exact total (nectardesk)',
  filters: CALL_TYPES.map((callType) => ({ callType })),
  has: (_call, types, { callType }) => types.some((type) => type === callType),
})
